/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/requests.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/watcher/act/reveal.h"
#include "daemon/watcher/agent-memory.h"
#include "daemon/watcher/hook-service.h"

/* One question of the daemon, from its arrival to its answer. */
typedef struct Request {
        const RequestTarget *target;
        unsigned session;
        json_object *id;
        int64_t lines;
        uint64_t server_start_usec;
        json_object *notice;
} Request;

static Request *request_free(Request *q) {
        if (!q)
                return NULL;
        (void)json_object_put(q->id);
        (void)json_object_put(q->notice);
        free(q);
        return NULL;
}

static int request_new(const RequestTarget *target, json_object *id, Request **ret) {
        Request *q = calloc(1, sizeof(*q));

        if (!q)
                return -ENOMEM;
        *q = (Request){
                        .target = target,
                        .session = uplink_session(target->uplink),
                        .id = json_object_get(id),
        };
        *ret = q;
        return 0;
}

/* Takes @q and @result over. */
static void answer(Request *q, int r, json_object *result) {
        if (r >= 0) {
                uplink_reply(q->target->uplink, q->session, q->id, result);
        } else {
                (void)json_object_put(result);
                uplink_fail(q->target->uplink, q->session, q->id, r);
        }
        request_free(q);
}

static void on_looked(void *userdata, const LookSum *sum) {
        json_object *o = json_object_new_object();
        int r = o ? 0 : -ENOMEM;

        if (r >= 0)
                r = json_set_u64(o, "servers", sum->servers);
        if (r >= 0)
                r = json_set_u64(o, "panes", sum->panes);
        if (r >= 0)
                r = json_set_u64(o, "captured", sum->captured);
        if (r >= 0)
                r = json_set_u64(o, "agents", sum->agents);
        answer(userdata, r, o);
}

static int ask_look(Request *q, json_object *params) {
        if (json_get(params, "servers"))
                return q->target->look_part(q->target->userdata, params, on_looked, q);
        q->target->look_all(q->target->userdata, on_looked, q);
        return 0;
}

static int find_server(const Request *q, json_object *params, WatchedServer **ret_server,
                const char **ret_pane) {
        const char *socket = json_get_string(params, "socket");

        *ret_pane = json_get_string(params, "pane");
        if (!socket || !*ret_pane)
                return -EINVAL;

        *ret_server = q->target->find(q->target->userdata, socket);
        return *ret_server ? 0 : -ENXIO;
}

static int find_agent(const Request *q, json_object *params, WatchedServer **ret_server,
                const char **ret_pane, PaneAgent **ret) {
        int r;

        r = find_server(q, params, ret_server, ret_pane);
        if (r < 0)
                return r;

        *ret = watched_server_find_agent(*ret_server, *ret_pane);
        return *ret && pane_agent_state(*ret)->present ? 0 : -ENXIO;
}

/* The last @lines lines; blank ones below the text do not count. */
static json_object *tail(const TmuxPane *pane, int64_t lines) {
        size_t end = pane->n_screen, begin;

        while (end > 0 && strchr(" \t\n", pane->screen[end - 1]))
                end--;
        begin = end;
        while (lines > 0 && begin > 0)
                if (pane->screen[--begin] == '\n' && --lines == 0) {
                        begin++;
                        break;
                }
        if (lines > 0)
                begin = 0;
        return json_object_new_string_len(pane->screen + begin, (int)(end - begin));
}

/* What is decided on this screen is refused if it is another by then. */
static int add_token(
                json_object *o, const Request *q, const TmuxPane *pane, const PaneAgent *agent) {
        char token[ACT_TOKEN_MAX];

        guard_make_token(pane_agent_state(agent), pane->hash, q->server_start_usec, token);
        return json_set_string(o, "token", token);
}

static void on_screen(void *userdata, int error, const TmuxPane *pane, const PaneAgent *agent) {
        Request *q = userdata;
        json_object *o = json_object_new_object();
        int r = o ? error : -ENOMEM;

        if (r >= 0 && !pane->screen)
                r = -ENXIO;
        if (r >= 0)
                r = add_token(o, q, pane, agent);
        if (r >= 0)
                r = json_set(o, "screen", tail(pane, q->lines > 0 ? q->lines : INT64_MAX));
        answer(q, r, o);
}

static int ask_screen(Request *q, json_object *params) {
        WatchedServer *server;
        const char *pane;
        int r;

        q->lines = json_get_int(params, "lines", 0);
        r = find_server(q, params, &server, &pane);
        if (r < 0)
                return r;
        q->server_start_usec = watched_server_start(server);
        return watched_server_refresh(server, pane, on_screen, q);
}

static void on_checked(void *userdata, int error, const TmuxPane *pane, const PaneAgent *agent) {
        Request *q = userdata;
        json_object *o = json_object_new_object();
        char hash[17];
        int r = o ? error : -ENOMEM;

        if (r >= 0 && !pane_agent_state(agent)->present)
                r = -ENXIO;
        if (r >= 0) {
                const TrackerState *state = pane_agent_state(agent);

                (void)snprintf(hash, sizeof(hash), "%016" PRIx64, pane->hash);
                r = json_set_string(o, "hash", hash);
                if (r >= 0)
                        r = json_set_bool(o, "alive", state->process.pid > 0);
                if (r >= 0)
                        r = json_set_string(o, "state", agent_state_to_string(state->state));
                if (r >= 0)
                        r = add_token(o, q, pane, agent);
        }
        answer(q, r, o);
}

static int ask_check(Request *q, json_object *params) {
        WatchedServer *server;
        const char *pane;
        int r;

        r = find_server(q, params, &server, &pane);
        if (r < 0)
                return r;
        q->server_start_usec = watched_server_start(server);
        return watched_server_refresh(server, pane, on_checked, q);
}

static int ask_explain(Request *q, json_object *params) {
        WatchedServer *server;
        PaneAgent *agent;
        json_object *o = NULL;
        const char *pane;
        int r;

        r = find_agent(q, params, &server, &pane, &agent);
        if (r >= 0)
                r = pane_agent_explain(agent, pane_time_now(), &o);
        if (r >= 0)
                answer(q, 0, o);
        return r;
}

/* One service runs the hooks of several panes, and it is not known which one is meant. */
static bool may_mean_another(const Request *q, WatchedServer *server, const PaneAgent *agent,
                pid_t pid, const json_object *details) {
        const char *type = pane_agent_state(agent)->agent;
        const ActRules *act = watched_server_act_rules(server, type);

        return act && act->hook_service &&
                        !agent_memory_has(pane_agent_memory(agent), act, details) &&
                        q->target->count_running(q->target->userdata, type) > 1 &&
                        hook_service_is_above(pid, act->hook_service);
}

/*
 * A hook speaks for the pane that it runs in, and not for one whose number it inherited. If it is
 * gone by now, nobody knows where it was: then its word is worth a look, and no more.
 */
static int judge_speaker(const Request *q, WatchedServer *server, const PaneAgent *agent,
                json_object *params, HookEvent *event, bool *ret_proven) {
        int64_t pid = json_get_int(params, "pid", 0);
        int r = pid > 0 && pid <= INT_MAX ? pane_agent_holds(agent, (pid_t)pid) : -ESRCH;

        if (r == 0)
                return -EXDEV;
        if (r > 0 && may_mean_another(q, server, agent, (pid_t)pid, json_get(params, "details")))
                return -EXDEV;
        if (r < 0 && event->meaning == HOOK_STATE)
                event->meaning = HOOK_HINT;
        *ret_proven = r > 0;
        return 0;
}

static int ask_event(Request *q, json_object *params) {
        const char *source = json_get_string(params, "source"), *pane;
        TrackerChange change;
        HookEvent event;
        bool proven;
        WatchedServer *server;
        PaneAgent *agent;
        int r;

        r = find_agent(q, params, &server, &pane, &agent);
        if (r < 0)
                return r;
        r = source ? hook_event_parse(source, json_get_string(params, "event"),
                                     json_get(params, "details"), &event)
                   : -EINVAL;
        if (r < 0)
                return r == -ENXIO ? -EINVAL : r; /* -ENXIO would say that there is no such pane */

        r = judge_speaker(q, server, agent, params, &event, &proven);
        if (r < 0)
                return r;

        if (proven && strcmp(source, pane_agent_state(agent)->agent) == 0)
                watched_server_hear(server, agent, json_get(params, "details"));
        pane_agent_hook(agent, source, &event, pane_time_now(), &change);
        watched_server_note(server, pane, &change);
        answer(q, 0, json_object_new_object());
        return 0;
}

static void on_acted(void *userdata, const ActOutcome *outcome) {
        json_object *o = NULL;
        int r = act_outcome_to_json(outcome, &o);

        answer(userdata, r, o);
}

static int ask_act(Request *q, json_object *params) {
        WatchedServer *server;
        const char *pane;
        ActOrder order = {};
        uint32_t number;
        int r;

        r = find_server(q, params, &server, &pane);
        if (r < 0)
                return r;
        if (tmux_pane_parse(pane, &number) < 0)
                return -EINVAL;
        r = act_order_from_json(json_get(params, "order"), &order);
        if (r < 0)
                return r;
        if (order.kind == ACT_KIND_SHOW)
                reveal(server, pane, on_acted, q);
        else
                typist_type(q->target->typist, server, pane, &order, on_acted, q);
        return 0;
}

static bool is_seen(const TmuxPane *pane) {
        return pane->row.window_active && pane->row.session_attached;
}

static void get_buttons(json_object *notice, DesktopNotice *ret) {
        json_object *buttons = json_get_typed(notice, "buttons", json_type_array);
        size_t n = buttons ? json_object_array_length(buttons) : 0;

        for (size_t i = 0; i < MIN(n, DESKTOP_BUTTONS_MAX * 2); i++)
                ret->buttons[i] = json_object_get_string(json_object_array_get_idx(buttons, i));
}

static bool show(Desktop *desktop, json_object *notice) {
        DesktopNotice n = {
                        .id = json_get_string(notice, "id") ?: "",
                        .summary = json_get_string(notice, "summary") ?: "",
                        .body = json_get_string(notice, "body") ?: "",
                        .critical = json_get_bool(notice, "critical", false),
        };

        get_buttons(notice, &n);
        return json_get_bool(notice, "desktop", false) && desktop_show(desktop, &n) >= 0;
}

/* Who has the pane on the screen needs no notice of it. */
static void on_notice_pane(
                void *userdata, int error, const TmuxPane *pane, const PaneAgent *agent) {
        json_object *o = json_object_new_object();
        Request *q = userdata;
        bool seen = error >= 0 && is_seen(pane);
        int r = o ? 0 : -ENOMEM;

        if (r >= 0 && error >= 0)
                r = add_token(o, q, pane, agent);
        if (r >= 0)
                r = json_set_bool(o, "seen", seen);
        if (r >= 0)
                r = json_set_bool(o, "shown", !seen && show(q->target->desktop, q->notice));
        answer(q, r, o);
}

static int ask_notice(Request *q, json_object *params) {
        json_object *notice = json_get_typed(params, "notice", json_type_object);
        WatchedServer *server;
        const char *pane;
        int r;

        r = notice ? find_server(q, params, &server, &pane) : -EINVAL;
        if (r < 0)
                return r;
        q->notice = json_object_get(notice);
        q->server_start_usec = watched_server_start(server);
        return watched_server_refresh(server, pane, on_notice_pane, q);
}

static const struct {
        const char *method;
        /* Answers, now or later; or returns an error, then the request is still its caller's. */
        int (*ask)(Request *q, json_object *params);
} methods[] = {
                {"look", ask_look},
                {"screen", ask_screen},
                {"check", ask_check},
                {"explain", ask_explain},
                {"event", ask_event},
                {"act", ask_act},
                {"notice", ask_notice},
};

void request_handle(const RequestTarget *target, json_object *id, const char *method,
                json_object *params) {
        int r = -EOPNOTSUPP;

        FOREACH_ELEMENT (m, methods) {
                Request *q;

                if (strcmp(m->method, method) != 0)
                        continue;
                r = request_new(target, id, &q);
                if (r < 0)
                        break;
                r = m->ask(q, params);
                if (r < 0)
                        request_free(q);
        }
        if (r < 0)
                uplink_fail(target->uplink, uplink_session(target->uplink), id, r);
}
