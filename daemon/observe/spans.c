/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/observe/spans.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

#include "daemon/base/json.h"

void spans_add(Spans *s, const char *name, const char *subject, uint64_t end_usec, uint64_t usec,
                bool failed) {
        Span *span = &s->ring[s->next];

        assert(name);

        *span = (Span){
                        .name = name,
                        .start_usec = end_usec > usec ? end_usec - usec : 0,
                        .usec = usec,
                        .failed = failed,
        };
        (void)snprintf(span->subject, sizeof(span->subject), "%s", subject ?: "");

        s->next = (s->next + 1) % SPANS_MAX;
        if (s->n == SPANS_MAX)
                s->lost++;
        else
                s->n++;
}

static int to_json(const Span *span, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();

        if (!o || json_set_string(o, "name", span->name) < 0 ||
                        json_set_string(o, "subject", span->subject) < 0 ||
                        json_set_u64(o, "start_usec", span->start_usec) < 0 ||
                        json_set_u64(o, "usec", span->usec) < 0 ||
                        json_set_bool(o, "failed", span->failed) < 0)
                return -ENOMEM;

        *ret = TAKE_PTR(o);
        return 0;
}

int spans_take(Spans *s, json_object **ret) {
        _cleanup_json_ json_object *all = json_object_new_array();

        if (!all)
                return -ENOMEM;

        for (size_t i = 0; i < s->n; i++) {
                json_object *o = NULL;
                int r;

                r = to_json(&s->ring[(s->next + SPANS_MAX - s->n + i) % SPANS_MAX], &o);
                if (r < 0)
                        return r;
                if (json_append(all, o) < 0)
                        return -ENOMEM;
        }

        s->n = 0;
        *ret = TAKE_PTR(all);
        return 0;
}
