/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/pane-slot.h"

#include <assert.h>
#include <errno.h>

#include "daemon/base/clock.h"
#include "daemon/watcher/reporter.h"

/* A title that spins and a screen that scrolls are told so often, a state at once. */
#define DETAIL_USEC (2 * USEC_PER_SEC)
/* A pane that has not moved for so long is at rest: what its change began is over. */
#define STILL_USEC (3 * USEC_PER_SEC)
/* It is judged so often: it may have got another process, and its processes may be at work. */
#define REST_USEC (5 * USEC_PER_SEC)
/* Who cannot be made out in this time is told of as unknown. */
#define UNDECIDED_USEC (3 * USEC_PER_SEC)

int pane_slot_new(sd_event *event, const PaneSlot *template, const PaneAgentEvents *events,
                PaneSlot **ret) {
        PaneSlot *slot;
        int r;

        assert(event && template && !template->pane->userdata && ret);

        slot = malloc(sizeof(*slot));
        if (!slot)
                return -ENOMEM;
        *slot = *template;
        r = pane_agent_new(event, slot->memory, events, slot, &slot->agent);
        if (r < 0) {
                free(slot);
                return r;
        }

        slot->pane->userdata = slot;
        *ret = slot;
        return 0;
}

PaneSlot *pane_slot_free(PaneSlot *slot) {
        if (!slot)
                return NULL;

        slot->pane->userdata = NULL;
        pane_agent_free(slot->agent);
        free(slot);
        return NULL;
}

static void mark_clean(PaneSlot *slot) {
        slot->state_is_dirty = slot->detail_is_dirty = false;
}

bool pane_slot_is_undecided(const PaneSlot *slot, uint64_t now) {
        const TrackerState *state = pane_agent_state(slot->agent);

        return state->present && !slot->reported && state->state == AGENT_UNKNOWN &&
                        pane_agent_needs_look(slot->agent, now) != UINT64_MAX &&
                        now - slot->found_usec < UNDECIDED_USEC;
}

bool pane_slot_stirs(PaneSlot *slot, uint64_t now) {
        bool was_still = now - slot->moved_usec >= STILL_USEC;

        slot->moved_usec = now;
        return was_still;
}

void pane_slot_forget_verdict(PaneSlot *slot) {
        slot->judged_usec = 0;
        pane_agent_forget_verdict(slot->agent);
}

int pane_slot_report(PaneSlot *slot, uint64_t now) {
        bool changed = slot->state_is_dirty;

        if (!pane_agent_state(slot->agent)->present || pane_slot_is_undecided(slot, now))
                return 0;

        mark_clean(slot);
        slot->reported = true;
        slot->reported_usec = now;
        return report_agent(slot->uplink, slot->server, slot->pane, slot->agent, changed);
}

int pane_slot_report_gone(PaneSlot *slot) {
        mark_clean(slot);
        slot->reported = false;
        return report_agent_gone(slot->uplink, slot->server, slot->pane);
}

int pane_slot_note(PaneSlot *slot, const TrackerChange *change, uint64_t now) {
        int r = change->vanished ? pane_slot_report_gone(slot) : 0;

        if (change->appeared)
                slot->found_usec = now;
        if (change->appeared || change->state)
                slot->state_is_dirty = true;
        if (change->detail || slot->changes & TMUX_PANE_META)
                slot->detail_is_dirty = true;
        return r;
}

uint64_t pane_slot_due(const PaneSlot *slot, uint64_t now) {
        uint64_t passed = now - slot->reported_usec;

        if (slot->state_is_dirty)
                return 0;
        if (!slot->detail_is_dirty)
                return UINT64_MAX;
        return passed < DETAIL_USEC ? DETAIL_USEC - passed : 0;
}

int pane_slot_flush(PaneSlot *slot, uint64_t now) {
        return pane_slot_due(slot, now) == 0 ? pane_slot_report(slot, now) : 0;
}

static bool is_at_rest(const PaneSlot *slot, uint64_t now) {
        return slot->changes == 0 && now - slot->judged_usec < REST_USEC && !slot->state_is_dirty &&
                        !slot->detail_is_dirty &&
                        pane_agent_needs_look(slot->agent, now) == UINT64_MAX;
}

int pane_slot_judge(PaneSlot *slot, const DetectorSet *rules, TrackerTime now) {
        const TmuxPane *pane = slot->pane;
        PaneView view = {
                        .row = &pane->row,
                        .screen = pane->screen,
                        .n_screen = pane->n_screen,
                        .changed = slot->changes &
                                        (TMUX_PANE_NEW | TMUX_PANE_META | TMUX_PANE_CURSOR),
                        .screen_changed = slot->changes & TMUX_PANE_SCREEN,
        };
        TrackerChange change = {};
        int r;

        if (is_at_rest(slot, now.monotonic))
                return 0;
        slot->judged_usec = now.monotonic;
        r = pane_agent_look(slot->agent, rules, &view, now, &change);
        if (r < 0)
                return r;
        r = pane_slot_note(slot, &change, now.monotonic);
        slot->changes = 0;
        return r < 0 ? r : pane_slot_flush(slot, now.monotonic);
}
