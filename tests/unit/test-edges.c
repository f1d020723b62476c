/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include "daemon/agents/registry.h"

static void only_a_crash_and_a_clean_end_never_become_each_other(void **state) {
        static const char *const expected[_AGENT_STATE_MAX] = {
                        /*                     SWIARECXU: from, downwards; to, across */
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

        for (AgentState from = 0; from < _AGENT_STATE_MAX; from++)
                for (AgentState to = 0; to < _AGENT_STATE_MAX; to++)
                        assert_int_equal(agent_state_may_become(from, to),
                                        expected[from][to] == 'y');
}

static void whatever_is_gone_can_only_come_back_to_a_new_life(void **state) {
        for (AgentState from = 0; from < _AGENT_STATE_MAX; from++)
                for (AgentState to = 0; to < _AGENT_STATE_MAX; to++)
                        if (agent_state_is_gone(from))
                                assert_int_equal(agent_state_may_become(from, to),
                                                !agent_state_is_gone(to));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(only_a_crash_and_a_clean_end_never_become_each_other),
                        cmocka_unit_test(whatever_is_gone_can_only_come_back_to_a_new_life),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
