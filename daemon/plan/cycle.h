/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Cycle
 *
 * The engine: which strategies are at work, each with its own agents, and what came of their
 * rounds. One cycle is one round of the strategy that is set, or, where it leaves the pace to
 * watchers, one round of theirs in which every agent was looked at.
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "daemon/link/watchers.h"
#include "daemon/plan/planner.h"

typedef struct Cycle Cycle;

int cycle_new(sd_event *event, Registry *registry, Watchers *watchers, uint64_t interval_usec,
                Cycle **ret);
Cycle *cycle_free(Cycle *cycle);
DEFINE_CLEANUP(Cycle *, cycle_free)

/* Without one, polling is the only strategy. Before the first cycle_set_crew(). */
void cycle_set_source(Cycle *cycle, const StrategySource *source, void *userdata);
/* Looks side by side that a strategy may plan with. */
void cycle_set_concurrency(Cycle *cycle, unsigned concurrency);

/* Takes effect at once. 0: rounds are as often as the budget allows. */
int cycle_set_interval(Cycle *cycle, uint64_t interval_usec);
/*
 * How often it allows them; worth telling, so not too often. @told: panes that are written to are
 * looked at besides.
 */
void cycle_set_pace(Cycle *cycle, uint64_t interval_usec, bool told);
/* Whichever of the two counts; 0: not known yet. */
uint64_t cycle_get_interval(const Cycle *cycle);

/* Watchers made so many more rounds of themselves; the last took so long. */
void cycle_note_rounds(Cycle *cycle, uint64_t n, uint64_t last_usec, unsigned agents);

/*
 * Who plans for whom from now on; see crew.h. Begins with a look at everything. -ENXIO: there is no
 * such strategy, -ERFKILL: it is disabled, -EINVAL: the rollout is no share. Then all is as it was.
 */
int cycle_set_crew(Cycle *cycle, const char *strategy, double rollout, char *const *classes);
/* The same; classes stay as they are. */
int cycle_set_strategy(Cycle *cycle, const char *name, double rollout);

/* The one that plans for all that have no other: polling, while the one that is set fails. */
const char *cycle_get_strategy(const Cycle *cycle);
const char *cycle_get_wanted(const Cycle *cycle);
double cycle_get_rollout(const Cycle *cycle);
/* Names of all, ended by NULL; free with strv_free(). */
int cycle_strategies(const Cycle *cycle, char ***ret);

/* The strategies at work; start with NULL. */
const Planner *cycle_next_planner(const Cycle *cycle, const Planner *previous);
/* How long until this agent's state is expected to change; UINT64_MAX: nobody knows. */
uint64_t cycle_expect_change(const Cycle *cycle, const Agent *agent);
unsigned cycle_count_agents(const Cycle *cycle, const Planner *planner);

/* Called after every cycle, and when the interval, the strategy or the rollout changed. */
typedef void (*CycleChanged)(void *userdata, const Cycle *cycle);
void cycle_set_observer(Cycle *cycle, CycleChanged changed, void *userdata);

/*
 * Runs one now, or joins the one that is running. @done is told the time it took and the number of
 * agents, exactly once, or an error. A cycle that cannot start returns that instead.
 */
typedef void (*CycleDone)(void *userdata, int error, uint64_t usec, unsigned agents);
int cycle_run(Cycle *cycle, CycleDone done, void *userdata);
/* Nobody waits for it with that userdata any more. */
void cycle_forget(Cycle *cycle, const void *userdata);

/* One who measures. NULL: none. */
typedef struct CycleMeter {
        /* The end of every cycle, asked for or not. */
        void (*cycle)(void *userdata, int error, uint64_t usec, unsigned agents);
        void (*round)(void *userdata, const Planner *planner, int error, uint64_t usec);
        void (*planned)(void *userdata, const Planner *planner, uint64_t usec);
        /* It fails, or does not any more. */
        void (*health)(void *userdata, const Planner *planner);
} CycleMeter;
void cycle_set_meter(Cycle *cycle, const CycleMeter *meter, void *userdata);

uint64_t cycle_last_usec(const Cycle *cycle); /* how long the last one took */
uint64_t cycle_count(const Cycle *cycle);
uint64_t cycle_failures(const Cycle *cycle);
