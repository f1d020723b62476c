/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/agents/snapshot.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/agents/registry-private.h"
#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/strv.h"
#include "daemon/base/text.h"

#define FORMAT 1
#define LOST_WORDS_MAX 1024U

static int times_to_json(const Agent *a, json_object **ret) {
        _cleanup_json_ json_object *times = json_object_new_object();
        int r;

        if (!times)
                return -ENOMEM;

        for (AgentState s = 0; s < _AGENT_STATE_MAX; s++) {
                if (a->in_state_usec[s] == 0)
                        continue;
                r = json_set_u64(times, agent_state_to_string(s), a->in_state_usec[s]);
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(times);
        return 0;
}

static int agent_to_json(const Agent *a, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();
        json_object *report = NULL, *times = NULL;
        int r;

        if (!o)
                return -ENOMEM;
        r = json_set_string(o, "id", a->id);
        if (r < 0)
                return r;
        r = json_set_u64(o, "since_usec", a->since_usec);
        if (r < 0)
                return r;
        r = json_set_u64(o, "failures", a->failures);
        if (r < 0)
                return r;
        r = times_to_json(a, &times);
        if (r < 0)
                return r;
        r = json_set(o, "in_state_usec", times);
        if (r < 0)
                return r;
        r = agent_report_to_json(&a->last, &report);
        if (r < 0)
                return r;
        r = json_set(o, "report", report);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(o);
        return 0;
}

static int agents_to_json(const Registry *registry, const Server *s, json_object **ret) {
        _cleanup_json_ json_object *agents = json_object_new_array();
        const Agent *a = NULL;
        int r;

        if (!agents)
                return -ENOMEM;

        while ((a = registry_next_agent(registry, a))) {
                json_object *o;

                if (a->server != s)
                        continue;
                r = agent_to_json(a, &o);
                if (r < 0)
                        return r;
                r = json_append(agents, o);
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(agents);
        return 0;
}

static int lost_to_json(const Server *s, json_object **ret) {
        _cleanup_json_ json_object *lost = json_object_new_array();
        int r;

        if (!lost)
                return -ENOMEM;

        STRV_FOREACH (line, s->lost) {
                r = json_append_string(lost, *line);
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(lost);
        return 0;
}

static int server_to_json(const Registry *registry, const Server *s, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();
        json_object *report, *lost, *agents;
        int r;

        if (!o)
                return -ENOMEM;
        r = json_set_u64(o, "uid", s->uid);
        if (r < 0)
                return r;
        r = json_set_u64(o, "since_usec", s->since_usec);
        if (r < 0)
                return r;
        r = server_report_to_json(&s->last, &report);
        if (r < 0)
                return r;
        r = json_set(o, "report", report);
        if (r < 0)
                return r;
        r = lost_to_json(s, &lost);
        if (r < 0)
                return r;
        r = json_set(o, "lost", lost);
        if (r < 0)
                return r;
        r = agents_to_json(registry, s, &agents);
        if (r < 0)
                return r;
        r = json_set(o, "agents", agents);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(o);
        return 0;
}

int snapshot_take(const Registry *registry, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();
        json_object *servers = json_object_new_array();
        const Server *s = NULL;
        int r;

        assert(registry && ret);

        if (!o)
                return -ENOMEM;
        r = json_set(o, "servers", servers);
        if (r < 0)
                return r;
        r = json_set_u64(o, "format", FORMAT);
        if (r < 0)
                return r;

        while ((s = registry_next_server(registry, s))) {
                json_object *server;

                r = server_to_json(registry, s, &server);
                if (r < 0)
                        return r;
                r = json_append(servers, server);
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(o);
        return 0;
}

/* A clock that was set back must not make anything last since the future. */
static uint64_t past(const json_object *o, const char *key, uint64_t now_usec) {
        return MIN(json_get_u64(o, key, now_usec), now_usec);
}

static void restore_times(Agent *a, const json_object *times, uint64_t now_usec) {
        for (AgentState s = 0; s < _AGENT_STATE_MAX; s++) {
                uint64_t usec = json_get_u64(times, agent_state_to_string(s), 0);

                a->in_state_usec[s] = MIN(usec, now_usec);
        }
}

static int restore_agent(Registry *registry, ServerEntry *server, const json_object *o) {
        _cleanup_(agent_report_done) AgentReport report = {};
        uint64_t now_usec = now_realtime();
        _cleanup_free_ char *pane = NULL;
        AgentEntry *e;
        int r;

        r = agent_report_from_json(json_get(o, "report"), &report);
        if (r < 0)
                return r;
        if (strcmp(report.socket, server->server.last.socket) != 0)
                return -EBADMSG;
        pane = strdup(report.pane);
        if (!pane)
                return -ENOMEM;

        r = registry_report_agent(registry, server->server.uid, &report);
        if (r < 0)
                return r;
        e = book_find_pane(&registry->book, server, pane);
        if (!e)
                return -EBADMSG;

        e->agent.since_usec = past(o, "since_usec", now_usec);
        e->agent.failures = (unsigned)MIN(json_get_u64(o, "failures", 0), UINT32_MAX);
        restore_times(&e->agent, json_get(o, "in_state_usec"), now_usec);
        return 0;
}

static int restore_lost(Server *s, json_object *lost) {
        size_t n = json_object_is_type(lost, json_type_array) ? json_object_array_length(lost) : 0;

        for (size_t i = 0; i < MIN(n, SERVER_LOST_MAX + 1U); i++) {
                const char *line = json_object_get_string(json_object_array_get_idx(lost, i));
                _cleanup_free_ char *clean = NULL;
                int r;

                if (!line)
                        return -EBADMSG;
                clean = text_clean(line, strlen(line), LOST_WORDS_MAX);
                if (!clean)
                        return -ENOMEM;
                r = strv_extend(&s->lost, clean);
                if (r < 0)
                        return r;
        }

        return 0;
}

/* An agent that is not taken is no reason to forget the others: so it is with reports too. */
static int restore_agents(Registry *registry, ServerEntry *e, json_object *agents) {
        size_t n = json_object_is_type(agents, json_type_array) ? json_object_array_length(agents)
                                                                : 0;
        int r, result = 0;

        for (size_t i = 0; i < n; i++) {
                r = restore_agent(registry, e, json_object_array_get_idx(agents, i));
                if (r == -ENOMEM)
                        return r;
                if (r < 0)
                        result = -EBADMSG;
        }

        return result;
}

static int read_uid(const json_object *o, uid_t *ret) {
        int64_t uid = json_get_int(o, "uid", -1);

        if (uid < 0 || uid >= (int64_t)UID_INVALID)
                return -EBADMSG;

        *ret = (uid_t)uid;
        return 0;
}

static int restore_server(Registry *registry, const json_object *o) {
        _cleanup_(server_report_done) ServerReport report = {};
        _cleanup_free_ char *socket = NULL;
        ServerEntry *e;
        Liveness was;
        uid_t uid;
        int r;

        r = read_uid(o, &uid);
        if (r < 0)
                return r;
        r = server_report_from_json(json_get(o, "report"), &report);
        if (r < 0)
                return r;
        socket = strdup(report.socket);
        if (!socket)
                return -ENOMEM;
        if (book_find_socket(&registry->book, uid, socket))
                return -EBADMSG;

        /* One that is absent takes nobody in: it becomes so when its agents are there. */
        was = report.liveness;
        report.liveness = LIVENESS_UNKNOWN;
        r = registry_report_server(registry, uid, &report);
        if (r < 0)
                return r;
        e = book_find_socket(&registry->book, uid, socket);
        if (!e)
                return -EBADMSG;

        r = restore_agents(registry, e, json_get(o, "agents"));
        if (was == LIVENESS_ABSENT) {
                e->server.last.liveness = LIVENESS_ABSENT;
                e->server.since_usec = past(o, "since_usec", now_realtime());
        } else if (server_entry_doubt(e, "no watcher is connected", now_realtime()) < 0)
                return -ENOMEM;
        return r < 0 ? r : restore_lost(&e->server, json_get(o, "lost"));
}

int snapshot_restore(Registry *registry, json_object *snapshot) {
        json_object *servers;
        int r, result = 0;

        assert(registry && !registry->book.servers);

        servers = json_get_typed(snapshot, "servers", json_type_array);
        if (json_get_int(snapshot, "format", 0) != FORMAT || !servers)
                return -EBADMSG;

        for (size_t i = 0; i < json_object_array_length(servers); i++) {
                r = restore_server(registry, json_object_array_get_idx(servers, i));
                if (r == -ENOMEM)
                        return r;
                if (r < 0)
                        result = -EBADMSG;
        }

        return result;
}
