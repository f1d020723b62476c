/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/agents/agent-cache.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "daemon/agents/health-status.h"

static const CacheLayer layers_of_answers[] = {CACHE_PANE_CONTENT, CACHE_AGENT_STATUS};

static void forget_answers(Cache *cache, const Agent *a) {
        _cleanup_free_ char *prefix = NULL;

        if (asprintf(&prefix, "%s ", a->id) < 0)
                prefix = NULL;

        /* Without memory for the prefix everything goes rather than nothing. */
        FOREACH_ELEMENT (layer, layers_of_answers)
                (void)cache_invalidate_prefix(cache, *layer, prefix ?: "");
}

static void forget(Cache *cache, const Agent *a) {
        health_status_forget(cache, a->id);
        forget_answers(cache, a);
}

/* One agent more or less can make any place ambiguous, or clear. */
static void forget_places(Cache *cache) {
        (void)cache_clear(cache, CACHE_SESSION_INFO);
}

static void on_server_changed(void *userdata, const Server *s, Liveness old) {
        /* Agents of servers that are there come before those of servers that are not. */
        if (s->changed & SERVER_CHANGED_LIVENESS)
                forget_places(userdata);
}

static void on_agent_added(void *userdata, const Agent *a) {
        forget_places(userdata);
}

static void on_agent_changed(void *userdata, const Agent *a, AgentState old) {
        forget(userdata, a);
        if (a->changed & (AGENT_CHANGED_SESSION | AGENT_CHANGED_WINDOW | AGENT_CHANGED_TARGET))
                forget_places(userdata);
}

static void on_agent_removed(void *userdata, const Agent *a) {
        forget(userdata, a);
        forget_places(userdata);
}

static const RegistryObserver observer = {
                .server_changed = on_server_changed,
                .agent_added = on_agent_added,
                .agent_changed = on_agent_changed,
                .agent_removed = on_agent_removed,
};

int agent_cache_attach(Cache *cache, Registry *registry) {
        assert(cache);

        return registry_add_observer(registry, &observer, cache);
}

void agent_cache_detach(Cache *cache, Registry *registry) {
        assert(cache);

        registry_remove_observer(registry, cache);
}

int agent_cache_key(const Agent *a, unsigned part, char **ret) {
        char *key = NULL;

        assert(a);
        assert(ret);

        if (a->last.state != AGENT_WORKING && a->last.state != AGENT_STARTING &&
                        asprintf(&key, "%s %u %llu", a->id, part,
                                        (unsigned long long)a->last.activity_usec) < 0)
                return -ENOMEM;

        *ret = key;
        return 0;
}

static int find(const Registry *registry, uid_t uid, const char *pane, const Agent **ret) {
        int r = -ENXIO;

        if (uid != UID_INVALID)
                r = registry_find_by_pane(registry, uid, pane, ret);

        return r < 0 && r != -ENOTUNIQ ? registry_find_by_pane(registry, UID_INVALID, pane, ret)
                                       : r;
}

int agent_cache_find_by_pane(Cache *cache, const Registry *registry, uid_t uid, const char *pane,
                uint64_t now_usec, const Agent **ret) {
        _cleanup_(cache_blob_unrefp) CacheBlob *kept = NULL;
        _cleanup_free_ char *key = NULL;
        const Agent *a;
        int r;

        assert(pane);
        assert(ret);

        if (asprintf(&key, "%u %s", (unsigned)uid, pane) < 0) {
                key = NULL;
                return -ENOMEM;
        }

        kept = cache_get(cache, CACHE_SESSION_INFO, key, now_usec);
        a = kept ? registry_find_agent(registry, kept->data) : NULL;
        if (!a) {
                r = find(registry, uid, pane, &a);
                if (r < 0)
                        return r;
                /* One that does not fit is looked for again. */
                (void)cache_put_bytes(
                                cache, CACHE_SESSION_INFO, key, a->id, strlen(a->id), now_usec);
        }

        *ret = a;
        return 0;
}
