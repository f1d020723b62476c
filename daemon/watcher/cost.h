/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Cost meter
 *
 * What calls cost one tmux server, told from what its agents' output costs it: the server's CPU
 * time while a call is under way, less what the server used at the same time of the clock between
 * calls. A server has some work left when the answer is here (our connection ends); that tail is
 * measured now and then, and counted with each call. Pure: clocks are arguments.
 */

#include <stdbool.h>
#include <stdint.h>

/* One reading of both clocks. */
typedef struct CostReading {
        uint64_t cpu_nsec; /* of the server */
        uint64_t usec;     /* CLOCK_MONOTONIC */
} CostReading;

typedef struct CostMeter {
        CostReading began; /* of the call that is under way */
        CostReading ended; /* of the last that is over; or after its tail, if @settled */
        double busy;       /* share of a core that the server uses between calls */
        double tail_nsec;  /* mean */
        unsigned n_gaps;   /* that @busy is made of */
        unsigned n_tails;  /* that @tail_nsec is made of */
        unsigned n_calls;  /* since one was */
        bool running, known, settled;
} CostMeter;

/* Another server, or the first. */
void cost_meter_reset(CostMeter *m);

void cost_meter_begin(CostMeter *m, CostReading now);
/* Returns what the call cost, in nanoseconds of the server's CPU time. */
uint64_t cost_meter_end(CostMeter *m, CostReading now);

/* Whether to read the clocks once more, COST_TAIL_USEC after the end of a call. */
#define COST_TAIL_USEC 5000U
bool cost_meter_wants_tail(const CostMeter *m);
void cost_meter_settle(CostMeter *m, CostReading now);
