/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Debounce
 *
 * Holds back a state that one look suggests until enough looks in a row have said the same. How
 * many depends on what a false alarm costs. Knows nothing of where the suggestion comes from.
 */

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/agent-state.h"
#include "daemon/base/clock.h"

/* Two looks closer together than this see the same frame: they count as one. */
#define DEBOUNCE_APART_USEC (200 * USEC_PER_MSEC)
/* When a look is wanted for a confirmation. */
#define DEBOUNCE_LOOK_USEC (350 * USEC_PER_MSEC)
/* For so long a hint is worth something. */
#define DEBOUNCE_HINT_USEC (10 * USEC_PER_SEC)

typedef struct Debounce {
        bool pending;
        AgentState state;
        Attention attention;
        unsigned seen; /* looks that said so */
        uint64_t since_usec;
        uint64_t last_usec;       /* of the last look that counted */
        uint64_t not_before_usec; /* however many looks there are */

        AgentState hint;    /* what something other than a look suggests, and when */
        uint64_t hint_usec; /* 0: never */
} Debounce;

/* Looks that must say the same before it is believed: 1 is at once. */
unsigned debounce_looks_needed(AgentState state);

/*
 * One look suggests @state. True once it is to be believed, not before @not_before_usec; what is
 * pending is then forgotten.
 */
bool debounce_feed(Debounce *d, AgentState state, Attention attention, uint64_t not_before_usec,
                uint64_t now_usec);
/* Takes the place of one look, if the next looks say the same. */
void debounce_hint(Debounce *d, AgentState state, uint64_t now_usec);
void debounce_forget(Debounce *d);

/* When the next look should come, UINT64_MAX if none is needed. */
uint64_t debounce_next_look(const Debounce *d);
