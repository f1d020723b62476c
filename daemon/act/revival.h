/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Revival
 *
 * When an agent that crashed is started again, and when no more. Pure: the clock is an argument.
 * Each crash that follows too soon after a start counts as one more in a row and makes the wait
 * twice as long, up to a limit; too many in a row, or too many starts within some time, and it is
 * given up, until a human starts it or it is seen to run well.
 */

#include <stdbool.h>
#include <stdint.h>

#define REVIVAL_BURST_MAX 32U

typedef struct RevivalRules {
        unsigned max_failures; /* in a row */
        uint64_t grace_usec;   /* who runs so long runs well */
        uint64_t backoff_usec; /* before the first start */
        uint64_t backoff_max_usec;
        unsigned burst; /* starts within the next; at most REVIVAL_BURST_MAX */
        uint64_t burst_usec;
} RevivalRules;

typedef struct Revival {
        unsigned failures; /* in a row */
        uint64_t up_usec;  /* since when it runs; 0: it does not */
        uint64_t due_usec; /* when to start it; 0: not planned */
        bool given_up;
        uint64_t starts[REVIVAL_BURST_MAX]; /* the last ones, the newest at n_starts - 1 modulo */
        unsigned n_starts;
} Revival;

typedef enum RevivalStep {
        REVIVAL_NOTHING,
        REVIVAL_PLANNED,  /* see due_usec */
        REVIVAL_GIVEN_UP, /* just now */
} RevivalStep;

/* It runs, whoever started it. */
void revival_is_up(Revival *r, const RevivalRules *rules, uint64_t now_usec);
/* It crashed. */
RevivalStep revival_crashed(Revival *r, const RevivalRules *rules, uint64_t now_usec);
/* A start that did not succeed counts as a crash; one that was refused for now does not. */
RevivalStep revival_start_failed(Revival *r, const RevivalRules *rules, uint64_t now_usec);
void revival_postpone(Revival *r, const RevivalRules *rules, uint64_t now_usec);

bool revival_is_due(const Revival *r, uint64_t now_usec);
/* It is being started. */
void revival_started(Revival *r, uint64_t now_usec);
/* A start would not help. */
void revival_give_up(Revival *r);
/* A human has it in hand: it begins anew. */
void revival_reset(Revival *r);
