/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugins/host/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "daemon/base/json.h"

/* Newer than the headers of Debian 12. */
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#define ACCESS_FS_IOCTL_DEV (1ULL << 15)
#define ACCESS_NET_BIND_TCP (1ULL << 0)
#define ACCESS_NET_CONNECT_TCP (1ULL << 1)
#define SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0)
#define SCOPE_SIGNAL (1ULL << 1)

#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define EXECUTE LANDLOCK_ACCESS_FS_EXECUTE
#define WRITE LANDLOCK_ACCESS_FS_WRITE_FILE
/* Rights that make sense for what is no folder. */
#define OF_FILES (LANDLOCK_ACCESS_FS_READ_FILE | EXECUTE | WRITE)

/* As the newest kernel knows it: an older one is given as much of it as it knows. */
struct ruleset {
        uint64_t fs, net, scoped;
};

typedef enum Who {
        ALL,
        PROGRAMS,  /* run as processes of their own */
        CONNECTED, /* have the network */
} Who;

static const struct {
        const char *path;
        uint64_t access;
        Who who;
} places[] = {
                {"/usr", READ | EXECUTE, ALL},
                {"/lib", READ | EXECUTE, ALL},
                {"/lib64", READ | EXECUTE, ALL},
                {"/bin", READ | EXECUTE, PROGRAMS},
                {"/opt", READ | EXECUTE, PROGRAMS},
                {"/etc/ld.so.cache", READ, ALL},
                {"/etc/localtime", READ, ALL},
                {"/etc/locale.alias", READ, PROGRAMS},
                {"/etc/alternatives", READ, PROGRAMS},
                {"/etc/passwd", READ, PROGRAMS},
                {"/etc/nsswitch.conf", READ, PROGRAMS},
                {"/etc/ssl", READ, PROGRAMS},
                {"/etc/resolv.conf", READ, CONNECTED},
                {"/etc/hosts", READ, CONNECTED},
                {"/etc/host.conf", READ, CONNECTED},
                {"/etc/gai.conf", READ, CONNECTED},
                {"/etc/services", READ, CONNECTED},
                {"/etc/nsswitch.conf", READ, CONNECTED},
                {"/etc/ssl", READ, CONNECTED},
                {"/etc/ca-certificates", READ, CONNECTED},
                {"/dev/null", READ | WRITE, ALL},
                {"/dev/urandom", READ, ALL},
                {"/proc/self", READ, PROGRAMS},
                {"/proc/loadavg", READ, PROGRAMS},
                {"/proc/meminfo", READ, PROGRAMS},
                {"/proc/stat", READ, PROGRAMS},
                {"/proc/swaps", READ, PROGRAMS},
                {"/proc/uptime", READ, PROGRAMS},
                {"/proc/cpuinfo", READ, PROGRAMS},
                {"/proc/version", READ, PROGRAMS},
                {"/sys/class/drm", READ, PROGRAMS},
                {"/sys/devices", READ, PROGRAMS},
                {"/sys/fs/cgroup", READ, PROGRAMS},
};

int landlock_version(void) {
        long n = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

        return n < 0 ? 0 : (int)n;
}

static int create(int version, const Setup *s) {
        struct ruleset r = {
                        .fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1, /* all of version 1 */
        };
        size_t size = sizeof(r.fs);
        long fd;

        if (version >= 2)
                r.fs |= LANDLOCK_ACCESS_FS_MAKE_SYM << 1; /* move to another folder */
        if (version >= 3)
                r.fs |= LANDLOCK_ACCESS_FS_TRUNCATE;
        if (version >= 4) {
                r.net = ACCESS_NET_BIND_TCP | (s->may_use_network ? 0 : ACCESS_NET_CONNECT_TCP);
                size = 2 * sizeof(uint64_t);
        }
        if (version >= 5)
                r.fs |= ACCESS_FS_IOCTL_DEV;
        if (version >= 6) {
                r.scoped = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL;
                size = sizeof(r);
        }

        fd = syscall(SYS_landlock_create_ruleset, &r, size, 0);
        return fd < 0 ? -errno : (int)fd;
}

/* A place that is not there needs no rule. */
static int allow(int ruleset, const char *path, uint64_t access) {
        _cleanup_close_ int fd = open(path, O_PATH | O_CLOEXEC);
        struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = fd};
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0)
                return 0;
        if (!S_ISDIR(st.st_mode))
                rule.allowed_access &= OF_FILES;

        if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
                return -errno;
        return 0;
}

static bool is_for(Who who, const Setup *s) {
        return who == PROGRAMS ? s->is_program : who == CONNECTED ? s->may_use_network : true;
}

static int allow_places(int ruleset, const Setup *s) {
        int r;

        FOREACH_ELEMENT (p, places) {
                if (!is_for(p->who, s))
                        continue;
                r = allow(ruleset, p->path, p->access);
                if (r < 0)
                        return r;
        }

        return s->is_program ? allow(ruleset, s->folder, READ | EXECUTE) : 0;
}

int landlock_confine(const Setup *s) {
        _cleanup_close_ int ruleset = -1;
        int version = landlock_version(), r;

        if (version == 0)
                return 0;

        ruleset = create(version, s);
        if (ruleset < 0)
                return ruleset;
        r = allow_places(ruleset, s);
        if (r < 0)
                return r;
        if (syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
                return -errno;
        return version;
}

static bool is_beneath(const char *path, const char *folder) {
        size_t n = strlen(folder);

        return strncmp(path, folder, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

/* A place may be a link, which the kernel has followed. */
static bool is_in_place(const char *path, const char *place) {
        char real[PATH_MAX];

        return is_beneath(path, place) || (realpath(place, real) && is_beneath(path, real));
}

static bool folder_is_there(const char *path) {
        char folder[PATH_MAX];
        const char *end = strrchr(path, '/');

        (void)snprintf(folder, sizeof(folder), "%.*s/", (int)(end - path), path);
        return access(folder, F_OK) == 0;
}

bool landlock_foresees(const Setup *s, const char *path, bool is_write) {
        char real[PATH_MAX];

        /* A script that runs from memory seems to lie in "/", and so its interpreter looks there.
         */
        if (path[0] != '/' || strcmp(path, "/") == 0 || is_beneath(path, "/proc"))
                return true;
        if (is_write)
                return strcmp(path, "/dev/null") == 0 || !folder_is_there(path);
        if (!realpath(path, real))
                return true;

        FOREACH_ELEMENT (p, places)
                if (is_for(p->who, s) && is_in_place(real, p->path))
                        return true;
        return is_in_place(real, s->folder);
}
