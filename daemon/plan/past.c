/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/plan/past.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <uthash.h>

#include "daemon/base/clock.h"
#include "daemon/plan/learned.h"

typedef struct Entry {
        char *id;
        uint64_t look_usec;
        Learned learned;
        UT_hash_handle hh;
} Entry;

struct Past {
        Registry *registry;
        Entry *entries;
        Stays all;
};

static Entry *find(const Past *h, const char *id) {
        Entry *e;

        HASH_FIND_STR(h->entries, id, e);
        return e;
}

/* The registry tells in wall time since when. */
static uint64_t age_of(const Agent *a) {
        uint64_t now = now_realtime();

        return now > a->since_usec ? now - a->since_usec : 0;
}

/* Without memory for it nothing is learned of it. */
static void on_added(void *userdata, const Agent *a) {
        uint64_t now = now_monotonic(), age = age_of(a);
        Past *h = userdata;
        Entry *e = calloc(1, sizeof(*e));

        if (!e)
                return;
        e->id = strdup(a->id);
        if (!e->id) {
                free(e);
                return;
        }
        learned_init(&e->learned, now > age ? now - age : 0, now);
        HASH_ADD_KEYPTR(hh, h->entries, e->id, strlen(e->id), e);
}

static void on_changed(void *userdata, const Agent *a, AgentState old) {
        Entry *e = find(userdata, a->id);
        Past *h = userdata;

        if (e && a->last.state != old)
                learned_note_change(&e->learned, &h->all, old, a->last.state, now_monotonic());
}

static void entry_free(Past *h, Entry *e) {
        HASH_DEL(h->entries, e);
        free(e->id);
        free(e);
}

static void on_removed(void *userdata, const Agent *a) {
        Entry *e = find(userdata, a->id);

        if (e)
                entry_free(userdata, e);
}

static const RegistryObserver observer = {
                .agent_added = on_added,
                .agent_changed = on_changed,
                .agent_removed = on_removed,
};

int past_new(Registry *registry, Past **ret) {
        _cleanup_(past_freep) Past *h = calloc(1, sizeof(*h));
        const Agent *a = NULL;
        int r;

        assert(registry && ret);

        if (!h)
                return -ENOMEM;
        r = registry_add_observer(registry, &observer, h);
        if (r < 0)
                return r;
        h->registry = registry;
        while ((a = registry_next_agent(registry, a)))
                on_added(h, a);

        *ret = TAKE_PTR(h);
        return 0;
}

Past *past_free(Past *h) {
        if (!h)
                return NULL;

        if (h->registry)
                registry_remove_observer(h->registry, h);
        while (h->entries)
                entry_free(h, h->entries);
        free(h);
        return NULL;
}

void past_note_look(Past *h, const char *id, uint64_t now_usec) {
        Entry *e = find(h, id);

        if (e)
                e->look_usec = now_usec;
}

void past_get(const Past *h, const Agent *a, uint64_t now_usec, AgentPast *ret) {
        const Entry *e = find(h, a->id);
        AgentState state = a->last.state;

        *ret = (AgentPast){.expected_usec = UINT64_MAX};
        if (!e)
                return;
        ret->look_usec = e->look_usec;
        ret->needed_usec = state == AGENT_WAITING ? now_usec : e->learned.needed_usec;
        ret->changes = learned_changes(&e->learned, now_usec);
        ret->expected_usec = learned_expect(&e->learned, &h->all, state, now_usec);
}
