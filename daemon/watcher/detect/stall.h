/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Stall
 *
 * Tells a stuck agent from a slow one: it says that it works, and for several windows of time in a
 * row it makes no progress. Progress is new words on the screen, bytes that it read, CPU time, or
 * processes that come or go. Neither is a silent screen a sign of being stuck (a compiler says
 * nothing for minutes), nor one that moves a sign of progress: a spinner turns for ever.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/clock.h"

#define STALL_WINDOW_USEC (30 * USEC_PER_SEC)
#define STALL_WINDOWS 3
/* An agent whose screen moves is alive at least, and may wait for a slow model. */
#define STALL_WINDOWS_MOVING 10
/* A runtime that only waits still wakes up: less than a fiftieth of a window is no progress. */
#define STALL_CPU_SHARE 50
/* One that paints all the time needs more. */
#define STALL_CPU_SHARE_MOVING 8
/* What a connection costs that is kept open. */
#define STALL_READ_BYTES 512

/* What one look finds. Numbers may fall, for processes end. */
typedef struct StallLook {
        bool moved;          /* anything on the screen did, since the last look */
        uint64_t words;      /* see stall_words() */
        uint64_t cpu_usec;   /* of all its processes */
        uint64_t read_bytes; /* by its own process, from files and connections; 0: not known */
        unsigned processes;
} StallLook;

typedef struct Stall {
        bool running;
        bool moving;          /* something moved in this window */
        uint64_t window_usec; /* when this window began */
        StallLook begin;      /* and what was so then */
        unsigned quiet_windows;
        unsigned moving_windows; /* no progress either */
} Stall;

/* One look at a working agent. */
void stall_feed(Stall *s, const StallLook *look, uint64_t now_usec);
/* It does not work, or said so anew. */
void stall_reset(Stall *s);
bool stall_is_stalled(const Stall *s);

/* The same for screens that differ in digits, spinners, bars and blanks alone. */
uint64_t stall_words(const char *screen, size_t n_screen);
