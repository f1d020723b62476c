/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Stall
 *
 * Tells a stuck agent from a slow one: it says that it works, and for several windows of time in a
 * row nothing moves, neither the screen nor the processes. A silent screen alone is not enough.
 */

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/clock.h"

#define STALL_WINDOW_USEC (30 * USEC_PER_SEC)
#define STALL_WINDOWS 3
/* A runtime that only waits still wakes up: less than a fiftieth of a window is no progress. */
#define STALL_CPU_SHARE 50

typedef struct Stall {
        bool running;
        uint64_t window_usec; /* when this window began */
        uint64_t cpu_usec;    /* CPU time used by then */
        unsigned quiet_windows;
} Stall;

/*
 * One look at a working agent. @moved: something was seen to move since the last look. @cpu_usec:
 * CPU time of all its processes; it may fall, for processes end.
 */
void stall_feed(Stall *s, bool moved, uint64_t cpu_usec, uint64_t now_usec);
/* It does not work, or said so anew. */
void stall_reset(Stall *s);
bool stall_is_stalled(const Stall *s);
