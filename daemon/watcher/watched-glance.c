/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is done between two looks: for panes that were written to, and states to be confirmed. */

#include "daemon/watcher/watched-server-internal.h"

/* What is due in so short a time is due. */
#define CONFIRM_EARLY_USEC (10 * USEC_PER_MSEC)

void watched_glance_written(void *userdata, TmuxServer *tmux, bool stirs) {
        WatchedServer *s = userdata;

        if (uplink_is_wanted(s->context.uplink))
                watched_server_complain(s,
                                look_timer_written(s->timer,
                                                stirs ? PACE_GLANCE_STIRRING : PACE_GLANCE_MOVING),
                                "plan a glance");
}

static bool wants_confirmation(const PaneSlot *slot, uint64_t now) {
        return slot && pane_agent_needs_look(slot->agent, now) <= CONFIRM_EARLY_USEC;
}

/* Those that a glance was for. */
static void judge_glanced(WatchedServer *s) {
        TrackerTime now = pane_time_now();
        TmuxPane *pane = NULL;

        while ((pane = tmux_server_next(s->tmux, pane))) {
                const PaneSlot *slot = pane_slot_of(pane);

                if (!slot || slot->changes != 0 || wants_confirmation(slot, now.monotonic))
                        watched_server_judge(s, pane, now);
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

void watched_glance_due(void *userdata, PaceGlance which) {
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
