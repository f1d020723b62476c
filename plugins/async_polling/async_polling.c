/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Everybody in every round, all tmux servers at once, so that a slow one keeps nobody waiting. Who
 * was looked at in the meantime, for whatever reason, is fresh enough for this round.
 */

#define TMUX_ORC_PLUGIN_API 1
#include "tmux-orc-plugin.h"

static int plan(TmuxOrcCall *call, void *state, const TmuxOrcRound *round, TmuxOrcPlan *plan) {
        for (uint32_t i = 0; i < round->n_agents; i++)
                if (tmux_orc_agent(round, i)->look_age >= round->interval_usec / 2)
                        tmux_orc_plan_look(plan, i, 0);
        return 0;
}

TMUX_ORC_PLUGIN(.name = "async_polling", .version = "1.0.0", .plan = plan);
