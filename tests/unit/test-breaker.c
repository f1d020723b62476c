/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include "daemon/base/clock.h"
#include "daemon/extend/breaker.h"

#define START (USEC_PER_HOUR)

static void it_is_tried_later_and_later(void **state) {
        Breaker b = {};
        uint64_t now = START;

        assert_true(breaker_allows(&b, now));
        assert_false(breaker_fail(&b, now));
        assert_false(breaker_allows(&b, now + 199 * USEC_PER_MSEC));
        assert_true(breaker_allows(&b, now + 200 * USEC_PER_MSEC));
        assert_false(breaker_fail(&b, now + USEC_PER_SEC));
        assert_false(breaker_allows(&b, now + USEC_PER_SEC + 399 * USEC_PER_MSEC));
        assert_true(breaker_allows(&b, now + USEC_PER_SEC + 400 * USEC_PER_MSEC));
}

static void five_failures_in_a_minute_open_it(void **state) {
        Breaker b = {};

        for (unsigned i = 0; i < 4; i++)
                assert_false(breaker_fail(&b, START + i));
        assert_true(breaker_fail(&b, START + 4));
        assert_true(breaker_is_open(&b));
        assert_false(breaker_allows(&b, START + 59 * USEC_PER_SEC));
        assert_true(breaker_allows(&b, START + 4 + USEC_PER_MINUTE));

        /* The one trial fails: twice as long. */
        assert_true(breaker_fail(&b, START + 2 * USEC_PER_MINUTE));
        assert_false(breaker_allows(&b, START + 3 * USEC_PER_MINUTE));
        assert_true(breaker_allows(&b, START + 4 * USEC_PER_MINUTE));
}

static void rare_failures_do_not_open_it(void **state) {
        Breaker b = {};

        for (unsigned i = 0; i < 20; i++)
                assert_false(breaker_fail(&b, START + i * 2 * USEC_PER_MINUTE));
}

static void success_forgets_all(void **state) {
        Breaker b = {};

        for (unsigned i = 0; i < 5; i++)
                (void)breaker_fail(&b, START);
        breaker_succeed(&b);
        assert_false(breaker_is_open(&b));
        assert_true(breaker_allows(&b, START));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(it_is_tried_later_and_later),
                        cmocka_unit_test(five_failures_in_a_minute_open_it),
                        cmocka_unit_test(rare_failures_do_not_open_it),
                        cmocka_unit_test(success_forgets_all),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
