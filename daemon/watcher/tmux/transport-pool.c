/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/tmux/transport-pool.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define TURN_ACCURACY_USEC (10 * USEC_PER_MSEC)

typedef struct PoolTransport {
        TmuxTransport transport;
        TmuxTransport *inner;
        Pool *pool;
        sd_event_source *turn;
        TmuxPoolEvents events;
        void *userdata;
} PoolTransport;

typedef struct PoolCall {
        TmuxCall call;
        PoolTransport *transport;
        PoolRequest place;
        TmuxRequest request; /* its texts are ours */
        char *socket;
        TmuxWords words;
        TmuxCall *inner; /* NULL: waits, or is over */
        TmuxReplyFunc func;
        void *userdata;
} PoolCall;

/* From the loop, never at once: who gives back may be in the middle of something. */
static void turn_at(PoolTransport *t, uint64_t usec) {
        if (usec == UINT64_MAX) {
                (void)sd_event_source_set_enabled(t->turn, SD_EVENT_OFF);
                return;
        }
        (void)sd_event_source_set_time(t->turn, usec);
        (void)sd_event_source_set_enabled(t->turn, SD_EVENT_ONESHOT);
}

static int on_turn(sd_event_source *source, uint64_t usec, void *userdata) {
        PoolTransport *t = userdata;
        unsigned n_recycled;

        turn_at(t, pool_turn(t->pool, now_monotonic(), &n_recycled));
        if (n_recycled > 0)
                t->events.recycled(t->userdata);
        return 0;
}

static void give_back(PoolCall *c, bool healthy) {
        PoolTransport *t = c->transport;

        pool_give(t->pool, &c->place, healthy, now_monotonic());
        if (!healthy || pool_stats(t->pool).waiting > 0)
                turn_at(t, 0);
}

static void on_reply(void *userdata, const TmuxReply *reply) {
        PoolCall *c = userdata;
        PoolTransport *t = c->transport;

        t->events.ended(t->userdata, c->socket, c->request.server_pid);
        give_back(c, reply->error == 0);
        c->func(c->userdata, reply);
}

static int start(PoolCall *c) {
        PoolTransport *t = c->transport;
        int r;

        t->events.began(t->userdata, c->socket, c->request.server_pid);
        r = tmux_call_new(t->inner, &c->request, on_reply, c, &c->inner);
        if (r < 0) {
                t->events.ended(t->userdata, c->socket, c->request.server_pid);
                give_back(c, true);
        }
        return r;
}

static void on_answer(PoolRequest *place, int error) {
        PoolCall *c = CONTAINER_OF(place, PoolCall, place);
        int r = error == -ETIMEDOUT ? -EBUSY : start(c);

        if (r < 0)
                c->func(c->userdata, &(TmuxReply){.error = r, .out = "", .err = ""});
}

static void pool_drop(TmuxCall *call) {
        PoolCall *c = CONTAINER_OF(call, PoolCall, call);
        bool under_way = c->place.slot != NULL;

        c->inner = tmux_call_free(c->inner);
        if (under_way)
                c->transport->events.ended(
                                c->transport->userdata, c->socket, c->request.server_pid);
        give_back(c, true);
        free(c->socket);
        tmux_words_done(&c->words);
        free(c);
}

static PoolCall *call_new(PoolTransport *t, const TmuxRequest *request) {
        PoolCall *c = calloc(1, sizeof(*c));

        if (!c)
                return NULL;
        *c = (PoolCall){
                        .call.ops = t->transport.ops,
                        .transport = t,
                        .place.answer = on_answer,
                        .request = *request,
                        .socket = strdup(request->socket),
        };
        c->request.socket = c->socket;
        c->request.words = &c->words;
        return c;
}

static int pool_call(TmuxTransport *transport, const TmuxRequest *request, TmuxReplyFunc func,
                void *userdata, TmuxCall **ret) {
        PoolTransport *t = CONTAINER_OF(transport, PoolTransport, transport);
        _cleanup_(tmux_call_freep) TmuxCall *call = NULL;
        PoolCall *c;
        int r;

        assert(request && func && ret);

        c = call_new(t, request);
        if (!c)
                return -ENOMEM;
        call = &c->call;
        if (!c->socket)
                return -ENOMEM;
        r = tmux_words_copy(request->words, &c->words);
        if (r < 0)
                return r;
        c->func = func;
        c->userdata = userdata;

        r = pool_take(t->pool, &c->place, now_monotonic());
        if (r == 0)
                turn_at(t, 0); /* it reckons when this one has waited too long */
        else if (r > 0)
                r = start(c);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(call);
        return 0;
}

static void pool_doubt(TmuxTransport *transport, const char *socket, pid_t server_pid) {
        PoolTransport *t = CONTAINER_OF(transport, PoolTransport, transport);

        tmux_transport_doubt(t->inner, socket, server_pid);
}

static void pool_transport_free(TmuxTransport *transport) {
        PoolTransport *t = CONTAINER_OF(transport, PoolTransport, transport);

        sd_event_source_disable_unref(t->turn);
        tmux_transport_free(t->inner);
        pool_free(t->pool);
        free(t);
}

static const TmuxTransportOps pool_ops = {
                .name = "pool",
                .call = pool_call,
                .drop = pool_drop,
                .doubt = pool_doubt,
                .free = pool_transport_free,
};

int tmux_transport_pool_new(sd_event *event, TmuxTransport *inner, const PoolLimits *limits,
                const TmuxPoolEvents *events, void *userdata, TmuxTransport **ret) {
        _cleanup_(tmux_transport_freep) TmuxTransport *transport = NULL;
        PoolTransport *t = calloc(1, sizeof(*t));
        int r;

        assert(event && inner && limits && events && ret);

        if (!t)
                return -ENOMEM;
        *t = (PoolTransport){.transport.ops = &pool_ops, .events = *events, .userdata = userdata};
        transport = &t->transport;
        r = pool_new(limits, now_monotonic(), &t->pool);
        if (r < 0)
                return r;
        r = sd_event_add_time(event, &t->turn, CLOCK_MONOTONIC, 0, TURN_ACCURACY_USEC, on_turn, t);
        if (r < 0)
                return r;

        t->inner = inner;
        *ret = TAKE_PTR(transport);
        return 0;
}

TmuxTransport *tmux_transport_pool_inner(TmuxTransport *transport) {
        return CONTAINER_OF(transport, PoolTransport, transport)->inner;
}

void tmux_transport_pool_set_limits(TmuxTransport *transport, const PoolLimits *limits) {
        PoolTransport *t = CONTAINER_OF(transport, PoolTransport, transport);

        pool_set_limits(t->pool, limits);
        turn_at(t, 0);
}

void tmux_transport_pool_renew(TmuxTransport *transport) {
        PoolTransport *t = CONTAINER_OF(transport, PoolTransport, transport);

        pool_renew(t->pool, now_monotonic());
        turn_at(t, 0);
}

PoolStats tmux_transport_pool_stats(const TmuxTransport *transport) {
        const PoolTransport *t = CONTAINER_OF(transport, PoolTransport, transport);

        return pool_stats(t->pool);
}
