/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Cost
 *
 * What looking costs, watchers, tmux and this process together, and how often it is done. A pace
 * that follows its cost moves all the time; here it stands still until it is worth telling. Pure:
 * clocks are arguments.
 */

#include <stdbool.h>
#include <stdint.h>

#include "daemon/wire/watching.h"

/* The interval is told when it is another by a quarter, and not more often than that. */
#define COST_TELL_USEC (10 * USEC_PER_SEC)

typedef struct Cost {
        double budget;                /* per cent of one core */
        double percent;               /* of one core: a mean that forgets in half a minute */
        uint64_t own_usec, tmux_usec; /* CPU time; they only grow */
        uint64_t rounds;
        PoolStats pool;

        uint64_t interval_usec; /* as it was told last; 0: never */
        PaceReason reason;
        bool told; /* panes tell when they are written to, and are looked at besides */
        uint64_t told_usec;
        uint64_t at_usec;    /* of the last report; 0: none yet */
        uint64_t known_usec; /* since the first */
} Cost;

typedef struct CostChange {
        bool interval;   /* it is worth telling */
        bool slower;     /* from now on looks are rarer than one a second, against their will */
        bool usual;      /* not any more */
        uint64_t rounds; /* since the report before */
} CostChange;

/* @sum: of all watchers; @daemon_usec: our own CPU time. */
void cost_take(Cost *c, const WatchReport *sum, uint64_t daemon_usec, uint64_t now_usec,
                CostChange *ret);

bool cost_is_slowed(const Cost *c);
/* Why the interval is what it is: a sentence without its end. */
void cost_describe(const Cost *c, char *ret, size_t n_ret);
