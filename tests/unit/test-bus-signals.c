/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/bus-fixture.h"

#define AGENT_CHANGED "/_31000_2ddefault_2d1 PropertiesChanged org.tmuxorc.Monitor1.Agent "
#define SERVER_CHANGED "/_31000_2ddefault PropertiesChanged org.tmuxorc.Monitor1.Server "
#define SUMS "/Monitor1 PropertiesChanged org.tmuxorc.Monitor1.Manager "

static void each_transition_is_told_in_order_and_the_sums_once(void **state) {
        BusFixture *f = *state;

        assert_int_equal(report_agent(f->registry, "%1", AGENT_WORKING, 2000), 0);
        assert_int_equal(report_agent(f->registry, "%1", AGENT_WAITING, 3000), 0);
        bus_fixture_turn(f);

        assert_string_equal(f->signals,
                        AGENT_CHANGED "State StateSince\n"
                                      "/Monitor1 AgentStateChanged /_31000_2ddefault_2d1 idle "
                                      "working claude/rule\n" AGENT_CHANGED
                                      "State Attention StateSince\n"
                                      "/Monitor1 AgentStateChanged /_31000_2ddefault_2d1 working "
                                      "waiting claude/rule\n" SUMS "AgentsTotal AgentCounts\n");
}

static void agents_come_and_go_as_objects(void **state) {
        BusFixture *f = *state;

        assert_int_equal(report_agent(f->registry, "%2", AGENT_IDLE, 0), 0);
        bus_fixture_turn(f);
        assert_string_equal(f->signals,
                        "/Monitor1 InterfacesAdded /_31000_2ddefault_2d2\n" SUMS
                        "AgentsTotal AgentCounts\n");

        f->signals[0] = '\0';
        assert_int_equal(registry_remove_agent(f->registry, TEST_UID, TEST_SOCKET, "%2"), 0);
        bus_fixture_turn(f);
        assert_string_equal(f->signals,
                        "/Monitor1 InterfacesRemoved /_31000_2ddefault_2d2\n" SUMS
                        "AgentsTotal AgentCounts\n");
}

static void a_server_that_dies_is_told_with_its_agents(void **state) {
        BusFixture *f = *state;

        assert_int_equal(report_server(f->registry, LIVENESS_ABSENT, 0, "died"), 0);
        bus_fixture_turn(f);

        assert_string_equal(f->signals,
                        SERVER_CHANGED
                        "Liveness Reason PID Since Lost\n"
                        "/Monitor1 ServerChanged /_31000_2ddefault absent\n" AGENT_CHANGED
                        "Liveness\n" AGENT_CHANGED "State Attention Attributes ResetTime Rule "
                        "Confidence StateSince PID Failures ControlGroup MemoryScope MemoryHigh "
                        "MemoryMax OOMKills EndReason Advice\n"
                        "/Monitor1 AgentStateChanged /_31000_2ddefault_2d1 idle crashed "
                        "server-died\n" SUMS "AgentsTotal AgentCounts\n");
}

static void nothing_is_told_of_nothing(void **state) {
        BusFixture *f = *state;

        assert_int_equal(report_agent(f->registry, "%1", AGENT_IDLE, 5000), 0);
        assert_int_equal(report_server(f->registry, LIVENESS_ALIVE, 100, ""), 0);
        components_check(f->components);
        bus_fixture_turn(f);

        assert_string_equal(f->signals, "");
}

static void a_new_interval_is_told(void **state) {
        BusFixture *f = *state;

        assert_int_equal(cycle_set_interval(f->cycle, 5000000), 0);
        bus_fixture_turn(f);
        assert_string_equal(f->signals, SUMS "CycleIntervalUSec CycleIntervalReason\n");
}

static void a_connection_made_anew_tells_all_there_is(void **state) {
        BusFixture *f = *state;

        assert_int_equal(bus_exports_speak(f->exports), 0);
        bus_fixture_turn(f);
        assert_string_equal(f->signals,
                        "/Monitor1 InterfacesAdded /_31000_2ddefault\n"
                        "/Monitor1 InterfacesAdded /_31000_2ddefault_2d1\n" SUMS
                        "AgentsTotal AgentCounts Health Strategy Rollout Strategies "
                        "CycleIntervalUSec "
                        "CycleIntervalReason CostBudgetPercent Environment Active\n");
}

static void without_a_connection_the_core_goes_on(void **state) {
        BusFixture *f = *state;

        f->exports = bus_exports_free(f->exports);
        assert_int_equal(report_agent(f->registry, "%1", AGENT_WORKING, 2000), 0);
        assert_int_equal(report_server(f->registry, LIVENESS_ABSENT, 0, "died"), 0);
        assert_int_equal(cycle_set_interval(f->cycle, 5000000), 0);
        bus_fixture_turn(f);
        assert_string_equal(f->signals, "");
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, bus_fixture_setup, bus_fixture_teardown)
        const struct CMUnitTest tests[] = {
                        T(each_transition_is_told_in_order_and_the_sums_once),
                        T(agents_come_and_go_as_objects),
                        T(a_server_that_dies_is_told_with_its_agents),
                        T(nothing_is_told_of_nothing),
                        T(a_new_interval_is_told),
                        T(a_connection_made_anew_tells_all_there_is),
                        T(without_a_connection_the_core_goes_on),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
