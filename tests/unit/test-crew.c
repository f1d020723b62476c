/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "daemon/plan/crew.h"
#include "tests/unit/reports.h"

#define AGENTS 10000U

static void name_agent(char *ret, size_t n, unsigned i) {
        (void)snprintf(ret, n, "1000-default-%u", i);
}

static void a_share_of_the_agents_is_reached(void **state) {
        static const double shares[] = {0.1, 0.5, 0.9};

        FOREACH_ELEMENT (share, shares) {
                unsigned n = 0;
                char id[64];

                for (unsigned i = 0; i < AGENTS; i++) {
                        name_agent(id, sizeof(id), i);
                        n += crew_reaches(id, *share);
                }
                assert_in_range(n, (unsigned)(*share * AGENTS) - 250,
                                (unsigned)(*share * AGENTS) + 250);
        }
}

static void all_and_none_are_just_that(void **state) {
        char id[64];

        for (unsigned i = 0; i < AGENTS; i++) {
                name_agent(id, sizeof(id), i);
                assert_true(crew_reaches(id, 1));
                assert_false(crew_reaches(id, 0));
        }
}

static void who_is_reached_stays_so_when_the_share_grows(void **state) {
        char id[64];

        for (unsigned i = 0; i < AGENTS; i++) {
                name_agent(id, sizeof(id), i);
                if (crew_reaches(id, 0.1))
                        assert_true(crew_reaches(id, 0.5));
        }
        /* The same on every machine and in every run. */
        assert_true(crew_reaches("1000-default-5", 0.5) == crew_reaches("1000-default-5", 0.5));
}

static void a_class_has_a_strategy_of_its_own(void **state) {
        char *const classes[] = {(char *)"waiting=concurrent", (char *)"claude=priority_based",
                        (char *)"codex=async_polling", NULL};
        Crew crew = {.strategy = "event_driven", .rollout = 1, .classes = classes};
        Registry *registry;
        const Agent *a;

        assert_int_equal(registry_new(NULL, &registry), 0);
        assert_int_equal(report_server(registry, LIVENESS_ALIVE, 100, ""), 0);
        assert_int_equal(report_agent(registry, "%1", AGENT_IDLE, 1000), 0);
        a = registry_next_agent(registry, NULL);

        assert_string_equal(crew_strategy_of(&crew, a), "priority_based");
        assert_int_equal(report_agent(registry, "%1", AGENT_WAITING, 2000), 0);
        assert_string_equal(crew_strategy_of(&crew, a), "concurrent");
        crew.classes = &classes[2];
        assert_string_equal(crew_strategy_of(&crew, a), "event_driven");
        crew.rollout = 0;
        assert_string_equal(crew_strategy_of(&crew, a), "polling");
        registry_free(registry);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                        cmocka_unit_test(a_share_of_the_agents_is_reached),
                        cmocka_unit_test(all_and_none_are_just_that),
                        cmocka_unit_test(who_is_reached_stays_so_when_the_share_grows),
                        cmocka_unit_test(a_class_has_a_strategy_of_its_own),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
