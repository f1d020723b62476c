/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/watcher.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/log.h"
#include "daemon/base/strv.h"
#include "daemon/watcher/access.h"
#include "daemon/watcher/act/typist.h"
#include "daemon/watcher/detect/rule-folders.h"
#include "daemon/watcher/look-part.h"
#include "daemon/watcher/proc/cpu-clock.h"
#include "daemon/watcher/reporter.h"
#include "daemon/watcher/requests.h"
#include "daemon/watcher/tmux/server-finder.h"
#include "daemon/watcher/watched-server.h"

#define FIRST_LOOK_USEC (300 * USEC_PER_MSEC)
/* So often the daemon is told of our looking. */
#define REPORT_USEC (2 * USEC_PER_SEC)

typedef struct Entry {
        WatchedServer *server;
        bool lost; /* the finder does not see it any more */
        struct Entry *prev, *next;
} Entry;

/* A look at all servers, for one who asked. */
typedef struct LookAll {
        WatchedLookDone done;
        void *userdata;
        LookSum sum;
        unsigned n_open;
} LookAll;

struct Watcher {
        WatchContext context;
        ServerFinder *finder;
        Entry *entries;
        RequestTarget target;
        sd_event_source *first_look; /* once more, before we are ready */
        Ledger ledger;
        MemorySource memory;
        WatchSettings settings;
        Access access;
        Typist *typist;
        sd_event_source *report;
};

static Entry *find_entry(const Watcher *w, const char *socket) {
        Entry *e;

        DL_FOREACH (w->entries, e)
                if (strcmp(watched_server_socket(e->server), socket) == 0)
                        return e;
        return NULL;
}

static WatchedServer *find_server(void *userdata, const char *socket) {
        const Entry *e = find_entry(userdata, socket);

        return e ? e->server : NULL;
}

static unsigned count_running(void *userdata, const char *type) {
        const Watcher *w = userdata;
        const Entry *e;
        unsigned n = 0;

        DL_FOREACH (w->entries, e)
                n += watched_server_count_running(e->server, type);
        return n;
}

/* In the order in which they were found. */
static WatchedServer *next_server(void *userdata, const WatchedServer *previous) {
        const Watcher *w = userdata;
        const Entry *e;

        if (!previous)
                return w->entries ? w->entries->server : NULL;
        DL_FOREACH (w->entries, e)
                if (e->server == previous)
                        return e->next ? e->next->server : NULL;
        return NULL;
}

static void finish_part(void *userdata, const LookSum *sum) {
        LookAll *all = userdata;

        all->sum.servers += sum->servers;
        all->sum.panes += sum->panes;
        all->sum.captured += sum->captured;
        all->sum.agents += sum->agents;
        if (--all->n_open > 0)
                return;
        all->done(all->userdata, &all->sum);
        free(all);
}

static void entry_free(Watcher *w, Entry *e) {
        DL_DELETE(w->entries, e);
        typist_forget(w->typist, e->server);
        watched_server_free(e->server);
        free(e);
}

/* The daemon remembers those that ended; to us they are nothing but a name. */
static void forget_ended(Watcher *w) {
        Entry *e, *next;

        DL_FOREACH_SAFE (w->entries, e, next)
                if (e->lost && watched_server_liveness(e->server) == LIVENESS_ABSENT)
                        entry_free(w, e);
}

static void look_all(void *userdata, WatchedLookDone done, void *done_userdata) {
        const LookSum nothing = {};
        Watcher *w = userdata;
        LookAll *all = calloc(1, sizeof(*all));
        Entry *e;

        if (!all)
                return done(done_userdata, &nothing);

        forget_ended(w);
        /* One part is ours, so that it cannot be over before all have been asked. */
        *all = (LookAll){.done = done, .userdata = done_userdata, .n_open = 1};
        DL_FOREACH (w->entries, e) {
                all->n_open++;
                look_part_wake(e->server);
                watched_server_look(e->server, finish_part, all);
        }
        finish_part(all, &nothing);
}

static int look_part(
                void *userdata, json_object *params, WatchedLookDone done, void *done_userdata) {
        const LookPart part = {find_server, next_server, userdata, params};

        forget_ended(userdata);
        return look_part_begin(&part, done, done_userdata);
}

static void on_found(void *userdata, const char *socket, pid_t pid) {
        Watcher *w = userdata;
        Entry *e = find_entry(w, socket);
        int r;

        if (e) {
                e->lost = false;
                return watched_server_look(e->server, NULL, NULL);
        }

        e = calloc(1, sizeof(*e));
        r = e ? watched_server_new(&w->context, socket, &e->server) : -ENOMEM;
        if (r < 0) {
                log_error("cannot watch '%s': %s", socket, strerror(-r));
                free(e);
                return;
        }

        log_debug("there is a tmux server at '%s'", socket);
        DL_APPEND(w->entries, e);
        watched_server_look(e->server, NULL, NULL);
}

/* It is looked at once more, to learn how it ended. */
static void on_lost(void *userdata, const char *socket) {
        Entry *e = find_entry(userdata, socket);

        log_debug("the tmux server at '%s' is gone", socket);
        if (!e)
                return;
        e->lost = true;
        watched_server_look(e->server, NULL, NULL);
}

static const ServerFinderEvents finder_events = {
                .found = on_found,
                .lost = on_lost,
};

static bool is_undecided(const Watcher *w) {
        const Entry *e;

        DL_FOREACH (w->entries, e)
                if (watched_server_is_undecided(e->server))
                        return true;
        return false;
}

static void on_first_look(void *userdata, const LookSum *sum);

static int on_first_look_again(sd_event_source *source, uint64_t usec, void *userdata) {
        look_all(userdata, on_first_look, userdata);
        return 0;
}

/* We are ready once all that is there was told; that ends, for undecided agents do not stay so. */
static void on_first_look(void *userdata, const LookSum *sum) {
        Watcher *w = userdata;

        w->first_look = sd_event_source_disable_unref(w->first_look);
        if (is_undecided(w) &&
                        sd_event_add_time_relative(w->context.event, &w->first_look,
                                        CLOCK_MONOTONIC, FIRST_LOOK_USEC, 0, on_first_look_again,
                                        w) >= 0)
                return;
        (void)report_ready(w->context.uplink);
}

static void apply_settings(Watcher *w, json_object *settings) {
        Entry *e;

        if (watch_settings_from_json(settings, &w->settings) < 0) {
                log_warning("the service's settings cannot be understood, the ones before stay");
                return;
        }

        access_apply(&w->access, &w->settings);
        pace_set(&w->ledger.pace, w->settings.cost_budget, w->settings.interval_usec);
        w->ledger.pace.asked = w->settings.asked;
        w->memory.limits = (MemoryLimits){
                        .used = w->settings.memory_used,
                        .pressure = w->settings.memory_pressure,
        };
        DL_FOREACH (w->entries, e)
                watched_server_plan(e->server);
}

/* A round is over when the slowest was looked at. */
static void find_slowest(const Watcher *w, WatchReport *report) {
        const Entry *e;

        DL_FOREACH (w->entries, e) {
                PaceReason reason;
                uint64_t usec = watched_server_interval(e->server, &reason);

                watch_report_add_pace(report, usec, reason, watched_server_is_told(e->server));
        }
}

static int send_report(Watcher *w) {
        WatchReport report = {
                        .reason = w->settings.interval_usec > 0 ? PACE_CONFIGURED : PACE_USEFUL,
                        .own_usec = cpu_clock_own() / 1000,
                        .tmux_usec = w->ledger.tmux_nsec / 1000,
                        .rounds = w->ledger.rounds,
                        .round_usec = w->ledger.round_usec,
                        .pool = access_pool_stats(&w->access),
        };
        json_object *o;
        int r;

        find_slowest(w, &report);
        r = watch_report_to_json(&report, &o);
        return r < 0 ? r : uplink_notify(w->context.uplink, "watching", o);
}

static int on_report(sd_event_source *source, uint64_t usec, void *userdata) {
        Watcher *w = userdata;

        forget_ended(w);
        if (uplink_is_up(w->context.uplink) && send_report(w) < 0)
                log_warning("cannot tell the service what looking costs");
        (void)sd_event_source_set_time_relative(source, REPORT_USEC);
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static void on_up(void *userdata, json_object *welcome) {
        json_object *settings = json_get_typed(welcome, "settings", json_type_object);
        Watcher *w = userdata;
        Entry *e;

        if (settings)
                apply_settings(w, settings);
        DL_FOREACH (w->entries, e)
                watched_server_report_all(e->server);
        look_all(w, on_first_look, w);
}

/* Nobody asks for looks meanwhile. */
static void on_down(void *userdata) {
        Watcher *w = userdata;
        Entry *e;

        pace_set(&w->ledger.pace, w->settings.cost_budget, 0);
        w->ledger.pace.asked = false;
        DL_FOREACH (w->entries, e)
                watched_server_plan(e->server);
}

static void on_request(void *userdata, json_object *id, const char *method, json_object *params) {
        Watcher *w = userdata;

        request_handle(&w->target, id, method, params);
}

static void on_notification(void *userdata, const char *method, json_object *params) {
        Watcher *w = userdata;
        int r;

        if (strcmp(method, "settings") == 0)
                return apply_settings(w, params);
        if (strcmp(method, "notice-over") == 0)
                return desktop_close(w->target.desktop, json_get_string(params, "id") ?: "");
        if (strcmp(method, "renew-pool") == 0) {
                log_info("the pool is made anew");
                return access_renew(&w->access);
        }
        if (strcmp(method, "reload") != 0)
                return;
        r = rule_store_reload(w->context.rules);
        if (r < 0)
                log_error("cannot read the detector rules, the old ones stay: %s", strerror(-r));
}

static const UplinkHandler uplink_handler = {
                .up = on_up,
                .request = on_request,
                .notification = on_notification,
                .down = on_down,
};

static void on_rules_changed(void *userdata) {
        Watcher *w = userdata;
        Entry *e;

        DL_FOREACH (w->entries, e)
                watched_server_rejudge(e->server);
}

static int open_uplink(Watcher *w, const WatcherOptions *options) {
        if (options->fd >= 0)
                return uplink_new_fd(w->context.event, options->fd, &uplink_handler, w,
                                &w->context.uplink);
        return uplink_new_path(
                        w->context.event, options->socket, &uplink_handler, w, &w->context.uplink);
}

static int open_rules(Watcher *w, const WatcherOptions *options) {
        _cleanup_strv_free_ char **folders = NULL;
        int r;

        r = rule_folders(&folders);
        if (r < 0)
                return r;
        if (options->rules) {
                r = strv_extend(&folders, options->rules);
                if (r < 0)
                        return r;
        }
        return rule_store_new(w->context.event, folders, on_rules_changed, w, &w->context.rules);
}

static void on_call_began(void *userdata, const char *socket, pid_t server_pid) {
        const Entry *e = find_entry(userdata, socket);

        if (e)
                watched_server_call_began(e->server, server_pid);
}

static void on_call_ended(void *userdata, const char *socket, pid_t server_pid) {
        const Entry *e = find_entry(userdata, socket);

        if (e)
                watched_server_call_ended(e->server);
}

static const AccessEvents access_events = {
                .began = on_call_began,
                .ended = on_call_ended,
};

static int find_servers(Watcher *w) {
        int r;

        r = server_finder_new(w->context.event, &finder_events, w, &w->finder);
        if (r < 0)
                return r;
        r = server_finder_add_usual_folders(w->finder);
        if (r < 0)
                return r;
        return server_finder_start(w->finder);
}

static void on_pressed(void *userdata, const char *id, const char *button) {
        _cleanup_json_ json_object *o = json_object_new_object();
        Watcher *w = userdata;

        if (o && json_set_string(o, "id", id) >= 0 && json_set_string(o, "button", button) >= 0)
                (void)uplink_notify(w->context.uplink, "pressed", TAKE_PTR(o));
}

int watcher_new(sd_event *event, const WatcherOptions *options, Watcher **ret) {
        _cleanup_(watcher_freep) Watcher *w = NULL;
        int r;

        assert(event && options && ret);

        w = calloc(1, sizeof(*w));
        if (!w)
                return -ENOMEM;
        w->context.event = event;
        w->context.ledger = &w->ledger;
        w->context.memory = &w->memory;
        memory_source_init(&w->memory, "/proc");
        w->settings = watch_settings_default;
        r = open_rules(w, options);
        if (r < 0)
                return r;
        ledger_init(&w->ledger, now_monotonic());
        r = access_init(&w->access, event, options->transport, &access_events, w);
        if (r < 0)
                return r;
        w->context.transport = w->access.transport;
        r = open_uplink(w, options);
        if (r < 0)
                return r;
        r = typist_new(event, &w->typist);
        if (r < 0)
                return r;
        w->target = (RequestTarget){
                        .uplink = w->context.uplink,
                        .find = find_server,
                        .count_running = count_running,
                        .look_all = look_all,
                        .typist = w->typist,
                        .look_part = look_part,
                        .userdata = w,
        };
        r = desktop_new(event, on_pressed, w, &w->target.desktop);
        if (r < 0)
                return r;
        r = find_servers(w);
        if (r < 0)
                return r;
        r = sd_event_add_time_relative(
                        event, &w->report, CLOCK_MONOTONIC, REPORT_USEC / 2, 0, on_report, w);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(w);
        return 0;
}

Watcher *watcher_free(Watcher *w) {
        if (!w)
                return NULL;

        sd_event_source_disable_unref(w->first_look);
        sd_event_source_disable_unref(w->report);
        server_finder_free(w->finder);
        desktop_free(w->target.desktop);
        while (w->entries)
                entry_free(w, w->entries);
        typist_free(w->typist);
        access_done(&w->access);
        rule_store_free(w->context.rules);
        uplink_free(w->context.uplink);
        memory_source_done(&w->memory);
        free(w);
        return NULL;
}
