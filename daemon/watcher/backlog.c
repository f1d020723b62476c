/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/backlog.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "daemon/base/json.h"

#define DEPTH 4U

/* As text: an object takes several times as much. */
struct BacklogEntry {
        uint64_t number;
        const char *method;
        struct BacklogEntry *prev, *next;
        size_t n_text;
        char text[];
};

static void forget_oldest(Backlog *b) {
        BacklogEntry *e = b->entries;

        DL_DELETE(b->entries, e);
        b->n_entries--;
        b->n_bytes -= e->n_text;
        free(e);
}

int backlog_add(Backlog *b, const char *method, json_object *params) {
        BacklogEntry *e;
        const char *text;
        size_t n;
        int r;

        assert(b && method && params);

        r = json_set_u64(params, "number", b->last + 1);
        text = r >= 0 ? json_object_to_json_string_length(params, JSON_C_TO_STRING_PLAIN, &n)
                      : NULL;
        e = text ? malloc(sizeof(*e) + n) : NULL;
        if (!e)
                return -ENOMEM;

        *e = (BacklogEntry){.number = ++b->last, .method = method, .n_text = n};
        memcpy(e->text, text, n);
        DL_APPEND(b->entries, e);
        b->n_entries++;
        b->n_bytes += n;
        while (b->n_entries > BACKLOG_REPORTS_MAX || b->n_bytes > BACKLOG_BYTES_MAX)
                forget_oldest(b);
        return 0;
}

void backlog_done(Backlog *b) {
        while (b->entries)
                forget_oldest(b);
}

int64_t backlog_replay(const Backlog *b, uint64_t taken, BacklogTell tell, void *userdata) {
        uint64_t oldest = b->entries ? b->entries->number : b->last + 1;
        BacklogEntry *e;
        int r;

        if (taken >= b->last)
                return 0;

        DL_FOREACH (b->entries, e) {
                json_object *params;

                if (e->number <= taken)
                        continue;
                r = json_parse(e->text, e->n_text, DEPTH, &params);
                if (r >= 0)
                        r = tell(userdata, e->method, params);
                if (r < 0)
                        return r;
        }
        return oldest > taken + 1 ? (int64_t)(oldest - taken - 1) : 0;
}
