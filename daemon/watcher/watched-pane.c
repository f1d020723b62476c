/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One pane of a watched server, for whoever acts on it. */

#include <errno.h>

#include "daemon/watcher/watched-server-internal.h"

/* One refresh of one pane, asked for from outside. */
typedef struct Refresh {
        WatchedServer *server;
        WatchedPaneFunc func;
        void *userdata;
} Refresh;

static void on_refreshed(void *userdata, TmuxServer *tmux, int error, TmuxPane *pane) {
        Refresh *refresh = userdata;
        const PaneSlot *slot;

        if (error == 0)
                watched_server_judge(refresh->server, pane, pane_time_now());
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

        return pane_agent_sight(
                        agent, rule_store_get(s->context.rules), &view, pane_time_now(), ret);
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
        watched_server_complain(s, r < 0 ? r : pane_slot_flush(slot, now_monotonic()), "report");
        watched_server_look(s, NULL, NULL);
}
