/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/registry-fixture.h"

#include <errno.h>

#include "daemon/base/clock.h"

static void an_agent_appears_changes_and_goes(void **state) {
        Fixture *f = *state;

        assert_int_equal(report_agent(f->registry, "%1", AGENT_STARTING, 1000), 0);
        assert_int_equal(report_agent(f->registry, "%1", AGENT_IDLE, 2000), 0);
        assert_string_equal(agent(f, "1000-default-1")->target, "work:1.1");
        assert_int_equal(registry_remove_agent(f->registry, TEST_UID, TEST_SOCKET, "%1"), 0);

        assert_string_equal(f->story,
                        "+1000-default-1\n"
                        "1000-default-1 starting>idle claude/rule\n"
                        "-1000-default-1\n");
        assert_int_equal(registry_remove_agent(f->registry, TEST_UID, TEST_SOCKET, "%1"), -ENXIO);
}

static void nothing_new_is_told_to_nobody(void **state) {
        Fixture *f = *state;

        assert_int_equal(report_agent(f->registry, "%1", AGENT_IDLE, 1000), 0);
        f->story[0] = '\0';
        assert_int_equal(report_agent(f->registry, "%1", AGENT_IDLE, 5000), 0);
        assert_int_equal(report_server(f->registry, LIVENESS_ALIVE, 100, ""), 0);

        assert_string_equal(f->story, "");
        assert_int_equal(agent(f, "1000-default-1")->since_usec, 1000);
}

static void a_change_says_what_it_touched(void **state) {
        Fixture *f = *state;

        assert_int_equal(report_agent(f->registry, "%1", AGENT_IDLE, 1000), 0);
        assert_int_equal(report_agent(f->registry, "%1", AGENT_WAITING, 2000), 0);
        assert_int_equal(agent(f, "1000-default-1")->changed,
                        AGENT_CHANGED_STATE | AGENT_CHANGED_SINCE | AGENT_CHANGED_ATTENTION);
}

/* Figures move all the time: they are there for whoever asks. */
static void memory_is_told_by_its_limits_and_not_by_its_use(void **state) {
        Fixture *f = *state;
        const Agent *a;

        for (unsigned i = 0; i < 3; i++) {
                AgentReport r = {
                                .socket = strdup(TEST_SOCKET),
                                .pane = strdup("%1"),
                                .type = strdup("claude"),
                                .memory_scope = MEMORY_OWN,
                                .memory_bytes = 1000 * (i + 1),
                                .memory_max = i < 2 ? 5000 : 9000,
                                .memory_pressure = 0.1 * i,
                };

                f->story[0] = '\0';
                assert_int_equal(registry_report_agent(f->registry, TEST_UID, &r), 0);
                a = agent(f, "1000-default-1");
                assert_int_equal(a->last.memory_bytes, 1000 * (i + 1));
                assert_string_equal(a->last.control_group, "");
                if (i > 0)
                        assert_int_equal(a->changed, i < 2 ? 0 : AGENT_CHANGED_MEMORY);
        }

        assert_int_equal(report_server(f->registry, LIVENESS_ABSENT, 0, "killed"), 0);
        a = agent(f, "1000-default-1");
        assert_int_equal(a->last.memory_bytes, 0);
        assert_int_equal(a->last.memory_scope, MEMORY_UNKNOWN);
        assert_true(a->last.memory_pressure < 0);
}

static void time_in_a_state_adds_up(void **state) {
        Fixture *f = *state;
        const Agent *a;

        assert_int_equal(report_agent(f->registry, "%1", AGENT_WORKING, 1000), 0);
        assert_int_equal(report_agent(f->registry, "%1", AGENT_IDLE, 1600), 0);
        assert_int_equal(report_agent(f->registry, "%1", AGENT_WORKING, 2000), 0);
        assert_int_equal(report_agent(f->registry, "%1", AGENT_ERROR, 2050), 0);

        a = agent(f, "1000-default-1");
        assert_int_equal(a->in_state_usec[AGENT_WORKING], 650);
        assert_int_equal(a->in_state_usec[AGENT_IDLE], 400);
        assert_int_equal(a->in_state_usec[AGENT_ERROR], 0);
        assert_int_equal(a->since_usec, 2050);
}

static void time_neither_runs_backwards_nor_ahead(void **state) {
        Fixture *f = *state;
        uint64_t before = now_realtime();
        const Agent *a;

        assert_int_equal(report_agent(f->registry, "%1", AGENT_WORKING, 2000), 0);
        assert_int_equal(report_agent(f->registry, "%1", AGENT_IDLE, 1000), 0);
        a = agent(f, "1000-default-1");
        assert_int_equal(a->since_usec, 2000);
        assert_int_equal(a->in_state_usec[AGENT_WORKING], 0);

        assert_int_equal(report_agent(f->registry, "%1", AGENT_WORKING, UINT64_MAX), 0);
        assert_in_range(a->since_usec, before, now_realtime());
}

static void failures_are_entries_into_crashed(void **state) {
        static const struct {
                AgentState next;
                int r;
                unsigned failures;
        } rows[] = {
                        {AGENT_WORKING, 0, 0},
                        {AGENT_CRASHED, 0, 1},
                        {AGENT_CRASHED, 0, 1},
                        {AGENT_EXITED, -EBADE, 1},
                        {AGENT_STARTING, 0, 1},
                        {AGENT_CRASHED, 0, 2},
                        {AGENT_UNKNOWN, 0, 2},
                        {AGENT_EXITED, 0, 2},
                        {AGENT_CRASHED, -EBADE, 2},
        };
        Fixture *f = *state;

        FOREACH_ELEMENT (row, rows) {
                assert_int_equal(report_agent(f->registry, "%1", row->next, 0), row->r);
                assert_int_equal(agent(f, "1000-default-1")->failures, row->failures);
                if (row->r == 0)
                        assert_int_equal(agent(f, "1000-default-1")->last.state, row->next);
        }
}

static void a_server_that_dies_takes_its_agents_along(void **state) {
        Fixture *f = *state;
        const Server *s = registry_find_server(f->registry, "1000-default");

        assert_int_equal(report_agent(f->registry, "%1", AGENT_WORKING, 1000), 0);
        assert_int_equal(report_agent(f->registry, "%2", AGENT_EXITED, 1000), 0);
        assert_int_equal(report_agent(f->registry, "%10", AGENT_WAITING, 1000), 0);
        f->story[0] = '\0';
        assert_int_equal(report_server(f->registry, LIVENESS_ABSENT, 0, "no one listens"), 0);

        assert_string_equal(f->story,
                        "1000-default alive>absent\n"
                        "1000-default-1 working>crashed server-died\n"
                        "1000-default-10 waiting>crashed server-died\n");
        assert_int_equal(strv_length(s->lost), 2);
        assert_string_equal(s->lost[0], "claude in work:1.1 was working");
        assert_string_equal(s->lost[1], "claude in work:1.10 was waiting");
        assert_int_equal(registry_count_state(f->registry, AGENT_CRASHED), 2);
        assert_int_equal(agent(f, "1000-default-10")->last.attention, ATTENTION_NONE);
}

static void a_server_that_ended_lets_its_agents_exit(void **state) {
        Fixture *f = *state;

        assert_int_equal(report_agent(f->registry, "%1", AGENT_WORKING, 1000), 0);
        f->story[0] = '\0';
        assert_int_equal(report_server(f->registry, LIVENESS_ABSENT, 0, "ended: no sessions"), 0);

        assert_string_equal(f->story,
                        "1000-default alive>absent\n"
                        "1000-default-1 working>exited server-ended\n");
        assert_int_equal(agent(f, "1000-default-1")->failures, 0);
}

static void no_agent_lives_on_an_absent_server(void **state) {
        Fixture *f = *state;

        assert_int_equal(report_agent(f->registry, "%1", AGENT_WORKING, 0), 0);
        assert_int_equal(report_server(f->registry, LIVENESS_ABSENT, 0, "died"), 0);

        assert_int_equal(report_agent(f->registry, "%1", AGENT_WORKING, 0), -EBADE);
        assert_int_equal(report_agent(f->registry, "%1", AGENT_CRASHED, 0), 0);
        assert_int_equal(agent(f, "1000-default-1")->last.state, AGENT_CRASHED);
}

static void the_dead_are_listed_until_another_server_lives_there(void **state) {
        Fixture *f = *state;

        assert_int_equal(report_agent(f->registry, "%1", AGENT_WORKING, 0), 0);
        assert_int_equal(report_server(f->registry, LIVENESS_ABSENT, 0, "died"), 0);
        f->story[0] = '\0';
        assert_int_equal(report_server(f->registry, LIVENESS_ALIVE, 200, ""), 0);

        assert_string_equal(f->story,
                        "-1000-default-1\n"
                        "1000-default absent>alive\n");
        assert_null(registry_find_server(f->registry, "1000-default")->lost);
}

static void a_successor_that_is_named_before_it_answers_is_another_all_the_same(void **state) {
        Fixture *f = *state;

        assert_int_equal(report_agent(f->registry, "%1", AGENT_WORKING, 0), 0);
        assert_int_equal(report_server(f->registry, LIVENESS_ABSENT, 0, "died"), 0);
        assert_int_equal(report_server(f->registry, LIVENESS_ABSENT, 200, "died"), 0);
        assert_int_equal(report_server(f->registry, LIVENESS_ALIVE, 200, ""), 0);
        assert_int_equal(registry_count_agents(f->registry), 0);
}

static void the_same_server_back_keeps_its_agents(void **state) {
        Fixture *f = *state;

        assert_int_equal(report_agent(f->registry, "%1", AGENT_WORKING, 0), 0);
        assert_int_equal(report_server(f->registry, LIVENESS_ABSENT, 0, "died"), 0);
        assert_int_equal(report_server(f->registry, LIVENESS_ALIVE, 100, ""), 0);
        assert_int_equal(report_agent(f->registry, "%1", AGENT_WORKING, 0), 0);

        assert_int_equal(registry_count_state(f->registry, AGENT_WORKING), 1);
}

static void a_server_replaced_between_two_looks_has_died(void **state) {
        Fixture *f = *state;

        assert_int_equal(report_agent(f->registry, "%1", AGENT_WORKING, 0), 0);
        f->story[0] = '\0';
        assert_int_equal(report_server(f->registry, LIVENESS_ALIVE, 200, ""), 0);

        assert_string_equal(f->story,
                        "1000-default alive>absent\n"
                        "1000-default-1 working>crashed server-died\n"
                        "-1000-default-1\n"
                        "1000-default absent>alive\n");
}

static void doubt_about_a_server_changes_no_agent(void **state) {
        Fixture *f = *state;

        assert_int_equal(report_agent(f->registry, "%1", AGENT_WORKING, 0), 0);
        f->story[0] = '\0';
        registry_lose_user(f->registry, TEST_UID + 1, "not ours");
        registry_lose_user(f->registry, TEST_UID, "no watcher");
        registry_lose_user(f->registry, TEST_UID, "no watcher");

        assert_string_equal(f->story, "1000-default alive>unknown\n");
        assert_int_equal(agent(f, "1000-default-1")->last.state, AGENT_WORKING);
        assert_int_equal(report_agent(f->registry, "%1", AGENT_IDLE, 0), 0);
}

static void the_dead_stay_dead_when_their_watcher_is_lost(void **state) {
        Fixture *f = *state;

        assert_int_equal(report_server(f->registry, LIVENESS_ABSENT, 0, "died"), 0);
        registry_lose_user(f->registry, TEST_UID, "no watcher");

        assert_int_equal(registry_find_server(f->registry, "1000-default")->last.liveness,
                        LIVENESS_ABSENT);
}

static void what_is_absent_is_forgotten_after_a_while(void **state) {
        Fixture *f = *state;

        assert_int_equal(report_agent(f->registry, "%1", AGENT_WORKING, 0), 0);
        registry_expire(f->registry, now_realtime() + USEC_PER_DAY);
        assert_int_equal(registry_count_agents(f->registry), 1);

        assert_int_equal(report_server(f->registry, LIVENESS_ABSENT, 0, "died"), 0);
        registry_expire(f->registry, now_realtime() + 9 * USEC_PER_MINUTE);
        assert_int_equal(registry_count_agents(f->registry), 1);

        f->story[0] = '\0';
        registry_expire(f->registry, now_realtime() + 11 * USEC_PER_MINUTE);
        assert_string_equal(f->story, "-1000-default-1\n-1000-default\n");
}

static void sockets_of_one_name_get_ids_of_their_own(void **state) {
        Fixture *f = *state;
        const Server *s = NULL, *previous = NULL;
        unsigned n = 0;

        assert_int_equal(report_server_full(f->registry, 1000, "/x/default", LIVENESS_ALIVE, 1, ""),
                        0);
        assert_int_equal(report_server_full(f->registry, 1000, "/y/default", LIVENESS_ALIVE, 2, ""),
                        0);

        while ((s = registry_next_server(f->registry, s))) {
                if (previous)
                        assert_true(strverscmp(previous->id, s->id) < 0);
                assert_ptr_equal(registry_find_server(f->registry, s->id), s);
                previous = s;
                n++;
        }
        assert_int_equal(n, 3);
}

/* With 16 bits of hash, 2000 paths are sure to have some in common. */
static void ids_that_collide_get_longer(void **state) {
        static const RegistryLimits limits = {.servers_per_user = 2000};
        _cleanup_(registry_freep) Registry *registry = NULL;
        size_t shortest = SIZE_MAX, longest = 0;
        const Server *s = NULL;

        assert_int_equal(registry_new(&limits, &registry), 0);
        for (unsigned i = 0; i < 2000; i++) {
                char socket[32];

                (void)snprintf(socket, sizeof(socket), "/d%u/s", i);
                assert_int_equal(report_server_full(registry, 1, socket, LIVENESS_ALIVE, 1, ""), 0);
        }

        while ((s = registry_next_server(registry, s))) {
                shortest = MIN(shortest, strlen(s->id));
                longest = MAX(longest, strlen(s->id));
        }
        assert_true(longest > shortest);
}

static void an_agent_is_found_by_pane_or_target(void **state) {
        static const struct {
                uid_t uid;
                const char *pane;
                int r;
        } rows[] = {
                        {TEST_UID, "%1", 0},
                        {UID_INVALID, "%1", -ENOTUNIQ},
                        {UID_INVALID, "%2", 0},
                        {TEST_UID, "work:1.1", 0},
                        {TEST_UID, "work:editor.1", 0},
                        {TEST_UID, "work:editor.2", 0},
                        {TEST_UID, "work:editor", -ENXIO},
                        {TEST_UID, "work:1.9", -ENXIO},
                        {TEST_UID, "%", -ENXIO},
                        {TEST_UID, "", -ENXIO},
                        {1002, "%1", -ENXIO},
        };
        Fixture *f = *state;

        assert_int_equal(report_agent(f->registry, "%1", AGENT_IDLE, 0), 0);
        assert_int_equal(report_agent(f->registry, "%2", AGENT_IDLE, 0), 0);
        assert_int_equal(report_server_full(f->registry, 1001, "/x/s", LIVENESS_ALIVE, 1, ""), 0);
        assert_int_equal(report_agent_full(f->registry, 1001, "/x/s", "%1", AGENT_IDLE, 0), 0);

        FOREACH_ELEMENT (row, rows) {
                const Agent *a = NULL;

                assert_int_equal(registry_find_by_pane(f->registry, row->uid, row->pane, &a),
                                row->r);
                assert_int_equal(a != NULL, row->r == 0);
        }
}

static void what_cannot_be_is_refused_and_taken_away(void **state) {
        Fixture *f = *state;
        AgentReport report = {.socket = strdup(TEST_SOCKET), .pane = strdup("12")};
        ServerReport server = {.socket = strdup("relative")};

        assert_int_equal(registry_report_agent(f->registry, TEST_UID, &report), -EINVAL);
        assert_null(report.socket);
        assert_int_equal(registry_report_server(f->registry, TEST_UID, &server), -EINVAL);
        assert_null(server.socket);
        assert_int_equal(report_agent_full(f->registry, 1000, "/x/y", "%1", AGENT_IDLE, 0), -ENXIO);
        assert_string_equal(f->story, "");
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, registry_setup, registry_teardown)
        const struct CMUnitTest tests[] = {
                        T(an_agent_appears_changes_and_goes),
                        T(nothing_new_is_told_to_nobody),
                        T(a_change_says_what_it_touched),
                        T(memory_is_told_by_its_limits_and_not_by_its_use),
                        T(time_in_a_state_adds_up),
                        T(time_neither_runs_backwards_nor_ahead),
                        T(failures_are_entries_into_crashed),
                        T(a_server_that_dies_takes_its_agents_along),
                        T(a_server_that_ended_lets_its_agents_exit),
                        T(no_agent_lives_on_an_absent_server),
                        T(the_dead_are_listed_until_another_server_lives_there),
                        T(a_successor_that_is_named_before_it_answers_is_another_all_the_same),
                        T(the_same_server_back_keeps_its_agents),
                        T(a_server_replaced_between_two_looks_has_died),
                        T(doubt_about_a_server_changes_no_agent),
                        T(the_dead_stay_dead_when_their_watcher_is_lost),
                        T(what_is_absent_is_forgotten_after_a_while),
                        T(sockets_of_one_name_get_ids_of_their_own),
                        cmocka_unit_test(ids_that_collide_get_longer),
                        T(an_agent_is_found_by_pane_or_target),
                        T(what_cannot_be_is_refused_and_taken_away),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
