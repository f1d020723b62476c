/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The end of a process
 *
 * Tells at once when a process that is not our child ends, and how, as far as the kernel lets us
 * know: newer ones say it to whoever holds the pidfd; on older ones it can be read from the zombie,
 * unless its parent is quicker than we are.
 */

#include <systemd/sd-event.h>

#include "daemon/base/cleanup.h"
#include "daemon/watcher/proc/proc-stat.h"

typedef enum ProcessEndKind {
        PROCESS_END_UNKNOWN,
        PROCESS_END_EXITED,
        PROCESS_END_KILLED,
} ProcessEndKind;

typedef struct ProcessEnd {
        pid_t pid;
        ProcessEndKind kind;
        int status; /* exit status or signal */
} ProcessEnd;

typedef struct ProcessWatch ProcessWatch;
/* Called once; the watch may be freed in it. */
typedef void (*ProcessEndFunc)(void *userdata, const ProcessEnd *end);

/*
 * @start_ticks tells a pid used again; 0 takes whoever has the pid now. Returns -ESRCH if that
 * process is gone already.
 */
int process_watch_new(sd_event *event, pid_t pid, uint64_t start_ticks, ProcessEndFunc func,
                void *userdata, ProcessWatch **ret);
ProcessWatch *process_watch_free(ProcessWatch *watch);
DEFINE_CLEANUP(ProcessWatch *, process_watch_free)

pid_t process_watch_pid(const ProcessWatch *watch);
uint64_t process_watch_start_ticks(const ProcessWatch *watch);
