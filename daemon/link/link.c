/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/link/link.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <uthash.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/log.h"

#define GREETING_TIMEOUT_USEC (5 * USEC_PER_SEC)
/* So many refused reports, and the watcher is broken or lies. */
#define REFUSALS_MAX 100U

/* A server or an agent that was reported since the watcher came; needed until it is ready. */
typedef struct Seen {
        char *key;
        UT_hash_handle hh;
} Seen;

struct Link {
        RpcPeer *peer;
        Registry *registry;
        const LinkOwner *owner;
        void *userdata;
        struct ucred creds;
        sd_event_source *greeting_deadline;
        bool open;
        bool ready;
        Seen *seen;
        unsigned n_refusals;
        WatchReport report;
        uint64_t heard_usec;
};

uid_t link_uid(const Link *l) {
        return l->creds.uid;
}

pid_t link_pid(const Link *l) {
        return l->creds.pid;
}

bool link_is_open(const Link *l) {
        return l->open;
}

uint64_t link_heard_usec(const Link *l) {
        return l->heard_usec;
}

const WatchReport *link_report(const Link *l) {
        return &l->report;
}

RpcPeer *link_peer(Link *l) {
        return l->peer;
}

static void forget_seen(Link *l) {
        Seen *s, *next;

        HASH_ITER (hh, l->seen, s, next) {
                HASH_DEL(l->seen, s);
                free(s->key);
                free(s);
        }
}

Link *link_free(Link *l) {
        if (!l)
                return NULL;

        sd_event_source_disable_unref(l->greeting_deadline);
        rpc_peer_free(l->peer);
        forget_seen(l);
        free(l);
        return NULL;
}

/* @pane is "" for a server. */
static int make_key(const char *socket, const char *pane, char **ret) {
        return asprintf(ret, "%s\n%s", socket, pane) < 0 ? -ENOMEM : 0;
}

static int remember(Link *l, const char *socket, const char *pane) {
        _cleanup_free_ char *key = NULL;
        Seen *s;
        int r;

        if (l->ready)
                return 0;

        r = make_key(socket, pane, &key);
        if (r < 0)
                return r;
        HASH_FIND_STR(l->seen, key, s);
        if (s)
                return 0;

        s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;
        s->key = TAKE_PTR(key);
        HASH_ADD_KEYPTR(hh, l->seen, s->key, strlen(s->key), s);
        return 0;
}

static bool was_seen(const Link *l, const char *socket, const char *pane) {
        _cleanup_free_ char *key = NULL;
        Seen *s = NULL;

        if (make_key(socket, pane, &key) >= 0)
                HASH_FIND_STR(l->seen, key, s);
        return s;
}

static int take_server(Link *l, json_object *params) {
        _cleanup_(server_report_done) ServerReport report = {};
        int r;

        r = server_report_from_json(params, &report);
        if (r < 0)
                return r;
        r = remember(l, report.socket, "");
        if (r < 0)
                return r;
        return registry_report_server(l->registry, l->creds.uid, &report);
}

static const Agent *find_agent(const Link *l, const AgentReport *report) {
        const Agent *a = NULL;

        while ((a = registry_next_agent(l->registry, a)))
                if (a->server->uid == l->creds.uid && strcmp(a->last.pane, report->pane) == 0 &&
                                strcmp(a->last.socket, report->socket) == 0)
                        return a;
        return NULL;
}

/*
 * A watcher that is new knows no past: to it everybody is starting, or cannot be made out yet. With
 * the process that was known before, the agent is what it was until the watcher knows better.
 */
static int recall_state(const Link *l, AgentReport *report) {
        bool is_new = report->state == AGENT_STARTING ||
                        (report->state == AGENT_UNKNOWN && !l->ready);
        const Agent *a = is_new && report->pid > 0 ? find_agent(l, report) : NULL;
        char *rule;

        if (!a || a->last.pid != report->pid || agent_state_is_gone(a->last.state))
                return 0;

        rule = strdup(a->last.rule);
        if (!rule)
                return -ENOMEM;
        free(report->rule);
        report->rule = rule;
        report->state = a->last.state;
        report->attention = a->last.attention;
        report->attributes = a->last.attributes;
        report->reset_usec = a->last.reset_usec;
        report->confidence = a->last.confidence;
        return 0;
}

static int take_agent(Link *l, json_object *params) {
        _cleanup_(agent_report_done) AgentReport report = {};
        int r;

        r = agent_report_from_json(params, &report);
        if (r < 0)
                return r;
        r = remember(l, report.socket, report.pane);
        if (r < 0)
                return r;
        r = recall_state(l, &report);
        if (r < 0)
                return r;
        return registry_report_agent(l->registry, l->creds.uid, &report);
}

/* Watchers tell of every pane that is closed: it may be one that an agent left before they came. */
static int take_agent_gone(Link *l, json_object *params) {
        const char *socket = json_get_string(params, "socket");
        const char *pane = json_get_string(params, "pane");
        int r;

        if (!socket || !pane)
                return -EBADMSG;
        r = registry_remove_agent(l->registry, l->creds.uid, socket, pane);
        return r == -ENXIO ? 0 : r;
}

static int end_server(Link *l, const Server *s) {
        _cleanup_(server_report_done) ServerReport report = {.liveness = LIVENESS_ABSENT};

        report.socket = strdup(s->last.socket);
        report.reason = strdup("ended while nobody watched");
        report.version = strdup(s->last.version);
        if (!report.socket || !report.reason || !report.version)
                return -ENOMEM;
        return registry_report_server(l->registry, l->creds.uid, &report);
}

/*
 * The first of this user's agents that its new watcher did not find any more. One that had crashed
 * or exited before is not to be found, and stays listed until its pane is closed.
 */
static const Agent *find_unseen_agent(const Link *l) {
        const Agent *a = NULL;

        while ((a = registry_next_agent(l->registry, a)))
                if (a->server->uid == l->creds.uid && a->server->last.liveness == LIVENESS_ALIVE &&
                                !agent_state_is_gone(a->last.state) &&
                                !was_seen(l, a->last.socket, a->last.pane))
                        return a;
        return NULL;
}

static const Server *find_unseen_server(const Link *l) {
        const Server *s = NULL;

        while ((s = registry_next_server(l->registry, s)))
                if (s->uid == l->creds.uid && s->last.liveness != LIVENESS_ABSENT &&
                                !was_seen(l, s->last.socket, ""))
                        return s;
        return NULL;
}

static int take_ready(Link *l, json_object *params) {
        const Server *s;
        const Agent *a;
        int r;

        if (l->ready)
                return 0;

        while ((s = find_unseen_server(l))) {
                r = end_server(l, s);
                if (r < 0)
                        return r;
        }
        while ((a = find_unseen_agent(l))) {
                r = registry_remove_agent(l->registry, l->creds.uid, a->last.socket, a->last.pane);
                if (r < 0)
                        return r;
        }

        l->ready = true;
        forget_seen(l);
        return 0;
}

/* Counters that went back would be no counters. */
static bool is_later(const WatchReport *before, const WatchReport *now) {
        return now->own_usec >= before->own_usec && now->tmux_usec >= before->tmux_usec &&
                        now->rounds >= before->rounds;
}

static int take_watching(Link *l, json_object *params) {
        WatchReport report;
        int r;

        r = watch_report_from_json(params, &report);
        if (r < 0)
                return r;
        if (!is_later(&l->report, &report))
                return -EBADMSG;
        l->report = report;
        l->heard_usec = now_monotonic();
        l->owner->reported(l->userdata, l);
        return 0;
}

static int take_pressed(Link *l, json_object *params) {
        const char *id = json_get_string(params, "id"), *button = json_get_string(params, "button");

        if (!id || !button)
                return -EBADMSG;
        l->owner->pressed(l->userdata, l, id, button);
        return 0;
}

static const struct {
        const char *method;
        int (*take)(Link *l, json_object *params);
} notifications[] = {
                {"server", take_server},
                {"agent", take_agent},
                {"agent-gone", take_agent_gone},
                {"ready", take_ready},
                {"watching", take_watching},
                {"pressed", take_pressed},
};

static void throw_out(Link *l, const char *reason) {
        l->owner->ended(l->userdata, l, reason);
}

static void refuse(Link *l, const char *method, int error) {
        l->n_refusals++;
        log_debug("watcher of uid %u: its report '%.32s' is refused: %s", l->creds.uid, method,
                        strerror(-error));
        if (l->n_refusals == REFUSALS_MAX)
                throw_out(l, "too many of its reports were refused");
}

static void on_notification(
                void *userdata, RpcPeer *peer, const char *method, json_object *params) {
        Link *l = userdata;
        int r = -EOPNOTSUPP;
        uint64_t number;

        if (!l->open)
                return throw_out(l, "it reported before its hello");

        number = json_get_u64(params, "number", 0);
        if (number > 0 && !l->owner->counted(l->userdata, l, number))
                return;
        FOREACH_ELEMENT (n, notifications) {
                if (strcmp(n->method, method) == 0)
                        r = n->take(l, params);
        }
        if (r < 0 && r != -EDQUOT)
                refuse(l, method, r);
}

static int make_welcome(const Link *l, const char *life, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();
        json_object *settings;
        uint64_t taken;
        int r;

        if (!o)
                return -ENOMEM;
        r = json_set_int(o, "protocol", LINK_PROTOCOL);
        if (r >= 0)
                r = watch_settings_to_json(l->owner->settings(l->userdata), &settings);
        if (r >= 0)
                r = json_set(o, "settings", settings);
        if (r >= 0 && life && l->owner->recognized(l->userdata, l, life, &taken))
                r = json_set_u64(o, "taken", taken);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(o);
        return 0;
}

static void say_hello_back(Link *l, RpcPeer *peer, json_object *id, const char *life) {
        json_object *welcome;

        if (make_welcome(l, life, &welcome) < 0 || rpc_peer_reply(peer, id, welcome) < 0)
                return throw_out(l, "it cannot be answered");

        l->open = true;
        l->greeting_deadline = sd_event_source_disable_unref(l->greeting_deadline);
        l->owner->began(l->userdata, l);
}

static void on_request(void *userdata, RpcPeer *peer, json_object *id, const char *method,
                json_object *params) {
        Link *l = userdata;

        if (strcmp(method, "hello") != 0 || l->open)
                (void)rpc_peer_fail(peer, id, -EOPNOTSUPP, "not a question for this end");
        else if (json_get_int(params, "protocol", 0) != LINK_PROTOCOL)
                (void)rpc_peer_fail(peer, id, -EPROTONOSUPPORT, "another version's watcher");
        else if (!l->owner->may_begin(l->userdata, l))
                (void)rpc_peer_fail(peer, id, -EBUSY, "this user has a watcher already");
        else
                say_hello_back(l, peer, id, json_get_string(params, "life"));
}

static void on_closed(void *userdata, RpcPeer *peer, int error) {
        throw_out(userdata, error == 0 ? "it left" : strerror(-error));
}

static const RpcHandler handler = {
                .request = on_request,
                .notification = on_notification,
                .closed = on_closed,
};

static int on_greeting_deadline(sd_event_source *s, uint64_t usec, void *userdata) {
        throw_out(userdata, "it did not say hello in time");
        return 0;
}

int link_new(sd_event *event, int fd, Registry *registry, const LinkOwner *owner, void *userdata,
                Link **ret) {
        _cleanup_(link_freep) Link *l = NULL;
        socklen_t n = sizeof(l->creds);
        int r;

        assert(event && registry && owner && ret);

        l = calloc(1, sizeof(*l));
        if (!l)
                return -ENOMEM;
        l->registry = registry;
        l->owner = owner;
        l->userdata = userdata;
        l->heard_usec = now_monotonic();

        if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &l->creds, &n) < 0)
                return -errno;
        r = sd_event_add_time_relative(event, &l->greeting_deadline, CLOCK_MONOTONIC,
                        GREETING_TIMEOUT_USEC, 0, on_greeting_deadline, l);
        if (r < 0)
                return r;
        r = rpc_peer_new(event, fd, &handler, l, &l->peer);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(l);
        return 0;
}
