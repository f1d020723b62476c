/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/agents/observers.h"

#include <assert.h>
#include <utlist.h>

struct Listener {
        const RegistryObserver *observer; /* NULL: left while somebody was being told */
        void *userdata;
        Listener *prev, *next;
};

int observers_add(Observers *o, const RegistryObserver *observer, void *userdata) {
        Listener *l;

        assert(o);
        assert(observer);

        l = calloc(1, sizeof(*l));
        if (!l)
                return -ENOMEM;

        l->observer = observer;
        l->userdata = userdata;
        DL_APPEND(o->listeners, l);
        return 0;
}

/* Memory goes when nobody walks the list. */
static void sweep(Observers *o) {
        Listener *l, *next;

        if (o->telling > 0)
                return;

        DL_FOREACH_SAFE (o->listeners, l, next) {
                if (l->observer)
                        continue;

                DL_DELETE(o->listeners, l);
                free(l);
        }
}

void observers_remove(Observers *o, const void *userdata) {
        Listener *l;

        assert(o);

        DL_FOREACH (o->listeners, l)
                if (l->userdata == userdata)
                        l->observer = NULL;

        sweep(o);
}

void observers_done(Observers *o) {
        Listener *l;

        assert(o->telling == 0);

        DL_FOREACH (o->listeners, l)
                l->observer = NULL;

        sweep(o);
}

#define TELL(o, member, ...) \
        do { \
                Listener *l; \
                (o)->telling++; \
                DL_FOREACH ((o)->listeners, l) \
                        if (l->observer && l->observer->member) \
                                l->observer->member(l->userdata, __VA_ARGS__); \
                (o)->telling--; \
                sweep(o); \
        } while (0)

void observers_server_added(Observers *o, const Server *s) {
        TELL(o, server_added, s);
}

void observers_server_changed(Observers *o, const Server *s, Liveness old) {
        TELL(o, server_changed, s, old);
}

void observers_server_removed(Observers *o, const Server *s) {
        TELL(o, server_removed, s);
}

void observers_agent_added(Observers *o, const Agent *a) {
        TELL(o, agent_added, a);
}

void observers_agent_changed(Observers *o, const Agent *a, AgentState old) {
        TELL(o, agent_changed, a, old);
}

void observers_agent_removed(Observers *o, const Agent *a) {
        TELL(o, agent_removed, a);
}
