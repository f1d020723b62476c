/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include "daemon/base/cleanup.h"
#include "daemon/base/clock.h"
#include "daemon/extend/rate-limit.h"

#define START (1000 * USEC_PER_SEC)

static unsigned take_all(RateLimit *limit, uint64_t now) {
        unsigned n = 0;

        while (n < 10000 && rate_limit_take(limit, now, NULL))
                n++;
        return n;
}

static void a_full_bucket_gives_all_at_once_and_then_one_by_one(void **state) {
        RateLimit limit;
        uint64_t wait = 0;

        rate_limit_init(&limit, 60, USEC_PER_MINUTE);
        assert_int_equal(take_all(&limit, START), 60);
        assert_false(rate_limit_take(&limit, START, &wait));
        assert_true(wait == USEC_PER_SEC);
        assert_false(rate_limit_take(&limit, START + USEC_PER_SEC - 1, &wait));
        assert_true(wait == 1);
        assert_int_equal(take_all(&limit, START + USEC_PER_SEC), 1);
        assert_int_equal(take_all(&limit, START + 11 * USEC_PER_SEC), 10);
        assert_int_equal(take_all(&limit, START + USEC_PER_HOUR), 60); /* not more than fit in */
}

static void what_was_refused_costs_nothing(void **state) {
        RateLimit limit;

        rate_limit_init(&limit, 1, USEC_PER_SEC);
        assert_true(rate_limit_take(&limit, START, NULL));
        for (unsigned i = 0; i < 100; i++)
                assert_false(rate_limit_take(&limit, START + i, NULL));
        assert_true(rate_limit_take(&limit, START + USEC_PER_SEC, NULL));
}

/* In no time are there more than the bucket and what came in. */
static void odd_rates_are_never_exceeded(void **state) {
        static const uint64_t calls[] = {1, 3, 7, 999, 1000003};

        FOREACH_ELEMENT (n, calls) {
                RateLimit limit;
                uint64_t taken = 0;

                rate_limit_init(&limit, *n, USEC_PER_SEC);
                for (uint64_t now = START; now <= START + 3 * USEC_PER_SEC; now += 77777)
                        taken += take_all(&limit, now);
                assert_true(taken <= 4 * *n);
                assert_true(taken >= 3 * *n || taken >= 39 * 10000);
        }
}

/* Two in three microseconds are not one in each. */
static void a_rate_that_does_not_divide_is_rounded_down(void **state) {
        RateLimit limit;
        unsigned taken = 0;

        rate_limit_init(&limit, 2, 3);
        for (uint64_t now = START; now < START + 3000; now++)
                taken += take_all(&limit, now);
        assert_true(taken <= 2002);
}

static void no_limit_is_no_limit(void **state) {
        RateLimit limit;

        rate_limit_init(&limit, 0, USEC_PER_SEC);
        assert_int_equal(take_all(&limit, START), 10000);
        rate_limit_init(&limit, 5, 0);
        assert_int_equal(take_all(&limit, START), 10000);
}

static void a_new_rate_does_not_fill_the_bucket(void **state) {
        RateLimit limit;

        rate_limit_init(&limit, 10, USEC_PER_SEC);
        assert_int_equal(take_all(&limit, START), 10);
        rate_limit_set(&limit, 2, USEC_PER_SEC);
        assert_int_equal(take_all(&limit, START), 0);
        assert_int_equal(take_all(&limit, START + USEC_PER_SEC), 2);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(a_full_bucket_gives_all_at_once_and_then_one_by_one),
                        cmocka_unit_test(what_was_refused_costs_nothing),
                        cmocka_unit_test(odd_rates_are_never_exceeded),
                        cmocka_unit_test(a_rate_that_does_not_divide_is_rounded_down),
                        cmocka_unit_test(no_limit_is_no_limit),
                        cmocka_unit_test(a_new_rate_does_not_fill_the_bucket),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
