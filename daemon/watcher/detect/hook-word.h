/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Hook word
 *
 * What an agent last said of itself, and how long that holds against what its screen shows. It is
 * spent when the screen says the same: from then on the screen is the newer witness. It is
 * overruled when the screen says otherwise again and again.
 */

#include <stdbool.h>
#include <stdint.h>

#include "daemon/watcher/detect/hook-event.h"

/* Weights of looks that say otherwise, added up: so much is more than the agent's own word. */
#define HOOK_WORD_WEIGHT 2.0
#define HOOK_WORD_LOOKS 3U
#define HOOK_WORD_LIFE_USEC (60 * USEC_PER_SEC)
/* A dialog comes on the screen when the hook that told of it has ended: until then, and how long
 * that takes nobody knows, the screen is no witness against it. */
#define HOOK_WORD_GRACE_USEC USEC_PER_SEC

typedef enum HookStanding {
        HOOK_WORD_NONE,
        HOOK_WORD_STANDS,
        HOOK_WORD_SPENT,
        HOOK_WORD_OVERRULED,
        HOOK_WORD_FADED,
} HookStanding;

typedef struct HookWord {
        HookStanding standing;
        HookEvent event;
        uint64_t at_usec;
        unsigned contradictions;
        double contradiction; /* their weights */
        uint64_t last_usec;   /* of the last one */
        bool doubted;         /* said otherwise too soon to count */
} HookWord;

/*
 * False if it does not take the place of the word before: hooks are processes of their own, and of
 * two that come at the same time the more urgent one is meant.
 */
bool hook_word_set(HookWord *w, const HookEvent *event, uint64_t now_usec);

/* One look at the screen says @state. True if the agent's word holds against it. */
bool hook_word_weigh(HookWord *w, AgentState state, double weight, uint64_t now_usec);

/* When the screen should be judged again for its sake; UINT64_MAX: it need not be. */
uint64_t hook_word_next_look(const HookWord *w);

const char *hook_standing_to_string(HookStanding s);
