/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A scope for what is run
 *
 * Its name, its limits, and the call that has systemd make it around this process.
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

/* Watchers show it, and people type it after 'systemctl --user set-property'. */
#define RUN_SCOPE_PREFIX "tmux-orc-run-"

typedef struct RunScope {
        char *name;        /* "tmux-orc-run-claude-4711.scope" */
        char *description; /* the command */
        /* 0: no limit of its own */
        uint64_t memory_max;
        uint64_t memory_high;
        uint64_t cpu_usec_per_sec;
        uint64_t tasks_max;
} RunScope;

/* After a word of the user's, or the command's last part; what a unit's name cannot hold is '_'. */
int run_scope_name(const char *word, pid_t pid, char **ret);

/* "150" or "150%" of one core. -EINVAL. */
int run_parse_quota(const char *text, uint64_t *ret_usec_per_sec);
int run_parse_tasks(const char *text, uint64_t *ret);

/*
 * Into a call of StartTransientUnit. @oom_policy: that an OOM kill of one process leaves the others
 * alone; systemd knows it for scopes from version 253 on.
 */
int run_scope_append(sd_bus_message *m, const RunScope *scope, pid_t pid, bool oom_policy);

void run_scope_done(RunScope *scope);
