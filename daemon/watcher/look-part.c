/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/look-part.h"

#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"

/* As long as a plan may take to come back to a pane, and a little more. */
#define REST_MAX_USEC (120 * USEC_PER_SEC)

typedef struct Task Task;

typedef struct Item {
        Task *task;
        char *socket;
        json_object *panes; /* NULL: those that do not rest */
        uint64_t asked_usec;
        struct Item *prev, *next;
} Item;

struct Task {
        LookPart part;
        WatchedLookDone done;
        void *userdata;
        Item *waiting;
        uint64_t rest_usec;
        unsigned concurrency;
        unsigned n_open;
        LookSum sum;
};

void look_part_wake(WatchedServer *server) {
        TmuxServer *tmux = watched_server_tmux(server);
        TmuxPane *pane = NULL;

        while ((pane = tmux_server_next(tmux, pane)))
                tmux_pane_set_rest(pane, 0);
}

/* One that could not be captured does not rest: the next look has it. */
static void set_rest(WatchedServer *server, json_object *panes, uint64_t until, uint64_t asked) {
        for (size_t i = 0; i < json_object_array_length(panes); i++) {
                const char *name = json_object_get_string(json_object_array_get_idx(panes, i));
                TmuxPane *pane = name ? tmux_server_find(watched_server_tmux(server), name) : NULL;

                if (pane && (until == 0 || !tmux_pane_is_stale(pane, asked)))
                        tmux_pane_set_rest(pane, until);
        }
}

static void item_free(Item *item) {
        if (item->panes)
                (void)json_object_put(item->panes);
        free(item->socket);
        free(item);
}

static void task_free(Task *t) {
        Item *item;

        while ((item = t->waiting)) {
                DL_DELETE(t->waiting, item);
                item_free(item);
        }
        free(t);
}
DEFINE_CLEANUP(Task *, task_free)

static void go_on(Task *t);

static void on_looked(void *userdata, const LookSum *sum) {
        Item *item = userdata;
        Task *t = item->task;
        WatchedServer *server = t->part.find(t->part.userdata, item->socket);

        t->sum.servers += sum->servers;
        t->sum.panes += sum->panes;
        t->sum.captured += sum->captured;
        t->sum.agents += sum->agents;
        if (server && item->panes)
                set_rest(server, item->panes, now_monotonic() + t->rest_usec, item->asked_usec);
        item_free(item);
        t->n_open--;
        go_on(t);
}

static void begin(Task *t, Item *item) {
        WatchedServer *server = t->part.find(t->part.userdata, item->socket);

        if (!server) {
                item_free(item);
                return;
        }
        item->asked_usec = now_monotonic();
        if (item->panes)
                set_rest(server, item->panes, 0, 0);
        t->n_open++;
        watched_server_look(server, on_looked, item);
}

/* One place is ours, so that the end is not reached from within. */
static void go_on(Task *t) {
        t->n_open++;
        while (t->waiting && t->n_open <= t->concurrency) {
                Item *item = t->waiting;

                DL_DELETE(t->waiting, item);
                begin(t, item);
        }
        if (--t->n_open > 0 || t->waiting)
                return;
        t->done(t->userdata, &t->sum);
        task_free(t);
}

static int add(Task *t, const char *socket, json_object *panes) {
        Item *item = calloc(1, sizeof(*item));

        if (!item)
                return -ENOMEM;
        item->task = t;
        item->socket = strdup(socket);
        if (!item->socket) {
                free(item);
                return -ENOMEM;
        }
        item->panes = panes ? json_object_get(panes) : NULL;
        DL_APPEND(t->waiting, item);
        return 0;
}

static int add_named(Task *t, json_object *servers) {
        json_object_object_foreach(servers, socket, panes) {
                int r = json_object_is_type(panes, json_type_array) ? add(t, socket, panes)
                                                                    : -EINVAL;

                if (r < 0)
                        return r;
        }
        return 0;
}

static int add_others(Task *t, json_object *servers) {
        const WatchedServer *s = NULL;
        int r = 0;

        while (r >= 0 && (s = t->part.next(t->part.userdata, s)))
                if (!json_get(servers, watched_server_socket(s)))
                        r = add(t, watched_server_socket(s), NULL);
        return r;
}

int look_part_begin(const LookPart *part, WatchedLookDone done, void *userdata) {
        json_object *servers = json_get_typed(part->params, "servers", json_type_object);
        uint64_t concurrency = json_get_u64(part->params, "concurrency", 0);
        _cleanup_(task_freep) Task *t = servers ? calloc(1, sizeof(*t)) : NULL;
        int r;

        if (!t)
                return servers ? -ENOMEM : -EINVAL;
        *t = (Task){.part = *part, .done = done, .userdata = userdata};
        t->part.params = NULL; /* borrowed no longer than this */
        t->rest_usec = MIN(json_get_u64(part->params, "rest", 0), (uint64_t)REST_MAX_USEC);
        t->concurrency = concurrency > 0 && concurrency < UINT32_MAX ? (unsigned)concurrency
                                                                     : UINT32_MAX;

        r = add_named(t, servers);
        if (r >= 0 && json_get_bool(part->params, "sweep", false))
                r = add_others(t, servers);
        if (r < 0)
                return r;
        go_on(TAKE_PTR(t));
        return 0;
}
