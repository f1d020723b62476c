/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Draft
 *
 * When a text that stands in an agent's input, and that nobody sent, has stood there long enough.
 * It is known by the token of its screen: another token is another draft, or somebody at work, and
 * the time begins anew. Pure: the clock is an argument. It is one that stands still while the
 * machine sleeps, for nobody was calm then.
 */

#include <stdbool.h>
#include <stdint.h>

#include "daemon/wire/acting.h"

typedef struct DraftRules {
        uint64_t after_usec;
        unsigned attempts; /* Enters that the agent may leave without effect */
} DraftRules;

typedef struct Draft {
        char token[ACT_TOKEN_MAX]; /* "": it was not looked at */
        uint64_t since_usec;       /* CLOCK_MONOTONIC: of that look */
        unsigned attempts;
        bool told; /* that it is waited for */
        bool over; /* nothing more is done about it */
} Draft;

/* Whether it is time to see what stands there. */
bool draft_wants_look(const Draft *d, const DraftRules *rules, uint64_t now_usec);
/* Whether it stood there all the time, and that was long enough. */
bool draft_looked(Draft *d, const DraftRules *rules, const char *token, uint64_t now_usec);
/* It could not be submitted just now, and nothing was sent: the time begins anew. */
void draft_put_off(Draft *d);
/* An Enter was sent, or may have been, without effect. Returns whether that was the last one. */
bool draft_failed(Draft *d, const DraftRules *rules);
