/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/read-file.h"
#include "daemon/base/strv.h"
#include "daemon/config/config.h"

/* The two documents that the service has to take as they are. */
static const char first_form[] = "monitoring:\n"
                                 "  strategy: \"async_polling_strategy\"\n"
                                 "  max_agents: 50\n"
                                 "  cycle_interval: 30\n"
                                 "  tmux_pool:\n"
                                 "    min_connections: 5\n"
                                 "    max_connections: 20\n"
                                 "    connection_timeout: 30\n"
                                 "  cache:\n"
                                 "    agent_content_ttl: 30\n"
                                 "    command_cache_ttl: 300\n"
                                 "    max_entries: 1000\n"
                                 "  metrics:\n"
                                 "    enabled: true\n"
                                 "    retention_minutes: 60\n"
                                 "    export_prometheus: true\n";

static const char second_form[] =
                "monitoring:\n"
                "  check_interval: 30\n"
                "  max_failures: 3\n"
                "  async:\n"
                "    enabled: true\n"
                "    strategy: concurrent\n"
                "    pool: {min_size: 8, max_size: 25, connection_timeout: 45, max_age: 600}\n"
                "    cache: {enabled: true, default_ttl: 45, max_size: 2000, strategy: lru}\n"
                "logging:\n"
                "  level: INFO\n"
                "  format: structured\n"
                "  output: /var/log/tmux-orchestrator/monitoring.log\n"
                "  rotate: daily\n"
                "  retention: 30d\n";

typedef struct Fixture {
        char folder[32];
        char **files; /* written so far, in order */
        Config config;
        ConfigProblems problems;
} Fixture;

static int setup(void **state) {
        Fixture *f = calloc(1, sizeof(*f));

        assert_non_null(f);
        strcpy(f->folder, "/tmp/test-config-XXXXXX");
        assert_non_null(mkdtemp(f->folder));
        *state = f;
        return 0;
}

static int teardown(void **state) {
        Fixture *f = *state;

        STRV_FOREACH (file, f->files)
                (void)unlink(*file);
        (void)rmdir(f->folder);
        strv_free(f->files);
        config_done(&f->config);
        config_problems_done(&f->problems);
        free(f);
        return 0;
}

static const char *add_file(Fixture *f, const char *name, const char *text) {
        _cleanup_free_ char *path = NULL;
        _cleanup_fclose_ FILE *file = NULL;

        assert_true(asprintf(&path, "%s/%s", f->folder, name) >= 0);
        file = fopen(path, "we");
        assert_non_null(file);
        assert_true(fputs(text, file) >= 0);
        assert_int_equal(strv_extend(&f->files, path), 0);
        return f->files[strv_length(f->files) - 1];
}

static int load(Fixture *f, const char *const *environment) {
        Config fresh = {};
        int r;

        config_problems_done(&f->problems);
        r = config_load(f->files, (char *const *)environment, &fresh, &f->problems);
        if (r < 0)
                return r;
        config_done(&f->config);
        f->config = fresh;
        return 0;
}

static unsigned count_of(const ConfigProblems *problems, ConfigSeverity severity) {
        unsigned n = 0;

        for (size_t i = 0; i < problems->n_items; i++)
                n += problems->items[i].severity == severity;
        return n;
}

static void no_file_at_all_gives_the_defaults(void **state) {
        Fixture *f = *state;

        assert_int_equal(load(f, NULL), 0);
        assert_int_equal(f->problems.n_items, 0);
        assert_int_equal(f->config.monitoring.cycle_interval_usec, 0);
        assert_false(config_is_configured(&f->config, "monitoring.cycle_interval"));
        assert_int_equal(f->config.monitoring.cache.pane_content_ttl_usec, 10 * USEC_PER_SEC);
        assert_int_equal(f->config.monitoring.cache.config_ttl_usec, 300 * USEC_PER_SEC);
        assert_int_equal(f->config.health.concurrency, 20);
        assert_string_equal(f->config.logging.output, "");
        assert_string_equal(config_strategy(&f->config), "event_driven");
}

static void the_first_form_loads_as_written(void **state) {
        Fixture *f = *state;

        add_file(f, "config.yaml", first_form);
        assert_int_equal(load(f, NULL), 0);
        assert_int_equal(count_of(&f->problems, CONFIG_WARNING), 0);
        assert_string_equal(f->config.monitoring.strategy, "async_polling");
        assert_int_equal(f->config.monitoring.max_agents, 50);
        assert_int_equal(f->config.monitoring.cycle_interval_usec, 30 * USEC_PER_SEC);
        assert_true(config_is_configured(&f->config, "monitoring.check_interval"));
        assert_int_equal(f->config.monitoring.cache.pane_content_ttl_usec, 30 * USEC_PER_SEC);
        assert_int_equal(f->config.monitoring.cache.command_ttl_usec, 300 * USEC_PER_SEC);
        assert_int_equal(f->config.monitoring.metrics.retention_minutes, 60);
}

static void the_second_form_loads_as_written(void **state) {
        Fixture *f = *state;

        add_file(f, "config.yaml", second_form);
        assert_int_equal(load(f, NULL), 0);
        assert_int_equal(count_of(&f->problems, CONFIG_WARNING), 0);
        assert_string_equal(f->config.monitoring.strategy, "concurrent");
        assert_int_equal(f->config.monitoring.cycle_interval_usec, 30 * USEC_PER_SEC);
        assert_int_equal(f->config.monitoring.tmux_pool.min_connections, 8);
        assert_int_equal(f->config.monitoring.tmux_pool.max_age_usec, 600 * USEC_PER_SEC);
        assert_int_equal(f->config.monitoring.cache.max_entries, 2000);
        /* The default for all layers, as none has its own. */
        assert_int_equal(f->config.monitoring.cache.session_info_ttl_usec, 45 * USEC_PER_SEC);
        assert_string_equal(f->config.logging.level, "info");
        assert_string_equal(f->config.logging.output, "/var/log/tmux-orchestrator/monitoring.log");
        assert_int_equal(f->config.logging.retention_usec, 30 * USEC_PER_DAY);
}

static void what_does_nothing_is_said(void **state) {
        Fixture *f = *state;
        _cleanup_free_ char *text = NULL;

        add_file(f, "config.yaml", "logging:\n  output: /var/log/x.log\n");
        assert_int_equal(load(f, NULL), 0);
        assert_int_equal(f->problems.n_items, 1);
        text = config_problem_describe(&f->problems.items[0]);
        assert_non_null(strstr(text,
                        "config.yaml:2: note: logging.output: accepted, has no "
                        "effect: the journal is the log"));
}

static void times_have_fractions_and_units(void **state) {
        static const struct {
                const char *text;
                uint64_t usec;
        } rows[] = {
                        {"30", 30 * USEC_PER_SEC},
                        {"0.5", 500 * USEC_PER_MSEC},
                        {"250ms", 250 * USEC_PER_MSEC},
                        {"\"45s\"", 45 * USEC_PER_SEC},
                        {"1.5h", 90 * USEC_PER_MINUTE},
                        {"2d", 2 * USEC_PER_DAY},
                        {"1w", 7 * USEC_PER_DAY},
        };
        Fixture *f = *state;

        FOREACH_ELEMENT (row, rows) {
                char text[64];

                (void)snprintf(text, sizeof(text), "logging: {retention: %s}\n", row->text);
                if (f->files)
                        f->files = strv_free(f->files);
                add_file(f, "config.yaml", text);
                assert_int_equal(load(f, NULL), 0);
                assert_int_equal(f->config.logging.retention_usec, row->usec);
        }
}

static void a_later_file_is_stronger_whatever_name_it_uses(void **state) {
        Fixture *f = *state;
        _cleanup_free_ char *source = NULL;

        add_file(f, "a.yaml", "monitoring:\n  cycle_interval: 3\n  max_agents: 7\n");
        add_file(f, "b.yaml", "\n\nmonitoring: {check_interval: 4}\n");
        assert_int_equal(load(f, NULL), 0);
        assert_int_equal(f->config.monitoring.cycle_interval_usec, 4 * USEC_PER_SEC);
        assert_int_equal(f->config.monitoring.max_agents, 7);
        source = config_source_describe(&f->config, "monitoring.cycle_interval");
        assert_non_null(strstr(source, "/b.yaml:3"));
}

static void a_source_can_be_shown_whatever_the_file_is_called(void **state) {
        Fixture *f = *state;
        _cleanup_free_ char *source = NULL;

        add_file(f, "a\xff\x1b.yaml", "monitoring: {max_agents: 7, nonsense: 1}\n");
        assert_int_equal(load(f, NULL), 0);
        source = config_source_describe(&f->config, "monitoring.max_agents");
        assert_non_null(strstr(source, "/a??.yaml:1"));
        assert_non_null(strstr(f->problems.items[0].path, "/a??.yaml"));
}

static void a_wrong_file_changes_nothing(void **state) {
        Fixture *f = *state;

        add_file(f, "a.yaml", "monitoring: {max_agents: 7}\n");
        assert_int_equal(load(f, NULL), 0);
        add_file(f, "b.yaml", "monitoring: {max_agents: 8}\nhealth: {concurrency: x}\n");
        assert_int_equal(load(f, NULL), -EBADMSG);
        assert_int_equal(f->config.monitoring.max_agents, 7);
}

static void a_file_that_is_not_there_is_an_error(void **state) {
        Fixture *f = *state;

        assert_int_equal(strv_extend(&f->files, "/nonexistent/config.yaml"), 0);
        assert_int_equal(load(f, NULL), -EBADMSG);
        assert_string_equal(f->problems.items[0].path, "/nonexistent/config.yaml");
        assert_string_equal(f->problems.items[0].message, "cannot read: No such file or directory");
}

static void limits_may_not_cross(void **state) {
        Fixture *f = *state;

        add_file(f, "a.yaml", "monitoring:\n  tmux_pool:\n    max_connections: 3\n");
        assert_int_equal(load(f, NULL), -EBADMSG);
        assert_int_equal(f->problems.n_errors, 1);
        assert_int_equal(f->problems.items[f->problems.n_items - 1].line, 3);
        add_file(f, "b.yaml", "monitoring: {async: {pool: {min_size: 3}}}\n");
        assert_int_equal(load(f, NULL), 0);
}

static void the_environment_is_stronger_than_files(void **state) {
        static const char *const environment[] = {"PATH=/bin", "TMUX_ORC_ENV=green",
                        "TMUX_ORC_LOG_LEVEL=DEBUG", "TMUX_ORC_PERF_MONITORING=off",
                        "TMUX_ORC_ASYNC_ROLLOUT=0.5", "ENABLE_MODULAR_MONITORING=1",
                        "ENABLE_METRICS_COLLECTION=0", "METRICS_RETENTION_MINUTES=5",
                        "PROMETHEUS_EXPORT_ENABLED=no", NULL};
        Fixture *f = *state;
        _cleanup_free_ char *source = NULL;

        add_file(f, "a.yaml", second_form);
        assert_int_equal(load(f, environment), 0);
        assert_string_equal(f->config.environment, "green");
        assert_string_equal(f->config.logging.level, "debug");
        assert_false(f->config.monitoring.metrics.performance);
        assert_true(f->config.monitoring.async.rollout == 0.5);
        assert_true(f->config.monitoring.modular);
        assert_false(f->config.monitoring.metrics.enabled);
        assert_int_equal(f->config.monitoring.metrics.retention_minutes, 5);
        assert_false(f->config.monitoring.metrics.export_prometheus);
        source = config_source_describe(&f->config, "logging.level");
        assert_string_equal(source, "environment TMUX_ORC_LOG_LEVEL");
}

static void asynchronous_strategies_can_be_switched_off(void **state) {
        static const struct {
                const char *variable;
                const char *strategy;
        } rows[] = {
                        {"TMUX_ORC_ASYNC_DISABLED=true", "polling"},
                        {"TMUX_ORC_FORCE_SYNC=1", "polling"},
                        {"TMUX_ORC_FORCE_SYNC=0", "concurrent"}, /* forces nothing */
                        {"TMUX_ORC_FORCE_SYNC=", "concurrent"},
                        {"TMUX_ORC_FORCE_SYNCHRONY=1", "concurrent"},
        };
        Fixture *f = *state;

        add_file(f, "a.yaml", second_form);
        FOREACH_ELEMENT (row, rows) {
                const char *const environment[] = {row->variable, NULL};

                assert_int_equal(load(f, environment), 0);
                assert_string_equal(config_strategy(&f->config), row->strategy);
        }
}

static void a_wrong_variable_is_an_error_that_names_it(void **state) {
        static const char *const environment[] = {
                        "TMUX_ORC_ASYNC_ROLLOUT=2", "TMUX_ORC_FORCE_SYNC=maybe", NULL};
        Fixture *f = *state;

        assert_int_equal(load(f, environment), -EBADMSG);
        assert_int_equal(f->problems.n_errors, 2);
        assert_string_equal(f->problems.items[0].key, "TMUX_ORC_FORCE_SYNC");
        assert_string_equal(f->problems.items[1].key, "TMUX_ORC_ASYNC_ROLLOUT");
        assert_string_equal(f->problems.items[1].path, "environment");
}

static void values_are_read_by_any_of_their_names(void **state) {
        Fixture *f = *state;
        ConfigValue v;

        add_file(f, "a.yaml",
                        "monitoring: {check_interval: 0.5}\nplugins: {disabled: [a, b, a]}\n");
        assert_int_equal(load(f, NULL), 0);

        assert_int_equal(config_get(&f->config, "monitoring.cycle_interval", &v), 0);
        assert_int_equal(v.type, CONFIG_VALUE_DOUBLE);
        assert_true(v.number == 0.5);
        assert_int_equal(config_get(&f->config, "monitoring.check_interval", &v), 0);
        assert_true(v.number == 0.5);
        assert_int_equal(config_get(&f->config, "health.concurrency", &v), 0);
        assert_int_equal(v.type, CONFIG_VALUE_INT);
        assert_int_equal(v.integer, 20);
        assert_int_equal(config_get(&f->config, "logging.level", &v), 0);
        assert_string_equal(v.string, "info");
        assert_int_equal(config_get(&f->config, "monitoring.async.enabled", &v), 0);
        assert_true(v.type == CONFIG_VALUE_BOOL && v.boolean);
        assert_int_equal(config_get(&f->config, "plugins.disabled", &v), 0);
        assert_int_equal(v.type, CONFIG_VALUE_LIST);
        assert_int_equal(strv_length(v.list), 2);
        assert_int_equal(config_get(&f->config, "monitoring", &v), -ENXIO);
}

static void every_key_can_be_got(void **state) {
        Fixture *f = *state;
        unsigned n = 0;

        assert_int_equal(load(f, NULL), 0);
        for (const char *k = config_next_key(NULL); k; k = config_next_key(k)) {
                _cleanup_free_ char *source = config_source_describe(&f->config, k);
                ConfigValue v;

                assert_int_equal(config_get(&f->config, k, &v), 0);
                assert_string_equal(source, "default");
                n++;
        }
        assert_true(n > 30);
}

/* Takes the first '#' off every line that is not pure comment. */
static void uncomment(char *text) {
        char *out = text;
        bool at_start = true;

        for (const char *p = text; *p; p++) {
                if (!(at_start && *p == '#'))
                        *out++ = *p;
                at_start = *p == '\n';
        }
        *out = '\0';
}

static void assert_same_list(char *const *a, char *const *b) {
        size_t n = strv_length(a);

        assert_int_equal(n, strv_length(b));
        for (size_t i = 0; i < n; i++)
                assert_string_equal(a[i], b[i]);
}

static void the_vendors_file_uncommented_is_the_defaults(void **state) {
        Fixture *f = *state;
        _cleanup_(config_done) Config defaults = {};
        _cleanup_(config_problems_done) ConfigProblems none = {};
        _cleanup_free_ char *text = NULL;
        size_t n;

        assert_int_equal(read_regular_file(VENDOR_FILE, 1 << 20, &text, &n), 0);
        /* The heading is prose. */
        memmove(text, strstr(text, "\n\n"), strlen(strstr(text, "\n\n")) + 1);
        uncomment(text);
        add_file(f, "a.yaml", text);
        assert_int_equal(load(f, NULL), 0);
        assert_int_equal(count_of(&f->problems, CONFIG_WARNING), 0);

        assert_int_equal(config_load(NULL, NULL, &defaults, &none), 0);
        for (const char *k = config_next_key(NULL); k; k = config_next_key(k)) {
                ConfigValue a, b;

                assert_true(config_is_configured(&f->config, k));
                assert_int_equal(config_get(&f->config, k, &a), 0);
                assert_int_equal(config_get(&defaults, k, &b), 0);
                if (a.type == CONFIG_VALUE_STRING)
                        assert_string_equal(a.string, b.string);
                else if (a.type == CONFIG_VALUE_DOUBLE)
                        assert_true(a.number == b.number);
                else if (a.type == CONFIG_VALUE_INT)
                        assert_int_equal(a.integer, b.integer);
                else if (a.type == CONFIG_VALUE_BOOL)
                        assert_int_equal(a.boolean, b.boolean);
                else
                        assert_same_list(a.list, b.list);
        }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                        TEST(no_file_at_all_gives_the_defaults),
                        TEST(the_first_form_loads_as_written),
                        TEST(the_second_form_loads_as_written),
                        TEST(what_does_nothing_is_said),
                        TEST(times_have_fractions_and_units),
                        TEST(a_later_file_is_stronger_whatever_name_it_uses),
                        TEST(a_source_can_be_shown_whatever_the_file_is_called),
                        TEST(a_wrong_file_changes_nothing),
                        TEST(a_file_that_is_not_there_is_an_error),
                        TEST(limits_may_not_cross),
                        TEST(the_environment_is_stronger_than_files),
                        TEST(asynchronous_strategies_can_be_switched_off),
                        TEST(a_wrong_variable_is_an_error_that_names_it),
                        TEST(values_are_read_by_any_of_their_names),
                        TEST(every_key_can_be_got),
                        TEST(the_vendors_file_uncommented_is_the_defaults),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
