/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Everybody in every round, in waves: so many tmux servers side by side as the service allows, and
 * the waves apart, so that not all of them are busy with looks at one moment. Agents of one server
 * stay together, for one look sees them all.
 */

#define TMUX_ORC_PLUGIN_API 1
#include "tmux-orc-plugin.h"

#include <string.h>

#define SPREAD 2 /* the waves take that part of the interval, one half */
#define WAVE_MAX_USEC 500000

static uint32_t count_servers(const TmuxOrcRound *round) {
        const char *server = "";
        uint32_t n = 0;

        for (uint32_t i = 0; i < round->n_agents; i++) {
                const TmuxOrcAgent *a = tmux_orc_agent(round, i);

                n += strcmp(a->server, server) != 0;
                server = a->server;
        }
        return n;
}

static int plan(TmuxOrcCall *call, void *state, const TmuxOrcRound *round, TmuxOrcPlan *plan) {
        uint32_t side = round->concurrency > 0 ? round->concurrency : 1, n = 0;
        uint32_t n_waves = (count_servers(round) + side - 1) / side;
        uint64_t apart = n_waves > 1 ? round->interval_usec / SPREAD / n_waves : 0;
        const char *server = "";

        if (apart > WAVE_MAX_USEC)
                apart = WAVE_MAX_USEC;
        for (uint32_t i = 0; i < round->n_agents; i++) {
                const TmuxOrcAgent *a = tmux_orc_agent(round, i);
                uint64_t delay;

                n += strcmp(a->server, server) != 0;
                server = a->server;
                delay = (n - 1) / side * apart;
                tmux_orc_plan_look(plan, i, delay < 60000000 ? delay : 60000000);
        }
        plan->concurrency = side;
        return 0;
}

TMUX_ORC_PLUGIN(.name = "concurrent", .version = "1.0.0", .plan = plan);
