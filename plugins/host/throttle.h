/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Throttle
 *
 * Holds a process to a share of one core on average, from outside of it: what it has not used it
 * may use later, ten seconds' worth at most; what it has overspent it waits for, stopped. Where a
 * unit limits CPU time as well, this is the tighter one.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct Throttle {
        pid_t pid;
        uint64_t percent; /* 0: as much as it likes */
        uint64_t looked_usec;
        uint64_t used_usec;
        int64_t credit_usec;
        bool is_stopped;
} Throttle;

void throttle_init(Throttle *t, pid_t pid, uint64_t percent);
/* Stops it or lets it go on. Gives when to look again, in ms; -1: never. *ret_stopped: just now. */
int throttle_look(Throttle *t, bool *ret_stopped);
