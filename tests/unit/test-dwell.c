/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include "daemon/base/clock.h"
#include "daemon/plan/dwell.h"

#define SECONDS(n) ((n)*USEC_PER_SEC)

static Dwell learned(unsigned times, uint64_t usec) {
        Dwell d = {};

        for (unsigned i = 0; i < times; i++)
                dwell_note(&d, usec);
        return d;
}

static void nothing_is_known_of_a_stranger(void **state) {
        const Dwell nothing = {};

        assert_int_equal(dwell_remaining(&nothing, NULL, SECONDS(5)), UINT64_MAX);
        assert_int_equal(dwell_remaining(&nothing, &nothing, 0), UINT64_MAX);
}

static void one_who_always_stays_ten_seconds_is_expected_to(void **state) {
        Dwell d = learned(20, SECONDS(10));

        assert_in_range(dwell_remaining(&d, NULL, 0), SECONDS(8), SECONDS(16));
        assert_in_range(dwell_remaining(&d, NULL, SECONDS(6)), SECONDS(2), SECONDS(10));
}

static void what_is_left_gets_less_as_time_goes_by(void **state) {
        Dwell d = learned(20, SECONDS(10));
        uint64_t before = UINT64_MAX;

        for (uint64_t age = 0; age < SECONDS(16); age += SECONDS(1)) {
                uint64_t left = dwell_remaining(&d, NULL, age);

                assert_true(left < before);
                before = left;
        }
}

static void who_stayed_longer_than_ever_may_stay_as_long_again(void **state) {
        Dwell d = learned(20, SECONDS(10));

        assert_int_equal(dwell_remaining(&d, NULL, SECONDS(100)), SECONDS(100));
}

/* Half of the time short, half of it long: who has stayed is one of the long ones. */
static void having_stayed_says_which_kind_it_is(void **state) {
        Dwell d = {};

        for (unsigned i = 0; i < 40; i++)
                dwell_note(&d, i % 2 ? SECONDS(1) : SECONDS(600));
        assert_true(dwell_remaining(&d, NULL, 0) < SECONDS(520));
        assert_true(dwell_remaining(&d, NULL, SECONDS(10)) > SECONDS(300));
}

static void others_count_until_there_is_enough_of_ones_own(void **state) {
        Dwell others = learned(1000, SECONDS(600)), own = {};
        uint64_t left;

        left = dwell_remaining(&own, &others, 0);
        assert_in_range(left, SECONDS(500), SECONDS(1100));
        own = learned(12, SECONDS(2));
        left = dwell_remaining(&own, &others, 0);
        assert_in_range(left, SECONDS(1), SECONDS(4));
}

static void what_was_long_ago_is_forgotten(void **state) {
        Dwell d = learned(100, SECONDS(600));

        for (unsigned i = 0; i < 100; i++)
                dwell_note(&d, SECONDS(2));
        assert_in_range(dwell_remaining(&d, NULL, 0), SECONDS(1), SECONDS(4));
}

static void extremes_have_a_place(void **state) {
        Dwell d = {};

        dwell_note(&d, 0);
        dwell_note(&d, UINT64_MAX);
        assert_true(dwell_remaining(&d, NULL, UINT64_MAX) > 0);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                        cmocka_unit_test(nothing_is_known_of_a_stranger),
                        cmocka_unit_test(one_who_always_stays_ten_seconds_is_expected_to),
                        cmocka_unit_test(what_is_left_gets_less_as_time_goes_by),
                        cmocka_unit_test(who_stayed_longer_than_ever_may_stay_as_long_again),
                        cmocka_unit_test(having_stayed_says_which_kind_it_is),
                        cmocka_unit_test(others_count_until_there_is_enough_of_ones_own),
                        cmocka_unit_test(what_was_long_ago_is_forgotten),
                        cmocka_unit_test(extremes_have_a_place),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
