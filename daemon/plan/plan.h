/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Plan
 *
 * What a strategy wants looked at in one round, checked: a plan with anything in it that makes no
 * sense is refused as a whole. Pure.
 */

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/clock.h"

#define PLAN_DELAY_MAX_USEC (60 * USEC_PER_SEC)
#define PLAN_NEXT_MIN_USEC (50 * USEC_PER_MSEC)
#define PLAN_NEXT_MAX_USEC (60 * USEC_PER_SEC)
#define PLAN_CONCURRENCY_MAX 1000U

typedef struct PlannedLook {
        uint32_t agent; /* index in the round */
        uint64_t delay_usec;
} PlannedLook;

typedef struct Plan {
        PlannedLook *looks; /* in order of delay, each agent at most once */
        size_t n_looks;
        unsigned concurrency; /* servers side by side; 0: as many as are allowed */
        uint64_t next_usec;   /* until the next round; 0: the usual interval */
        bool own_pace;        /* watchers look of themselves, and the next round is the next plan */
} Plan;

void plan_done(Plan *plan);

/*
 * @o: {"looks": [agent, [agent, delay], …], "concurrency": n, "next": microseconds, "pace": 0 or
 * 1}. -EPROTO: @reterr has a sentence; it may be NULL if memory is out.
 */
int plan_read(json_object *o, size_t n_agents, Plan *ret, char **reterr);

/* The one plan that needs no strategy: everybody, now, one server after the other. */
int plan_polling(size_t n_agents, Plan *ret);
