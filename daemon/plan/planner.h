/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Planner
 *
 * One strategy at work: shows it its agents, has its plan checked and carried out, and asks for the
 * next. While the strategy fails, polls its agents, and tries it again, later and later.
 */

#include <systemd/sd-event.h>

#include "daemon/link/watchers.h"
#include "daemon/plan/past.h"
#include "daemon/plan/strategy-source.h"

typedef struct Planner Planner;

typedef struct PlannerStats {
        uint64_t rounds;
        uint64_t looks;
        uint64_t plans;
        uint64_t failures; /* of the strategy */
} PlannerStats;

/* What planners share, and what they are told; longer than they live. */
typedef struct PlannerShared {
        sd_event *event;
        Registry *registry;
        Watchers *watchers;
        Past *past;
        const StrategySource *source; /* NULL: there is nothing but polling */
        void *source_userdata;
        uint64_t interval_usec; /* configured; 0: none */
        uint64_t pace_usec;     /* what the budget allows; 0: not known */
        bool told;              /* besides, panes tell when they are written to */
        bool own_pace;          /* watchers look of themselves */
        unsigned concurrency;

        bool (*belongs)(void *userdata, const Planner *p, const Agent *agent);
        /* Whether it is time for a look at all servers. */
        bool (*take_sweep)(void *userdata);
        void (*round_over)(void *userdata, const Planner *p, int error, uint64_t usec,
                        unsigned agents);
        void (*planned)(void *userdata, const Planner *p, uint64_t usec);
        /* It fails, does not any more, or another one says when watchers look. */
        void (*changed)(void *userdata, Planner *p);
        void *userdata;
} PlannerShared;

int planner_new(PlannerShared *shared, const char *name, Planner **ret);
Planner *planner_free(Planner *planner);
DEFINE_CLEANUP(Planner *, planner_free)

/* The interval, or its agents, are others: its next round is now. */
void planner_begin_anew(Planner *planner);

const char *planner_name(const Planner *planner);
/* Why it fails: a sentence. NULL: it does not. */
const char *planner_error(const Planner *planner);
/* Watchers may look of themselves, for all that it has said. */
bool planner_leaves_pace(const Planner *planner);
const PlannerStats *planner_stats(const Planner *planner);
