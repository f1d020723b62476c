/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/act/acts.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <utlist.h>
#include <xxhash.h>

#include "daemon/base/clock.h"

struct ActsTask {
        Acts *acts;
        char *agent, *type, *pane, *server;
        ActOrder order;
        ActCause cause;
        ActsDone done; /* NULL: forgotten */
        void *userdata;
        WatchersQuestion *question;
        uint64_t began_usec;
        struct ActsTask *prev, *next;
};

struct Acts {
        const ActsPort *port;
        void *port_userdata;
        ActsTell tell;
        void *tell_userdata;
        ActsTask *tasks;
        unsigned n_tasks;
};

static ActsTask *task_free(ActsTask *t) {
        if (!t)
                return NULL;
        act_order_done(&t->order);
        free(t->agent);
        free(t->type);
        free(t->pane);
        free(t->server);
        free(t);
        return NULL;
}
DEFINE_CLEANUP(ActsTask *, task_free)

static void tell(const ActsTask *t, int error, const ActOutcome *outcome) {
        const char *text = t->order.text;
        const ActDeed deed = {
                        .agent = t->agent,
                        .type = t->type,
                        .pane = t->pane,
                        .server = t->server,
                        .kind = t->order.kind,
                        .cause = t->cause,
                        .outcome = outcome,
                        .error = error,
                        .text = text,
                        .n_text = text ? strlen(text) : 0,
                        .text_hash = text ? XXH3_64bits(text, strlen(text)) : 0,
                        .usec = now_monotonic() - t->began_usec,
        };

        t->acts->tell(t->acts->tell_userdata, &deed);
}

static void on_answer(void *userdata, int error, json_object *result) {
        _cleanup_(task_freep) ActsTask *t = userdata;
        ActOutcome outcome = {};

        if (error >= 0)
                error = act_outcome_from_json(result, &outcome);
        DL_DELETE(t->acts->tasks, t);
        t->acts->n_tasks--;
        tell(t, error, error < 0 ? NULL : &outcome);
        if (t->done)
                t->done(t->userdata, error, error < 0 ? NULL : &outcome);
}

static int task_new(Acts *a, const Agent *agent, const ActCause *cause, ActsTask **ret) {
        _cleanup_(task_freep) ActsTask *t = calloc(1, sizeof(*t));

        if (!t)
                return -ENOMEM;
        t->acts = a;
        t->cause = *cause;
        t->began_usec = now_monotonic();
        t->agent = strdup(agent->id);
        t->type = strdup(agent->last.type);
        t->pane = strdup(agent->last.pane);
        t->server = strdup(agent->server->id);
        if (!t->agent || !t->type || !t->pane || !t->server)
                return -ENOMEM;
        *ret = TAKE_PTR(t);
        return 0;
}

int acts_do(Acts *a, const Agent *agent, ActOrder *order, const ActCause *cause, ActsDone done,
                void *userdata, ActsTask **ret) {
        _cleanup_(act_order_done) ActOrder owned = *order;
        _cleanup_(task_freep) ActsTask *t = NULL;
        int r;

        *order = (ActOrder){};
        if (a->n_tasks >= ACTS_MAX)
                return -EDQUOT;
        r = task_new(a, agent, cause, &t);
        if (r < 0)
                return r;
        t->order = owned;
        owned = (ActOrder){};
        t->done = done;
        t->userdata = userdata;
        r = a->port->ask(a->port_userdata, agent, &t->order, on_answer, t, &t->question);
        if (r < 0)
                return r;

        DL_APPEND(a->tasks, t);
        a->n_tasks++;
        if (ret)
                *ret = t;
        (void)TAKE_PTR(t);
        return 0;
}

void acts_task_forget(ActsTask *t) {
        if (t)
                t->done = NULL;
}

int acts_new(const ActsPort *port, void *port_userdata, ActsTell tell_func, void *tell_userdata,
                Acts **ret) {
        Acts *a = calloc(1, sizeof(*a));

        assert(port && tell_func && ret);
        if (!a)
                return -ENOMEM;
        *a = (Acts){
                        .port = port,
                        .port_userdata = port_userdata,
                        .tell = tell_func,
                        .tell_userdata = tell_userdata,
        };
        *ret = a;
        return 0;
}

/* What is under way may have been typed by now. */
Acts *acts_free(Acts *a) {
        ActsTask *t, *next;

        if (!a)
                return NULL;
        DL_FOREACH_SAFE (a->tasks, t, next) {
                a->port->drop(a->port_userdata, t->question);
                tell(t, -ECANCELED, NULL);
                task_free(t);
        }
        free(a);
        return NULL;
}
