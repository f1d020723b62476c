/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/watched-server-internal.h"

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
/* Who was just found and does not answer is waited for before it is said that all was told. */
#define FIRST_ANSWER_USEC (10 * USEC_PER_SEC)

static const PaneAgentEvents agent_events;

void watched_server_complain(const WatchedServer *s, int r, const char *what) {
        if (r < 0)
                log_warning("%s: cannot %s: %s", tmux_server_socket(s->tmux), what, strerror(-r));
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

void watched_server_judge(WatchedServer *s, TmuxPane *pane, TrackerTime now) {
        PaneSlot *slot;
        int r;

        r = slot_get(s, pane, &slot);
        if (r >= 0)
                r = pane_slot_judge(slot, rule_store_get(s->context.rules), now);
        watched_server_complain(s, r, "judge a pane");
}

static int on_flush(sd_event_source *source, uint64_t usec, void *userdata) {
        WatchedServer *s = userdata;
        uint64_t now = now_monotonic();
        TmuxPane *pane = NULL;

        while ((pane = tmux_server_next(s->tmux, pane)))
                if (pane_slot_of(pane))
                        watched_server_complain(
                                        s, pane_slot_flush(pane_slot_of(pane), now), "report");
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
        watched_server_complain(s, r, "plan a report");
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
        watched_server_complain(s, look_timer_plan(s->timer), "plan a look");
        if (first != UINT64_MAX)
                watched_server_complain(
                                s, look_timer_plan_glance(s->timer, first), "plan a glance");
        if (tmux_server_wants(s->tmux) != TMUX_WANTS_NOTHING)
                watched_glance_written(
                                s, s->tmux, tmux_server_wants(s->tmux) == TMUX_WANTS_URGENTLY);
}

static void on_due(void *userdata) {
        WatchedServer *s = userdata;

        if (look_timer_is_early(s->timer) && !tmux_server_is_at_rest(s->tmux)) {
                watched_server_complain(s, look_timer_wait(s->timer), "plan a look");
                return;
        }
        watched_server_look(s, NULL, NULL);
        if (s->looking)
                return; /* the next is planned when it is over */
        look_timer_looked(s->timer, (PaceLook){.asked = true});
        watched_server_complain(s, look_timer_retry(s->timer), "plan a look");
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
        watched_server_complain(s, report_server(s->context.uplink, s->tmux), "report");
        s->reported = true;
        s->reported_panes = tmux_server_count(s->tmux);
}

static void on_looked(void *userdata, TmuxServer *tmux, int error, const TmuxLookStats *stats) {
        WatchedServer *s = userdata;
        TrackerTime now = pane_time_now();
        LookSum sum = {.servers = 1};
        TmuxPane *pane = NULL;

        s->looking = false;
        if (error == -ECANCELED)
                return;

        if (error == 0) {
                while ((pane = tmux_server_next(s->tmux, pane)))
                        watched_server_judge(s, pane, now);
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
        watched_server_complain(
                        slot->userdata, pane_slot_note(slot, change, now_monotonic()), "report");
        watched_server_look(slot->userdata, NULL, NULL);
}

/* It grows whether it is looked at or not. */
static void on_memory_changed(void *userdata, PaneAgent *agent, const TrackerChange *change) {
        PaneSlot *slot = userdata;
        uint64_t now = now_monotonic();
        int r = pane_slot_note(slot, change, now);

        watched_server_complain(slot->userdata, r < 0 ? r : pane_slot_flush(slot, now), "report");
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
                return watched_server_complain(s, r, "remember a pane");
        slot->changes |= changes;
        s->moved |= changes & TMUX_PANE_SCREEN;
        s->stirred |= pane_slot_stirs(slot, now_monotonic());
}

static void on_pane_gone(void *userdata, TmuxServer *tmux, TmuxPane *pane) {
        PaneSlot *slot = pane_slot_of(pane);

        if (slot)
                watched_server_complain(userdata, pane_slot_report_gone(slot), "report");
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
                watched_server_complain(s,
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
                .glance = watched_glance_due,
};

static const TmuxServerEvents events = {
                .written = watched_glance_written,
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

bool watched_server_is_told(const WatchedServer *s) {
        return look_timer_is_told(s->timer);
}

void watched_server_report_all(WatchedServer *s) {
        TmuxPane *pane = NULL;
        uint64_t now = now_monotonic();

        if (!s->reported)
                return; /* nothing was learned of it yet: the first look will tell */
        report(s);
        while ((pane = tmux_server_next(s->tmux, pane)))
                if (pane_slot_of(pane))
                        watched_server_complain(
                                        s, pane_slot_report(pane_slot_of(pane), now), "report");
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

uint64_t watched_server_start(const WatchedServer *s) {
        return tmux_server_start_usec(s->tmux);
}
