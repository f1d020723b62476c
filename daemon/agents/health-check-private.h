/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the two halves of health checks share
 *
 * health-check.c asks for agents, health-batch.c tells those who wait for them.
 */

#include <uthash.h>

#include "daemon/agents/health-check.h"
#include "daemon/agents/health-status.h"

typedef struct HealthCheck HealthCheck;
typedef struct HealthWaiter HealthWaiter;

/* One agent that a batch wants to hear of: at first it waits for a check, then to be told. */
struct HealthWaiter {
        HealthBatch *batch;
        HealthCheck *check; /* NULL: the status is there */
        char *agent_id;
        HealthStatus status;
        HealthWaiter *prev, *next;             /* in its check, or in HealthChecks.ready */
        HealthWaiter *batch_prev, *batch_next; /* in its batch */
};

struct HealthCheck {
        HealthChecks *checks;
        char *agent_id;
        bool running;
        void *question;
        uint64_t deadline_usec;
        HealthWaiter *waiters;
        HealthCheck *prev, *next; /* in HealthChecks.queued or .running */
        UT_hash_handle hh;
};

struct HealthBatch {
        HealthChecks *checks;
        HealthResultCallback result;
        HealthDoneCallback done;
        void *userdata;
        HealthWaiter *waiters;
        HealthBatch *prev, *next;
};

struct HealthChecks {
        sd_event *event;
        sd_event_source *dispatch; /* tells and starts, out of everybody else's way */
        sd_event_source *timer;    /* the first deadline */
        Cache *cache;
        HealthAsker asker;
        HealthLimits limits;
        HealthCheck *by_id;
        HealthCheck *queued, *running; /* in the order in which they came and were started */
        unsigned n_queued, n_running;
        HealthWaiter *ready;
        HealthBatch *batches;
        unsigned n_batches;
        const HealthCheck *starting; /* being asked for right now, unless it has finished */
        const HealthBatch *telling;  /* being told right now, unless it was dropped */
};

uint64_t health_checks_now(const HealthChecks *h);
/* Has the loop tell what is ready and start what is queued. */
void health_checks_wake(HealthChecks *h);

int health_check_find_or_queue(HealthChecks *h, const char *agent_id, HealthCheck **ret);

/* Leaves its check and waits to be told. */
void health_waiter_is_ready(HealthWaiter *w, const HealthStatus *status);

HealthBatch *health_batch_free(HealthBatch *batch);
void health_batches_tell(HealthChecks *h);
