/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <string.h>

#include "daemon/base/json.h"
#include "tools/tmux-orc/config-recommend.h"

#define WELL \
        "{\"cycle_interval_usec\": 1000000, \"cost_percent\": 0.2, \"cost_budget_percent\": 0.5," \
        " \"agents_total\": 4, \"pool\": {\"maximum\": 20, \"taken\": 5000, \"queued\": 10," \
        " \"wait_usec\": 1000}}"
#define SETTINGS \
        "{\"monitoring.cycle_interval\": 0.0, \"monitoring.cache.max_entries\": 1000," \
        " \"limits.agents_per_user\": 1000, \"logging.level\": \"info\"}"
#define LAYERS "[{\"hits\": 900, \"misses\": 100, \"evictions\": 3}]"

/* "key: now -> better because" of each row. */
static const char *told(const char *service, const char *layers, const char *settings) {
        _cleanup_json_ json_object *s = json_tokener_parse(service),
                                   *l = json_tokener_parse(layers),
                                   *k = json_tokener_parse(settings), *rows = NULL;
        static char text[1024];

        assert_true(s && l && k);
        assert_int_equal(recommend(s, l, k, &rows), 0);
        text[0] = '\0';
        for (size_t i = 0; i < json_object_array_length(rows); i++) {
                json_object *row = json_object_array_get_idx(rows, i);
                size_t n = strlen(text);

                (void)snprintf(text + n, sizeof(text) - n, "%s: %s -> %s: %s\n",
                                json_get_string(row, "key"), json_get_string(row, "now"),
                                json_get_string(row, "recommended"),
                                json_get_string(row, "because"));
        }
        return text;
}

static void where_all_is_well_nothing_is_recommended(void **state) {
        assert_string_equal(told(WELL, LAYERS, SETTINGS), "");
        /* Nor of a service that says nothing. */
        assert_string_equal(told("{}", "[]", "{}"), "");
        assert_string_equal(told("{\"pool\": 7}", "[7]", "{\"logging.level\": 7}"), "");
}

static void each_rests_on_its_figure(void **state) {
        assert_string_equal(told("{\"cycle_interval_usec\": 4000000, \"cost_percent\": 0.49,"
                                 " \"cost_budget_percent\": 0.5}",
                                            LAYERS, SETTINGS),
                        "monitoring.cost_budget: 0.5 -> 2: agents are looked at every 4.0 s only, "
                        "for that is all that 0.5 % of a core buys; it costs 0.49 % now\n");
        assert_string_equal(told("{\"pool\": {\"maximum\": 20, \"taken\": 1000, \"queued\": 100,"
                                 " \"wait_usec\": 1200000}}",
                                            LAYERS, SETTINGS),
                        "monitoring.tmux_pool.max_connections: 20 -> 40: 100 of 1000 requests "
                        "waited for a slot, 12.0 ms on average\n");
        assert_string_equal(told(WELL, "[{\"hits\": 100, \"misses\": 100, \"evictions\": 50}]",
                                            SETTINGS),
                        "monitoring.cache.max_entries: 1000 -> 2000: 50 entries were thrown out "
                        "for want of room, in 200 look-ups\n");
        assert_string_equal(told("{\"agents_total\": 900}", LAYERS, SETTINGS),
                        "limits.agents_per_user: 1000 -> 2000: there are 900 agents, and 1000 may "
                        "be of one user\n");
        assert_string_equal(told("{\"agents_total\": 3}", "[]", "{\"logging.level\": \"debug\"}"),
                        "logging.level: debug -> info: everything about 3 agents goes to the "
                        "journal\n");
}

static void few_figures_and_what_a_person_wants_are_no_ground(void **state) {
        assert_string_equal(told("{\"pool\": {\"maximum\": 20, \"taken\": 50, \"queued\": 40}}",
                                            "[{\"misses\": 20, \"evictions\": 20}]", SETTINGS),
                        "");
        /* The interval is configured; or the budget is not what slows it. */
        assert_string_equal(told("{\"cycle_interval_usec\": 4000000, \"cost_percent\": 0.49,"
                                 " \"cost_budget_percent\": 0.5}",
                                            "[]", "{\"monitoring.cycle_interval\": 4.0}"),
                        "");
        assert_string_equal(told("{\"cycle_interval_usec\": 4000000, \"cost_percent\": 0.01,"
                                 " \"cost_budget_percent\": 0.5}",
                                            "[]", "{}"),
                        "");
        assert_string_equal(told("{\"pool\": {\"maximum\": 100, \"taken\": 1000, \"queued\": 900}}",
                                            "[]", "{}"),
                        "");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(where_all_is_well_nothing_is_recommended),
                        cmocka_unit_test(each_rests_on_its_figure),
                        cmocka_unit_test(few_figures_and_what_a_person_wants_are_no_ground),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
