/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One agent
 *
 * Takes over reports and keeps the books: since when, how long in which state, how many failures.
 * Tells nobody; the registry does.
 */

#include <uthash.h>

#include "daemon/agents/registry.h"

typedef struct AgentEntry {
        Agent agent;    /* what others see */
        AgentState old; /* before its server died: kept until that has been told */
        UT_hash_handle hh;
} AgentEntry;

static inline AgentEntry *agent_entry(const Agent *a) {
        return CONTAINER_OF(a, AgentEntry, agent);
}

/* All strings present, numbers that can be. -EINVAL, -ENOMEM. */
int agent_report_complete(AgentReport *report);

/* Takes over @report, which must be complete. */
int agent_entry_new(Server *server, AgentReport *report, uint64_t now_usec, AgentEntry **ret);
AgentEntry *agent_entry_free(AgentEntry *e);
DEFINE_CLEANUP(AgentEntry *, agent_entry_free)

/*
 * Takes over @report and notes in Agent.changed what is new; nothing but the time of the last
 * activity may change without a bit there. -EBADE: there is no such edge.
 */
int agent_entry_apply(AgentEntry *e, AgentReport *report, uint64_t now_usec);

/* Its server died. Returns whether it was not gone already. */
bool agent_entry_lose(AgentEntry *e, AgentState gone, const char *rule, uint64_t now_usec);

bool agent_is_at(const Agent *a, const char *pane_or_target);
