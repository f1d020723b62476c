/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Some agents, as each watcher is asked to look at them: its own, by server. */

#include <errno.h>
#include <utlist.h>

#include "daemon/base/json.h"
#include "daemon/link/question.h"
#include "daemon/link/watchers-private.h"

static int add_agent(json_object *servers, const Agent *a) {
        json_object *panes = json_get(servers, a->last.socket);
        int r;

        if (!panes) {
                panes = json_object_new_array();
                r = json_set(servers, a->last.socket, panes);
                if (r < 0)
                        return r;
        }
        return json_append_string(panes, a->last.pane);
}

static int make_servers(const WatchersPart *part, uid_t uid, json_object **ret) {
        _cleanup_json_ json_object *servers = json_object_new_object();
        int r = servers ? 0 : -ENOMEM;

        for (size_t i = 0; r >= 0 && i < part->n_agents; i++)
                if (part->agents[i]->server->uid == uid)
                        r = add_agent(servers, part->agents[i]);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(servers);
        return 0;
}

/* NULL in @ret: this watcher has nothing to do. */
static int make_params(const WatchersPart *part, uid_t uid, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object(), *servers = NULL;
        int r;

        *ret = NULL;
        r = o ? make_servers(part, uid, &servers) : -ENOMEM;
        if (r < 0 || (json_object_object_length(servers) == 0 && !part->sweep))
                return r;
        r = json_set(o, "servers", TAKE_PTR(servers));
        if (r >= 0)
                r = json_set_u64(o, "rest", part->rest_usec);
        if (r >= 0)
                r = json_set_u64(o, "concurrency", part->concurrency);
        if (r >= 0)
                r = json_set_bool(o, "sweep", part->sweep);
        if (r >= 0)
                *ret = TAKE_PTR(o);
        return r;
}

static int ask(WatchersQuestion *q, Link *link, const WatchersPart *part) {
        json_object *params;
        int r;

        r = make_params(part, link_uid(link), &params);
        if (r < 0 || !params)
                return r;
        return question_ask(q, link_peer(link), "look", params, WATCHERS_LOOK_TIMEOUT_USEC);
}

int watchers_ask_part(Watchers *w, const WatchersPart *part, WatchersAnswer answer, void *userdata,
                WatchersQuestion **ret) {
        int r, error = -ENOTCONN;
        WatchersQuestion *q;
        WatchersEntry *e;

        r = question_new(answer, userdata, &q);
        if (r < 0)
                return r;

        DL_FOREACH (w->entries, e) {
                if (!link_is_open(e->link))
                        continue;
                r = ask(q, e->link, part);
                error = r < 0 ? r : -ENODATA;
        }
        if (question_open(q) == 0) {
                watchers_question_drop(q);
                return error;
        }
        *ret = q;
        return 0;
}
