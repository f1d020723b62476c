/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Everybody in every round, one tmux server after the other: the least that may be asked of it. */

#define TMUX_ORC_PLUGIN_API 1
#include "tmux-orc-plugin.h"

static int plan(TmuxOrcCall *call, void *state, const TmuxOrcRound *round, TmuxOrcPlan *plan) {
        for (uint32_t i = 0; i < round->n_agents; i++)
                tmux_orc_plan_look(plan, i, 0);
        plan->concurrency = 1;
        return 0;
}

TMUX_ORC_PLUGIN(.name = "polling", .version = "1.0.0", .plan = plan);
