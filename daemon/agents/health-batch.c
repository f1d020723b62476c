/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <string.h>
#include <utlist.h>

#include "daemon/agents/health-check-private.h"
#include "daemon/base/strv.h"

static void waiter_free(HealthWaiter *w) {
        if (w->check)
                DL_DELETE(w->check->waiters, w);
        else
                DL_DELETE(w->batch->checks->ready, w);
        DL_DELETE2(w->batch->waiters, w, batch_prev, batch_next);
        free(w->agent_id);
        free(w);
}

void health_waiter_is_ready(HealthWaiter *w, const HealthStatus *status) {
        HealthChecks *h = w->batch->checks;

        if (w->check)
                DL_DELETE(w->check->waiters, w);
        w->check = NULL;
        w->status = *status;
        DL_APPEND(h->ready, w);
}

HealthBatch *health_batch_free(HealthBatch *batch) {
        HealthChecks *h = batch->checks;

        while (batch->waiters)
                waiter_free(batch->waiters);
        DL_DELETE(h->batches, batch);
        h->n_batches--;
        if (h->telling == batch)
                h->telling = NULL;
        free(batch);
        return NULL;
}

static void batch_done(HealthBatch *batch) {
        HealthDoneCallback done = batch->done;
        void *userdata = batch->userdata;

        health_batch_free(batch);
        done(userdata);
}

/* The callbacks may drop this batch and any other. */
static void tell(HealthChecks *h, HealthWaiter *w) {
        HealthBatch *batch = w->batch;
        _cleanup_free_ char *agent_id = TAKE_PTR(w->agent_id);
        uint64_t now_usec = health_checks_now(h);
        HealthResult result = {
                        .agent_id = agent_id,
                        .health = w->status.health,
                        .sentence = w->status.sentence,
                        .age_usec = now_usec - MIN(now_usec, w->status.seen_usec),
        };

        waiter_free(w);
        h->telling = batch;
        batch->result(batch->userdata, &result);

        if (!h->telling)
                return;
        h->telling = NULL;
        if (!batch->waiters)
                batch_done(batch);
}

static HealthBatch *find_empty(const HealthChecks *h) {
        for (HealthBatch *batch = h->batches; batch; batch = batch->next)
                if (!batch->waiters)
                        return batch;
        return NULL;
}

/*
 * Callbacks may run further batches. Those have their turn in the next round, or a caller that
 * always runs one more would have the loop for itself.
 */
void health_batches_tell(HealthChecks *h) {
        HealthBatch *empty;
        HealthWaiter *w;
        unsigned n_batches = h->n_batches, n_ready;

        DL_COUNT(h->ready, w, n_ready);
        while (h->ready && n_ready-- > 0)
                tell(h, h->ready);
        while ((empty = find_empty(h)) && n_batches-- > 0)
                batch_done(empty);

        if (h->ready || find_empty(h))
                health_checks_wake(h);
}

static int waiter_place(
                HealthChecks *h, HealthWaiter *w, const char *agent_id, uint64_t max_age_usec) {
        HealthStatus status;
        int r;

        if (health_status_get(h->cache, agent_id, max_age_usec, health_checks_now(h), &status)) {
                health_waiter_is_ready(w, &status);
                return 0;
        }

        r = health_check_find_or_queue(h, agent_id, &w->check);
        if (r < 0)
                return r;
        DL_APPEND(w->check->waiters, w);
        return 0;
}

static int batch_add(HealthBatch *batch, const char *agent_id, uint64_t max_age_usec) {
        _cleanup_free_ HealthWaiter *w = calloc(1, sizeof(*w));
        _cleanup_free_ char *copy = strdup(agent_id);
        int r;

        if (!w || !copy)
                return -ENOMEM;

        w->batch = batch;
        r = waiter_place(batch->checks, w, agent_id, max_age_usec);
        if (r < 0)
                return r;

        w->agent_id = TAKE_PTR(copy);
        DL_APPEND2(batch->waiters, w, batch_prev, batch_next);
        w = NULL;
        return 0;
}

int health_checks_run(HealthChecks *checks, char *const *agent_ids, uint64_t max_age_usec,
                HealthResultCallback result, HealthDoneCallback done, void *userdata,
                HealthBatch **ret) {
        HealthBatch *batch;
        int r;

        assert(checks && result && done);

        if (strv_length(agent_ids) > HEALTH_BATCH_MAX)
                return -E2BIG;
        if (checks->n_batches >= HEALTH_BATCHES_MAX)
                return -EDQUOT;

        batch = calloc(1, sizeof(*batch));
        if (!batch)
                return -ENOMEM;
        *batch = (HealthBatch){
                        .checks = checks, .result = result, .done = done, .userdata = userdata};
        DL_APPEND(checks->batches, batch);
        checks->n_batches++;

        for (; agent_ids && *agent_ids; agent_ids++) {
                r = batch_add(batch, *agent_ids, max_age_usec);
                if (r < 0) {
                        (void)health_batch_drop(batch);
                        return r;
                }
        }

        health_checks_wake(checks);
        if (ret)
                *ret = batch;
        return 0;
}

HealthBatch *health_batch_drop(HealthBatch *batch) {
        HealthChecks *h = batch ? batch->checks : NULL;

        if (!batch)
                return NULL;

        health_batch_free(batch);
        health_checks_wake(h); /* what only it waited for leaves the queue */
        return NULL;
}
