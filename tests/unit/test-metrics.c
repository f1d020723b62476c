/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/observe/metrics-export.h"
#include "daemon/observe/metrics-text.h"

static int setup(void **state) {
        return metrics_new((Metrics **)state);
}

static int teardown(void **state) {
        metrics_free(*state);
        return 0;
}

static char *exported(Metrics *m, MetricsFormat format) {
        char *text;

        assert_int_equal(metrics_export(m, format, &text), 0);
        return text;
}

static void one_metric_looks_as_prometheus_wants_it(void **state) {
        _cleanup_free_ char *text = NULL;
        Metrics *m = *state;

        metrics_add(m, METRIC_STATE_CHANGES, "idle", "working", 1);
        metrics_add(m, METRIC_STATE_CHANGES, "idle", "working", 1);
        metrics_add(m, METRIC_STATE_CHANGES, "working", "idle", 1);

        text = exported(m, METRICS_PROMETHEUS);
        assert_string_equal(text,
                        "# HELP tmux_orchestrator_state_changes_total Changes of an agent from one "
                        "state to another.\n"
                        "# TYPE tmux_orchestrator_state_changes_total counter\n"
                        "tmux_orchestrator_state_changes_total{from=\"idle\",to=\"working\"} 2\n"
                        "tmux_orchestrator_state_changes_total{from=\"working\",to=\"idle\"} 1\n");
}

static void a_metric_without_a_value_is_not_there(void **state) {
        _cleanup_free_ char *text = exported(*state, METRICS_PROMETHEUS);
        _cleanup_free_ char *open = exported(*state, METRICS_OPENMETRICS);
        _cleanup_free_ char *json = exported(*state, METRICS_JSON);

        assert_string_equal(text, "");
        assert_string_equal(open, "# EOF\n");
        assert_string_equal(json, "[]");
}

static void openmetrics_names_families_in_its_own_way(void **state) {
        _cleanup_free_ char *text = NULL;
        Metrics *m = *state;

        metrics_set(m, METRIC_SELF_CPU_SECONDS, NULL, NULL, 0.25);
        metrics_set(m, METRIC_AGENT_DETECTION_ERRORS, NULL, NULL, 3);

        text = exported(m, METRICS_OPENMETRICS);
        assert_non_null(strstr(text,
                        "# TYPE tmux_orchestrator_self_cpu_seconds counter\n"
                        "# UNIT tmux_orchestrator_self_cpu_seconds seconds\n"
                        "tmux_orchestrator_self_cpu_seconds_total 0.25\n"));
        assert_non_null(strstr(text,
                        "# TYPE tmux_orchestrator_agent_detection_errors unknown\n"
                        "tmux_orchestrator_agent_detection_errors 3\n"));
        assert_true(strlen(text) > 6 && strcmp(text + strlen(text) - 6, "# EOF\n") == 0);
}

static void durations_fall_into_buckets_and_are_told_in_seconds(void **state) {
        static const char *const lines[] = {
                        "_bucket{le=\"0.02\"} 1\n",
                        "_bucket{le=\"0.03\"} 2\n",
                        "_bucket{le=\"1\"} 2\n",
                        "_bucket{le=\"+Inf\"} 3\n",
                        "_sum 5.045\n",
                        "_count 3\n",
        };
        _cleanup_free_ char *text = NULL;
        Metrics *m = *state;

        metrics_observe(m, METRIC_CYCLE_DURATION_SECONDS, NULL, NULL, 20 * USEC_PER_MSEC);
        metrics_observe(m, METRIC_CYCLE_DURATION_SECONDS, NULL, NULL, 25 * USEC_PER_MSEC);
        metrics_observe(m, METRIC_CYCLE_DURATION_SECONDS, NULL, NULL, 5 * USEC_PER_SEC);

        text = exported(m, METRICS_PROMETHEUS);
        FOREACH_ELEMENT (line, lines) {
                char whole[128];

                (void)snprintf(whole, sizeof(whole), METRIC_PREFIX "cycle_duration_seconds%s",
                                *line);
                assert_non_null(strstr(text, whole));
        }
}

static void json_has_the_percentiles(void **state) {
        _cleanup_json_ json_object *all = NULL;
        _cleanup_free_ char *text = NULL;
        json_object *o;
        Metrics *m = *state;

        for (unsigned i = 1; i <= 100; i++)
                metrics_observe(m, METRIC_CYCLE_DURATION_SECONDS, NULL, NULL, i * USEC_PER_MSEC);

        text = exported(m, METRICS_JSON);
        assert_int_equal(json_parse(text, strlen(text), 8, &all), 0);
        o = json_object_array_get_idx(all, 0);
        assert_string_equal(json_get_string(o, "type"), "histogram");
        assert_in_range(json_get_u64(o, "p50_usec", 0), 49000, 51000);
        assert_in_range(json_get_u64(o, "p95_usec", 0), 93000, 97000);
        assert_in_range(json_get_u64(o, "p99_usec", 0), 97000, 100000);
}

static void percentiles_are_of_the_last_while_and_of_each_series(void **state) {
        _cleanup_json_ json_object *all = NULL;
        _cleanup_free_ char *text = NULL;
        json_object *list, *o;
        Metrics *m = *state;

        metrics_turn(m, USEC_PER_HOUR, USEC_PER_MINUTE);
        metrics_observe(m, METRIC_PLUGIN_DURATION_SECONDS, "a", NULL, 20);
        metrics_turn(m, USEC_PER_HOUR, USEC_PER_MINUTE);
        metrics_turn(m, 2 * USEC_PER_HOUR, USEC_PER_MINUTE);
        metrics_observe(m, METRIC_PLUGIN_DURATION_SECONDS, "b", NULL, 30);

        text = exported(m, METRICS_JSON);
        assert_int_equal(json_parse(text, strlen(text), 8, &all), 0);
        o = json_object_array_get_idx(all, 0);
        list = json_get(o, "percentiles");
        assert_int_equal(json_object_array_length(list), 2);
        o = json_object_array_get_idx(list, 0);
        assert_string_equal(json_get_string(o, "plugin"), "a");
        assert_int_equal(json_get_u64(o, "p50_usec", 1), 0);
        o = json_object_array_get_idx(list, 1);
        assert_string_equal(json_get_string(o, "plugin"), "b");
        assert_int_equal(json_get_u64(o, "p99_usec", 0), 30);
        /* Prometheus counts all. */
        assert_int_equal(histogram_count(metrics_find(m, METRIC_PLUGIN_DURATION_SECONDS, "a", NULL)
                                                         ->histogram),
                        1);
}

static void too_many_series_share_one(void **state) {
        const MetricSeries *s;
        Metrics *m = *state;
        unsigned n = 0;

        for (unsigned i = 0; i < 1000; i++) {
                char name[16];

                (void)snprintf(name, sizeof(name), "c%u", i);
                metrics_add(m, METRIC_ERRORS, name, NULL, 1);
        }

        for (s = metrics_first(m, METRIC_ERRORS); s; s = s->next)
                n++;
        assert_int_equal(n, metric_table[METRIC_ERRORS].series_max + 1);
        assert_int_equal(metrics_sum(m, METRIC_ERRORS), 1000);
        s = metrics_find(m, METRIC_ERRORS, "other", NULL);
        assert_int_equal(s->value, 1000 - metric_table[METRIC_ERRORS].series_max);
}

static void a_hostile_label_stays_a_label(void **state) {
        _cleanup_free_ char *text = NULL;
        Metrics *m = *state;

        metrics_set(m, METRIC_AGENTS, "a\"b\\c\n} 1\nfake 2", "\x1b[31m\xff", 1);

        text = exported(m, METRICS_PROMETHEUS);
        assert_non_null(strstr(text, "{state=\"a\\\"b\\\\c?} 1?fake 2\",type=\"?[31m?\"} 1\n"));
        assert_null(strstr(text, "\nfake"));
}

static void collect_two(void *userdata, Metrics *m) {
        (*(unsigned *)userdata)++;
        metrics_clear(m, METRIC_AGENTS);
        metrics_add(m, METRIC_AGENTS, "idle", "claude", 1);
}

static void what_is_so_is_asked_for_at_every_reading(void **state) {
        _cleanup_free_ char *one = NULL, *two = NULL;
        Metrics *m = *state;
        unsigned asked = 0;

        metrics_set_collector(m, collect_two, &asked);
        one = exported(m, METRICS_PROMETHEUS);
        two = exported(m, METRICS_PROMETHEUS);
        assert_int_equal(asked, 2);
        assert_string_equal(one, two);
}

static void numbers_are_short_and_come_back_as_they_were(void **state) {
        static const struct {
                double value;
                const char *text;
        } rows[] = {{0, "0"}, {1, "1"}, {0.1, "0.1"}, {1e15, "1e+15"}, {123456789, "123456789"},
                        {1.0 / 3, "0.3333333333333333"}};
        char text[METRIC_NUMBER_MAX];

        FOREACH_ELEMENT (row, rows)
                assert_string_equal(metric_number_to_text(row->value, text), row->text);
}

static void names_are_as_they_must_be(void **state) {
        FOREACH_ELEMENT (spec, metric_table) {
                assert_non_null(spec->name);
                assert_int_equal(strspn(spec->name, "abcdefghijklmnopqrstuvwxyz_"),
                                strlen(spec->name));
                assert_int_equal(spec->help[strlen(spec->help) - 1], '.');
                assert_true(strlen(spec->name) + strlen(METRIC_PREFIX) + strlen("_bucket") <
                                METRIC_VALUE_MAX);
                assert_int_equal(metric_spec_n_bounds(spec) > 0,
                                spec->type == METRIC_TYPE_HISTOGRAM);
                assert_int_equal(metric_spec_n_labels(spec) > 0, spec->series_max > 0);
        }
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        const struct CMUnitTest tests[] = {
                        T(one_metric_looks_as_prometheus_wants_it),
                        T(a_metric_without_a_value_is_not_there),
                        T(openmetrics_names_families_in_its_own_way),
                        T(durations_fall_into_buckets_and_are_told_in_seconds),
                        T(json_has_the_percentiles),
                        T(percentiles_are_of_the_last_while_and_of_each_series),
                        T(too_many_series_share_one),
                        T(a_hostile_label_stays_a_label),
                        T(what_is_so_is_asked_for_at_every_reading),
                        T(numbers_are_short_and_come_back_as_they_were),
                        T(names_are_as_they_must_be),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
