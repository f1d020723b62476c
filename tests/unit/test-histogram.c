/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>

#include "daemon/base/histogram.h"

static Histogram *make(void) {
        Histogram *h = NULL;

        assert_int_equal(histogram_new(NULL, 0, &h), 0);
        return h;
}

/* The same numbers in every run: xorshift. */
static uint64_t next_random(uint64_t *state) {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        return *state;
}

static int compare(const void *a, const void *b) {
        uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

        return (x > y) - (x < y);
}

/* Of all sizes alike: short and long durations. */
static void fill(uint64_t *values, size_t n, uint64_t seed) {
        for (size_t i = 0; i < n; i++)
                values[i] = next_random(&seed) >> (24 + next_random(&seed) % 40);
}

static void percentiles_are_those_of_the_sorted_values(void **state) {
        static uint64_t values[10007];
        static const double percents[] = {0.1, 1, 25, 50, 75, 90, 95, 99, 99.9, 100};
        _cleanup_(histogram_freep) Histogram *h = make();

        fill(values, ELEMENTSOF(values), 7);
        FOREACH_ELEMENT (value, values)
                histogram_add(h, *value);
        qsort(values, ELEMENTSOF(values), sizeof(values[0]), compare);

        FOREACH_ELEMENT (percent, percents) {
                size_t rank = (size_t)(*percent * ELEMENTSOF(values) / 100 + 0.999999);
                uint64_t truth = values[rank - 1], told = histogram_percentile(h, *percent);
                uint64_t error = truth > told ? truth - told : told - truth;

                if (error * 64 > truth)
                        fail_msg("p%g is %lu, told %lu", *percent, truth, told);
        }
}

/* Every octave, at both ends and in its middle. */
static void a_single_value_is_told_as_it_is(void **state) {
        for (unsigned bit = 0; bit < 64; bit++) {
                uint64_t low = UINT64_C(1) << bit;
                const uint64_t values[] = {low - 1, low, low + 1, low + low / 2};

                FOREACH_ELEMENT (value, values) {
                        _cleanup_(histogram_freep) Histogram *h = make();

                        histogram_add(h, *value);
                        assert_true(histogram_percentile(h, 50) == *value);
                        assert_true(histogram_percentile(h, 99) == *value);
                }
        }
}

/* Between two others that stand far off, so that only the bucket can tell it. */
static void a_value_among_others_is_near(void **state) {
        for (unsigned bit = 0; bit < 40; bit++) {
                uint64_t low = UINT64_C(1) << bit;
                const uint64_t values[] = {low - 1, low, low + low / 3, low + low / 2, 2 * low - 1};

                FOREACH_ELEMENT (value, values) {
                        _cleanup_(histogram_freep) Histogram *h = make();
                        uint64_t told, error;

                        histogram_add(h, 0);
                        histogram_add(h, *value);
                        histogram_add(h, UINT64_MAX);
                        told = histogram_percentile(h, 50);
                        error = told > *value ? told - *value : *value - told;
                        assert_true(error * 64 <= *value);
                        assert_true(*value >= 64 || error == 0);
                }
        }
}

static void what_is_exact_is_exact(void **state) {
        _cleanup_(histogram_freep) Histogram *h = make();

        assert_true(histogram_count(h) == 0 && histogram_sum(h) == 0);
        assert_true(histogram_min(h) == 0 && histogram_max(h) == 0);
        assert_true(histogram_percentile(h, 50) == 0);

        histogram_add(h, 1000003);
        histogram_add(h, 5);
        histogram_add(h, 70001);
        assert_true(histogram_count(h) == 3);
        assert_true(histogram_sum(h) == 1070009);
        assert_true(histogram_min(h) == 5);
        assert_true(histogram_max(h) == 1000003);
        assert_true(histogram_percentile(h, 0) == 5);
        assert_true(histogram_percentile(h, 100) == 1000003);
        assert_true(histogram_percentile(h, -1) == 5);
        assert_true(histogram_percentile(h, 1e9) == 1000003);
}

static void huge_values_stop_nothing(void **state) {
        _cleanup_(histogram_freep) Histogram *h = make();

        histogram_add(h, UINT64_MAX);
        histogram_add(h, UINT64_MAX - 1);
        histogram_add(h, HISTOGRAM_VALUE_MAX);
        assert_true(histogram_sum(h) == UINT64_MAX);
        assert_true(histogram_max(h) == UINT64_MAX);
        assert_true(histogram_percentile(h, 50) >= HISTOGRAM_VALUE_MAX);
}

static void bounds_are_counted_exactly(void **state) {
        static const uint64_t bounds[] = {20000, 40000, 80000};
        static const uint64_t values[] = {0, 20000, 20001, 39999, 40000, 79999, 80001, 1 << 30};
        _cleanup_(histogram_freep) Histogram *h = NULL;

        assert_int_equal(histogram_new(bounds, ELEMENTSOF(bounds), &h), 0);
        FOREACH_ELEMENT (value, values)
                histogram_add(h, *value);

        assert_int_equal(histogram_n_bounds(h), 3);
        assert_true(histogram_bound(h, 1) == 40000);
        assert_true(histogram_count_at_bound(h, 0) == 2);
        assert_true(histogram_count_at_bound(h, 1) == 5);
        assert_true(histogram_count_at_bound(h, 2) == 6);
        assert_true(histogram_count(h) == 8);
}

static void bounds_must_rise_and_be_few(void **state) {
        static const uint64_t same[] = {1, 1}, falling[] = {2, 1};
        static uint64_t many[HISTOGRAM_BOUNDS_MAX + 1];
        Histogram *h = NULL;

        for (size_t i = 0; i < ELEMENTSOF(many); i++)
                many[i] = i;
        assert_int_equal(histogram_new(same, 2, &h), -EINVAL);
        assert_int_equal(histogram_new(falling, 2, &h), -EINVAL);
        assert_int_equal(histogram_new(many, ELEMENTSOF(many), &h), -EINVAL);
        assert_null(h);
}

static void merged_is_as_if_added_to_one(void **state) {
        static const uint64_t bounds[] = {100, 1000000};
        static uint64_t values[2000];
        _cleanup_(histogram_freep) Histogram *whole = NULL, *a = NULL, *b = NULL;

        fill(values, ELEMENTSOF(values), 11);
        assert_int_equal(histogram_new(bounds, 2, &whole), 0);
        assert_int_equal(histogram_new(bounds, 2, &a), 0);
        assert_int_equal(histogram_new(bounds, 2, &b), 0);
        for (size_t i = 0; i < ELEMENTSOF(values); i++) {
                histogram_add(whole, values[i]);
                histogram_add(i % 3 == 0 ? a : b, values[i]);
        }

        assert_int_equal(histogram_merge(a, b), 0);
        assert_true(histogram_count(a) == histogram_count(whole));
        assert_true(histogram_sum(a) == histogram_sum(whole));
        assert_true(histogram_min(a) == histogram_min(whole));
        assert_true(histogram_max(a) == histogram_max(whole));
        for (unsigned i = 0; i <= 100; i++)
                assert_true(histogram_percentile(a, i) == histogram_percentile(whole, i));
        assert_true(histogram_count_at_bound(a, 1) == histogram_count_at_bound(whole, 1));
}

static void only_what_has_the_same_bounds_is_merged(void **state) {
        static const uint64_t one[] = {10}, other[] = {11};
        _cleanup_(histogram_freep) Histogram *a = NULL, *b = NULL, *bare = make(), *empty = make();

        assert_int_equal(histogram_new(one, 1, &a), 0);
        assert_int_equal(histogram_new(other, 1, &b), 0);
        assert_int_equal(histogram_merge(a, b), -EINVAL);
        assert_int_equal(histogram_merge(a, bare), -EINVAL);

        histogram_add(bare, 7);
        assert_int_equal(histogram_merge(bare, empty), 0);
        assert_true(histogram_min(bare) == 7);
        assert_int_equal(histogram_merge(empty, bare), 0);
        assert_true(histogram_min(empty) == 7);
}

static void a_reset_forgets_all_but_the_bounds(void **state) {
        static const uint64_t bounds[] = {10};
        _cleanup_(histogram_freep) Histogram *h = NULL;

        assert_int_equal(histogram_new(bounds, 1, &h), 0);
        histogram_add(h, 3);
        histogram_add(h, 5000);
        histogram_reset(h);

        assert_true(histogram_count(h) == 0 && histogram_sum(h) == 0);
        assert_true(histogram_min(h) == 0 && histogram_max(h) == 0);
        assert_true(histogram_percentile(h, 99) == 0);
        assert_true(histogram_count_at_bound(h, 0) == 0);
        assert_int_equal(histogram_n_bounds(h), 1);
        histogram_add(h, 8);
        assert_true(histogram_min(h) == 8 && histogram_max(h) == 8);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(percentiles_are_those_of_the_sorted_values),
                        cmocka_unit_test(a_single_value_is_told_as_it_is),
                        cmocka_unit_test(a_value_among_others_is_near),
                        cmocka_unit_test(what_is_exact_is_exact),
                        cmocka_unit_test(huge_values_stop_nothing),
                        cmocka_unit_test(bounds_are_counted_exactly),
                        cmocka_unit_test(bounds_must_rise_and_be_few),
                        cmocka_unit_test(merged_is_as_if_added_to_one),
                        cmocka_unit_test(only_what_has_the_same_bounds_is_merged),
                        cmocka_unit_test(a_reset_forgets_all_but_the_bounds),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
