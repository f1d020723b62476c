/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Child
 *
 * A program run for one answer: its three streams are pipes of ours that never block, its signals
 * are as a shell's, its environment is what we say. It is never left behind as a zombie.
 */

#include <sys/types.h>
#include <systemd/sd-event.h>

#include "daemon/base/cleanup.h"

typedef struct Child {
        pid_t pid; /* 0: none */
        int pidfd; /* readable once it ended */
        int in;
        int out;
        int err;
} Child;

#define CHILD_NULL ((Child){.pidfd = -1, .in = -1, .out = -1, .err = -1})

/* Looks @file up in PATH if it has no slash. -ENOENT if there is no such program. */
int child_spawn(const char *file, char *const *argv, char *const *envp, Child *ret);

/* Call once the pidfd is readable. Returns its exit status, or -ECHILD if it did not exit. */
int child_reap(Child *child);

/* Kills it, if it is there, and has it reaped by the loop; closes all. */
void child_abandon(Child *child, sd_event *event);
