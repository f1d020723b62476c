/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/hook-service.h"

#include <string.h>

#include "daemon/watcher/proc/process-tree.h"

static bool is_service(pid_t pid, const Pattern *service, Matcher *matcher) {
        _cleanup_free_ char *command = NULL;
        PatternMatch match;

        return process_command(pid, &command) >= 0 &&
                        pattern_match(service, matcher, command, strlen(command), &match);
}

bool hook_service_is_above(pid_t pid, const Pattern *service) {
        _cleanup_(matcher_freep) Matcher *matcher = NULL;
        ProcStat stat;

        if (matcher_new(&matcher) < 0)
                return true; /* what cannot be told is not believed */
        for (unsigned step = 0; pid > 1 && step < PROCESS_DEPTH_MAX; step++) {
                if (is_service(pid, service, matcher))
                        return true;
                if (proc_stat_read(pid, &stat) < 0)
                        return false;
                pid = stat.ppid;
        }
        return false;
}
