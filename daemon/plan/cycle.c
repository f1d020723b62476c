/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/plan/cycle.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>
#include <utlist.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/strv.h"
#include "daemon/plan/crew.h"

/* New agents, and servers that no plan has, are found within that, or within the interval. */
#define SWEEP_USEC (2 * USEC_PER_SEC)

typedef struct Waiter {
        CycleDone done;
        void *userdata;
        struct Waiter *next;
} Waiter;

/* A strategy at work. The first is the one that is set. */
typedef struct Work {
        Planner *planner;
        bool wanted;
        bool told_failing;
        struct Work *prev, *next;
} Work;

struct Cycle {
        PlannerShared shared;
        Work *works;
        char *strategy;
        double rollout;
        char **classes;
        uint64_t swept_usec;

        WatchersQuestion *running; /* a look at everything */
        uint64_t start_usec;
        Waiter *waiters;

        uint64_t last_usec;
        uint64_t count;
        uint64_t failures;

        CycleChanged changed;
        void *userdata;
        const CycleMeter *meter;
        void *meter_userdata;
};

static void tell_changed(Cycle *c) {
        if (c->changed)
                c->changed(c->userdata, c);
}

static Crew crew_of(const Cycle *c) {
        return (Crew){.strategy = c->strategy, .rollout = c->rollout, .classes = c->classes};
}

/* What the end of a round means for the whole. */
static void note_cycle(Cycle *c, int error, uint64_t usec, unsigned agents) {
        c->last_usec = usec;
        if (error < 0)
                c->failures++;
        else
                c->count++;
        if (c->meter)
                c->meter->cycle(c->meter_userdata, error, usec, agents);
        tell_changed(c);
}

static void on_looked(void *userdata, int error, json_object *result) {
        unsigned agents = (unsigned)json_get_u64(result, "agents", 0);
        Cycle *c = userdata;
        Waiter *w;

        c->running = NULL;
        note_cycle(c, error, now_monotonic() - c->start_usec, agents);
        while ((w = c->waiters)) {
                LL_DELETE(c->waiters, w);
                w->done(w->userdata, error, c->last_usec, agents);
                free(w);
        }
}

/* -ENOTCONN: there is no watcher, so there is nothing to look at, and that is no failure. */
static int look_at_all(Cycle *c) {
        int r;

        if (c->running)
                return 0;

        c->start_usec = c->swept_usec = now_monotonic();
        r = watchers_ask_look(c->shared.watchers, on_looked, c, &c->running);
        if (r < 0 && r != -ENOTCONN)
                c->failures++;
        return r;
}

static bool belongs(void *userdata, const Planner *p, const Agent *a) {
        Crew crew = crew_of(userdata);

        return strcmp(crew_strategy_of(&crew, a), planner_name(p)) == 0;
}

static bool take_sweep(void *userdata) {
        Cycle *c = userdata;
        uint64_t now = now_monotonic();

        /* With each round of a configured interval, though one comes a little early. */
        if (c->shared.own_pace || now - c->swept_usec < (c->shared.interval_usec / 2 ?: SWEEP_USEC))
                return false;
        c->swept_usec = now;
        return true;
}

static void round_over(
                void *userdata, const Planner *p, int error, uint64_t usec, unsigned agents) {
        Cycle *c = userdata;

        if (c->meter)
                c->meter->round(c->meter_userdata, p, error, usec);
        if (c->works && p == c->works->planner && !c->shared.own_pace)
                note_cycle(c, error, usec, agents);
}

static void on_planned(void *userdata, const Planner *p, uint64_t usec) {
        const Cycle *c = userdata;

        if (c->meter)
                c->meter->planned(c->meter_userdata, p, usec);
}

/* As soon as one leaves it to them: what the others plan rests in between. */
static void settle_pace(Cycle *c) {
        bool own = false;
        const Work *w;

        DL_FOREACH (c->works, w)
                own |= planner_leaves_pace(w->planner);
        c->shared.own_pace = own && c->shared.interval_usec == 0;
        watchers_set_asked(c->shared.watchers, !own);
}

static void planner_changed(void *userdata, Planner *p) {
        Cycle *c = userdata;
        Work *w;

        settle_pace(c);
        DL_FOREACH (c->works, w) {
                bool fails = planner_error(w->planner);

                if (w->planner != p || fails == w->told_failing)
                        continue;
                w->told_failing = fails;
                if (c->meter)
                        c->meter->health(c->meter_userdata, p);
        }
        tell_changed(c);
}

int cycle_new(sd_event *event, Registry *registry, Watchers *watchers, uint64_t interval_usec,
                Cycle **ret) {
        _cleanup_(cycle_freep) Cycle *c = NULL;
        int r;

        assert(event && registry && watchers && ret);

        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        c->shared = (PlannerShared){
                        .event = event,
                        .registry = registry,
                        .watchers = watchers,
                        .interval_usec = interval_usec,
                        .own_pace = true,
                        .concurrency = 1,
                        .belongs = belongs,
                        .take_sweep = take_sweep,
                        .round_over = round_over,
                        .planned = on_planned,
                        .changed = planner_changed,
                        .userdata = c,
        };
        r = past_new(registry, &c->shared.past);
        if (r < 0)
                return r;
        c->strategy = strdup(CREW_POLLING);
        if (!c->strategy)
                return -ENOMEM;
        c->rollout = 1;

        *ret = TAKE_PTR(c);
        return 0;
}

static void work_free(Cycle *c, Work *w) {
        DL_DELETE(c->works, w);
        planner_free(w->planner);
        free(w);
}

Cycle *cycle_free(Cycle *c) {
        Waiter *w;

        if (!c)
                return NULL;

        watchers_question_drop(c->running);
        while ((w = c->waiters)) {
                LL_DELETE(c->waiters, w);
                free(w);
        }
        while (c->works)
                work_free(c, c->works);
        past_free(c->shared.past);
        strv_free(c->classes);
        free(c->strategy);
        free(c);
        return NULL;
}

void cycle_set_source(Cycle *c, const StrategySource *source, void *userdata) {
        c->shared.source = source;
        c->shared.source_userdata = userdata;
}

void cycle_set_concurrency(Cycle *c, unsigned concurrency) {
        c->shared.concurrency = concurrency;
}

static void begin_anew(Cycle *c) {
        Work *w;

        settle_pace(c);
        DL_FOREACH (c->works, w)
                planner_begin_anew(w->planner);
}

int cycle_set_interval(Cycle *c, uint64_t interval_usec) {
        if (c->shared.interval_usec == interval_usec)
                return 0;
        c->shared.interval_usec = interval_usec;
        begin_anew(c);
        tell_changed(c);
        return 0;
}

void cycle_set_pace(Cycle *c, uint64_t interval_usec, bool told) {
        c->shared.told = told;
        if (c->shared.pace_usec == interval_usec)
                return;
        c->shared.pace_usec = interval_usec;
        if (c->shared.interval_usec == 0)
                tell_changed(c);
}

uint64_t cycle_get_interval(const Cycle *c) {
        return c->shared.interval_usec ?: c->shared.pace_usec;
}

/* Where looks are asked for, what watchers do of themselves are confirmations. */
void cycle_note_rounds(Cycle *c, uint64_t n, uint64_t last_usec, unsigned agents) {
        if (n == 0 || !c->shared.own_pace)
                return;
        c->count += n;
        c->last_usec = last_usec;
        if (c->meter)
                c->meter->cycle(c->meter_userdata, 0, last_usec, agents);
}

static int want(Cycle *c, const char *name) {
        Work *w;
        int r;

        DL_FOREACH (c->works, w)
                if (strcmp(planner_name(w->planner), name) == 0) {
                        w->wanted = true;
                        return 0;
                }
        w = calloc(1, sizeof(*w));
        if (!w)
                return -ENOMEM;
        r = planner_new(&c->shared, name, &w->planner);
        if (r < 0) {
                free(w);
                return r;
        }
        w->wanted = true;
        DL_APPEND(c->works, w);
        return 0;
}

/* The one that is set stands first, whoever is there already. */
static void put_first(Cycle *c) {
        Work *w;

        DL_FOREACH (c->works, w)
                if (strcmp(planner_name(w->planner), c->strategy) == 0) {
                        DL_DELETE(c->works, w);
                        DL_PREPEND(c->works, w);
                        return;
                }
}

static int staff(Cycle *c) {
        Crew crew = crew_of(c);
        Work *w, *next;
        int r = 0;

        DL_FOREACH (c->works, w)
                w->wanted = false;
        if (c->rollout > 0)
                r = want(c, c->strategy);
        for (size_t i = 0; r >= 0 && c->rollout > 0 && crew_class_strategy(&crew, i); i++)
                r = want(c, crew_class_strategy(&crew, i));
        if (r >= 0 && c->rollout < 1)
                r = want(c, CREW_POLLING);
        DL_FOREACH_SAFE (c->works, w, next)
                if (!w->wanted)
                        work_free(c, w);
        put_first(c);
        return r;
}

static int find_strategy(const Cycle *c, const char *name) {
        int r = c->shared.source ? c->shared.source->find(c->shared.source_userdata, name) : -ENXIO;

        return strcmp(name, CREW_POLLING) == 0 ? 0 : r;
}

/* A class whose strategy is not there has a planner that fails, and says so. */
int cycle_set_crew(Cycle *c, const char *strategy, double rollout, char *const *classes) {
        char *name = NULL, **copy = NULL;
        int r;

        if (!(rollout >= 0 && rollout <= 1))
                return -EINVAL;
        r = find_strategy(c, strategy);
        if (r < 0)
                return r;
        name = strdup(strategy);
        r = name ? strv_copy(classes, &copy) : -ENOMEM;
        if (r < 0) {
                free(name);
                return r;
        }

        free(c->strategy);
        strv_free(c->classes);
        c->strategy = name;
        c->classes = copy;
        c->rollout = rollout;
        r = staff(c);
        begin_anew(c);
        /* What one strategy left alone the next may not know of: nobody misses a change. */
        (void)look_at_all(c);
        tell_changed(c);
        return r;
}

int cycle_set_strategy(Cycle *c, const char *name, double rollout) {
        _cleanup_strv_free_ char **classes = NULL;
        int r = strv_copy(c->classes, &classes);

        return r < 0 ? r : cycle_set_crew(c, name, rollout, classes);
}

const char *cycle_get_strategy(const Cycle *c) {
        bool fails = c->works && planner_error(c->works->planner);

        return fails || c->rollout <= 0 ? CREW_POLLING : c->strategy;
}

const char *cycle_get_wanted(const Cycle *c) {
        return c->strategy;
}

double cycle_get_rollout(const Cycle *c) {
        return c->rollout;
}

int cycle_strategies(const Cycle *c, char ***ret) {
        _cleanup_strv_free_ char **names = NULL;
        const PlannerShared *s = &c->shared;
        const char *name = NULL;
        int r = strv_extend(&names, CREW_POLLING);

        while (r >= 0 && s->source && (name = s->source->next(s->source_userdata, name)))
                if (strcmp(name, CREW_POLLING) != 0)
                        r = strv_extend(&names, name);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(names);
        return 0;
}

const Planner *cycle_next_planner(const Cycle *c, const Planner *previous) {
        const Work *w;

        if (!previous)
                return c->works ? c->works->planner : NULL;
        DL_FOREACH (c->works, w)
                if (w->planner == previous)
                        return w->next ? w->next->planner : NULL;
        return NULL;
}

uint64_t cycle_expect_change(const Cycle *c, const Agent *a) {
        AgentPast past;

        past_get(c->shared.past, a, now_monotonic(), &past);
        return past.expected_usec;
}

unsigned cycle_count_agents(const Cycle *c, const Planner *p) {
        const Agent *a = NULL;
        unsigned n = 0;

        while ((a = registry_next_agent(c->shared.registry, a)))
                n += belongs((void *)(uintptr_t)c, p, a);
        return n;
}

void cycle_set_observer(Cycle *c, CycleChanged changed, void *userdata) {
        c->changed = changed;
        c->userdata = userdata;
}

void cycle_set_meter(Cycle *c, const CycleMeter *meter, void *userdata) {
        c->meter = meter;
        c->meter_userdata = userdata;
}

int cycle_run(Cycle *c, CycleDone done, void *userdata) {
        Waiter *w;
        int r;

        r = look_at_all(c);
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
