/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Health checks
 *
 * Checks agents in batches: so many side by side and no more, each agent once however many wait
 * for it, and not at all where a check that is young enough is remembered. It asks through an
 * interface and does not know who answers.
 */

#include <systemd/sd-event.h>

#include "daemon/agents/cache.h"
#include "daemon/agents/health.h"

#define HEALTH_BATCH_MAX 10000U
#define HEALTH_BATCHES_MAX 256U

typedef struct HealthChecks HealthChecks;
typedef struct HealthBatch HealthBatch;

/* @error is 0 or a negative errno; @look is borrowed and NULL on error. */
typedef void (*HealthAnswer)(void *userdata, int error, const HealthLook *look);

/* Who looks at agents. */
typedef struct HealthAsker {
        /*
         * The answer comes exactly once, perhaps before this returns, unless this fails or the
         * question is dropped.
         */
        int (*ask)(void *userdata, const char *agent_id, HealthAnswer answer, void *answer_userdata,
                        void **ret_question);
        void (*drop)(void *userdata, void *question);
        void *userdata;
} HealthAsker;

typedef struct HealthLimits {
        unsigned concurrency;
        uint64_t timeout_usec; /* of one check */
} HealthLimits;

/* Valid during the callback. */
typedef struct HealthResult {
        const char *agent_id;
        Health health;
        const char *sentence;
        uint64_t age_usec; /* how long ago that was seen */
} HealthResult;

typedef void (*HealthResultCallback)(void *userdata, const HealthResult *result);
typedef void (*HealthDoneCallback)(void *userdata);

/* @cache is borrowed and must live longer. */
int health_checks_new(sd_event *event, Cache *cache, const HealthAsker *asker,
                const HealthLimits *limits, HealthChecks **ret);
/* Nobody is called any more. Not from within a callback. */
HealthChecks *health_checks_free(HealthChecks *checks);
DEFINE_CLEANUP(HealthChecks *, health_checks_free)

/* For the checks that start from now on. */
void health_checks_set_limits(HealthChecks *checks, const HealthLimits *limits);

/*
 * Checks all of @agent_ids. What is remembered and at most @max_age_usec old will do; 0: look
 * anew. @result is told of each, @done when that was all; both only from the loop, and the batch
 * is gone when @done is called. -E2BIG: too many ids; -EDQUOT: too many batches.
 */
int health_checks_run(HealthChecks *checks, char *const *agent_ids, uint64_t max_age_usec,
                HealthResultCallback result, HealthDoneCallback done, void *userdata,
                HealthBatch **ret);

/* It is not wanted any more: neither callback comes. NULL is fine; returns NULL. */
HealthBatch *health_batch_drop(HealthBatch *batch);

unsigned health_checks_running(const HealthChecks *checks);
unsigned health_checks_queued(const HealthChecks *checks);
