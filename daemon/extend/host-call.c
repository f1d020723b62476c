/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <errno.h>
#include <utlist.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/extend/dialect.h"
#include "daemon/extend/host-private.h"

/* Who was told that the time is over may take so long to notice. */
#define GRACE_USEC USEC_PER_SEC
#define SIGN_OF_LIFE_USEC USEC_PER_SEC

struct HostCall {
        Host *host;
        RpcCall *rpc;
        HostAnswer answer; /* NULL: nobody waits any more */
        void *userdata;
        sd_event_source *deadline;
        bool is_sign_of_life;
        HostCall *prev, *next;
};

bool host_may_tell(Host *h) {
        uint64_t now = now_monotonic();

        if (now - h->told_since_usec >= USEC_PER_SEC) {
                h->told_since_usec = now;
                h->n_told = 0;
        }
        return ++h->n_told <= HOST_TOLD_MAX;
}

static void call_free(HostCall *c) {
        DL_DELETE(c->host->calls, c);
        sd_event_source_disable_unref(c->deadline);
        free(c);
}

static void on_sign_of_life(void *userdata, int error, const char *sentence, json_object *result) {}

/* Some do not answer what was cancelled, and are right: do they answer anything? */
static int ask_sign_of_life(Host *h) {
        const char *method = dialect_sign_of_life(h->manifest);
        HostCall *c;
        int r;

        if (!method)
                return -EOPNOTSUPP;
        r = host_call(h, method, json_object_new_object(), SIGN_OF_LIFE_USEC, on_sign_of_life, NULL,
                        &c);
        if (r >= 0)
                c->is_sign_of_life = true;
        return r;
}

/* Its end of the call; ours may be over long since. */
static void on_answer(void *userdata, int error, json_object *result) {
        HostCall *c = userdata;
        Host *h = c->host;
        HostAnswer answer = c->answer;
        void *answer_userdata = c->userdata;
        const char *sentence = h->peer ? rpc_peer_failure(h->peer) : NULL;
        bool is_sign_of_life;

        c->rpc = NULL;
        /* Why it is gone is known only when its process has ended: host_answer_lost(). */
        if (error == -ECONNRESET && !h->sentence && !h->freed)
                return;

        is_sign_of_life = c->is_sign_of_life;
        call_free(c);
        if (error == -ETIMEDOUT && (is_sign_of_life || ask_sign_of_life(h) < 0))
                host_cut_off(h, -ETIMEDOUT, "it did not come back when its time was over");
        if (answer)
                answer(answer_userdata, error, sentence ?: h->sentence, result);
}

void host_answer_lost(Host *h) {
        while (h->calls) {
                HostCall c = *h->calls;

                call_free(h->calls);
                if (c.answer)
                        c.answer(c.userdata, -ECONNRESET, h->sentence, NULL);
        }
}

static void tell_cancelled(const HostCall *c) {
        json_object *params;
        const char *method;

        if (!c->rpc)
                return;
        /* If it cannot be told it finds out by being ended. */
        if (dialect_cancel(c->host->manifest, rpc_call_id(c->rpc), &method, &params) >= 0)
                (void)rpc_peer_notify(c->host->peer, method, params);
}

static int on_deadline(sd_event_source *s, uint64_t usec, void *userdata) {
        HostCall *c = userdata;
        HostAnswer answer = c->answer;

        c->answer = NULL;
        tell_cancelled(c);
        if (answer)
                answer(c->userdata, -ETIMEDOUT, NULL, NULL);
        return 0;
}

int host_call(Host *h, const char *method, json_object *params, uint64_t timeout_usec,
                HostAnswer answer, void *userdata, HostCall **ret) {
        HostCall *c = h->peer ? calloc(1, sizeof(*c)) : NULL;
        int r;

        assert(answer);

        if (!c) {
                (void)json_object_put(params);
                return h->peer ? -ENOMEM : -ECONNRESET;
        }
        *c = (HostCall){.host = h, .answer = answer, .userdata = userdata};
        DL_APPEND(h->calls, c);

        r = rpc_peer_call(
                        h->peer, method, params, timeout_usec + GRACE_USEC, on_answer, c, &c->rpc);
        if (r >= 0)
                r = sd_event_add_time_relative(h->event, &c->deadline, CLOCK_MONOTONIC,
                                timeout_usec, 0, on_deadline, c);
        if (r < 0) {
                rpc_call_drop(c->rpc);
                call_free(c);
                return r;
        }

        if (ret)
                *ret = c;
        return 0;
}

HostCall *host_call_drop(HostCall *c) {
        if (!c || !c->answer)
                return NULL;

        c->answer = NULL;
        tell_cancelled(c);
        return NULL;
}

unsigned host_pending(const Host *h) {
        unsigned n = 0;
        const HostCall *c;

        DL_FOREACH (h->calls, c)
                n++;
        return n;
}
