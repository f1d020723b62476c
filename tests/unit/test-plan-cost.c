/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <string.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/clock.h"
#include "daemon/plan/cost.h"

#define START USEC_PER_HOUR

/* Reports every two seconds; returns how often the interval was told. */
static unsigned report_for(Cost *c, WatchReport *sum, uint64_t *now, unsigned seconds) {
        unsigned n = 0;

        for (unsigned i = 0; i < seconds; i += 2) {
                CostChange change;

                *now += 2 * USEC_PER_SEC;
                cost_take(c, sum, 0, *now, &change);
                n += change.interval;
        }
        return n;
}

static void assert_reason(const Cost *c, const char *reason) {
        char why[128];

        cost_describe(c, why, sizeof(why));
        assert_string_equal(why, reason);
}

static void the_pace_is_told_when_it_is_worth_it(void **state) {
        WatchReport sum = {.interval_usec = 300000, .reason = PACE_BUDGET};
        Cost c = {.budget = 0.5};
        uint64_t now = START;

        assert_int_equal(report_for(&c, &sum, &now, 2), 1); /* the first */
        assert_int_equal(report_for(&c, &sum, &now, 60), 0);
        sum.interval_usec = 370000;
        assert_int_equal(report_for(&c, &sum, &now, 60), 0);
        sum.interval_usec = 380000;
        assert_int_equal(report_for(&c, &sum, &now, 60), 1);
        assert_int_equal(c.interval_usec, 380000);
        sum.interval_usec = 270000;
        assert_int_equal(report_for(&c, &sum, &now, 60), 1);
}

static void a_pace_that_goes_up_and_down_is_told_every_ten_seconds_at_most(void **state) {
        WatchReport sum = {.reason = PACE_BUDGET};
        Cost c = {.budget = 0.5};
        uint64_t now = START;
        unsigned n = 0;

        for (unsigned i = 0; i < 300; i++) {
                sum.interval_usec = i % 2 ? 300000 : 1500000;
                n += report_for(&c, &sum, &now, 2);
        }
        assert_in_range(n, 1, 61);
}

static void nothing_is_told_where_there_is_nothing_to_look_at(void **state) {
        WatchReport sum = {.reason = PACE_USEFUL};
        Cost c = {.budget = 0.5};
        uint64_t now = START;

        assert_int_equal(report_for(&c, &sum, &now, 60), 0);
        assert_reason(&c, "nothing was looked at yet");
}

static void a_configuration_is_told_at_once(void **state) {
        WatchReport sum = {.interval_usec = 300000, .reason = PACE_USEFUL};
        Cost c = {.budget = 0.5};
        uint64_t now = START;

        (void)report_for(&c, &sum, &now, 2);
        sum = (WatchReport){.interval_usec = 300000, .reason = PACE_CONFIGURED};
        assert_int_equal(report_for(&c, &sum, &now, 2), 1);
        assert_reason(&c, "monitoring.cycle_interval says so");
}

static void slowness_is_said_once_and_its_end_too(void **state) {
        static const uint64_t intervals[] = {300000, 1500000, 2000000, 1200000, 700000, 300000};
        WatchReport sum = {.reason = PACE_BUDGET};
        unsigned n_slower = 0, n_usual = 0;
        Cost c = {.budget = 0.5};
        uint64_t now = START;

        FOREACH_ELEMENT (i, intervals) {
                CostChange change;

                now += COST_TELL_USEC;
                sum.interval_usec = *i;
                cost_take(&c, &sum, 0, now, &change);
                n_slower += change.slower;
                n_usual += change.usual;
        }
        assert_int_equal(n_slower, 1);
        assert_int_equal(n_usual, 1);
        assert_false(cost_is_slowed(&c));
}

/* Thirty seconds between looks that somebody wants are not slow. */
static void what_is_configured_is_not_slow(void **state) {
        WatchReport sum = {.interval_usec = 30 * USEC_PER_SEC, .reason = PACE_CONFIGURED};
        Cost c = {.budget = 0.5};
        uint64_t now = START;

        (void)report_for(&c, &sum, &now, 10);
        assert_false(cost_is_slowed(&c));
}

/* Nobody waits for the looks where panes tell that they are written to. */
static void what_is_told_in_between_is_not_slow(void **state) {
        WatchReport sum = {.interval_usec = 1700000, .reason = PACE_BUDGET, .told = true};
        Cost c = {.budget = 0.5};
        uint64_t now = START;

        (void)report_for(&c, &sum, &now, 10);
        assert_false(cost_is_slowed(&c));
        assert_reason(&c, "panes that are written to are looked at besides");
        sum.told = false;
        assert_int_equal(report_for(&c, &sum, &now, 12), 1);
        assert_true(cost_is_slowed(&c));
        sum = (WatchReport){.interval_usec = 2000000, .reason = PACE_LIMIT, .told = true};
        assert_int_equal(report_for(&c, &sum, &now, 12), 1);
        assert_true(cost_is_slowed(&c)); /* that it costs too much is said all the same */
}

static void the_cost_is_a_mean_of_the_last_half_minute(void **state) {
        WatchReport sum = {.interval_usec = 300000, .reason = PACE_BUDGET};
        Cost c = {.budget = 0.5};
        uint64_t now = START;

        for (unsigned i = 0; i < 10; i++) {
                sum.own_usec += 4000;
                sum.tmux_usec += 6000;
                (void)report_for(&c, &sum, &now, 2);
        }
        assert_true(c.percent > 0.49 && c.percent < 0.51);
        assert_int_equal(c.own_usec, 40000);
        assert_int_equal(c.tmux_usec, 60000);

        (void)report_for(&c, &sum, &now, 30);
        assert_true(c.percent > 0.1 && c.percent < 0.3);
        (void)report_for(&c, &sum, &now, 300);
        assert_true(c.percent < 0.01);
}

static void this_process_costs_too(void **state) {
        WatchReport sum = {.interval_usec = 300000, .own_usec = 500};
        CostChange change;
        Cost c = {};

        cost_take(&c, &sum, 1000, START, &change);
        cost_take(&c, &sum, 2000, START + USEC_PER_SEC, &change);
        assert_int_equal(c.own_usec, 2500);
        assert_true(c.percent > 0.09 && c.percent < 0.11);
}

static void rounds_are_told_once(void **state) {
        WatchReport sum = {.rounds = 7};
        CostChange change;
        Cost c = {};

        cost_take(&c, &sum, 0, START, &change);
        assert_int_equal(change.rounds, 7);
        sum.rounds = 9;
        cost_take(&c, &sum, 0, START + 1, &change);
        assert_int_equal(change.rounds, 2);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                        cmocka_unit_test(the_pace_is_told_when_it_is_worth_it),
                        cmocka_unit_test(
                                        a_pace_that_goes_up_and_down_is_told_every_ten_seconds_at_most),
                        cmocka_unit_test(nothing_is_told_where_there_is_nothing_to_look_at),
                        cmocka_unit_test(a_configuration_is_told_at_once),
                        cmocka_unit_test(slowness_is_said_once_and_its_end_too),
                        cmocka_unit_test(what_is_configured_is_not_slow),
                        cmocka_unit_test(what_is_told_in_between_is_not_slow),
                        cmocka_unit_test(the_cost_is_a_mean_of_the_last_half_minute),
                        cmocka_unit_test(this_process_costs_too),
                        cmocka_unit_test(rounds_are_told_once),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
