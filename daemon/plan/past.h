/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Past
 *
 * What the registry does not remember of each agent and a strategy wants to know: how often it
 * changes, when it last needed somebody, how long it stays in which state and so when its next
 * change is to be expected. Listens to the registry. Is forgotten with the agent.
 */

#include "daemon/agents/registry.h"

typedef struct Past Past;

/* Times are CLOCK_MONOTONIC, 0: never. */
typedef struct AgentPast {
        uint64_t look_usec;     /* a look that was asked for had it */
        uint64_t needed_usec;   /* it waited for somebody */
        double changes;         /* of its state, per minute; forgets in ten minutes */
        uint64_t expected_usec; /* until its next change; UINT64_MAX: not known */
} AgentPast;

/* The registry must live longer. */
int past_new(Registry *registry, Past **ret);
Past *past_free(Past *past);
DEFINE_CLEANUP(Past *, past_free)

void past_note_look(Past *past, const char *id, uint64_t now_usec);
void past_get(const Past *past, const Agent *agent, uint64_t now_usec, AgentPast *ret);
