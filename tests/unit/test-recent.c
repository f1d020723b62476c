/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include "daemon/base/recent.h"

#define WINDOW 1000U

static uint64_t median(const Recent *r) {
        static const double half[] = {50};
        uint64_t value;

        assert_int_equal(recent_percentiles(r, half, 1, &value), 0);
        return value;
}

static void what_is_old_counts_no_more(void **state) {
        _cleanup_(recent_freep) Recent *r = NULL;

        assert_int_equal(recent_new(&r), 0);
        assert_int_equal(median(r), 0);
        recent_turn(r, 10000, WINDOW);
        for (unsigned i = 0; i < 100; i++)
                recent_add(r, 20);
        recent_turn(r, 10499, WINDOW);
        recent_turn(r, 10500, WINDOW);
        assert_int_equal(median(r), 20);

        for (unsigned i = 0; i < 10; i++)
                recent_add(r, 5);
        assert_int_equal(median(r), 20);
        recent_turn(r, 11000, WINDOW);
        assert_int_equal(median(r), 5);
        recent_turn(r, 11500, WINDOW);
        assert_int_equal(median(r), 0);
}

static void what_nobody_turned_for_long_is_old(void **state) {
        _cleanup_(recent_freep) Recent *r = NULL;

        assert_int_equal(recent_new(&r), 0);
        recent_turn(r, 1, WINDOW);
        recent_add(r, 20);
        recent_turn(r, 1 + WINDOW, WINDOW);
        assert_int_equal(median(r), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(what_is_old_counts_no_more),
                        cmocka_unit_test(what_nobody_turned_for_long_is_old),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
