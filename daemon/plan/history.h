/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * History
 *
 * What the registry does not remember of each agent and a strategy wants to know: how often it
 * changes, when it last needed somebody, how long it stays in which state and so when its next
 * change is to be expected. Listens to the registry. Is forgotten with the agent.
 */

#include "daemon/agents/registry.h"

typedef struct History History;

/* Times are CLOCK_MONOTONIC, 0: never. */
typedef struct AgentPast {
        uint64_t look_usec;     /* a look that was asked for had it */
        uint64_t needed_usec;   /* it waited for somebody */
        double changes;         /* of its state, per minute; forgets in ten minutes */
        uint64_t expected_usec; /* until its next change; UINT64_MAX: not known */
} AgentPast;

/* The registry must live longer. */
int history_new(Registry *registry, History **ret);
History *history_free(History *history);
DEFINE_CLEANUP(History *, history_free)

void history_note_look(History *history, const char *id, uint64_t now_usec);
void history_get(const History *history, const Agent *agent, uint64_t now_usec, AgentPast *ret);
