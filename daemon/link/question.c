/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/link/question.h"

#include <assert.h>
#include <errno.h>
#include <utlist.h>

#include "daemon/base/json.h"

typedef struct Part {
        WatchersQuestion *question;
        RpcCall *call;
        struct Part *prev, *next;
} Part;

struct WatchersQuestion {
        WatchersAnswer answer;
        void *userdata;
        Part *parts;
        unsigned n_open;
        json_object *result;
        int error; /* of the last that failed */
};

int question_new(WatchersAnswer answer, void *userdata, WatchersQuestion **ret) {
        WatchersQuestion *q = calloc(1, sizeof(*q));

        if (!q)
                return -ENOMEM;
        *q = (WatchersQuestion){.answer = answer, .userdata = userdata};
        *ret = q;
        return 0;
}

WatchersQuestion *watchers_question_drop(WatchersQuestion *q) {
        Part *part, *next;

        if (!q)
                return NULL;

        DL_FOREACH_SAFE (q->parts, part, next) {
                rpc_call_drop(part->call);
                free(part);
        }
        if (q->result)
                (void)json_object_put(q->result);
        free(q);
        return NULL;
}

unsigned question_open(const WatchersQuestion *q) {
        return q->n_open;
}

/* Adds @more to what is there; members that are no whole numbers stay as the first said. */
static int add_up(json_object *sum, json_object *more) {
        json_object_object_foreach(more, key, value) {
                int64_t there = json_get_int(sum, key, 0);
                int r = 0;

                if (json_object_is_type(value, json_type_int))
                        r = json_set_int(sum, key, there + json_object_get_int64(value));
                if (r < 0)
                        return r;
        }
        return 0;
}

static int take_result(WatchersQuestion *q, json_object *result) {
        if (!json_object_is_type(result, json_type_object))
                return -EBADMSG;
        if (q->result)
                return add_up(q->result, result);

        q->result = json_object_get(result);
        return 0;
}

static void on_answer(void *userdata, int error, json_object *result) {
        Part *part = userdata;
        WatchersQuestion *q = part->question;
        int r = error < 0 ? error : take_result(q, result);

        if (r < 0)
                q->error = r;
        DL_DELETE(q->parts, part);
        free(part);

        if (--q->n_open > 0)
                return;
        q->answer(q->userdata, q->result ? 0 : q->error, q->result);
        watchers_question_drop(q);
}

int question_ask(WatchersQuestion *q, RpcPeer *peer, const char *method, json_object *params,
                uint64_t timeout_usec) {
        Part *part = calloc(1, sizeof(*part));
        int r;

        if (!part) {
                (void)json_object_put(params);
                return -ENOMEM;
        }

        part->question = q;
        r = rpc_peer_call(peer, method, params, timeout_usec, on_answer, part, &part->call);
        if (r < 0) {
                free(part);
                return r;
        }

        DL_APPEND(q->parts, part);
        q->n_open++;
        return 0;
}
