/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/bus-fixture.h"

#define MANAGER BUS_ROOT, BUS_INTERFACE_MANAGER

/* All samples, a line each. */
static void read_samples(BusFixture *f, char *text, size_t n_text) {
        const char *name, *label, *value;
        double number;
        size_t n = 0;

        bus_fixture_send(f, MANAGER, "GetMetrics", NULL);
        assert_string_equal(bus_fixture_result(f), "");
        text[0] = '\0';
        assert_true(sd_bus_message_enter_container(f->reply, 'a', "(sa{ss}d)") > 0);
        while (sd_bus_message_enter_container(f->reply, 'r', "sa{ss}d") > 0) {
                assert_true(sd_bus_message_read(f->reply, "s", &name) > 0);
                n += (size_t)snprintf(text + n, n_text - n, "%s", name);
                assert_true(sd_bus_message_enter_container(f->reply, 'a', "{ss}") > 0);
                while (sd_bus_message_read(f->reply, "{ss}", &label, &value) > 0)
                        n += (size_t)snprintf(text + n, n_text - n, " %s=%s", label, value);
                assert_true(sd_bus_message_exit_container(f->reply) > 0);
                assert_true(sd_bus_message_read(f->reply, "d", &number) > 0);
                n += (size_t)snprintf(text + n, n_text - n, " %g\n", number);
                assert_true(n < n_text);
                assert_true(sd_bus_message_exit_container(f->reply) > 0);
        }
}

static void samples_have_names_labels_and_values(void **state) {
        BusFixture *f = *state;
        char text[4096];

        read_samples(f, text, sizeof(text));
        assert_string_equal(text, "");

        metrics_add(f->metrics, METRIC_STATE_CHANGES, "idle", "working", 2);
        metrics_set(f->metrics, METRIC_AGENTS_TOTAL, NULL, NULL, 7);
        read_samples(f, text, sizeof(text));
        assert_string_equal(text,
                        "tmux_orchestrator_agents_total 7\n"
                        "tmux_orchestrator_state_changes_total from=idle to=working 2\n");
}

static void what_is_switched_off_is_refused(void **state) {
        BusFixture *f = *state;

        f->config.monitoring.metrics.export_prometheus = false;
        bus_fixture_send(f, MANAGER, "ExportMetrics", "s", "prometheus");
        assert_string_equal(bus_fixture_result(f), "Disabled");
        bus_fixture_send(f, MANAGER, "ExportMetrics", "s", "openmetrics");
        assert_string_equal(bus_fixture_result(f), "Disabled");
        bus_fixture_send(f, MANAGER, "ExportMetrics", "s", "json");
        assert_string_equal(bus_fixture_result(f), "");
        f->config.monitoring.metrics.enabled = false;
        bus_fixture_send(f, MANAGER, "ExportMetrics", "s", "json");
        assert_string_equal(bus_fixture_result(f), "Disabled");
        bus_fixture_send(f, MANAGER, "GetMetrics", NULL);
        assert_string_equal(bus_fixture_result(f), "Disabled");
}

static void a_histogram_is_its_buckets(void **state) {
        BusFixture *f = *state;
        char text[4096];

        metrics_observe(f->metrics, METRIC_CYCLE_DURATION_SECONDS, NULL, NULL, 25000);
        read_samples(f, text, sizeof(text));
        assert_non_null(strstr(text, "cycle_duration_seconds_bucket le=0.02 0\n"));
        assert_non_null(strstr(text, "cycle_duration_seconds_bucket le=0.03 1\n"));
        assert_non_null(strstr(text, "cycle_duration_seconds_sum 0.025\n"));
}

static void the_text_is_in_the_format_that_was_asked_for(void **state) {
        static const struct {
                const char *format, *begin, *error;
        } rows[] = {
                        {"prometheus", "# HELP tmux_orchestrator_agents_total ", ""},
                        {"openmetrics", "# HELP tmux_orchestrator_agents_total ", ""},
                        {"json", "[{\"name\":\"tmux_orchestrator_agents_total\"", ""},
                        {"xml", NULL, "InvalidArgument"},
                        {"", NULL, "InvalidArgument"},
        };
        BusFixture *f = *state;
        const char *text;

        metrics_set(f->metrics, METRIC_AGENTS_TOTAL, NULL, NULL, 7);
        FOREACH_ELEMENT (row, rows) {
                bus_fixture_send(f, MANAGER, "ExportMetrics", "s", row->format);
                assert_string_equal(bus_fixture_result(f), row->error);
                if (!row->begin)
                        continue;
                assert_true(sd_bus_message_read(f->reply, "s", &text) > 0);
                assert_memory_equal(text, row->begin, strlen(row->begin));
        }
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, bus_fixture_setup, bus_fixture_teardown)
        const struct CMUnitTest tests[] = {
                        T(samples_have_names_labels_and_values),
                        T(what_is_switched_off_is_refused),
                        T(a_histogram_is_its_buckets),
                        T(the_text_is_in_the_format_that_was_asked_for),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
