/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/state-memory.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/read-file.h"
#include "daemon/base/write-file.h"
#include "daemon/passed-fds.h"

#define STORE "FDNAME=" PASSED_STATE "\n"

int state_memory_load(StateMemory *m, size_t max, char **ret, size_t *ret_n) {
        assert(m && ret && ret_n);

        m->fd = passed_fd_find(PASSED_STATE);
        if (m->fd < 0)
                return -ENOENT;
        if (lseek(m->fd, 0, SEEK_SET) < 0)
                return -errno;
        return read_regular_fd(m->fd, max, ret, ret_n);
}

static int make(StateMemory *m) {
        _cleanup_close_ int fd = -1;
        int r;

        fd = memfd_create("tmux-orchestrator-state", MFD_CLOEXEC);
        if (fd < 0)
                return -errno;
        r = sd_pid_notify_with_fds(0, false, "FDSTORE=1\n" STORE, &fd, 1);
        if (r <= 0)
                return r < 0 ? r : -EOPNOTSUPP;
        m->fd = TAKE_FD(fd);
        return 0;
}

/* What ends us in between leaves what cannot be read: then the file on disk is used. */
int state_memory_save(StateMemory *m, const char *text, size_t n) {
        int r = m->fd < 0 ? make(m) : 0;

        if (r < 0)
                return r;
        if (ftruncate(m->fd, 0) < 0 || lseek(m->fd, 0, SEEK_SET) < 0)
                return -errno;
        return write_all(m->fd, text, n);
}

void state_memory_forget(StateMemory *m) {
        (void)sd_notify(false, "FDSTOREREMOVE=1\n" STORE);
        state_memory_done(m);
}

void state_memory_done(StateMemory *m) {
        close_fd(m->fd);
        m->fd = -1;
}
