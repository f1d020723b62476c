/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Cycle
 *
 * One cycle is one round in which every agent was looked at. Where an interval is configured, has
 * all watchers look, again and again; else they pace themselves, and their rounds are counted here.
 * Holds the strategy's name and how long the last cycle took. For now the only plan is polling, the
 * one that the core can make alone.
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "daemon/link/watchers.h"

typedef struct Cycle Cycle;

int cycle_new(sd_event *event, Watchers *watchers, uint64_t interval_usec, Cycle **ret);
Cycle *cycle_free(Cycle *cycle);
DEFINE_CLEANUP(Cycle *, cycle_free)

/* Takes effect at once. 0: no cycles but those that are asked for, since watchers pace themselves.
 */
int cycle_set_interval(Cycle *cycle, uint64_t interval_usec);
/* At which pace they do; worth telling, so not too often. */
void cycle_set_pace(Cycle *cycle, uint64_t interval_usec);
/* Whichever of the two counts; 0: not known yet. */
uint64_t cycle_get_interval(const Cycle *cycle);

/* Watchers made so many more rounds of themselves; the last took so long. */
void cycle_note_rounds(Cycle *cycle, uint64_t n, uint64_t last_usec, unsigned agents);

/* -ENXIO if there is no such strategy. */
int cycle_set_strategy(Cycle *cycle, const char *name);
const char *cycle_get_strategy(const Cycle *cycle);
/* Names of all, ended by NULL. */
char *const *cycle_strategies(const Cycle *cycle);

/* Called after every cycle, and when the interval or the strategy changed. */
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

/* One who measures: told of the end of every cycle, asked for or not. NULL: none. */
void cycle_set_meter(Cycle *cycle, CycleDone meter, void *userdata);

uint64_t cycle_last_usec(const Cycle *cycle); /* how long the last one took */
uint64_t cycle_count(const Cycle *cycle);
uint64_t cycle_failures(const Cycle *cycle);
