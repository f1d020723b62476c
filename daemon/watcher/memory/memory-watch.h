/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Memory watch
 *
 * Follows the memory of one agent's process while it lives. Its control group is read now
 * and then, every second when it matters, and at once when the kernel notes an event in it; where
 * the group is not the agent's alone, or there is none, its processes are added up instead.
 */

#include <systemd/sd-event.h>

#include "daemon/base/agent-state.h"
#include "daemon/watcher/memory/memory-mind.h"
#include "daemon/watcher/proc/process-tree.h"

/* What all watches share; borrowed by them. */
typedef struct MemorySource {
        const char *proc; /* "/proc", but for tests */
        int mount_fd;     /* of the control groups; below 0: there are none */
        MemoryLimits limits;
} MemorySource;

void memory_source_init(MemorySource *s, const char *proc);
void memory_source_done(MemorySource *s);

typedef struct MemoryWatch MemoryWatch;

/* What is known. */
typedef struct MemoryFigures {
        MemoryScope scope;
        const char *group; /* "": not known */
        uint64_t bytes;
        uint64_t high; /* 0: no limit, or not known */
        uint64_t max;
        double pressure; /* below 0: not known */
        uint64_t oom_kills;
        bool low;
        const char *advice; /* "" unless it is low */
} MemoryFigures;

/* @urgent: it is low or is not any more, a process was killed, or the group is another. */
typedef void (*MemoryWatchChanged)(void *userdata, bool urgent);

/* @server: the tmux server, whose own group is nobody's alone. -ESRCH: there is no such process. */
int memory_watch_new(sd_event *event, const MemorySource *source, pid_t pid, pid_t server,
                MemoryWatchChanged changed, void *userdata, MemoryWatch **ret);
MemoryWatch *memory_watch_free(MemoryWatch *watch);
DEFINE_CLEANUP(MemoryWatch *, memory_watch_free)

pid_t memory_watch_pid(const MemoryWatch *watch);

/* Adds up the processes, now and then, where there is no group to ask. */
void memory_watch_see(MemoryWatch *watch, const ProcessTree *tree, uint64_t now_usec);

/* Borrowed until the loop goes on. */
MemoryFigures memory_watch_figures(const MemoryWatch *watch);

/*
 * The process has just ended. Why, and what can be done, if it was for want of memory: @ret_reason
 * and @ret_advice are then new strings.
 */
Oom memory_watch_end(MemoryWatch *watch, bool has_status, int signal, char **ret_reason,
                char **ret_advice);
