/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * As many looks as polling makes, but where they find most.
 *
 * Each agent has a rate at which it changes, from what is learned of how long it stays in a state.
 * With a fixed number of looks, changes are found soonest on average if each agent is looked at in
 * distances that go with one over the square root of its rate; so the next look is due at the one
 * with the greatest rate times age of the last look squared. Weights make some changes count more:
 * of those who needed somebody lately, who crash, and who lead others.
 *
 * A round comes four times in an interval and has a quarter of the looks. Nobody is left alone for
 * more than six intervals.
 */

#define TMUX_ORC_PLUGIN_API 1
#include "tmux-orc-plugin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PARTS 4U
#define ALONE_INTERVALS 6U
#define NEXT_MIN_USEC 50000U
#define NEXT_MAX_USEC 60000000U
#define SECOND_USEC 1000000.0
#define NEEDED_LATELY_USEC (10 * 60 * SECOND_USEC)
#define LN2 0.693

typedef struct Choice {
        uint32_t agent;
        double score;
} Choice;

/* Changes per second, until something is learned: by what the state is. */
static double usual_rate(uint32_t state) {
        switch (state) {
        case TMUX_ORC_STARTING:
                return 1 / 5.0;
        case TMUX_ORC_WORKING:
                return 1 / 45.0;
        case TMUX_ORC_WAITING:
                return 1 / 90.0;
        default:
                return 1 / 300.0;
        }
}

/* Half of those like it have changed when the expected time is over. */
static double rate_of(const TmuxOrcAgent *a) {
        double expected = (double)a->next_expected / SECOND_USEC;
        double counted = a->changes / 60;

        if (a->next_expected == UINT64_MAX)
                return usual_rate(a->state) > counted ? usual_rate(a->state) : counted;
        return LN2 / (expected > 0.5 ? expected : 0.5);
}

static int leads(const char *role) {
        return strstr(role, "orchestrator") || strstr(role, "lead") || strstr(role, "manager");
}

static double weight_of(const TmuxOrcAgent *a) {
        double weight = 1;

        if (a->state == TMUX_ORC_WORKING || a->state == TMUX_ORC_STARTING)
                weight *= 1.5; /* what it comes to is for somebody */
        if ((double)a->needed_age < NEEDED_LATELY_USEC)
                weight *= 1.25;
        if (a->failures > 0)
                weight *= 1.25;
        if (leads(a->role))
                weight *= 1.5;
        return weight;
}

static double score_of(const TmuxOrcRound *round, const TmuxOrcAgent *a) {
        double age;

        if (a->look_age == UINT64_MAX ||
                        a->look_age >= ALONE_INTERVALS * (uint64_t)round->interval_usec)
                return 1e12;
        age = (double)a->look_age / SECOND_USEC;
        return weight_of(a) * rate_of(a) * age * age;
}

static int compare(const void *a, const void *b) {
        const Choice *x = a, *y = b;

        if (x->score > y->score || x->score < y->score)
                return x->score > y->score ? -1 : 1;
        return x->agent < y->agent ? -1 : 1;
}

static int plan(TmuxOrcCall *call, void *state, const TmuxOrcRound *round, TmuxOrcPlan *plan) {
        uint32_t n = (round->n_agents + PARTS - 1) / PARTS;
        uint64_t next = round->interval_usec / PARTS;
        Choice *choices = calloc((size_t)round->n_agents + 1, sizeof(*choices));

        if (!choices)
                return tmux_orc_fail(call, -ENOMEM, "out of memory");
        for (uint32_t i = 0; i < round->n_agents; i++)
                choices[i] = (Choice){i, score_of(round, tmux_orc_agent(round, i))};
        qsort(choices, round->n_agents, sizeof(*choices), compare);
        for (uint32_t i = 0; i < n; i++)
                tmux_orc_plan_look(plan, choices[i].agent, 0);

        plan->next_usec = next < NEXT_MIN_USEC ? NEXT_MIN_USEC
                        : next > NEXT_MAX_USEC ? NEXT_MAX_USEC
                                               : next;
        free(choices);
        return 0;
}

TMUX_ORC_PLUGIN(.name = "priority_based", .version = "1.0.0", .plan = plan);
