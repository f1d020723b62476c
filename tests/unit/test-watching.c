/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/json.h"
#include "daemon/wire/watching.h"

static void settings_come_back_as_they_went(void **state) {
        _cleanup_json_ json_object *o = NULL;
        WatchSettings s = watch_settings_default, back;

        s.interval_usec = 30000000;
        s.cost_budget = 0.25;
        (void)strcpy(s.transport, "source");
        s.pool_min = 2;
        assert_int_equal(watch_settings_to_json(&s, &o), 0);
        assert_int_equal(watch_settings_from_json(o, &back), 0);
        assert_memory_equal(&s, &back, sizeof(s));
}

static void a_report_comes_back_as_it_went(void **state) {
        _cleanup_json_ json_object *o = NULL;
        WatchReport r = {.interval_usec = 250000,
                        .reason = PACE_SLOW,
                        .told = true,
                        .own_usec = 1,
                        .tmux_usec = 2,
                        .rounds = 3,
                        .round_usec = 4,
                        .pool = {.minimum = 5, .maximum = 20, .wait_usec = 7}};
        WatchReport back;

        assert_int_equal(watch_report_to_json(&r, &o), 0);
        assert_int_equal(watch_report_from_json(o, &back), 0);
        assert_memory_equal(&r, &back, sizeof(r));
}

/* The slowest counts; and all panes tell, or it is not counted upon. */
static void paces_are_added_up(void **state) {
        WatchReport sum = {};

        watch_report_add_pace(&sum, 0, PACE_USEFUL, false);
        assert_false(sum.told);
        watch_report_add_pace(&sum, 1000000, PACE_BUDGET, true);
        assert_true(sum.told);
        watch_report_add_pace(&sum, 2000000, PACE_LIMIT, true);
        watch_report_add_pace(&sum, 0, PACE_USEFUL, false);
        assert_true(sum.told);
        watch_report_add_pace(&sum, 250000, PACE_USEFUL, false);
        assert_false(sum.told);
        watch_report_add_pace(&sum, 250000, PACE_USEFUL, true);
        assert_false(sum.told);
        assert_int_equal(sum.interval_usec, 2000000);
        assert_int_equal(sum.reason, PACE_LIMIT);
}

static void what_cannot_be_is_refused(void **state) {
        static const struct {
                const char *key, *value;
        } rows[] = {
                        {"cost_budget", "0.0"},
                        {"cost_budget", "101.0"},
                        {"cost_budget", "\"much\""},
                        {"interval_usec", "1"},
                        {"interval_usec", "-1"},
                        {"interval_usec", "9223372036854775807"},
                        {"pool_max", "0"},
                        {"pool_max", "1001"},
                        {"pool_min", "21"},
                        {"pool_age_usec", "0"},
                        {"pool_wait_usec", "1.5"},
                        {"transport", "7"},
                        {"transport", "\"a word of more than sixteen\""},
        };

        FOREACH_ELEMENT (row, rows) {
                _cleanup_json_ json_object *o = NULL;
                WatchSettings s;

                assert_int_equal(watch_settings_to_json(&watch_settings_default, &o), 0);
                assert_int_equal(json_set(o, row->key, json_tokener_parse(row->value)), 0);
                assert_int_equal(watch_settings_from_json(o, &s), -EBADMSG);
        }
        assert_int_equal(watch_settings_from_json(NULL, &(WatchSettings){}), -EBADMSG);
        assert_int_equal(watch_report_from_json(NULL, &(WatchReport){}), -EBADMSG);
}

static void a_report_of_nonsense_is_refused(void **state) {
        static const struct {
                const char *key, *value;
        } rows[] = {
                        {"reason", "\"because\""},
                        {"reason", "3"},
                        {"rounds", "-3"},
                        {"own_usec", "9007199254740993"},
                        {"pool", "{}"},
                        {"pool", "[]"},
        };

        FOREACH_ELEMENT (row, rows) {
                _cleanup_json_ json_object *o = NULL;
                WatchReport r = {};

                assert_int_equal(watch_report_to_json(&r, &o), 0);
                assert_int_equal(watch_report_from_json(o, &r), 0);
                assert_int_equal(json_set(o, row->key, json_tokener_parse(row->value)), 0);
                assert_int_equal(watch_report_from_json(o, &r), -EBADMSG);
        }
}

static void pools_add_up(void **state) {
        PoolStats sum = {.slots = 5, .wait_usec = 1}, more = {.slots = 2, .wait_usec = 10};

        pool_stats_add(&sum, &more);
        assert_int_equal(sum.slots, 7);
        assert_int_equal(sum.wait_usec, 11);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                        cmocka_unit_test(settings_come_back_as_they_went),
                        cmocka_unit_test(a_report_comes_back_as_it_went),
                        cmocka_unit_test(paces_are_added_up),
                        cmocka_unit_test(what_cannot_be_is_refused),
                        cmocka_unit_test(a_report_of_nonsense_is_refused),
                        cmocka_unit_test(pools_add_up),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
