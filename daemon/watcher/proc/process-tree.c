/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/proc/process-tree.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/read-file.h"
#include "daemon/base/text.h"
#include "daemon/watcher/proc/process-children.h"

#define WALK_USEC (2 * USEC_PER_SEC)
/* A shell moves its child to the foreground before the child becomes another program. */
#define SETTLE_USEC (1 * USEC_PER_SEC)

/* One walk's result. */
typedef struct Walk {
        Process *processes;
        size_t n_processes;
        size_t n_allocated;
        size_t n_text;
        bool cut;
} Walk;

struct ProcessTree {
        int stat_fd; /* of the root, kept open: one pread() tells the foreground group */
        ProcStat root;
        uint64_t walk_usec;
        uint64_t settle_until_usec;
        Walk seen;
        char **commands; /* borrows the strings of seen */
};

static void walk_done(Walk *w) {
        for (size_t i = 0; i < w->n_processes; i++) {
                free(w->processes[i].comm);
                free(w->processes[i].command);
        }
        free(w->processes);
        *w = (Walk){};
}

/* Arguments are ended by NUL, and blanks in them stay what they are: this is for rules to match. */
static int read_command(pid_t pid, const char *comm, size_t max, char **ret) {
        _cleanup_free_ char *raw = NULL;
        char path[32];
        size_t n = 0;

        (void)snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
        if (read_proc_file(AT_FDCWD, path, max, &raw, &n) < 0)
                n = 0;
        while (n > 0 && raw[n - 1] == '\0')
                n--;
        if (n == 0)
                return asprintf(ret, "[%s]", comm) < 0 ? -ENOMEM : 0;

        for (size_t i = 0; i < n; i++)
                if (raw[i] == '\0')
                        raw[i] = ' ';

        *ret = text_clean(raw, n, max);
        return *ret ? 0 : -ENOMEM;
}

int process_command(pid_t pid, char **ret) {
        return read_command(pid, "", PROCESS_COMMAND_MAX, ret);
}

/* A tree is kept for every pane, and nearly all of them have a few processes. */
static int walk_grow(Walk *w) {
        size_t n = MAX(w->n_allocated * 2, (size_t)4);
        Process *processes;

        if (w->n_processes < w->n_allocated)
                return 0;
        processes = reallocarray(w->processes, n, sizeof(*processes));
        if (!processes)
                return -ENOMEM;
        w->processes = processes;
        w->n_allocated = n;
        return 0;
}

static int walk_add(Walk *w, const ProcStat *s, unsigned depth) {
        size_t room = PROCESS_TEXT_MAX - MIN((size_t)PROCESS_TEXT_MAX, w->n_text);
        Process *p;

        if (walk_grow(w) < 0)
                return -ENOMEM;
        p = &w->processes[w->n_processes];
        *p = (Process){.stat = *s, .depth = depth};
        p->comm = text_clean(s->comm, strlen(s->comm), PROC_COMM_MAX);
        if (!p->comm)
                return -ENOMEM;
        if (read_command(s->pid, p->comm, MIN(room, (size_t)PROCESS_COMMAND_MAX), &p->command) <
                        0) {
                free(p->comm);
                return -ENOMEM;
        }
        w->n_text += strlen(p->command);
        w->n_processes++;
        return 0;
}

/* A zombie does nothing any more, and has no children. */
static bool is_over(const ProcStat *s) {
        return s->state == 'Z' || s->state == 'X';
}

static int walk_children(Walk *w, ProcessChildren *children, size_t parent) {
        pid_t pids[PROCESS_TREE_MAX + 1];
        unsigned depth = w->processes[parent].depth + 1;
        size_t n;
        int r;

        n = process_children_get(children, w->processes[parent].stat.pid, pids, ELEMENTSOF(pids));

        for (size_t i = 0; i < n; i++) {
                ProcStat s;

                /* A pid that is somebody else's by now has another parent. */
                if (proc_stat_read(pids[i], &s) < 0 || is_over(&s) ||
                                s.ppid != w->processes[parent].stat.pid)
                        continue;
                if (w->n_processes == PROCESS_TREE_MAX || depth > PROCESS_DEPTH_MAX) {
                        w->cut = true;
                        return 0;
                }
                r = walk_add(w, &s, depth);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* By generations: what is near the pane is seen even if there are too many. */
static int walk_all(Walk *w, const ProcStat *root) {
        _cleanup_(process_children_freep) ProcessChildren *children = NULL;
        int r;

        r = process_children_new(&children);
        if (r < 0)
                return r;
        r = walk_add(w, root, 0);
        for (size_t i = 0; r >= 0 && i < w->n_processes; i++)
                r = walk_children(w, children, i);
        return r;
}

static bool process_equal(const Process *a, const Process *b) {
        return a->stat.pid == b->stat.pid && a->stat.start_ticks == b->stat.start_ticks &&
                        a->stat.ppid == b->stat.ppid && a->stat.pgrp == b->stat.pgrp &&
                        strcmp(a->comm, b->comm) == 0 && strcmp(a->command, b->command) == 0;
}

static bool walk_equal(const Walk *a, const Walk *b) {
        if (a->n_processes != b->n_processes || a->cut != b->cut)
                return false;
        for (size_t i = 0; i < a->n_processes; i++)
                if (!process_equal(&a->processes[i], &b->processes[i]))
                        return false;
        return true;
}

static int commands_new(const Walk *w, char ***ret) {
        char **commands = calloc(w->n_processes + 1, sizeof(*commands));

        if (!commands)
                return -ENOMEM;
        for (size_t i = 0; i < w->n_processes; i++)
                commands[i] = w->processes[i].command;

        *ret = commands;
        return 0;
}

static int read_root(ProcessTree *t, ProcStat *ret) {
        int r;

        r = proc_stat_read_fd(t->stat_fd, ret);
        if (r < 0)
                return -ESRCH;
        /* The kept-open file belongs to one process; that it says another pid cannot be. */
        return is_over(ret) ? -ESRCH : 0;
}

static int tree_walk(ProcessTree *t, const ProcStat *root, uint64_t now_usec) {
        _cleanup_(walk_done) Walk w = {};
        char **commands;
        bool changed;
        int r;

        r = walk_all(&w, root);
        if (r < 0)
                return r;
        r = commands_new(&w, &commands);
        if (r < 0)
                return r;

        changed = root->tpgid != t->root.tpgid || !walk_equal(&w, &t->seen);
        t->root = *root;
        t->walk_usec = now_usec;
        free(t->commands);
        t->commands = commands;
        walk_done(&t->seen);
        t->seen = w;
        w = (Walk){};
        return changed;
}

int process_tree_new(pid_t root, ProcessTree **ret) {
        _cleanup_(process_tree_freep) ProcessTree *t = NULL;
        ProcStat s;
        char path[32];
        int r;

        assert(ret);

        t = calloc(1, sizeof(*t));
        if (!t)
                return -ENOMEM;

        (void)snprintf(path, sizeof(path), "/proc/%d/stat", root);
        t->stat_fd = open(path, O_RDONLY | O_CLOEXEC);
        if (t->stat_fd < 0)
                return errno == ENOENT ? -ESRCH : -errno;
        r = read_root(t, &s);
        if (r < 0)
                return r;
        r = tree_walk(t, &s, now_monotonic());
        if (r < 0)
                return r;

        *ret = TAKE_PTR(t);
        return 0;
}

ProcessTree *process_tree_free(ProcessTree *tree) {
        if (!tree)
                return NULL;

        walk_done(&tree->seen);
        free(tree->commands);
        close_fd(tree->stat_fd);
        free(tree);
        return NULL;
}

int process_tree_update(ProcessTree *tree, uint64_t now_usec) {
        ProcStat s;
        int r;

        assert(tree);

        r = read_root(tree, &s);
        if (r < 0)
                return r;
        if (s.tpgid != tree->root.tpgid)
                tree->settle_until_usec = now_usec + SETTLE_USEC;
        else if (now_usec >= tree->settle_until_usec && now_usec < tree->walk_usec + WALK_USEC)
                return 0;
        return tree_walk(tree, &s, now_usec);
}

int process_tree_walk(ProcessTree *tree, uint64_t now_usec) {
        ProcStat s;
        int r;

        assert(tree);

        r = read_root(tree, &s);
        return r < 0 ? r : tree_walk(tree, &s, now_usec);
}

size_t process_tree_count(const ProcessTree *tree) {
        return tree->seen.n_processes;
}

const Process *process_tree_at(const ProcessTree *tree, size_t i) {
        assert(i < tree->seen.n_processes);
        return &tree->seen.processes[i];
}

const Process *process_tree_find(const ProcessTree *tree, pid_t pid) {
        for (size_t i = 0; i < tree->seen.n_processes; i++)
                if (tree->seen.processes[i].stat.pid == pid)
                        return &tree->seen.processes[i];
        return NULL;
}

char *const *process_tree_commands(const ProcessTree *tree) {
        return tree->commands;
}

const Process *process_tree_foreground(const ProcessTree *tree) {
        for (size_t i = 0; i < tree->seen.n_processes; i++)
                if (tree->seen.processes[i].stat.pgrp == tree->root.tpgid)
                        return &tree->seen.processes[i];
        return NULL;
}

uint64_t process_tree_cpu_ticks(const ProcessTree *tree) {
        uint64_t ticks = 0;

        for (size_t i = 0; i < tree->seen.n_processes; i++)
                ticks += tree->seen.processes[i].stat.cpu_ticks;
        return ticks;
}

bool process_tree_is_cut(const ProcessTree *tree) {
        return tree->seen.cut;
}
