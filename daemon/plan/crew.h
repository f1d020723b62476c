/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Crew
 *
 * Which strategy has which agent: one for a class of agents, one for all others, and polling for
 * those that a rollout has not reached. Pure.
 */

#include "daemon/agents/registry.h"

#define CREW_POLLING "polling"

typedef struct Crew {
        const char *strategy;
        double rollout;       /* share of the agents that others than polling may have, 0 to 1 */
        char *const *classes; /* "claude=priority_based", "waiting=concurrent": by type or state;
                                 the first that fits counts; NULL: none */
} Crew;

/* Whether an agent is among the share: always the same ones, and more of them with a greater one.
 */
bool crew_reaches(const char *agent_id, double share);

/* Borrowed from the crew. */
const char *crew_strategy_of(const Crew *crew, const Agent *agent);
/* The same for the n-th class; NULL after the last, or if it is none. */
const char *crew_class_strategy(const Crew *crew, size_t i);
