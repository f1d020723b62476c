/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How much room there is for a user's servers and agents, and who has it. */

#include "tests/unit/registry-fixture.h"

#include <errno.h>

static void one_user_cannot_take_anothers_room(void **state) {
        static const char *const panes[] = {"%1", "%2", "%3", "%4"};
        Fixture *f = *state;

        FOREACH_ELEMENT (pane, panes)
                assert_int_equal(report_agent(f->registry, *pane, AGENT_IDLE, 0), 0);
        assert_int_equal(report_agent(f->registry, "%5", AGENT_IDLE, 0), -EDQUOT);

        assert_int_equal(report_server_full(f->registry, 1001, "/x/s", LIVENESS_ALIVE, 1, ""), 0);
        assert_int_equal(report_agent_full(f->registry, 1001, "/x/s", "%5", AGENT_IDLE, 0), 0);
}

static void what_is_gone_makes_room(void **state) {
        static const char *const panes[] = {"%1", "%2", "%3", "%4"};
        Fixture *f = *state;

        FOREACH_ELEMENT (pane, panes)
                assert_int_equal(report_agent(f->registry, *pane, AGENT_EXITED, 0), 0);
        assert_int_equal(report_agent(f->registry, "%5", AGENT_IDLE, 0), 0);
        assert_null(registry_find_agent(f->registry, "1000-default-1"));

        assert_int_equal(report_server(f->registry, LIVENESS_ABSENT, 0, "ended"), 0);
        assert_int_equal(report_server_full(f->registry, 1000, "/x/a", LIVENESS_ALIVE, 1, ""), 0);
        assert_int_equal(report_server_full(f->registry, 1000, "/x/b", LIVENESS_ALIVE, 1, ""), 0);
        assert_int_equal(report_server_full(f->registry, 1000, "/x/c", LIVENESS_ALIVE, 1, ""), 0);
        assert_null(registry_find_server(f->registry, "1000-default"));
        assert_int_equal(report_server_full(f->registry, 1000, "/x/d", LIVENESS_ALIVE, 1, ""),
                        -EDQUOT);
}

static void other_limits_are_for_those_who_come(void **state) {
        Fixture *f = *state;

        registry_set_limits(f->registry, &(RegistryLimits){.agents_per_user = 2});
        assert_int_equal(report_agent(f->registry, "%31", AGENT_IDLE, 0), 0);
        assert_int_equal(report_agent(f->registry, "%32", AGENT_IDLE, 0), 0);
        assert_int_equal(report_agent(f->registry, "%33", AGENT_IDLE, 0), -EDQUOT);
        registry_set_limits(f->registry, &(RegistryLimits){.agents_per_user = 1});
        assert_int_equal(registry_count_agents(f->registry), 2);
        assert_int_equal(report_agent(f->registry, "%31", AGENT_WORKING, 0), 0);
        registry_set_limits(f->registry, &(RegistryLimits){});
        assert_int_equal(report_agent(f->registry, "%33", AGENT_IDLE, 0), 0);
}

static void all_users_together_have_a_limit_too(void **state) {
        Fixture *f = *state;

        registry_set_limits(f->registry, &(RegistryLimits){.agents = 2});
        assert_int_equal(report_agent(f->registry, "%31", AGENT_IDLE, 0), 0);
        assert_int_equal(report_agent(f->registry, "%32", AGENT_IDLE, 0), 0);
        assert_int_equal(report_agent(f->registry, "%33", AGENT_IDLE, 0), -EDQUOT);
        assert_int_equal(report_agent(f->registry, "%31", AGENT_EXITED, 0), 0);
        assert_int_equal(report_agent(f->registry, "%33", AGENT_IDLE, 0), 0); /* in its place */
        assert_int_equal(registry_count_agents(f->registry), 2);
        registry_set_limits(f->registry, &(RegistryLimits){.agents = 3});
        assert_int_equal(report_agent(f->registry, "%34", AGENT_IDLE, 0), 0);
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, registry_setup, registry_teardown)
        const struct CMUnitTest tests[] = {
                        T(one_user_cannot_take_anothers_room),
                        T(what_is_gone_makes_room),
                        T(other_limits_are_for_those_who_come),
                        T(all_users_together_have_a_limit_too),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
