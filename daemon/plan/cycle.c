/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/plan/cycle.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"

#define ACCURACY_USEC (10 * USEC_PER_MSEC)

typedef struct Waiter {
        CycleDone done;
        void *userdata;
        struct Waiter *next;
} Waiter;

struct Cycle {
        Watchers *watchers;
        sd_event_source *timer;
        uint64_t interval_usec; /* 0: watchers pace themselves */
        uint64_t pace_usec;     /* then, how often they look */
        const char *strategy;   /* borrowed from strategy_names */

        WatchersQuestion *running;
        uint64_t start_usec;
        Waiter *waiters;

        uint64_t last_usec;
        uint64_t count;
        uint64_t failures;

        CycleChanged changed;
        void *userdata;
        CycleDone meter;
        void *meter_userdata;
};

static char polling[] = "polling";
static char *const strategy_names[] = {polling, NULL};

static void finish(Cycle *c, int error, unsigned agents) {
        Waiter *w;

        if (c->meter)
                c->meter(c->meter_userdata, error, c->last_usec, agents);
        while ((w = c->waiters)) {
                LL_DELETE(c->waiters, w);
                w->done(w->userdata, error, c->last_usec, agents);
                free(w);
        }
        if (c->changed)
                c->changed(c->userdata, c);
}

static void on_looked(void *userdata, int error, json_object *result) {
        Cycle *c = userdata;

        c->running = NULL;
        c->last_usec = now_monotonic() - c->start_usec;
        if (error < 0)
                c->failures++;
        else
                c->count++;
        finish(c, error, (unsigned)json_get_u64(result, "agents", 0));
}

/* -ENOTCONN: there is no watcher, so there is nothing to look at, and that is no failure. */
static int start(Cycle *c) {
        int r;

        if (c->running)
                return 0;

        c->start_usec = now_monotonic();
        r = watchers_ask_look(c->watchers, on_looked, c, &c->running);
        if (r < 0 && r != -ENOTCONN)
                c->failures++;
        return r;
}

static int arm(Cycle *c) {
        int r;

        if (c->interval_usec == 0)
                return sd_event_source_set_enabled(c->timer, SD_EVENT_OFF);
        r = sd_event_source_set_time_relative(c->timer, c->interval_usec);
        if (r < 0)
                return r;
        return sd_event_source_set_enabled(c->timer, SD_EVENT_ONESHOT);
}

static int on_timer(sd_event_source *s, uint64_t usec, void *userdata) {
        Cycle *c = userdata;

        (void)start(c);
        return arm(c);
}

int cycle_new(sd_event *event, Watchers *watchers, uint64_t interval_usec, Cycle **ret) {
        _cleanup_(cycle_freep) Cycle *c = NULL;
        int r;

        assert(event && watchers && ret);

        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        c->watchers = watchers;
        c->interval_usec = interval_usec;
        c->strategy = strategy_names[0];
        r = sd_event_add_time(
                        event, &c->timer, CLOCK_MONOTONIC, UINT64_MAX, ACCURACY_USEC, on_timer, c);
        if (r >= 0)
                r = arm(c);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(c);
        return 0;
}

Cycle *cycle_free(Cycle *c) {
        Waiter *w;

        if (!c)
                return NULL;

        watchers_question_drop(c->running);
        sd_event_source_disable_unref(c->timer);
        while ((w = c->waiters)) {
                LL_DELETE(c->waiters, w);
                free(w);
        }
        free(c);
        return NULL;
}

int cycle_set_interval(Cycle *c, uint64_t interval_usec) {
        if (c->interval_usec == interval_usec)
                return 0;
        c->interval_usec = interval_usec;
        if (c->changed)
                c->changed(c->userdata, c);
        return arm(c);
}

void cycle_set_pace(Cycle *c, uint64_t interval_usec) {
        if (c->pace_usec == interval_usec)
                return;
        c->pace_usec = interval_usec;
        if (c->interval_usec == 0 && c->changed)
                c->changed(c->userdata, c);
}

uint64_t cycle_get_interval(const Cycle *c) {
        return c->interval_usec ?: c->pace_usec;
}

void cycle_note_rounds(Cycle *c, uint64_t n, uint64_t last_usec, unsigned agents) {
        if (n == 0)
                return;
        c->count += n;
        c->last_usec = last_usec;
        if (c->meter)
                c->meter(c->meter_userdata, 0, last_usec, agents);
}

int cycle_set_strategy(Cycle *c, const char *name) {
        for (char *const *s = strategy_names; *s; s++)
                if (strcmp(*s, name) == 0) {
                        c->strategy = *s;
                        if (c->changed)
                                c->changed(c->userdata, c);
                        return 0;
                }
        return -ENXIO;
}

const char *cycle_get_strategy(const Cycle *c) {
        return c->strategy;
}

char *const *cycle_strategies(const Cycle *c) {
        return strategy_names;
}

void cycle_set_observer(Cycle *c, CycleChanged changed, void *userdata) {
        c->changed = changed;
        c->userdata = userdata;
}

void cycle_set_meter(Cycle *c, CycleDone meter, void *userdata) {
        c->meter = meter;
        c->meter_userdata = userdata;
}

int cycle_run(Cycle *c, CycleDone done, void *userdata) {
        Waiter *w;
        int r;

        r = start(c);
        if (r < 0)
                return r;

        w = calloc(1, sizeof(*w));
        if (!w)
                return -ENOMEM;
        *w = (Waiter){.done = done, .userdata = userdata};
        LL_APPEND(c->waiters, w);
        return 0;
}

void cycle_forget(Cycle *c, const void *userdata) {
        Waiter *w, *next;

        LL_FOREACH_SAFE (c->waiters, w, next) {
                if (w->userdata == userdata) {
                        LL_DELETE(c->waiters, w);
                        free(w);
                }
        }
}

uint64_t cycle_last_usec(const Cycle *c) {
        return c->last_usec;
}

uint64_t cycle_count(const Cycle *c) {
        return c->count;
}

uint64_t cycle_failures(const Cycle *c) {
        return c->failures;
}
