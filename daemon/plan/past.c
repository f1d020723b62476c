/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/plan/past.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>
#include <uthash.h>

#include "daemon/base/clock.h"
#include "daemon/plan/dwell.h"

#define FORGET_USEC (10.0 * USEC_PER_MINUTE)

typedef struct Entry {
        char *id;
        uint64_t since_usec; /* CLOCK_MONOTONIC: in this state */
        uint64_t look_usec;
        uint64_t needed_usec;
        double changes; /* per minute, at rate_usec */
        uint64_t rate_usec;
        Dwell dwells[_AGENT_STATE_MAX];
        UT_hash_handle hh;
} Entry;

struct Past {
        Registry *registry;
        Entry *entries;
        Dwell dwells[_AGENT_STATE_MAX]; /* of all agents */
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
        e->since_usec = now > age ? now - age : 0;
        e->rate_usec = now;
        HASH_ADD_KEYPTR(hh, h->entries, e->id, strlen(e->id), e);
}

static double rate_at(const Entry *e, uint64_t now) {
        return e->changes * exp(-(double)(now - e->rate_usec) / FORGET_USEC);
}

static void on_changed(void *userdata, const Agent *a, AgentState old) {
        Entry *e = find(userdata, a->id);
        uint64_t now = now_monotonic();
        Past *h = userdata;

        if (!e || a->last.state == old)
                return;

        dwell_note(&e->dwells[old], now - e->since_usec);
        dwell_note(&h->dwells[old], now - e->since_usec);
        if (old == AGENT_WAITING || a->last.state == AGENT_WAITING)
                e->needed_usec = now;
        e->changes = rate_at(e, now) + USEC_PER_MINUTE / FORGET_USEC;
        e->rate_usec = e->since_usec = now;
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
        ret->needed_usec = state == AGENT_WAITING ? now_usec : e->needed_usec;
        ret->changes = rate_at(e, now_usec);
        ret->expected_usec = dwell_remaining(&e->dwells[state], &h->dwells[state],
                        now_usec > e->since_usec ? now_usec - e->since_usec : 0);
}
