/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/agents/health-check-private.h"

#include <assert.h>
#include <string.h>
#include <utlist.h>

#include "daemon/agents/health-status.h"
#include "daemon/base/clock.h"

#define TIMER_ACCURACY_USEC (10 * USEC_PER_MSEC)

uint64_t health_checks_now(const HealthChecks *h) {
        uint64_t usec;

        return sd_event_now(h->event, CLOCK_MONOTONIC, &usec) < 0 ? now_monotonic() : usec;
}

void health_checks_wake(HealthChecks *h) {
        (void)sd_event_source_set_enabled(h->dispatch, SD_EVENT_ONESHOT);
}

static void arm_timer(HealthChecks *h) {
        if (!h->running) {
                (void)sd_event_source_set_enabled(h->timer, SD_EVENT_OFF);
                return;
        }
        (void)sd_event_source_set_time(h->timer, h->running->deadline_usec);
        (void)sd_event_source_set_enabled(h->timer, SD_EVENT_ONESHOT);
}

/* Nobody waits for it. */
static void check_free(HealthCheck *c) {
        HealthChecks *h = c->checks;

        assert(!c->waiters);

        if (c->running) {
                DL_DELETE(h->running, c);
                h->n_running--;
        } else {
                DL_DELETE(h->queued, c);
                h->n_queued--;
        }
        HASH_DELETE(hh, h->by_id, c);
        if (h->starting == c)
                h->starting = NULL;
        free(c->agent_id);
        free(c);
}

static void check_finish(HealthCheck *c, const HealthStatus *status) {
        HealthChecks *h = c->checks;

        while (c->waiters)
                health_waiter_is_ready(c->waiters, status);
        check_free(c);
        arm_timer(h);
        health_checks_wake(h);
}

static void check_fail(HealthCheck *c, int error) {
        HealthStatus status = {.seen_usec = health_checks_now(c->checks)};

        /* Not remembered: the next one may have more luck. */
        status.health = health_of_error(error, &status.sentence);
        check_finish(c, &status);
}

static void on_answer(void *userdata, int error, const HealthLook *look) {
        HealthCheck *c = userdata;
        HealthStatus status = {.seen_usec = health_checks_now(c->checks)};

        c->question = NULL;
        if (error < 0) {
                check_fail(c, error);
                return;
        }

        status.health = health_of_look(look, &status.sentence);
        health_status_put(c->checks->cache, c->agent_id, look, &status);
        check_finish(c, &status);
}

static void check_start(HealthChecks *h, HealthCheck *c) {
        void *question = NULL;
        int r;

        DL_DELETE(h->queued, c);
        h->n_queued--;
        DL_APPEND(h->running, c);
        h->n_running++;
        c->running = true;
        c->deadline_usec = health_checks_now(h) + h->limits.timeout_usec;

        h->starting = c;
        r = h->asker.ask(h->asker.userdata, c->agent_id, on_answer, c, &question);
        if (!h->starting)
                return; /* it was answered at once, and is gone */
        h->starting = NULL;

        if (r < 0) {
                check_fail(c, r);
                return;
        }
        c->question = question;
        arm_timer(h);
}

/* A check in the queue for which nobody waits any more is not asked at all. */
static void start_next(HealthChecks *h) {
        while (h->queued && h->n_running < h->limits.concurrency) {
                HealthCheck *c = h->queued;

                if (c->waiters)
                        check_start(h, c);
                else
                        check_free(c);
        }
}

static int on_dispatch(sd_event_source *s, void *userdata) {
        HealthChecks *h = userdata;

        start_next(h);
        health_batches_tell(h);
        return 0;
}

static int on_deadline(sd_event_source *s, uint64_t usec, void *userdata) {
        HealthChecks *h = userdata;

        while (h->running && h->running->deadline_usec <= health_checks_now(h)) {
                HealthCheck *c = h->running;

                h->asker.drop(h->asker.userdata, TAKE_PTR(c->question));
                check_fail(c, -ETIMEDOUT);
        }
        arm_timer(h);
        return 0;
}

static int add_sources(HealthChecks *h) {
        int r;

        r = sd_event_add_defer(h->event, &h->dispatch, on_dispatch, h);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(h->dispatch, SD_EVENT_OFF);
        if (r < 0)
                return r;

        r = sd_event_add_time(h->event, &h->timer, CLOCK_MONOTONIC, 0, TIMER_ACCURACY_USEC,
                        on_deadline, h);
        if (r < 0)
                return r;
        return sd_event_source_set_enabled(h->timer, SD_EVENT_OFF);
}

int health_checks_new(sd_event *event, Cache *cache, const HealthAsker *asker,
                const HealthLimits *limits, HealthChecks **ret) {
        _cleanup_(health_checks_freep) HealthChecks *h = NULL;
        int r;

        assert(event && cache && asker && ret);

        h = calloc(1, sizeof(*h));
        if (!h)
                return -ENOMEM;

        h->event = sd_event_ref(event);
        h->cache = cache;
        h->asker = *asker;
        health_checks_set_limits(h, limits);
        r = add_sources(h);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(h);
        return 0;
}

void health_checks_set_limits(HealthChecks *checks, const HealthLimits *limits) {
        assert(limits->concurrency > 0 && limits->timeout_usec > 0);

        checks->limits = *limits;
}

HealthChecks *health_checks_free(HealthChecks *checks) {
        if (!checks)
                return NULL;

        while (checks->batches)
                health_batch_free(checks->batches);
        while (checks->running) {
                checks->asker.drop(checks->asker.userdata, checks->running->question);
                check_free(checks->running);
        }
        while (checks->queued)
                check_free(checks->queued);

        sd_event_source_disable_unref(checks->dispatch);
        sd_event_source_disable_unref(checks->timer);
        sd_event_unref(checks->event);
        free(checks);
        return NULL;
}

int health_check_find_or_queue(HealthChecks *h, const char *agent_id, HealthCheck **ret) {
        HealthCheck *c;

        HASH_FIND_STR(h->by_id, agent_id, c);
        if (c) {
                *ret = c;
                return 0;
        }

        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        c->agent_id = strdup(agent_id);
        if (!c->agent_id) {
                free(c);
                return -ENOMEM;
        }

        c->checks = h;
        HASH_ADD_KEYPTR(hh, h->by_id, c->agent_id, strlen(c->agent_id), c);
        DL_APPEND(h->queued, c);
        h->n_queued++;
        *ret = c;
        return 0;
}

unsigned health_checks_running(const HealthChecks *checks) {
        return checks->n_running;
}

unsigned health_checks_queued(const HealthChecks *checks) {
        return checks->n_queued;
}
