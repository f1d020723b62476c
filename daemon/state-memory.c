/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/state-memory.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>

#include "daemon/base/cleanup.h"
#include "daemon/passed-fds.h"

#define STORE "FDNAME=" PASSED_STATE "\n"

static int read_all(int fd, char *to, size_t n) {
        size_t done = 0;

        while (done < n) {
                ssize_t k = pread(fd, to + done, n - done, (off_t)done);

                if (k < 0 && errno != EINTR)
                        return -errno;
                if (k == 0)
                        return -EIO;
                done += k > 0 ? (size_t)k : 0;
        }
        return 0;
}

static int write_all(int fd, const char *from, size_t n) {
        size_t done = 0;

        while (done < n) {
                ssize_t k = pwrite(fd, from + done, n - done, (off_t)done);

                if (k < 0 && errno != EINTR)
                        return -errno;
                done += k > 0 ? (size_t)k : 0;
        }
        return 0;
}

int state_memory_load(StateMemory *m, size_t max, char **ret, size_t *ret_n) {
        _cleanup_free_ char *text = NULL;
        struct stat st;
        int r;

        assert(m && ret && ret_n);

        m->fd = passed_fd_find(PASSED_STATE);
        if (m->fd < 0)
                return -ENOENT;
        if (fstat(m->fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode) || (size_t)st.st_size > max)
                return -EBADMSG;
        text = malloc((size_t)st.st_size + 1);
        if (!text)
                return -ENOMEM;
        r = read_all(m->fd, text, (size_t)st.st_size);
        if (r < 0)
                return r;
        text[st.st_size] = '\0';
        *ret_n = (size_t)st.st_size;
        *ret = TAKE_PTR(text);
        return 0;
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
        if (ftruncate(m->fd, 0) < 0)
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
