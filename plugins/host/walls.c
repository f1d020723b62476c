/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugins/host/walls.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "daemon/base/json.h"
#include "daemon/base/read-file.h"
#include "plugins/host/landlock.h"

#define FILES_MAX 64U
#define FILES_MAX_PROGRAM 512U
/* Users that nobody is. */
#define NOBODY_ELSE_BASE 1879048192U
#define NOBODY_ELSE_MAX 4194304U

static int set_limit(int resource, uint64_t value) {
        struct rlimit limit = {.rlim_cur = value, .rlim_max = value};

        return setrlimit((__rlimit_resource_t)resource, &limit) < 0 ? -errno : 0;
}

/* It may fail: without a map the process is nobody, which will do. */
static void write_file(const char *path, const char *text) {
        _cleanup_fclose_ FILE *f = fopen(path, "we");

        if (f)
                (void)fputs(text, f);
}

static void write_map(const char *path, unsigned id) {
        char line[32];

        (void)snprintf(line, sizeof(line), "%u %u 1", id, id);
        write_file(path, line);
}

/* Only in namespaces of a user of one's own are tasks counted for these processes alone. */
static bool unshare_user(int what, const Setup *s) {
        unsigned uid = getuid(), gid = getgid();

        if (unshare(CLONE_NEWUSER | what) < 0)
                return false;

        write_file("/proc/self/setgroups", "deny");
        write_map("/proc/self/uid_map", uid);
        write_map("/proc/self/gid_map", gid);
        return s->tasks == 0 || set_limit(RLIMIT_NPROC, s->tasks) >= 0;
}

/* What it has of its own: private memory that can be written to. */
static uint64_t memory_now(void) {
        _cleanup_free_ char *text = NULL;
        const char *line;
        size_t n;

        if (read_proc_file(AT_FDCWD, "/proc/self/status", 16384, &text, &n) < 0)
                return 0;
        line = strstr(text, "\nVmData:");
        return line ? strtoull(line + strlen("\nVmData:"), NULL, 10) * 1024 : 0;
}

void walls_unshare(Walls *w, const Setup *s) {
        int what = CLONE_NEWIPC | CLONE_NEWUTS | (s->may_use_network ? 0 : CLONE_NEWNET) |
                        (s->is_program ? CLONE_NEWPID : 0);

        w->memory_bytes = memory_now(); /* behind the walls there is no /proc to read */
        w->namespaces = unshare(what) == 0 || unshare_user(what, s);
}

/* A sanitizer has memory of its own, and maps more as it goes, in us until a program takes our
 * place as well. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZER_BYTES (512ULL << 20)
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZER_BYTES (512ULL << 20)
#endif
#endif
#ifndef SANITIZER_BYTES
#define SANITIZER_BYTES 0ULL
#endif

int walls_limit_memory(const Walls *w, const Setup *s) {
        bool is_its_own = s->is_program && SANITIZER_BYTES == 0;
        uint64_t own = is_its_own ? 0 : w->memory_bytes + SANITIZER_BYTES;

        return s->memory_bytes == 0 ? 0 : set_limit(RLIMIT_DATA, s->memory_bytes + own);
}

static int set_limits(const Setup *s) {
        const struct {
                int resource;
                uint64_t value;
        } limits[] = {
                        {RLIMIT_CORE, 0},
                        {RLIMIT_NOFILE, s->is_program ? FILES_MAX_PROGRAM : FILES_MAX},
                        {RLIMIT_FSIZE, 0},
                        {RLIMIT_MEMLOCK, 0},
                        {RLIMIT_MSGQUEUE, 0},
                        {RLIMIT_SIGPENDING, 64},
                        {RLIMIT_RTPRIO, 0},
        };

        /* What it says on standard error may go to a file: then it is not written, and that is all.
         */
        (void)signal(SIGXFSZ, SIG_IGN);
        FOREACH_ELEMENT (l, limits) {
                int r = set_limit(l->resource, l->value);

                if (r < 0)
                        return r;
        }
        return 0;
}

/* A unit's filter refuses the call that drops them, and leaves none to drop. */
static bool has_capabilities(void) {
        struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
        struct __user_cap_data_struct now[_LINUX_CAPABILITY_U32S_3] = {};

        if (syscall(SYS_capget, &header, now) < 0)
                return true;
        FOREACH_ELEMENT (d, now)
                if (d->effective != 0 || d->permitted != 0 || d->inheritable != 0)
                        return true;
        return false;
}

static bool is_roots_program(const Setup *s) {
        return geteuid() == 0 && s->is_program && s->tasks > 0;
}

/*
 * The kernel counts no tasks of root's. What root has us run becomes a user of its own, whom nobody
 * else is, and who may still read what root may, within the walls: its folder may be in root's
 * home. Gives the capabilities that are left; 0 where there are no other users: there root is not
 * the real one, and its tasks are counted.
 */
static uint32_t become_nobody_else(const Setup *s) {
        uid_t uid = NOBODY_ELSE_BASE + (uid_t)getppid() % NOBODY_ELSE_MAX;

        if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || setgroups(0, NULL) < 0 ||
                        setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0)
                return 0;
        return set_limit(RLIMIT_NPROC, s->tasks) < 0 ? 0 : 1U << CAP_DAC_READ_SEARCH;
}

/* Of all capabilities, those in the bits of @kept are left, also to what is executed. */
static int keep_capabilities(uint32_t kept) {
        struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
        struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {
                        {.effective = kept, .permitted = kept, .inheritable = kept}};

        if (syscall(SYS_capset, &header, data) < 0)
                return -errno;
        if (kept != 0 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_READ_SEARCH, 0, 0) < 0)
                return -errno;
        return 0;
}

/* Where root runs it, or where namespaces of its own made it somebody: of that, nothing. */
static int drop_capabilities(const Setup *s) {
        bool is_roots = is_roots_program(s);

        if (!has_capabilities())
                return 0;

        for (int c = 0; prctl(PR_CAPBSET_READ, c, 0, 0, 0) >= 0; c++)
                if (c != CAP_DAC_READ_SEARCH || !is_roots)
                        (void)prctl(PR_CAPBSET_DROP, c, 0, 0, 0); /* who may not has none to lose */
        (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);

        return keep_capabilities(is_roots ? become_nobody_else(s) : 0);
}

int walls_confine(Walls *w, const Setup *s) {
        int r;

        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                return -errno;
        r = set_limits(s);
        if (r >= 0)
                r = drop_capabilities(s);
        if (r < 0)
                return r;
        w->limits = true;

        /* A kernel without Landlock is told about, a Landlock that fails is not gone on without. */
        r = landlock_confine(s);
        if (r < 0)
                return r;
        w->landlock = r;
        return 0;
}

int walls_describe(const Walls *w, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();

        if (!o || json_set_bool(o, "limits", w->limits) < 0 ||
                        json_set_bool(o, "filter", w->filter) < 0 ||
                        json_set_int(o, "landlock", w->landlock) < 0 ||
                        json_set_bool(o, "namespaces", w->namespaces) < 0)
                return -ENOMEM;

        *ret = TAKE_PTR(o);
        return 0;
}
