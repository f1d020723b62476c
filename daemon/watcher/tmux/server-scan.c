/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/tmux/server-scan.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/text.h"
#include "daemon/watcher/tmux/unix-sockets.h"

/* A server has a descriptor per pane. */
#define DESCRIPTORS_MAX 8192U

typedef struct Scan {
        int proc;             /* borrowed */
        UnixSockets *sockets; /* read when the first unknown server is met */
        ServerScanKnown known;
        ServerScanFound found;
        void *userdata;
} Scan;

static void scan_done(Scan *s) {
        unix_sockets_free(s->sockets);
}

/* Cheapest first: most processes are somebody else's, or something else. */
static bool is_our_server(int proc, const char *name) {
        _cleanup_close_ int fd = -1;
        char path[32], comm[32];
        struct stat st;
        ssize_t n;

        if (fstatat(proc, name, &st, 0) < 0 || st.st_uid != geteuid())
                return false;

        (void)snprintf(path, sizeof(path), "%.16s/comm", name);
        fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return false;
        n = read(fd, comm, sizeof(comm) - 1);
        if (n <= 0)
                return false;
        comm[n] = '\0';
        return strcmp(comm, "tmux: server\n") == 0;
}

static int absolute_path(int proc, pid_t pid, const char *path, char **ret) {
        char link[32], cwd[PATH_MAX];
        ssize_t n;

        if (path[0] == '/')
                return (*ret = strdup(path)) ? 0 : -ENOMEM;

        (void)snprintf(link, sizeof(link), "%d/cwd", pid);
        n = readlinkat(proc, link, cwd, sizeof(cwd) - 1);
        if (n < 0)
                return -errno;
        cwd[n] = '\0';
        return asprintf(ret, "%s/%s", cwd, path) < 0 ? -ENOMEM : 0;
}

static int try_descriptor(Scan *s, pid_t pid, int folder, const char *name) {
        _cleanup_free_ char *path = NULL;
        char target[64];
        const char *bound;
        uint64_t inode;
        ssize_t n;

        n = readlinkat(folder, name, target, sizeof(target) - 1);
        if (n < 0)
                return 0;
        target[n] = '\0';
        if (sscanf(target, "socket:[%" SCNu64 "]", &inode) != 1)
                return 0;
        bound = unix_sockets_find(s->sockets, inode);
        if (!bound || absolute_path(s->proc, pid, bound, &path) < 0)
                return 0;

        s->found(s->userdata, pid, path);
        return 1;
}

static int scan_server(Scan *s, pid_t pid) {
        _cleanup_closedir_ DIR *folder = NULL;
        char path[32];
        unsigned n = 0;
        int r;

        if (!s->sockets) {
                r = unix_sockets_read(&s->sockets);
                if (r < 0)
                        return r;
        }

        (void)snprintf(path, sizeof(path), "/proc/%d/fd", pid);
        folder = opendir(path);
        if (!folder)
                return 0;
        for (struct dirent *e = readdir(folder); e && n < DESCRIPTORS_MAX; e = readdir(folder), n++)
                if (try_descriptor(s, pid, dirfd(folder), e->d_name) > 0)
                        break;
        return 0;
}

int server_scan(ServerScanKnown known, ServerScanFound found, void *userdata) {
        _cleanup_closedir_ DIR *proc = NULL;
        _cleanup_(scan_done) Scan s = {.known = known, .found = found, .userdata = userdata};
        int r;

        assert(known);
        assert(found);

        proc = opendir("/proc");
        if (!proc)
                return -errno;
        s.proc = dirfd(proc);

        for (struct dirent *e = readdir(proc); e; e = readdir(proc)) {
                uint64_t pid;

                if (parse_u64(e->d_name, 1, INT32_MAX, &pid) < 0 ||
                                !is_our_server(s.proc, e->d_name) || known(userdata, (pid_t)pid))
                        continue;
                r = scan_server(&s, (pid_t)pid);
                if (r < 0)
                        return r;
        }
        return 0;
}
