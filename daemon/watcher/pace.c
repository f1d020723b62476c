/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/pace.h"

#include <assert.h>

#include "daemon/base/cleanup.h"

#define SHARE_NEW 0.125 /* of a mean, that the newest look has */
#define OUTLIER 4.0     /* so many times the mean, and no more, counts in it */
#define FIRST_LOOKS 8U
#define EVEN_SHARE 0.8
/* Of the budget. */
#define CREDIT_USEC (60.0 * USEC_PER_SEC)
#define CREDIT_KEPT_USEC (30.0 * USEC_PER_SEC) /* for servers on which something begins to move */
#define CREDIT_LOW_USEC (10.0 * USEC_PER_SEC)  /* from here on it is spent more slowly */
#define DEBT_USEC (10.0 * USEC_PER_SEC)
/* Times the budget, while there is credit. Faster, and many changes soon leave none. */
#define CHANGING_FACTOR 2.5
/* Between two glances, when nothing is left. */
#define GLANCE_LOW_USEC (400.0 * USEC_PER_MSEC)
#define CHANGING_FOR_USEC (2 * USEC_PER_SEC)
#define WALL_FACTOR 4.0 /* between two looks, that many times what one takes */

static double clamp(double value, double low, double high) {
        return value < low ? low : value > high ? high : value;
}

void pace_init(Pace *p, uint64_t now_usec) {
        *p = (Pace){.credit_at_usec = now_usec};
        pace_set(p, watch_settings_default.cost_budget, watch_settings_default.interval_usec);
        p->credit_usec = p->budget * CREDIT_USEC;
}

void pace_set(Pace *p, double budget_percent, uint64_t interval_usec) {
        assert(budget_percent > 0);

        p->budget = budget_percent / 100;
        p->interval_usec = interval_usec;
}

static void spend(Pace *p, double cost_usec, uint64_t now_usec) {
        uint64_t passed = now_usec > p->credit_at_usec ? now_usec - p->credit_at_usec : 0;

        p->credit_usec = clamp(p->credit_usec + (double)passed * p->budget - cost_usec,
                        -p->budget * DEBT_USEC, p->budget * CREDIT_USEC);
        p->credit_at_usec = now_usec;
}

/* A look at everything comes once in a while: it is paid for, and no measure of the others. */
static void blend(double *mean, double value) {
        *mean += (MIN(value, *mean * OUTLIER) - *mean) * SHARE_NEW;
}

/* Of the first looks, which find everything new, the cheapest is what one is going to be. */
static void begin_with(double *mean, double value) {
        *mean = *mean > 0 ? MIN(*mean, value) : value;
}

/* @sign: 1 or -1. */
static void count_in(Pace *p, const PaceServer *s, double sign) {
        double *sum = s->at_rest ? &p->rest_usec : &p->cost_usec;
        double part = s->at_rest ? s->rest_usec : s->cost_usec;

        *sum = MAX(*sum + sign * part, 0.0);
}

static void learn(PaceServer *s, const PaceLook *look, bool first) {
        s->at_rest = !look->asked;
        if (s->at_rest) {
                (s->rest_usec > 0 ? blend : begin_with)(&s->rest_usec, look->cost_usec);
                return;
        }
        s->moved = look->moved;
        (first ? begin_with : blend)(&s->cost_usec, look->cost_usec);
        (first ? begin_with : blend)(&s->wall_usec, (double)look->wall_usec);
        s->n_looks += first;
}

void pace_looked(Pace *p, PaceServer *s, const PaceLook *look, uint64_t now_usec) {
        bool first = s->n_looks < FIRST_LOOKS;

        /* To begin costs what it costs: it is not saved up for, nor paid back. */
        spend(p, first ? 0 : look->cost_usec, now_usec);
        count_in(p, s, -1);
        learn(s, look, first);
        count_in(p, s, 1);
        if (look->asked)
                s->asked_usec = now_usec;
        if (look->changed)
                s->changed_usec = now_usec;
        s->covered = look->covered;
}

void pace_forget(Pace *p, PaceServer *s) {
        count_in(p, s, -1);
        *s = (PaceServer){};
}

/* From 0 to 1, when ten seconds of the budget are owed. */
static double debt(const Pace *p) {
        return p->credit_usec < 0 ? -p->credit_usec / (p->budget * DEBT_USEC) : 0;
}

/* Twice as far apart where there is as much debt as may be. */
static double affordable(const Pace *p, double cost_usec) {
        return cost_usec / (p->budget * EVEN_SHARE) * (1 + debt(p));
}

uint64_t pace_interval(const Pace *p, const PaceServer *s, PaceReason *ret_reason) {
        double cost = affordable(p, s->at_rest ? p->rest_usec : p->cost_usec);
        double wall = s->at_rest ? 0 : s->wall_usec * WALL_FACTOR;
        double useful = (double)(s->covered ? PACE_COVERED_USEC : PACE_QUIET_USEC);
        PaceReason reason = cost >= wall ? PACE_BUDGET : PACE_SLOW;

        if (p->interval_usec > 0) {
                *ret_reason = PACE_CONFIGURED;
                return p->interval_usec;
        }
        if (cost <= useful && wall <= useful)
                reason = PACE_USEFUL;
        else if (cost > (double)PACE_MAX_USEC)
                reason = PACE_LIMIT;
        *ret_reason = reason;
        return (uint64_t)clamp(MAX(cost, wall), useful, (double)PACE_MAX_USEC);
}

/* Between two that cost so much, with what there is to spend beyond what is kept. */
static double spacing(const Pace *p, double cost_usec, double kept_usec, double even) {
        double plenty = clamp((p->credit_usec - kept_usec) / (p->budget * CREDIT_LOW_USEC), 0, 1);
        double factor = 1 + (CHANGING_FACTOR - 1) * plenty;

        if (plenty <= 0)
                return even;
        return clamp(cost_usec / (p->budget * factor), (double)PACE_CHANGING_USEC, even);
}

/* Between two looks that ask. */
static double looks_apart(const Pace *p, const PaceServer *s, double even, uint64_t now_usec) {
        bool changing = s->changed_usec > 0 && now_usec - s->changed_usec < CHANGING_FOR_USEC;
        /* Where nothing moves, what is done next is a beginning. */
        double kept = changing || s->at_rest || !s->moved ? 0 : p->budget * CREDIT_KEPT_USEC;

        if (s->covered) /* half of the budget is for glances */
                return clamp(2 * affordable(p, p->cost_usec + (s->at_rest ? s->cost_usec : 0)),
                                even, (double)PACE_MAX_USEC);
        return clamp(s->wall_usec * WALL_FACTOR, spacing(p, s->cost_usec, kept, even), even);
}

/* What it rested since it was asked is no reason to ask it the sooner. */
static double next_after_rest(const Pace *p, const PaceServer *s, uint64_t now_usec) {
        double cost = affordable(p, p->cost_usec + s->cost_usec);
        double next = clamp(MAX(cost, s->wall_usec * WALL_FACTOR), (double)PACE_QUIET_USEC,
                        (double)PACE_MAX_USEC);

        return looks_apart(p, s, next, now_usec) - (double)(now_usec - s->asked_usec);
}

uint64_t pace_next(const Pace *p, const PaceServer *s, uint64_t now_usec) {
        PaceReason reason;
        double even = (double)pace_interval(p, s, &reason);

        if (reason == PACE_CONFIGURED)
                return (uint64_t)even;
        if (s->at_rest)
                return (uint64_t)MAX(even, next_after_rest(p, s, now_usec));
        return (uint64_t)looks_apart(p, s, even, now_usec);
}

void pace_glanced(Pace *p, PaceServer *s, PaceGlance which, double cost_usec, uint64_t now_usec) {
        double *mean = &s->glances[which].cost_usec;

        spend(p, cost_usec, now_usec);
        (*mean > 0 ? blend : begin_with)(mean, cost_usec);
        s->glances[which].usec = now_usec;
}

/* Who owes much lets what moves wait first, and what stirs second. */
static double glances_apart(const Pace *p, const PaceServer *s, PaceGlance which) {
        static const double patience[_PACE_GLANCES] = {
                        [PACE_GLANCE_STIRRING] = 2,
                        [PACE_GLANCE_MOVING] = 6,
        };
        double cost = s->glances[which].cost_usec;
        double even = affordable(p, cost) * (1 + patience[which] * debt(p));

        if (which == PACE_GLANCE_MOVING)
                return spacing(p, cost, p->budget * CREDIT_KEPT_USEC,
                                clamp(even, (double)PACE_QUIET_USEC, (double)PACE_MAX_USEC));
        if (p->credit_usec <= 0)
                return clamp(even, GLANCE_LOW_USEC, (double)PACE_MAX_USEC);
        /* The less is left, the more panes share one. */
        return GLANCE_LOW_USEC -
                        p->credit_usec / (p->budget * CREDIT_USEC) *
                        (GLANCE_LOW_USEC - (double)PACE_GLANCE_USEC);
}

uint64_t pace_glance(const Pace *p, const PaceServer *s, PaceGlance which, uint64_t now_usec) {
        uint64_t next = s->glances[which].usec + (uint64_t)glances_apart(p, s, which);

        return next > now_usec ? next - now_usec : 0;
}
