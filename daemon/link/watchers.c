/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <utlist.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/log.h"
#include "daemon/base/messages.h"
#include "daemon/link/question.h"
#include "daemon/link/watchers-private.h"

#define LINKS_MAX 512U
#define LINKS_PER_USER_MAX 4U

#define ASK_TIMEOUT_USEC (5 * USEC_PER_SEC)
/* Several looks, with time between them. */
#define ACT_TIMEOUT_USEC (20 * USEC_PER_SEC)

typedef WatchersEntry Entry;

static Entry *find_open(const Watchers *w, uid_t uid) {
        Entry *e;

        DL_FOREACH (w->entries, e)
                if (link_uid(e->link) == uid && link_is_open(e->link))
                        return e;
        return NULL;
}

static void entry_free(Entry *e) {
        DL_DELETE(e->watchers->entries, e);
        link_free(e->link);
        free(e);
}

static bool may_begin(void *userdata, const Link *link) {
        Entry *e = userdata;

        return !find_open(e->watchers, link_uid(link));
}

static void began(void *userdata, Link *link) {
        log_full(LOG_INFO, MESSAGE_WATCHER_CONNECTED,
                        LOG_FIELDS({LOG_FIELD_COMPONENT, "agent_monitor"}),
                        "the watcher of uid %u is here (pid %d)", link_uid(link), link_pid(link));
        watchers_share(((Entry *)userdata)->watchers, NULL);
}

static const WatchSettings *settings(void *userdata) {
        const Entry *e = userdata;

        return &e->watchers->share;
}

static void reported(void *userdata, Link *link) {
        const Watchers *w = ((Entry *)userdata)->watchers;

        if (w->reported)
                w->reported(w->reported_userdata);
}

static void pressed(void *userdata, Link *link, const char *id, const char *button) {
        const Watchers *w = ((Entry *)userdata)->watchers;

        if (w->pressed)
                w->pressed(w->pressed_userdata, link_uid(link), id, button);
}

static bool recognized(void *userdata, const Link *link, const char *life, uint64_t *ret_taken) {
        Entry *e = userdata;

        return lives_begin(&e->watchers->lives, link_uid(link), life, ret_taken);
}

static bool counted(void *userdata, const Link *link, uint64_t number) {
        Entry *e = userdata;

        return lives_take(&e->watchers->lives, link_uid(link), number);
}

/* Its counters go on without it. */
static void keep_counters(Watchers *w, const Link *link) {
        const WatchReport *last = link_report(link);

        w->gone.own_usec += last->own_usec;
        w->gone.tmux_usec += last->tmux_usec;
        w->gone.rounds += last->rounds;
}

static void ended(void *userdata, Link *link, const char *reason) {
        Entry *e = userdata;
        Watchers *w = e->watchers;
        uid_t uid = link_uid(link);
        bool was_open = link_is_open(link);

        log_full(was_open ? LOG_WARNING : LOG_DEBUG, was_open ? MESSAGE_WATCHER_LOST : NULL,
                        LOG_FIELDS({LOG_FIELD_COMPONENT, "agent_monitor"}),
                        "the watcher of uid %u is gone: %s", uid, reason);
        keep_counters(w, link);
        watchers_share(w, link);
        entry_free(e);
        if (was_open)
                registry_lose_user(w->registry, uid, "no watcher is connected");
}

static const LinkOwner owner = {
                .may_begin = may_begin,
                .began = began,
                .ended = ended,
                .settings = settings,
                .reported = reported,
                .pressed = pressed,
                .recognized = recognized,
                .counted = counted,
};

static unsigned count_entries(const Watchers *w, uid_t uid, bool all) {
        const Entry *e;
        unsigned n = 0;

        DL_FOREACH (w->entries, e)
                if (all || link_uid(e->link) == uid)
                        n++;
        return n;
}

static int add_link(Watchers *w, int fd) {
        Entry *e = calloc(1, sizeof(*e));
        int r;

        if (!e) {
                close_fd(fd);
                return -ENOMEM;
        }

        e->watchers = w;
        r = link_new(w->event, fd, w->registry, &owner, e, &e->link);
        if (r < 0) {
                close_fd(fd);
                free(e);
                return r;
        }

        DL_APPEND(w->entries, e);
        if (count_entries(w, link_uid(e->link), false) > LINKS_PER_USER_MAX) {
                entry_free(e);
                return -EDQUOT;
        }
        return 0;
}

static int on_connection(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        Watchers *w = userdata;
        int connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        int r;

        if (connection < 0)
                return 0; /* it is gone already, or there will be another chance */

        if (count_entries(w, 0, true) >= LINKS_MAX) {
                close_fd(connection);
                return 0;
        }

        r = add_link(w, connection);
        if (r < 0)
                log_debug("a connection to the watch socket is refused: %s", strerror(-r));
        return 0;
}

static void on_own_started(void *userdata, int fd) {
        int r = add_link(userdata, fd);

        if (r < 0)
                log_error("cannot talk to our watcher: %s", strerror(-r));
}

int watchers_new(sd_event *event, Registry *registry, Watchers **ret) {
        Watchers *w;

        assert(event && registry && ret);

        w = calloc(1, sizeof(*w));
        if (!w)
                return -ENOMEM;
        *w = (Watchers){
                        .event = sd_event_ref(event),
                        .registry = registry,
                        .listener = -1,
                        .settings = watch_settings_default,
                        .share = watch_settings_default,
        };
        *ret = w;
        return 0;
}

Watchers *watchers_free(Watchers *w) {
        if (!w)
                return NULL;

        own_watcher_free(w->own);
        while (w->entries)
                entry_free(w->entries);
        sd_event_source_disable_unref(w->listening);
        close_fd(w->listener);
        if (w->path)
                (void)unlink(w->path);
        free(w->path);
        lives_done(&w->lives);
        sd_event_unref(w->event);
        free(w);
        return NULL;
}

int watchers_listen_fd(Watchers *w, int fd) {
        int r;

        assert(!w->listening);

        r = sd_event_add_io(w->event, &w->listening, fd, EPOLLIN, on_connection, w);
        if (r >= 0)
                w->listener = fd;
        return r;
}

int watchers_listen(Watchers *w, const char *path) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        _cleanup_close_ int fd = -1;
        int r;

        if (strlen(path) >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        (void)stpcpy(address.sun_path, path);

        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;

        /* What an earlier run left; a running one holds the bus name, and so we never get here. */
        (void)unlink(path);
        if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
                return -errno;
        /* Everybody may come: the kernel tells who it is. */
        if (chmod(path, 0666) < 0 || listen(fd, SOMAXCONN) < 0)
                return -errno;

        w->path = strdup(path);
        if (!w->path)
                return -ENOMEM;
        r = watchers_listen_fd(w, fd);
        if (r >= 0)
                (void)TAKE_FD(fd);
        return r;
}

int watchers_start_own(Watchers *w, const char *program) {
        assert(!w->own);
        return own_watcher_new(w->event, program, on_own_started, w, &w->own);
}

static void send_away(Watchers *w) {
        Entry *e, *next;

        DL_FOREACH_SAFE (w->entries, e, next)
                ended(e, e->link, "it is to come anew");
}

int watchers_save(const Watchers *w, json_object **ret) {
        return lives_save(&w->lives, ret);
}

void watchers_restore(Watchers *w, json_object *saved) {
        lives_restore(&w->lives, saved);
}

int watchers_restart(Watchers *w) {
        send_away(w);
        return w->own ? own_watcher_restart(w->own) : 0;
}

bool watchers_has_own(const Watchers *w) {
        return w->own != NULL;
}

uint64_t watchers_silent_usec(const Watchers *w, uint64_t now_usec) {
        uint64_t longest = 0;
        const Entry *e;

        DL_FOREACH (w->entries, e)
                if (link_is_open(e->link))
                        longest = MAX(longest, now_usec - link_heard_usec(e->link));
        return longest;
}

int watchers_renew_pools(Watchers *w) {
        unsigned n = 0;
        Entry *e;

        DL_FOREACH (w->entries, e)
                if (link_is_open(e->link))
                        n += rpc_peer_notify(link_peer(e->link), "renew-pool", NULL) >= 0;
        return n > 0 ? 0 : -ENOTCONN;
}

unsigned watchers_own_restarts(const Watchers *w) {
        return w->own ? own_watcher_restarts(w->own) : 0;
}

unsigned watchers_count(const Watchers *w) {
        const Entry *e;
        unsigned n = 0;

        DL_FOREACH (w->entries, e)
                n += link_is_open(e->link);
        return n;
}

/* What names an agent on the wire. */
static int address_new(const Agent *agent, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();
        int r;

        if (!o)
                return -ENOMEM;
        r = json_set_string(o, "socket", agent->last.socket);
        if (r < 0)
                return r;
        r = json_set_string(o, "pane", agent->last.pane);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(o);
        return 0;
}

/* Takes @params over. */
static int ask_for(Watchers *w, const Agent *agent, const char *method, json_object *params,
                uint64_t timeout_usec, WatchersAnswer answer, void *userdata,
                WatchersQuestion **ret) {
        _cleanup_json_ json_object *owned = params;
        Entry *e = find_open(w, agent->server->uid);
        WatchersQuestion *q;
        int r;

        if (!e)
                return -ENOTCONN;

        r = question_new(answer, userdata, &q);
        if (r < 0)
                return r;
        r = question_ask(q, link_peer(e->link), method, TAKE_PTR(owned), timeout_usec);
        if (r < 0) {
                watchers_question_drop(q);
                return r;
        }

        *ret = q;
        return 0;
}

static int ask_one(Watchers *w, const Agent *agent, const char *method, json_object *params,
                WatchersAnswer answer, void *userdata, WatchersQuestion **ret) {
        return ask_for(w, agent, method, params, ASK_TIMEOUT_USEC, answer, userdata, ret);
}

int watchers_ask_screen(Watchers *w, const Agent *agent, unsigned lines, WatchersAnswer answer,
                void *userdata, WatchersQuestion **ret) {
        _cleanup_json_ json_object *params = NULL;
        int r;

        r = address_new(agent, &params);
        if (r < 0)
                return r;
        r = json_set_int(params, "lines", lines);
        if (r < 0)
                return r;
        return ask_one(w, agent, "screen", TAKE_PTR(params), answer, userdata, ret);
}

int watchers_ask_explain(Watchers *w, const Agent *agent, WatchersAnswer answer, void *userdata,
                WatchersQuestion **ret) {
        json_object *params;
        int r;

        r = address_new(agent, &params);
        return r < 0 ? r : ask_one(w, agent, "explain", params, answer, userdata, ret);
}

int watchers_ask_check(Watchers *w, const Agent *agent, WatchersAnswer answer, void *userdata,
                WatchersQuestion **ret) {
        json_object *params;
        int r;

        r = address_new(agent, &params);
        return r < 0 ? r : ask_one(w, agent, "check", params, answer, userdata, ret);
}

int watchers_send_event(Watchers *w, const Agent *agent, pid_t pid, const char *source,
                const char *event, json_object *details, WatchersAnswer answer, void *userdata,
                WatchersQuestion **ret) {
        _cleanup_json_ json_object *params = NULL;
        int r;

        r = address_new(agent, &params);
        if (r < 0)
                return r;
        r = json_set_string(params, "source", source);
        if (r < 0)
                return r;
        r = json_set_string(params, "event", event);
        if (r < 0)
                return r;
        if (details)
                r = json_set(params, "details", json_object_get(details));
        if (r >= 0 && pid > 0)
                r = json_set_int(params, "pid", pid);
        if (r < 0)
                return r;
        return ask_one(w, agent, "event", TAKE_PTR(params), answer, userdata, ret);
}

int watchers_ask_act(Watchers *w, const Agent *agent, const ActOrder *order, WatchersAnswer answer,
                void *userdata, WatchersQuestion **ret) {
        _cleanup_json_ json_object *params = NULL;
        json_object *o = NULL;
        int r;

        r = address_new(agent, &params);
        if (r < 0)
                return r;
        r = act_order_to_json(order, &o);
        if (r >= 0)
                r = json_set(params, "order", o);
        if (r < 0)
                return r;
        return ask_for(w, agent, "act", TAKE_PTR(params), ACT_TIMEOUT_USEC, answer, userdata, ret);
}

int watchers_show_notice(Watchers *w, const Agent *agent, const json_object *notice,
                WatchersAnswer answer, void *userdata, WatchersQuestion **ret) {
        _cleanup_json_ json_object *params = NULL;
        int r;

        r = address_new(agent, &params);
        if (r >= 0)
                r = json_set(params, "notice", json_object_get((json_object *)notice));
        return r < 0 ? r : ask_one(w, agent, "notice", TAKE_PTR(params), answer, userdata, ret);
}

void watchers_close_notice(Watchers *w, uid_t uid, const char *id) {
        _cleanup_json_ json_object *params = json_object_new_object();
        const Entry *e = find_open(w, uid);

        if (e && params && json_set_string(params, "id", id) >= 0)
                (void)rpc_peer_notify(link_peer(e->link), "notice-over", TAKE_PTR(params));
}

void watchers_set_pressed(Watchers *w, WatchersPressed told, void *userdata) {
        w->pressed = told;
        w->pressed_userdata = userdata;
}

int watchers_ask_look(Watchers *w, WatchersAnswer answer, void *userdata, WatchersQuestion **ret) {
        WatchersQuestion *q;
        Entry *e;
        int r;

        r = question_new(answer, userdata, &q);
        if (r < 0)
                return r;

        DL_FOREACH (w->entries, e)
                if (link_is_open(e->link))
                        r = question_ask(q, link_peer(e->link), "look", NULL,
                                        WATCHERS_LOOK_TIMEOUT_USEC);

        if (question_open(q) == 0) {
                watchers_question_drop(q);
                return r < 0 ? r : -ENOTCONN;
        }

        *ret = q;
        return 0;
}

void watchers_reload(Watchers *w) {
        Entry *e;

        DL_FOREACH (w->entries, e)
                if (link_is_open(e->link))
                        (void)rpc_peer_notify(link_peer(e->link), "reload", NULL);
}
