/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Pane slot
 *
 * What a watched server keeps of each pane: its agent, if any, and what the daemon has still to be
 * told of it. It hangs on the pane itself.
 */

#include "daemon/watcher/pane-agent.h"
#include "daemon/watcher/tmux/server.h"
#include "daemon/watcher/uplink.h"

typedef struct PaneSlot {
        const MemorySource *memory; /* borrowed, as the next four */
        Uplink *uplink;
        TmuxServer *server;
        TmuxPane *pane;
        void *userdata; /* of the owner */
        PaneAgent *agent;
        unsigned changes;     /* TmuxPaneChange since the last judging */
        bool reported;        /* the daemon knows of it */
        bool state_is_dirty;  /* to be reported with the next look */
        bool detail_is_dirty; /* to be reported when it is time */
        uint64_t reported_usec;
        uint64_t moved_usec;  /* CLOCK_MONOTONIC of its last change; 0: none was seen */
        uint64_t judged_usec; /* CLOCK_MONOTONIC of the last judging; 0: it is to be made anew */
        uint64_t found_usec;  /* CLOCK_MONOTONIC: when its agent appeared */
} PaneSlot;

static inline PaneSlot *pane_slot_of(const TmuxPane *pane) {
        return pane ? pane->userdata : NULL;
}

/* The borrowed members of @template are taken over; the pane must have no slot yet. */
int pane_slot_new(sd_event *event, const PaneSlot *template, const PaneAgentEvents *events,
                PaneSlot **ret);
PaneSlot *pane_slot_free(PaneSlot *slot);
DEFINE_CLEANUP(PaneSlot *, pane_slot_free)

/* It changed. True if it had been still: one that is drawn all the time is no news. */
bool pane_slot_stirs(PaneSlot *slot, uint64_t now_monotonic);

/* Judges what the last look found, and reports what is due. */
int pane_slot_judge(PaneSlot *slot, const DetectorSet *rules, TrackerTime now);

/* Other rules are in force. */
void pane_slot_forget_verdict(PaneSlot *slot);

/* The agent changed between two looks: to be told after the next, or by flush. */
int pane_slot_note(PaneSlot *slot, const TrackerChange *change, uint64_t now_monotonic);
int pane_slot_flush(PaneSlot *slot, uint64_t now_monotonic);
/* Microseconds until flush has something to tell; UINT64_MAX if there is nothing. */
uint64_t pane_slot_due(const PaneSlot *slot, uint64_t now_monotonic);

/* Its agent was just found, and its first state waits for a confirmation: too early to tell of. */
bool pane_slot_is_undecided(const PaneSlot *slot, uint64_t now_monotonic);

/* Tells the daemon all of it, or that it is gone. */
int pane_slot_report(PaneSlot *slot, uint64_t now_monotonic);
int pane_slot_report_gone(PaneSlot *slot);
