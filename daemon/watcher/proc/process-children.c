/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/proc/process-children.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>

#include "daemon/base/read-file.h"
#include "daemon/base/text.h"
#include "daemon/watcher/proc/proc-stat.h"

#define CHILDREN_TEXT_MAX 16384U
#define TASKS_MAX 512U
#define SCAN_MAX 32768U

typedef struct Link {
        pid_t pid;
        pid_t ppid;
} Link;

struct ProcessChildren {
        bool told; /* the kernel has "children" files */
        bool scanned;
        Link *links; /* of the scan */
        size_t n_links;
};

int process_children_new(ProcessChildren **ret) {
        ProcessChildren *c = calloc(1, sizeof(*c));
        char path[64];

        assert(ret);

        if (!c)
                return -ENOMEM;

        (void)snprintf(path, sizeof(path), "/proc/self/task/%d/children", gettid());
        c->told = access(path, R_OK) >= 0;

        *ret = c;
        return 0;
}

ProcessChildren *process_children_free(ProcessChildren *children) {
        if (!children)
                return NULL;

        free(children->links);
        free(children);
        return NULL;
}

/* The name of a folder in /proc as a pid; 0 if it is none. */
static pid_t parse_pid(const char *name) {
        uint64_t pid;

        return parse_u64(name, 1, INT32_MAX, &pid) < 0 ? 0 : (pid_t)pid;
}

static int scan(ProcessChildren *c) {
        _cleanup_closedir_ DIR *proc = opendir("/proc");
        size_t n_allocated = 0;

        c->scanned = true;
        if (!proc)
                return -errno;

        for (struct dirent *e = readdir(proc); e && c->n_links < SCAN_MAX; e = readdir(proc)) {
                pid_t pid = parse_pid(e->d_name);
                ProcStat s;

                if (pid == 0 || proc_stat_read(pid, &s) < 0)
                        continue;
                if (c->n_links == n_allocated) {
                        size_t n = n_allocated > 0 ? n_allocated * 2 : 256;
                        Link *links = reallocarray(c->links, n, sizeof(*links));

                        if (!links)
                                return -ENOMEM;
                        c->links = links;
                        n_allocated = n;
                }
                c->links[c->n_links++] = (Link){.pid = s.pid, .ppid = s.ppid};
        }
        return 0;
}

static size_t get_scanned(ProcessChildren *c, pid_t parent, pid_t *ret, size_t max) {
        size_t n = 0;

        if (!c->scanned)
                (void)scan(c); /* what was read until it failed is still true */

        for (size_t i = 0; i < c->n_links && n < max; i++)
                if (c->links[i].ppid == parent)
                        ret[n++] = c->links[i].pid;
        return n;
}

/* "12 34 56 " */
static size_t parse_list(const char *text, pid_t *ret, size_t max) {
        size_t n = 0;

        for (const char *p = text; n < max;) {
                char *end;
                long pid = strtol(p, &end, 10);

                if (end == p)
                        return n;
                if (pid > 0 && pid <= INT32_MAX)
                        ret[n++] = (pid_t)pid;
                p = end;
        }
        return n;
}

/* Each thread has its own children: a program may start others from any. */
static size_t get_told(pid_t parent, pid_t *ret, size_t max) {
        _cleanup_closedir_ DIR *tasks = NULL;
        size_t n = 0, n_tasks = 0;
        char path[64];

        (void)snprintf(path, sizeof(path), "/proc/%d/task", parent);
        tasks = opendir(path);
        if (!tasks)
                return 0;

        for (struct dirent *e = readdir(tasks); e && n < max && n_tasks < TASKS_MAX;
                        e = readdir(tasks)) {
                _cleanup_free_ char *text = NULL;
                size_t n_text;

                if (parse_pid(e->d_name) == 0)
                        continue;
                n_tasks++;
                (void)snprintf(path, sizeof(path), "%.16s/children", e->d_name);
                if (read_proc_file(dirfd(tasks), path, CHILDREN_TEXT_MAX, &text, &n_text) >= 0)
                        n += parse_list(text, ret + n, max - n);
        }
        return n;
}

size_t process_children_get(ProcessChildren *children, pid_t parent, pid_t *ret, size_t max) {
        assert(children);
        assert(ret);

        return children->told ? get_told(parent, ret, max)
                              : get_scanned(children, parent, ret, max);
}
