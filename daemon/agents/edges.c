/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>

#include "daemon/agents/registry.h"

/*
 * The life of an agent, whole: rows are "from", columns are "to". A clean end and a crash are two
 * readings of one past event, so one never becomes the other; everything else leads out of them
 * into a new life.
 */
static const char *const edges[_AGENT_STATE_MAX] = {
                /* starting, working, idle, waiting, rate_limited, error, crashed, exited, unknown
                 */
                [AGENT_STARTING] = ".yyyyyyyy",
                [AGENT_WORKING] = "y.yyyyyyy",
                [AGENT_IDLE] = "yy.yyyyyy",
                [AGENT_WAITING] = "yyy.yyyyy",
                [AGENT_RATE_LIMITED] = "yyyy.yyyy",
                [AGENT_ERROR] = "yyyyy.yyy",
                [AGENT_CRASHED] = "yyyyyy..y",
                [AGENT_EXITED] = "yyyyyy..y",
                [AGENT_UNKNOWN] = "yyyyyyyy.",
};

bool agent_state_may_become(AgentState from, AgentState to) {
        assert(from >= 0 && from < _AGENT_STATE_MAX);
        assert(to >= 0 && to < _AGENT_STATE_MAX);

        return edges[from][to] == 'y';
}
