/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/proc/cgroup.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "daemon/base/read-file.h"

/* As much as is read of each. */
#define MOUNTS_MAX 262144U
#define LINES_MAX 4096U
#define STAT_MAX 8192U

struct Cgroup {
        char path[CGROUP_PATH_MAX];
        int fd;
        int events; /* stays open: its last words can be read when nothing else can */
};

static int read_at(int dirfd, const char *name, size_t max, char **ret) {
        size_t n;
        int r = read_proc_file(dirfd, name, max, ret, &n);

        /* What is cut off, or holds a NUL, is nothing that the kernel wrote. */
        if (r >= 0 && (n == max || strlen(*ret) != n)) {
                free(TAKE_PTR(*ret));
                return -EBADMSG;
        }
        return r;
}

static int read_fd(int fd, char *buffer, size_t size) {
        ssize_t n;

        do
                n = pread(fd, buffer, size - 1, 0);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return -errno;
        buffer[n] = '\0';
        return 0;
}

int cgroup_mount_open(const char *proc, int *ret_fd) {
        _cleanup_free_ char *path = NULL, *text = NULL;
        char mount[CGROUP_PATH_MAX];
        int fd, r;

        if (asprintf(&path, "%s/self/mountinfo", proc) < 0)
                return -ENOMEM;
        r = read_at(AT_FDCWD, path, MOUNTS_MAX, &text);
        if (r >= 0)
                r = cgroup_parse_mount(text, mount);
        if (r < 0)
                return r;

        fd = open(mount, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        *ret_fd = fd;
        return 0;
}

int cgroup_of_process(const char *proc, pid_t pid, char ret[CGROUP_PATH_MAX]) {
        _cleanup_free_ char *path = NULL, *text = NULL;
        int r;

        if (asprintf(&path, "%s/%d/cgroup", proc, pid) < 0)
                return -ENOMEM;
        r = read_at(AT_FDCWD, path, LINES_MAX, &text);
        if (r == -ENOENT)
                return -ESRCH;
        return r < 0 ? r : cgroup_parse_path(text, ret);
}

int cgroup_open(int mount_fd, const char *path, Cgroup **ret) {
        _cleanup_(cgroup_freep) Cgroup *g = NULL;

        assert(path && path[0] == '/');

        g = malloc(sizeof(*g));
        if (!g)
                return -ENOMEM;
        *g = (Cgroup){.fd = -1, .events = -1};
        (void)snprintf(g->path, sizeof(g->path), "%s", path);

        g->fd = openat(mount_fd, path[1] ? path + 1 : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (g->fd < 0)
                return -errno;
        g->events = openat(g->fd, "memory.events", O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (g->events < 0)
                return -errno;

        *ret = TAKE_PTR(g);
        return 0;
}

Cgroup *cgroup_free(Cgroup *g) {
        if (!g)
                return NULL;

        close_fd(g->fd);
        close_fd(g->events);
        free(g);
        return NULL;
}

const char *cgroup_path(const Cgroup *g) {
        return g->path;
}

const char *cgroup_name(const Cgroup *g) {
        return strrchr(g->path, '/') + 1;
}

int cgroup_events_fd(const Cgroup *g) {
        return g->events;
}

int cgroup_read_events(const Cgroup *g, CgroupEvents *ret) {
        char text[LINES_MAX];
        int r = read_fd(g->events, text, sizeof(text));

        return r < 0 ? r : cgroup_parse_events(text, ret);
}

static int read_current(const Cgroup *g, uint64_t *ret) {
        _cleanup_free_ char *text = NULL;
        int r = read_at(g->fd, "memory.current", LINES_MAX, &text);

        return r < 0 ? r : cgroup_parse_number(text, ret);
}

/* The root has none. */
static int read_limit(const Cgroup *g, const char *name, uint64_t *ret) {
        _cleanup_free_ char *text = NULL;
        int r = read_at(g->fd, name, LINES_MAX, &text);

        *ret = CGROUP_NO_LIMIT;
        return r == -ENOENT ? 0 : r < 0 ? r : cgroup_parse_number(text, ret);
}

static double read_pressure(const Cgroup *g) {
        _cleanup_free_ char *text = NULL;
        double share;

        if (read_at(g->fd, "memory.pressure", LINES_MAX, &text) < 0 ||
                        cgroup_parse_pressure(text, &share) < 0)
                return -1;
        return share;
}

/* It costs more than the rest, and matters only where most of the limit is in use. */
static uint64_t read_cache(const Cgroup *g, const CgroupMemory *m) {
        uint64_t limit = MIN(m->high, m->max), cache = 0;
        _cleanup_free_ char *text = NULL;

        if (limit == CGROUP_NO_LIMIT || m->current < limit / 2)
                return 0;
        if (read_at(g->fd, "memory.stat", STAT_MAX, &text) < 0 ||
                        cgroup_parse_cache(text, &cache) < 0)
                return 0;
        return MIN(cache, m->current);
}

int cgroup_read(const Cgroup *g, CgroupMemory *ret) {
        CgroupMemory m = {};
        int r;

        r = cgroup_read_events(g, &m.events);
        if (r >= 0)
                r = read_current(g, &m.current);
        if (r >= 0)
                r = read_limit(g, "memory.high", &m.high);
        if (r >= 0)
                r = read_limit(g, "memory.max", &m.max);
        if (r < 0)
                return r;

        m.pressure = read_pressure(g);
        m.cache = read_cache(g, &m);
        *ret = m;
        return 0;
}
