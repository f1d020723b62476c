/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <string.h>

#include "daemon/base/json.h"
#include "daemon/observe/metrics.h"

static Metrics *restarted(const Metrics *before) {
        _cleanup_json_ json_object *saved = NULL, *read = NULL;
        const char *text;
        Metrics *m;

        assert_int_equal(metrics_save(before, &saved), 0);
        /* By way of the text, as it is on disk. */
        text = json_object_to_json_string(saved);
        assert_int_equal(json_parse(text, strlen(text), 8, &read), 0);
        assert_int_equal(metrics_new(&m), 0);
        metrics_restore(m, read);
        return m;
}

static double value_of(const Metrics *m, MetricId id, const char *first, const char *second) {
        const MetricSeries *s = metrics_find(m, id, first, second);

        assert_non_null(s);
        return s->value;
}

static void counters_go_on_over_restarts(void **state) {
        _cleanup_(metrics_freep) Metrics *m = NULL, *second = NULL, *third = NULL;

        assert_int_equal(metrics_new(&m), 0);
        metrics_add(m, METRIC_STATE_CHANGES, "idle", "working", 3);
        metrics_set(m, METRIC_CACHE_HITS, "config", NULL, 10);
        second = restarted(m);
        assert_true(value_of(second, METRIC_STATE_CHANGES, "idle", "working") == 3);
        metrics_add(second, METRIC_STATE_CHANGES, "idle", "working", 1);
        metrics_set(second, METRIC_CACHE_HITS, "config", NULL, 2); /* since its own start */
        third = restarted(second);
        assert_true(value_of(third, METRIC_STATE_CHANGES, "idle", "working") == 4);
        assert_true(value_of(third, METRIC_CACHE_HITS, "config", NULL) == 12);
        metrics_set(third, METRIC_CACHE_HITS, "config", NULL, 1);
        assert_true(value_of(third, METRIC_CACHE_HITS, "config", NULL) == 13);
}

static void what_is_so_now_is_not_kept(void **state) {
        _cleanup_(metrics_freep) Metrics *m = NULL, *second = NULL;

        assert_int_equal(metrics_new(&m), 0);
        metrics_set(m, METRIC_AGENTS_TOTAL, NULL, NULL, 5);
        second = restarted(m);
        assert_null(metrics_find(second, METRIC_AGENTS_TOTAL, NULL, NULL));
}

static void a_histogram_goes_on(void **state) {
        _cleanup_(metrics_freep) Metrics *m = NULL, *second = NULL;
        const Histogram *before, *after;

        assert_int_equal(metrics_new(&m), 0);
        for (uint64_t i = 1; i < 2000; i++)
                metrics_observe(m, METRIC_CYCLE_DURATION_SECONDS, NULL, NULL, i * i);
        second = restarted(m);
        before = metrics_find(m, METRIC_CYCLE_DURATION_SECONDS, NULL, NULL)->histogram;
        after = metrics_find(second, METRIC_CYCLE_DURATION_SECONDS, NULL, NULL)->histogram;
        assert_int_equal(histogram_count(after), histogram_count(before));
        assert_int_equal(histogram_sum(after), histogram_sum(before));
        assert_int_equal(histogram_min(after), 1);
        assert_int_equal(histogram_percentile(after, 95), histogram_percentile(before, 95));
        for (size_t i = 0; i < histogram_n_bounds(before); i++)
                assert_int_equal(histogram_count_at_bound(after, i),
                                histogram_count_at_bound(before, i));
}

static void nonsense_is_left_out(void **state) {
        static const char text[] =
                        "[1,null,{},{\"name\":\"nothing\",\"labels\":[],\"value\":1},"
                        "{\"name\":\"state_changes_total\",\"labels\":[\"idle\"],\"value\":1},"
                        "{\"name\":\"state_changes_total\",\"labels\":[\"a\",2],\"value\":1},"
                        "{\"name\":\"state_changes_total\",\"labels\":[\"a\",\"b\"],\"value\":-1},"
                        "{\"name\":\"state_changes_total\",\"labels\":[\"a\",\"c\"],\"value\":"
                        "\"9\"},"
                        "{\"name\":\"agents_total\",\"labels\":[],\"value\":7},"
                        "{\"name\":\"cycle_duration_seconds\",\"labels\":[],\"histogram\":"
                        "{\"sum\":1,\"min\":9,\"max\":2,\"buckets\":[[1,1],[99999999,1]],"
                        "\"bounds\":[]}}]";
        _cleanup_json_ json_object *o = json_tokener_parse(text);
        _cleanup_(metrics_freep) Metrics *m = NULL;
        const MetricSeries *s;

        assert_non_null(o);
        assert_int_equal(metrics_new(&m), 0);
        metrics_restore(m, o);
        metrics_restore(m, NULL);
        assert_null(metrics_find(m, METRIC_STATE_CHANGES, "a", "b"));
        assert_null(metrics_find(m, METRIC_AGENTS_TOTAL, NULL, NULL));
        assert_true(metrics_sum(m, METRIC_STATE_CHANGES) == 0);
        s = metrics_find(m, METRIC_CYCLE_DURATION_SECONDS, NULL, NULL);
        assert_true(!s || histogram_count(s->histogram) == 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(counters_go_on_over_restarts),
                        cmocka_unit_test(what_is_so_now_is_not_kept),
                        cmocka_unit_test(a_histogram_goes_on),
                        cmocka_unit_test(nonsense_is_left_out),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
