/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the cache keeps of agents
 *
 * Listens to the registry, and forgets at once what a change makes wrong: time limits are only the
 * second line. It knows what the keys of such entries look like, and nothing of who asks or of what
 * the entries hold, but for the places of agents, which it keeps itself.
 */

#include "daemon/agents/cache.h"
#include "daemon/agents/registry.h"

/* Listens to @registry until agent_cache_detach(), which comes before either of the two goes. */
int agent_cache_attach(Cache *cache, Registry *registry);
void agent_cache_detach(Cache *cache, Registry *registry);

/*
 * The key of an answer of which @part is kept (lines of a screen, say), as old as the last change
 * that was seen. NULL: nothing is kept, for what is seen of an agent at work is never what it was.
 */
int agent_cache_key(const Agent *a, unsigned part, char **ret);

/*
 * The agent in a pane: of @uid if it has one there, else of anybody. Kept for this user alone, as
 * another one may have another agent there. Errors are those of registry_find_by_pane().
 */
int agent_cache_find_by_pane(Cache *cache, const Registry *registry, uid_t uid, const char *pane,
                uint64_t now_usec, const Agent **ret);
