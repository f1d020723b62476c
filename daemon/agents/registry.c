/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/agents/registry.h"

#include <assert.h>
#include <string.h>

#include "daemon/agents/registry-private.h"

#define SERVERS_PER_USER 64U
#define AGENTS_PER_USER 1000U

int registry_new(const RegistryLimits *limits, Registry **ret) {
        Registry *r;

        assert(ret);

        r = calloc(1, sizeof(*r));
        if (!r)
                return -ENOMEM;

        registry_set_limits(r, limits ?: &(RegistryLimits){});
        *ret = r;
        return 0;
}

void registry_set_limits(Registry *registry, const RegistryLimits *limits) {
        assert(registry && limits);

        registry->limits = *limits;
        if (limits->servers_per_user == 0)
                registry->limits.servers_per_user = SERVERS_PER_USER;
        if (limits->agents_per_user == 0)
                registry->limits.agents_per_user = AGENTS_PER_USER;
}

Registry *registry_free(Registry *registry) {
        AgentEntry *a, *next_agent;
        ServerEntry *s, *next_server;

        if (!registry)
                return NULL;

        /* Whoever listens has left or is about to: nothing is told any more. */
        observers_done(&registry->observers);

        HASH_ITER (hh, registry->book.agents, a, next_agent) {
                book_remove_agent(&registry->book, a);
                agent_entry_free(a);
        }
        HASH_ITER (hh, registry->book.servers, s, next_server) {
                book_remove_server(&registry->book, s);
                server_entry_free(s);
        }

        free(registry);
        return NULL;
}

int registry_add_observer(Registry *registry, const RegistryObserver *observer, void *userdata) {
        assert(registry);
        return observers_add(&registry->observers, observer, userdata);
}

void registry_remove_observer(Registry *registry, const void *userdata) {
        assert(registry);
        observers_remove(&registry->observers, userdata);
}

const Agent *registry_find_agent(const Registry *registry, const char *id) {
        AgentEntry *e;

        assert(registry);
        assert(id);

        e = book_find_agent(&registry->book, id);
        return e ? &e->agent : NULL;
}

const Server *registry_find_server(const Registry *registry, const char *id) {
        ServerEntry *e;

        assert(registry);
        assert(id);

        e = book_find_server(&registry->book, id);
        return e ? &e->server : NULL;
}

int registry_find_by_pane(
                const Registry *registry, uid_t uid, const char *pane, const Agent **ret) {
        const Agent *found[2] = {}; /* on servers that are there, on servers that are not */
        unsigned n[2] = {};

        assert(registry);
        assert(pane);
        assert(ret);

        for (AgentEntry *e = registry->book.agents; e; e = e->hh.next) {
                bool absent = e->agent.server->last.liveness == LIVENESS_ABSENT;

                if ((uid != UID_INVALID && e->agent.server->uid != uid) ||
                                !agent_is_at(&e->agent, pane))
                        continue;

                found[absent] = &e->agent;
                n[absent]++;
        }

        if (n[0] + n[1] == 0)
                return -ENXIO;
        if (n[0] > 1 || (n[0] == 0 && n[1] > 1))
                return -ENOTUNIQ;

        *ret = n[0] == 1 ? found[0] : found[1];
        return 0;
}

const Agent *registry_next_agent(const Registry *registry, const Agent *previous) {
        AgentEntry *e;

        assert(registry);

        e = previous ? agent_entry(previous)->hh.next : registry->book.agents;
        return e ? &e->agent : NULL;
}

const Server *registry_next_server(const Registry *registry, const Server *previous) {
        ServerEntry *e;

        assert(registry);

        e = previous ? server_entry(previous)->hh.next : registry->book.servers;
        return e ? &e->server : NULL;
}

unsigned registry_count_agents(const Registry *registry) {
        assert(registry);
        return HASH_COUNT(registry->book.agents);
}

uint64_t registry_count_refused(const Registry *registry) {
        assert(registry);
        return registry->refused;
}

unsigned registry_count_state(const Registry *registry, AgentState state) {
        assert(registry);
        assert(state >= 0 && state < _AGENT_STATE_MAX);

        return registry->book.counts[state];
}
