/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Patience
 *
 * When an agent that hit a usage limit is told to go on. Pure: the clock is an argument, and it is
 * the wall clock, for that is what a provider names: a machine that slept meanwhile is late and no
 * more. What is told too early, because the clock was wrong or the provider, hits the limit again,
 * and that is tried so often and no more.
 */

#include <stdbool.h>
#include <stdint.h>

typedef struct PatienceRules {
        uint64_t margin_usec; /* after the time that is shown */
        unsigned attempts;
} PatienceRules;

typedef struct Patience {
        uint64_t reset_usec; /* CLOCK_REALTIME; 0: no limit is waited for */
        uint64_t due_usec;
        unsigned attempts;    /* for limits that came one after the other */
        bool asked;           /* it was told to go on; whether it does is to be seen */
        uint64_t worked_usec; /* CLOCK_REALTIME: since when it does; 0: it does not */
        bool given_up;
} Patience;

typedef enum PatienceStep {
        PATIENCE_NOTHING,
        PATIENCE_PLANNED,
        PATIENCE_GIVEN_UP,
        PATIENCE_RESOLVED, /* it works again, for it was told to */
} PatienceStep;

/* It shows a limit that ends then; 0: it does not say when. Told again and again. */
PatienceStep patience_limited(
                Patience *p, const PatienceRules *rules, uint64_t reset_usec, uint64_t now_usec);
/* It shows none: it goes on (@works), or a human did something else with it. Told again and again.
 */
PatienceStep patience_unlimited(Patience *p, bool works, uint64_t now_usec);
bool patience_is_due(const Patience *p, uint64_t now_usec);
void patience_asked(Patience *p);
/* It could not be told now. */
PatienceStep patience_refused(Patience *p, const PatienceRules *rules, uint64_t now_usec);
/* A human acts: no more of it until the next limit. */
void patience_cancel(Patience *p);
