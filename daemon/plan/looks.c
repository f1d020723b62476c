/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/plan/looks.h"

#include <assert.h>
#include <errno.h>

#include "daemon/base/clock.h"

/* What is due that soon after the first goes with it: they may be on one server. */
#define TOGETHER_USEC (20 * USEC_PER_MSEC)

struct Looks {
        LooksSetup setup;
        Round round;
        Plan plan;
        LooksDone done;
        void *userdata;
        sd_event_source *timer;
        WatchersQuestion *question;
        uint64_t start_usec;
        uint64_t asked_usec;
        size_t first, end; /* of the looks in the part that is under way */
        LooksSum sum;
};

static const Agent *agent_of(const Looks *l, size_t i) {
        return registry_find_agent(l->setup.registry, l->round.ids[l->plan.looks[i].agent]);
}

static int plan_next(Looks *l);

static void note_looked(Looks *l) {
        uint64_t now = now_monotonic();

        for (size_t i = l->first; i < l->end; i++)
                past_note_look(l->setup.past, l->round.ids[l->plan.looks[i].agent], now);
}

static void on_answer(void *userdata, int error, json_object *result) {
        Looks *l = userdata;

        l->question = NULL;
        l->sum.usec += now_monotonic() - l->asked_usec;
        if (error < 0)
                l->sum.error = error;
        else {
                l->sum.n_answers++;
                note_looked(l);
        }
        if (plan_next(l) < 0)
                l->done(l->userdata, &l->sum);
}

/* Those that are gone meanwhile are left out; neighbours are of one server. */
static size_t gather(Looks *l, const Agent **agents) {
        const Server *server = NULL;
        size_t n = 0;

        for (size_t i = l->first; i < l->end; i++) {
                const Agent *a = agent_of(l, i);

                if (!a)
                        continue;
                l->sum.n_servers += a->server != server;
                server = a->server;
                agents[n++] = a;
        }
        l->sum.n_agents += (unsigned)n;
        return n;
}

static int ask(Looks *l) {
        _cleanup_free_ const Agent **agents = calloc(l->end - l->first + 1, sizeof(*agents));
        WatchersPart part = {
                        .agents = agents,
                        .rest_usec = l->setup.rest_usec,
                        .concurrency = l->plan.concurrency,
                        .sweep = l->setup.sweep,
        };

        if (!agents)
                return -ENOMEM;
        part.n_agents = gather(l, agents);
        l->setup.sweep = false;
        l->asked_usec = now_monotonic();
        return watchers_ask_part(l->setup.watchers, &part, on_answer, l, &l->question);
}

static void take_due(Looks *l, uint64_t now) {
        uint64_t due = now - l->start_usec + TOGETHER_USEC;

        l->first = l->end;
        while (l->end < l->plan.n_looks && l->plan.looks[l->end].delay_usec <= due)
                l->end++;
}

/* -ENODATA: there is nothing more to come. */
static int plan_next(Looks *l) {
        uint64_t now = now_monotonic(), at;
        int r;

        if (l->end == l->plan.n_looks && !l->setup.sweep)
                return -ENODATA;
        at = l->setup.sweep ? 0 : l->start_usec + l->plan.looks[l->end].delay_usec;
        r = sd_event_source_set_time(l->timer, MAX(at, now));
        return r < 0 ? r : sd_event_source_set_enabled(l->timer, SD_EVENT_ONESHOT);
}

/* No watcher, or none of those agents any more: that is no failure. */
static int on_timer(sd_event_source *s, uint64_t usec, void *userdata) {
        Looks *l = userdata;
        int r;

        take_due(l, now_monotonic());
        r = ask(l);
        if (r >= 0)
                return 0;
        if (r != -ENOTCONN && r != -ENODATA)
                l->sum.error = r;
        if (r == -ENOTCONN || plan_next(l) < 0)
                l->done(l->userdata, &l->sum);
        return 0;
}

int looks_new(const LooksSetup *setup, Round *round, Plan *plan, LooksDone done, void *userdata,
                Looks **ret) {
        _cleanup_(looks_freep) Looks *l = calloc(1, sizeof(*l));
        int r;

        assert(setup && round && plan && done && ret);

        if (!l)
                return -ENOMEM;
        *l = (Looks){.setup = *setup, .done = done, .userdata = userdata};
        l->start_usec = now_monotonic();
        r = sd_event_add_time(
                        setup->event, &l->timer, CLOCK_MONOTONIC, l->start_usec, 1, on_timer, l);
        if (r < 0)
                return r;
        l->round = *round;
        l->plan = *plan;
        *round = (Round){};
        *plan = (Plan){};
        *ret = TAKE_PTR(l);
        return 0;
}

Looks *looks_free(Looks *l) {
        if (!l)
                return NULL;

        watchers_question_drop(l->question);
        sd_event_source_disable_unref(l->timer);
        round_done(&l->round);
        plan_done(&l->plan);
        free(l);
        return NULL;
}
