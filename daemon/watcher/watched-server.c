/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/watched-server.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/watcher/look-timer.h"
#include "daemon/watcher/lost-agents.h"
#include "daemon/watcher/pane-slot.h"
#include "daemon/watcher/reporter.h"

/* How long a pane whose state waits for its confirmation is captured in the first go. */
#define HOT_USEC USEC_PER_SEC
/* What is due in so short a time is due. */
#define CONFIRM_EARLY_USEC (10 * USEC_PER_MSEC)
/* Who was just found and does not answer is waited for before it is said that all was told. */
#define FIRST_ANSWER_USEC (10 * USEC_PER_SEC)

typedef struct Waiter {
        WatchedLookDone done;
        void *userdata;
        struct Waiter *next;
} Waiter;

struct WatchedServer {
        WatchContext context;
        TmuxServer *tmux;
        LookTimer *timer;
        sd_event_source *flush; /* when something is to be told that was held back */
        Waiter *waiters;
        bool looking;
        PaceGlance glance; /* that was begun last */
        /* Since the last look was over. */
        bool moved;   /* a screen is another */
        bool stirred; /* a pane began to move */
        bool reported;
        unsigned reported_panes;
        uint64_t found_usec; /* CLOCK_MONOTONIC */
};

/* One refresh of one pane, asked for from outside. */
typedef struct Refresh {
        WatchedServer *server;
        WatchedPaneFunc func;
        void *userdata;
} Refresh;

static const PaneAgentEvents agent_events;

static void complain(const WatchedServer *s, int r, const char *what) {
        if (r < 0)
                log_warning("%s: cannot %s: %s", tmux_server_socket(s->tmux), what, strerror(-r));
}

static TrackerTime time_now(void) {
        return (TrackerTime){.monotonic = now_monotonic(), .realtime = now_realtime()};
}

static int slot_get(WatchedServer *s, TmuxPane *pane, PaneSlot **ret) {
        const PaneSlot template = {
                        .memory = s->context.memory,
                        .uplink = s->context.uplink,
                        .server = s->tmux,
                        .pane = pane,
                        .userdata = s,
        };

        *ret = pane_slot_of(pane);
        return *ret ? 0 : pane_slot_new(s->context.event, &template, &agent_events, ret);
}

static void judge_pane(WatchedServer *s, TmuxPane *pane, TrackerTime now) {
        PaneSlot *slot;
        int r;

        r = slot_get(s, pane, &slot);
        if (r >= 0)
                r = pane_slot_judge(slot, rule_store_get(s->context.rules), now);
        complain(s, r, "judge a pane");
}

static int on_flush(sd_event_source *source, uint64_t usec, void *userdata) {
        WatchedServer *s = userdata;
        uint64_t now = now_monotonic();
        TmuxPane *pane = NULL;

        while ((pane = tmux_server_next(s->tmux, pane)))
                if (pane_slot_of(pane))
                        complain(s, pane_slot_flush(pane_slot_of(pane), now), "report");
        return 0;
}

/* Where looks are rare, what was held back is told between them. */
static void plan_flush(WatchedServer *s, uint64_t usec) {
        int r;

        s->flush = sd_event_source_disable_unref(s->flush);
        if (usec == UINT64_MAX || !uplink_is_wanted(s->context.uplink))
                return;
        r = sd_event_add_time_relative(
                        s->context.event, &s->flush, CLOCK_MONOTONIC, usec, 0, on_flush, s);
        complain(s, r, "plan a report");
}

static void on_written(void *userdata, TmuxServer *tmux, bool stirs) {
        WatchedServer *s = userdata;

        if (uplink_is_wanted(s->context.uplink))
                complain(s,
                                look_timer_written(s->timer,
                                                stirs ? PACE_GLANCE_STIRRING : PACE_GLANCE_MOVING),
                                "plan a glance");
}

/* The first confirmation that some state waits for is a glance, and until then those panes are hot.
 */
void watched_server_plan(WatchedServer *s) {
        uint64_t now = now_monotonic(), first = UINT64_MAX, due = UINT64_MAX;
        TmuxPane *pane = NULL;

        while ((pane = tmux_server_next(s->tmux, pane))) {
                const PaneSlot *slot = pane_slot_of(pane);
                uint64_t wait = slot ? pane_agent_needs_look(slot->agent, now) : UINT64_MAX;

                if (slot)
                        due = MIN(due, pane_slot_due(slot, now));
                if (wait == UINT64_MAX)
                        continue;
                tmux_pane_set_hot(pane, now + wait + HOT_USEC);
                first = MIN(first, wait);
        }

        plan_flush(s, due);
        if (!uplink_is_wanted(s->context.uplink)) {
                look_timer_stop(s->timer);
                return;
        }
        complain(s, look_timer_plan(s->timer), "plan a look");
        if (first != UINT64_MAX)
                complain(s, look_timer_plan_glance(s->timer, first), "plan a glance");
        if (tmux_server_wants(s->tmux) != TMUX_WANTS_NOTHING)
                on_written(s, s->tmux, tmux_server_wants(s->tmux) == TMUX_WANTS_URGENTLY);
}

static void on_due(void *userdata) {
        WatchedServer *s = userdata;

        if (look_timer_is_early(s->timer) && !tmux_server_is_at_rest(s->tmux)) {
                complain(s, look_timer_wait(s->timer), "plan a look");
                return;
        }
        watched_server_look(s, NULL, NULL);
        if (s->looking)
                return; /* the next is planned when it is over */
        look_timer_looked(s->timer, (PaceLook){.asked = true});
        complain(s, look_timer_retry(s->timer), "plan a look");
}

static bool wants_confirmation(const PaneSlot *slot, uint64_t now) {
        return slot && pane_agent_needs_look(slot->agent, now) <= CONFIRM_EARLY_USEC;
}

/* Those that a glance was for. */
static void judge_glanced(WatchedServer *s) {
        TrackerTime now = time_now();
        TmuxPane *pane = NULL;

        while ((pane = tmux_server_next(s->tmux, pane))) {
                const PaneSlot *slot = pane_slot_of(pane);

                if (!slot || slot->changes != 0 || wants_confirmation(slot, now.monotonic))
                        judge_pane(s, pane, now);
        }
}

static void finish_glance(WatchedServer *s) {
        judge_glanced(s);
        look_timer_glanced(s->timer, s->glance);
        watched_server_plan(s);
}

static void on_glanced(void *userdata, TmuxServer *tmux, int error, const TmuxLookStats *stats) {
        if (error == 0)
                finish_glance(userdata); /* else the next look will tell why */
}

static void on_glance_due(void *userdata, PaceGlance which) {
        WatchedServer *s = userdata;
        uint64_t now = now_monotonic();
        TmuxPane *pane = NULL;
        bool rests;

        if (s->looking)
                return; /* it is planned again after that */
        s->glance = which;
        rests = tmux_server_is_at_rest(s->tmux);
        while ((pane = tmux_server_next(s->tmux, pane)))
                if (wants_confirmation(pane_slot_of(pane), now) && !rests &&
                                !tmux_pane_is_as_captured(pane))
                        tmux_pane_want(pane, true);
        if (tmux_server_wants(s->tmux) == TMUX_WANTS_NOTHING)
                finish_glance(s); /* what waits for its confirmation is what it was */
        else
                (void)tmux_server_glance(s->tmux, which == PACE_GLANCE_STIRRING, on_glanced, s);
}

static unsigned count_agents(const WatchedServer *s) {
        TmuxPane *pane = NULL;
        unsigned n = 0;

        while ((pane = tmux_server_next(s->tmux, pane))) {
                const PaneSlot *slot = pane_slot_of(pane);

                n += slot && pane_agent_state(slot->agent)->present;
        }
        return n;
}

static bool runs_as(const PaneSlot *slot, const char *type) {
        const TrackerState *state = pane_agent_state(slot->agent);

        return state->present && !agent_state_is_gone(state->state) &&
                        strcmp(state->agent, type) == 0;
}

unsigned watched_server_count_running(const WatchedServer *s, const char *type) {
        TmuxPane *pane = NULL;
        unsigned n = 0;

        while ((pane = tmux_server_next(s->tmux, pane))) {
                const PaneSlot *slot = pane_slot_of(pane);

                n += slot && runs_as(slot, type);
        }
        return n;
}

static void tell_waiters(WatchedServer *s, const LookSum *sum) {
        Waiter *w, *waiters = s->waiters;

        s->waiters = NULL; /* who asks again from within joins the next look */
        while ((w = waiters)) {
                LL_DELETE(waiters, w);
                w->done(w->userdata, sum);
                free(w);
        }
}

static void report(WatchedServer *s) {
        complain(s, report_server(s->context.uplink, s->tmux), "report");
        s->reported = true;
        s->reported_panes = tmux_server_count(s->tmux);
}

static void on_looked(void *userdata, TmuxServer *tmux, int error, const TmuxLookStats *stats) {
        WatchedServer *s = userdata;
        TrackerTime now = time_now();
        LookSum sum = {.servers = 1};
        TmuxPane *pane = NULL;

        s->looking = false;
        if (error == -ECANCELED)
                return;

        if (error == 0) {
                while ((pane = tmux_server_next(s->tmux, pane)))
                        judge_pane(s, pane, now);
                if (s->reported_panes != tmux_server_count(tmux))
                        report(s);
                sum.panes = stats->panes;
                sum.captured = stats->captured;
        }
        /* That it does not answer is worth telling: who is not told of is taken to have ended. */
        if (!s->reported)
                report(s);
        sum.agents = count_agents(s);
        look_timer_looked(s->timer,
                        (PaceLook){
                                        .wall_usec = stats->usec,
                                        .asked = error < 0 || stats->chunks > 0,
                                        .moved = s->moved,
                                        .changed = s->stirred,
                                        .covered = tmux_server_is_covered(tmux),
                        });
        s->moved = s->stirred = false;
        watched_server_plan(s);
        tell_waiters(s, &sum);
}

void watched_server_look(WatchedServer *s, WatchedLookDone done, void *userdata) {
        const LookSum nothing = {.servers = 1, .agents = count_agents(s)};
        Waiter *w;
        int r = 0;

        if (!s->looking)
                r = tmux_server_look(s->tmux, TMUX_LOOK_NORMAL, on_looked, s);
        s->looking = s->looking || r >= 0;
        if (!done)
                return;

        w = s->looking ? calloc(1, sizeof(*w)) : NULL;
        if (!w)
                return done(userdata, &nothing); /* it does not answer now, or memory is out */
        *w = (Waiter){.done = done, .userdata = userdata};
        LL_APPEND(s->waiters, w);
}

/* Its last state is told after a look: maybe the pane was closed, or the whole server ended. */
static void on_process_ended(void *userdata, PaneAgent *agent, const TrackerChange *change) {
        PaneSlot *slot = userdata;

        tmux_pane_set_rest(slot->pane, 0);
        complain(slot->userdata, pane_slot_note(slot, change, now_monotonic()), "report");
        watched_server_look(slot->userdata, NULL, NULL);
}

/* It grows whether it is looked at or not. */
static void on_memory_changed(void *userdata, PaneAgent *agent, const TrackerChange *change) {
        PaneSlot *slot = userdata;
        uint64_t now = now_monotonic();
        int r = pane_slot_note(slot, change, now);

        complain(slot->userdata, r < 0 ? r : pane_slot_flush(slot, now), "report");
}

static const PaneAgentEvents agent_events = {
                .ended = on_process_ended,
                .memory = on_memory_changed,
};

static void on_pane_changed(void *userdata, TmuxServer *tmux, TmuxPane *pane, unsigned changes) {
        WatchedServer *s = userdata;
        PaneSlot *slot;
        int r;

        r = slot_get(s, pane, &slot);
        if (r < 0)
                return complain(s, r, "remember a pane");
        slot->changes |= changes;
        s->moved |= changes & TMUX_PANE_SCREEN;
        s->stirred |= pane_slot_stirs(slot, now_monotonic());
}

static void on_pane_gone(void *userdata, TmuxServer *tmux, TmuxPane *pane) {
        PaneSlot *slot = pane_slot_of(pane);

        if (slot)
                complain(userdata, pane_slot_report_gone(slot), "report");
        pane_slot_free(slot);
}

static void drop_slots(WatchedServer *s) {
        TmuxPane *pane = NULL;

        while ((pane = tmux_server_next(s->tmux, pane)))
                pane_slot_free(pane_slot_of(pane));
}

static void on_liveness_changed(void *userdata, TmuxServer *tmux, Liveness old) {
        WatchedServer *s = userdata;

        if (tmux_server_liveness(tmux) == LIVENESS_ABSENT &&
                        tmux_server_end(tmux) == TMUX_SERVER_END_DIED)
                complain(s,
                                lost_agents_note(tmux, rule_store_get(s->context.rules),
                                                now_realtime()),
                                "write down what was lost");
        if (tmux_server_liveness(tmux) == LIVENESS_ABSENT)
                drop_slots(s); /* the daemon knows what becomes of an absent server's agents */
        report(s);
}

static void on_replaced(void *userdata, TmuxServer *tmux) {
        WatchedServer *s = userdata;

        drop_slots(s);
        report(s);
}

static const LookTimerEvents timer_events = {
                .look = on_due,
                .glance = on_glance_due,
};

static const TmuxServerEvents events = {
                .written = on_written,
                .pane_changed = on_pane_changed,
                .pane_gone = on_pane_gone,
                .liveness_changed = on_liveness_changed,
                .replaced = on_replaced,
};

int watched_server_new(const WatchContext *context, const char *socket, WatchedServer **ret) {
        _cleanup_(watched_server_freep) WatchedServer *s = calloc(1, sizeof(*s));
        int r;

        if (!s)
                return -ENOMEM;
        s->context = *context;
        s->found_usec = now_monotonic();
        r = look_timer_new(context->event, context->ledger, &timer_events, s, &s->timer);
        if (r < 0)
                return r;
        r = tmux_server_new(context->event, context->transport, socket, &events, s, &s->tmux);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

WatchedServer *watched_server_free(WatchedServer *s) {
        const LookSum nothing = {};

        if (!s)
                return NULL;

        sd_event_source_disable_unref(s->flush);
        tell_waiters(s, &nothing);
        if (s->tmux)
                drop_slots(s);
        tmux_server_free(s->tmux);
        look_timer_free(s->timer);
        free(s);
        return NULL;
}

Liveness watched_server_liveness(const WatchedServer *s) {
        return tmux_server_liveness(s->tmux);
}

const char *watched_server_socket(const WatchedServer *s) {
        return tmux_server_socket(s->tmux);
}

TmuxServer *watched_server_tmux(const WatchedServer *s) {
        return s->tmux;
}

void watched_server_call_began(WatchedServer *s, pid_t pid) {
        look_timer_call_began(s->timer, pid);
}

void watched_server_call_ended(WatchedServer *s) {
        look_timer_call_ended(s->timer);
}

uint64_t watched_server_interval(const WatchedServer *s, PaceReason *ret_reason) {
        return look_timer_interval(s->timer, ret_reason);
}

void watched_server_report_all(WatchedServer *s) {
        TmuxPane *pane = NULL;
        uint64_t now = now_monotonic();

        if (!s->reported)
                return; /* nothing was learned of it yet: the first look will tell */
        report(s);
        while ((pane = tmux_server_next(s->tmux, pane)))
                if (pane_slot_of(pane))
                        complain(s, pane_slot_report(pane_slot_of(pane), now), "report");
}

bool watched_server_is_undecided(const WatchedServer *s) {
        TmuxPane *pane = NULL;
        uint64_t now = now_monotonic();

        if (tmux_server_liveness(s->tmux) == LIVENESS_UNKNOWN &&
                        now - s->found_usec < FIRST_ANSWER_USEC)
                return true;
        while ((pane = tmux_server_next(s->tmux, pane)))
                if (pane_slot_of(pane) && pane_slot_is_undecided(pane_slot_of(pane), now))
                        return true;
        return false;
}

void watched_server_rejudge(WatchedServer *s) {
        TmuxPane *pane = NULL;

        while ((pane = tmux_server_next(s->tmux, pane))) {
                PaneSlot *slot = pane_slot_of(pane);

                if (slot)
                        pane_slot_forget_verdict(slot);
        }
        watched_server_look(s, NULL, NULL);
}

static void on_refreshed(void *userdata, TmuxServer *tmux, int error, TmuxPane *pane) {
        Refresh *refresh = userdata;
        const PaneSlot *slot;

        if (error == 0)
                judge_pane(refresh->server, pane, time_now());
        slot = pane_slot_of(pane);
        if (error == 0 && !slot)
                error = -ENOMEM;
        refresh->func(refresh->userdata, error, error == 0 ? pane : NULL,
                        slot ? slot->agent : NULL);
        free(refresh);
}

int watched_server_refresh(
                WatchedServer *s, const char *pane, WatchedPaneFunc func, void *userdata) {
        Refresh *refresh = calloc(1, sizeof(*refresh));
        int r;

        if (!refresh)
                return -ENOMEM;
        *refresh = (Refresh){.server = s, .func = func, .userdata = userdata};
        r = tmux_server_refresh_pane(s->tmux, pane, on_refreshed, refresh);
        if (r < 0)
                free(refresh);
        return r;
}

int watched_server_sight(WatchedServer *s, const TmuxPane *pane, PaneAgent *agent, PaneSight *ret) {
        const PaneView view = {
                        .row = &pane->row, .screen = pane->screen, .n_screen = pane->n_screen};

        return pane_agent_sight(agent, rule_store_get(s->context.rules), &view, time_now(), ret);
}

void watched_server_hear(WatchedServer *s, PaneAgent *agent, const json_object *details) {
        pane_agent_hear(agent, rule_store_get(s->context.rules), details);
}

const ActRules *watched_server_act_rules(WatchedServer *s, const char *type) {
        return detector_act_rules(rule_store_get(s->context.rules), type);
}

int watched_server_run(
                WatchedServer *s, const TmuxWords *words, TmuxReplyFunc func, void *userdata) {
        return tmux_server_run(s->tmux, words, func, userdata);
}

uint64_t watched_server_start(const WatchedServer *s) {
        return tmux_server_start_usec(s->tmux);
}

PaneAgent *watched_server_find_agent(WatchedServer *s, const char *name) {
        const TmuxPane *pane = tmux_server_find(s->tmux, name);
        const PaneSlot *slot = pane_slot_of(pane);

        return slot ? slot->agent : NULL;
}

void watched_server_note(WatchedServer *s, const char *name, const TrackerChange *change) {
        PaneSlot *slot = pane_slot_of(tmux_server_find(s->tmux, name));
        int r;

        if (!slot)
                return;
        tmux_pane_set_rest(slot->pane, 0);
        r = pane_slot_note(slot, change, now_monotonic());
        complain(s, r < 0 ? r : pane_slot_flush(slot, now_monotonic()), "report");
        watched_server_look(s, NULL, NULL);
}
