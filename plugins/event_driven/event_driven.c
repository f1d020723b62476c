/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Leaves the pace to those who look: they hear at once of processes that end, of sockets and of
 * hooks, look often where something changes, and elsewhere as often as the budget allows. Where
 * that is seldom, adds a look at the few agents whose next change is about to come.
 */

#define TMUX_ORC_PLUGIN_API 1
#include "tmux-orc-plugin.h"

#define SELDOM_USEC 500000U
#define SOON_USEC 3000000U
#define NEXT_SELDOM_USEC 2000000U
#define NEXT_USEC 15000000U
#define ADDED_MAX 8U

static int is_about_to_change(const TmuxOrcRound *round, const TmuxOrcAgent *a) {
        return (a->state == TMUX_ORC_WORKING || a->state == TMUX_ORC_STARTING ||
                               a->state == TMUX_ORC_RATE_LIMITED) &&
                        a->next_expected < SOON_USEC && a->look_age >= round->interval_usec / 2;
}

static int plan(TmuxOrcCall *call, void *state, const TmuxOrcRound *round, TmuxOrcPlan *plan) {
        plan->pace = TMUX_ORC_PACE_OWN;
        plan->next_usec = NEXT_USEC;
        if (round->interval_usec < SELDOM_USEC)
                return 0;

        plan->next_usec = NEXT_SELDOM_USEC;
        for (uint32_t i = 0; i < round->n_agents && plan->n_looks < ADDED_MAX; i++) {
                const TmuxOrcAgent *a = tmux_orc_agent(round, i);

                if (is_about_to_change(round, a))
                        tmux_orc_plan_look(plan, i, a->next_expected);
        }
        return 0;
}

TMUX_ORC_PLUGIN(.name = "event_driven", .version = "1.0.0", .plan = plan);
