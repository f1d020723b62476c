/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/plan/planner.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/plan/crew.h"
#include "daemon/plan/looks.h"

#define PLAN_TIMEOUT_USEC (1 * USEC_PER_SEC)
#define RETRY_MIN_USEC (1 * USEC_PER_SEC)
#define RETRY_MAX_USEC (30 * USEC_PER_SEC)
/* Where nobody has said how often. */
#define INTERVAL_USEC (250 * USEC_PER_MSEC)
/* A plan comes back to every agent within that; else it is captured with the others. */
#define REST_USEC (90 * USEC_PER_SEC)

struct Planner {
        PlannerShared *shared;
        char *name;
        sd_event_source *timer; /* the next round */
        Round round;            /* as the strategy was shown it */
        StrategyQuestion *question;
        uint64_t asked_usec;
        Looks *looks;
        uint64_t start_usec; /* of the round */
        uint64_t next_usec;  /* as the plan wants it; 0: the interval */
        size_t n_shown;
        size_t n_planned;
        unsigned n_servers;
        bool has_planned; /* at least once since it did not fail */
        bool own_pace;
        char *error;
        uint64_t retry_usec; /* how long after a failure */
        uint64_t retry_at_usec;
        PlannerStats stats;
};

static uint64_t usual_interval(const Planner *p) {
        return p->shared->interval_usec ?: p->shared->pace_usec ?: INTERVAL_USEC;
}

/* The core can do that by itself. */
static bool needs_strategy(const Planner *p) {
        return p->shared->source &&
                        (strcmp(p->name, CREW_POLLING) != 0 ||
                                        p->shared->source->find(
                                                        p->shared->source_userdata, p->name) >= 0);
}

static void arm(Planner *p, uint64_t usec) {
        (void)sd_event_source_set_time_relative(p->timer, usec);
        (void)sd_event_source_set_enabled(p->timer, SD_EVENT_ONESHOT);
}

/*
 * What looks cost is known for looks at everything: a round of a half may come twice as often. Who
 * has configured an interval wants so many looks and no more.
 */
static uint64_t earliest_next(const Planner *p, const LooksSum *sum) {
        double share = p->n_servers > 0 ? (double)sum->n_servers / p->n_servers : 0;

        if (p->shared->interval_usec > 0)
                share = p->n_shown > 0 ? (double)p->n_planned / (double)p->n_shown : 1;
        if (p->own_pace && p->shared->interval_usec == 0)
                share = 0; /* watchers count these, and are slower afterwards */
        return MAX((uint64_t)((double)usual_interval(p) * share), PLAN_NEXT_MIN_USEC);
}

static void plan_next_round(Planner *p, const LooksSum *sum) {
        uint64_t wanted = MAX(p->next_usec ?: usual_interval(p), earliest_next(p, sum));
        uint64_t passed = now_monotonic() - p->start_usec;

        arm(p, wanted > passed ? wanted - passed : 0);
}

static void on_looks_done(void *userdata, const LooksSum *sum) {
        Planner *p = userdata;
        LooksSum copy = *sum;

        p->looks = looks_free(p->looks);
        plan_next_round(p, &copy);
        if (copy.n_answers == 0 && copy.error == 0)
                return;
        p->stats.rounds++;
        p->stats.looks += copy.n_agents;
        p->shared->round_over(p->shared->userdata, p, copy.error, copy.usec, copy.n_agents);
}

static void carry_out(Planner *p, Round *round, Plan *plan) {
        const PlannerShared *s = p->shared;
        LooksSetup setup = {
                        .event = s->event,
                        .registry = s->registry,
                        .watchers = s->watchers,
                        .past = s->past,
                        .rest_usec = p->own_pace ? 0 : REST_USEC,
        };

        p->next_usec = plan->next_usec;
        p->n_shown = round->n_ids;
        p->n_planned = plan->n_looks;
        p->n_servers = round->n_servers;
        /* Where watchers look of themselves there may be nothing to add, and no round to count. */
        if (p->own_pace && s->interval_usec == 0 && plan->n_looks == 0)
                return plan_next_round(p, &(LooksSum){});
        setup.sweep = s->take_sweep(s->userdata);
        if (looks_new(&setup, round, plan, on_looks_done, p, &p->looks) < 0)
                arm(p, usual_interval(p));
}

static bool belongs(void *userdata, const Agent *a) {
        const Planner *p = userdata;

        return p->shared->belongs(p->shared->userdata, p, a);
}

/* How old what is known may be, where watchers look of themselves. */
static uint64_t seen_usec(const Planner *p) {
        if (!p->shared->own_pace)
                return UINT64_MAX;
        return p->shared->told ? 0 : usual_interval(p);
}

static int show(Planner *p, Round *ret, json_object **ret_params) {
        const RoundShow s = {
                        .registry = p->shared->registry,
                        .past = p->shared->past,
                        .belongs = belongs,
                        .userdata = p,
                        .interval_usec = usual_interval(p),
                        .seen_usec = seen_usec(p),
                        .concurrency = p->shared->concurrency,
        };

        return round_make(&s, ret, ret_params);
}

/* What the core does by itself. */
static void poll_all(Planner *p) {
        _cleanup_(round_done) Round round = {};
        _cleanup_(plan_done) Plan plan = {};

        p->own_pace = false;
        if (show(p, &round, NULL) < 0 || plan_polling(round.n_ids, &plan) < 0)
                return arm(p, usual_interval(p));
        carry_out(p, &round, &plan);
}

static void set_error(Planner *p, const char *sentence) {
        bool was_fine = !p->error;
        char *error = strdup(sentence ?: "it does not answer");

        if (!error)
                return;
        free(p->error);
        p->error = error;
        p->has_planned = false;
        p->retry_usec = was_fine ? RETRY_MIN_USEC : MIN(p->retry_usec * 2, RETRY_MAX_USEC);
        p->retry_at_usec = now_monotonic() + p->retry_usec;
        p->stats.failures++;
        if (was_fine)
                p->shared->changed(p->shared->userdata, p);
}

/* Its agents are polled at once: nobody waits for a strategy that is not well. */
static void fail(Planner *p, const char *sentence) {
        set_error(p, sentence);
        if (!p->looks)
                poll_all(p);
}

static void forget_error(Planner *p) {
        free(p->error);
        p->error = NULL;
        p->shared->changed(p->shared->userdata, p);
}

static int read_plan(Planner *p, json_object *result, size_t n_agents, Plan *ret) {
        _cleanup_free_ char *reason = NULL, *sentence = NULL;
        int r;

        r = plan_read(result, n_agents, ret, &reason);
        if (r >= 0)
                return 0;
        if (asprintf(&sentence, "its plan cannot be carried out: %s", reason ?: strerror(-r)) < 0)
                sentence = NULL;
        fail(p, sentence);
        return r;
}

/* With an interval it is the rounds that count; a plan that leaves the pace gets whole ones. */
static int fit_to_interval(const Planner *p, size_t n_agents, Plan *plan) {
        if (!plan->own_pace || p->shared->interval_usec == 0)
                return 0;
        plan_done(plan);
        return plan_polling(n_agents, plan);
}

static void take_plan(Planner *p, json_object *result) {
        _cleanup_(round_done) Round round = p->round;
        _cleanup_(plan_done) Plan plan = {};
        bool was_planned = p->has_planned, left_pace = p->own_pace;

        p->round = (Round){};
        if (read_plan(p, result, round.n_ids, &plan) < 0)
                return;
        p->stats.plans++;
        p->shared->planned(p->shared->userdata, p, now_monotonic() - p->asked_usec);
        /* It was away, and is polled until the round is over. */
        if (p->error)
                return forget_error(p);

        p->own_pace = plan.own_pace;
        p->has_planned = true;
        if (!was_planned || p->own_pace != left_pace)
                p->shared->changed(p->shared->userdata, p);
        if (fit_to_interval(p, round.n_ids, &plan) < 0)
                return arm(p, usual_interval(p));
        carry_out(p, &round, &plan);
}

static void on_answer(void *userdata, int error, const char *sentence, json_object *result) {
        Planner *p = userdata;

        p->question = NULL;
        if (error < 0) {
                round_done(&p->round);
                fail(p, sentence ?: strerror(-error));
        } else
                take_plan(p, result);
}

static int ask(Planner *p) {
        const PlannerShared *s = p->shared;
        json_object *params;
        int r;

        round_done(&p->round);
        r = show(p, &p->round, &params);
        if (r < 0)
                return r;
        p->asked_usec = now_monotonic();
        return s->source->ask(s->source_userdata, p->name, params, PLAN_TIMEOUT_USEC, on_answer, p,
                        &p->question);
}

static void ask_or_fail(Planner *p) {
        int r;

        if (p->question)
                return;
        r = ask(p);
        if (r == -ENXIO)
                fail(p, "there is no such strategy");
        else if (r == -ERFKILL)
                fail(p, "it is disabled");
        else if (r == -EHOSTDOWN)
                fail(p, "its plugin failed, and is not tried just now");
        else if (r < 0)
                fail(p, strerror(-r));
}

static void begin(Planner *p) {
        p->start_usec = now_monotonic();
        if (!needs_strategy(p)) {
                bool was_planned = p->has_planned;

                p->has_planned = true;
                if (!was_planned)
                        p->shared->changed(p->shared->userdata, p);
                return poll_all(p);
        }
        if (!p->error)
                return ask_or_fail(p);

        poll_all(p);
        if (p->start_usec >= p->retry_at_usec)
                ask_or_fail(p);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        begin(userdata);
        return 0;
}

void planner_begin_anew(Planner *p) {
        p->looks = looks_free(p->looks);
        arm(p, 0);
}

int planner_new(PlannerShared *shared, const char *name, Planner **ret) {
        _cleanup_(planner_freep) Planner *p = calloc(1, sizeof(*p));
        int r;

        assert(shared && name && ret);

        if (!p)
                return -ENOMEM;
        p->shared = shared;
        p->name = strdup(name);
        if (!p->name)
                return -ENOMEM;
        r = sd_event_add_time(shared->event, &p->timer, CLOCK_MONOTONIC, 0, 0, on_timer, p);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(p);
        return 0;
}

Planner *planner_free(Planner *p) {
        if (!p)
                return NULL;

        if (p->question)
                p->shared->source->drop(p->shared->source_userdata, p->question);
        looks_free(p->looks);
        sd_event_source_disable_unref(p->timer);
        round_done(&p->round);
        free(p->name);
        free(p->error);
        free(p);
        return NULL;
}

const char *planner_name(const Planner *p) {
        return p->name;
}

const char *planner_error(const Planner *p) {
        return p->error;
}

bool planner_leaves_pace(const Planner *p) {
        return !p->error && (!p->has_planned || p->own_pace);
}

const PlannerStats *planner_stats(const Planner *p) {
        return &p->stats;
}
