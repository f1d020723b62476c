/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/config/config.h"

/* Every finding about a text: how bad, on which line, and what it says. */
static const struct {
        const char *text;
        ConfigSeverity severity;
        unsigned line;
        const char *key;
        const char *message;
} findings[] = {
                {"monitoring:\n  cycle_intervall: 3\n", CONFIG_WARNING, 2,
                                "monitoring.cycle_intervall",
                                "unknown, ignored; did you mean "
                                "'monitoring.cycle_interval'?"},
                {"\nmonitorng: {strategy: polling}\n", CONFIG_WARNING, 2, "monitorng",
                                "unknown, ignored; did you mean 'monitoring'?"},
                {"monitorng:\n  strategy: polling\n", CONFIG_WARNING, 1, "monitorng",
                                "did you mean 'monitoring'?"},
                {"cache: {max_entries: 3}\n", CONFIG_WARNING, 1, "cache",
                                "did you mean 'monitoring.cache'?"},
                {"tmux_pool.max_age: 3\n", CONFIG_WARNING, 1, "tmux_pool.max_age",
                                "did you mean 'monitoring.tmux_pool.max_age'?"},
                {"age: 3\n", CONFIG_WARNING, 1, "age", "unknown, ignored"},
                {"max_agents: 3\n", CONFIG_WARNING, 1, "max_agents",
                                "unknown, ignored; did you mean "
                                "'monitoring.max_agents'?"},
                {"zebra: 3\n", CONFIG_WARNING, 1, "zebra", "unknown, ignored"},
                {"health:\n  concurrency: 0\n", CONFIG_ERROR, 2, "health.concurrency",
                                "must be a whole number from 1 to 1000, not '0'"},
                {"health: {concurrency: -1}\n", CONFIG_ERROR, 1, "health.concurrency",
                                "must be a whole number from 1 to 1000, not '-1'"},
                {"health: {concurrency: \"3\"}\n", CONFIG_ERROR, 1, "health.concurrency",
                                "must be a whole number from 1 to 1000, not \"3\""},
                {"health: {concurrency: 1.5}\n", CONFIG_ERROR, 1, "health.concurrency",
                                "not '1.5'"},
                {"health: {concurrency: [1]}\n", CONFIG_ERROR, 1, "health.concurrency",
                                "not a list"},
                {"health:\n  concurrency:\n    x: 1\n", CONFIG_ERROR, 2, "health.concurrency",
                                "not a section"},
                {"health: {concurrency: }\n", CONFIG_ERROR, 1, "health.concurrency",
                                "has no value; it must be a whole number"},
                {"monitoring: {cycle_interval: 3 parsecs}\n", CONFIG_ERROR, 1,
                                "monitoring.cycle_interval",
                                "must be 0, or a time from 0.1 to 3600 seconds"},
                {"monitoring: {cycle_interval: 0.01}\n", CONFIG_ERROR, 1,
                                "monitoring.cycle_interval", "not '0.01'"},
                {"monitoring: {cycle_interval: inf}\n", CONFIG_ERROR, 1,
                                "monitoring.cycle_interval", "not 'inf'"},
                {"monitoring: {cycle_interval: 1e9}\n", CONFIG_ERROR, 1,
                                "monitoring.cycle_interval", "not '1e9'"},
                {"monitoring: {async: {rollout: 1.5}}\n", CONFIG_ERROR, 1,
                                "monitoring.async.rollout",
                                "must be a number from 0 to 1, not '1.5'"},
                {"monitoring: {async: {enabled: maybe}}\n", CONFIG_ERROR, 1,
                                "monitoring.async.enabled", "must be true or false, not 'maybe'"},
                {"monitoring: {cache: {strategy: fifo}}\n", CONFIG_ERROR, 1,
                                "monitoring.cache.strategy",
                                "must be one of ttl, lru, lfu, not 'fifo'"},
                {"monitoring: {strategy: ../../x}\n", CONFIG_ERROR, 1, "monitoring.strategy",
                                "a name of letters"},
                {"monitoring: {strategy: _strategy}\n", CONFIG_ERROR, 1, "monitoring.strategy",
                                "a name of letters"},
                {"monitoring: {strategy: \"a\\eb\"}\n", CONFIG_ERROR, 1, "monitoring.strategy",
                                "not \"a?b\""},
                {"logging: {output: a.log}\n", CONFIG_ERROR, 1, "logging.output",
                                "must be an absolute path, not 'a.log'"},
                {"plugins: {disabled: [a b]}\n", CONFIG_ERROR, 1, "plugins.disabled",
                                "must be a list, each item a name"},
                {"plugins: {disabled: a}\n", CONFIG_ERROR, 1, "plugins.disabled",
                                "must be a list, each item a name"},
                {"monitoring: 5\n", CONFIG_ERROR, 1, "monitoring",
                                "must be a section with keys of its own"},
                {"monitoring:\n  cycle_interval: 3\n  check_interval: 4\n", CONFIG_ERROR, 3,
                                "monitoring.check_interval",
                                "is another name of 'monitoring.cycle_interval', which is "
                                "given on line 2"},
                {"monitoring:\n  strategy: polling\n  strategy: polling\n", CONFIG_ERROR, 3, "",
                                "'strategy' is given twice, first on line 2"},
                {"- a\n", CONFIG_ERROR, 1, "", "must be a mapping of keys to values"},
                {"a: [\n", CONFIG_ERROR, 2, "", "not valid YAML"},
};

static void findings_name_line_key_and_what_is_allowed(void **state) {
        FOREACH_ELEMENT (row, findings) {
                _cleanup_(config_problems_done) ConfigProblems problems = {};
                int r = config_validate_text(row->text, strlen(row->text), &problems);

                assert_int_equal(r, row->severity == CONFIG_ERROR ? -EBADMSG : 0);
                assert_int_equal(problems.n_items, 1);
                assert_int_equal(problems.items[0].severity, row->severity);
                assert_int_equal(problems.items[0].line, row->line);
                assert_string_equal(problems.items[0].key, row->key);
                if (!strstr(problems.items[0].message, row->message))
                        assert_string_equal(problems.items[0].message, row->message);
        }
}

static void all_findings_of_a_text_are_told_at_once(void **state) {
        static const char text[] = "health: {concurrency: x, timeout: y}\nzebra: 1\n";
        _cleanup_(config_problems_done) ConfigProblems problems = {};

        assert_int_equal(config_validate_text(text, strlen(text), &problems), -EBADMSG);
        assert_int_equal(problems.n_items, 3);
        assert_int_equal(problems.n_errors, 2);
}

static void the_number_of_findings_is_bounded(void **state) {
        _cleanup_(config_problems_done) ConfigProblems problems = {};
        _cleanup_free_ char *text = NULL;
        size_t n_text = 0;
        FILE *stream = open_memstream(&text, &n_text);

        for (unsigned i = 0; i < 5000; i++)
                (void)fprintf(stream, "k%u: 1\n", i);
        (void)fputs("monitoring: 1\n", stream);
        (void)fclose(stream);

        /* The error counts, though there is no room for it. */
        assert_int_equal(config_validate_text(text, n_text, &problems), -EBADMSG);
        assert_int_equal(problems.n_items, CONFIG_PROBLEMS_MAX);
        assert_int_equal(problems.n_errors, 1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(findings_name_line_key_and_what_is_allowed),
                        cmocka_unit_test(all_findings_of_a_text_are_told_at_once),
                        cmocka_unit_test(the_number_of_findings_is_bounded),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
