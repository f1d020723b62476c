/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/config/config-set.h"

typedef struct Fixture {
        Config config;
        ConfigProblems problems;
} Fixture;

static int setup(void **state) {
        Fixture *f = calloc(1, sizeof(*f));

        assert_int_equal(config_set_defaults(&f->config), 0);
        *state = f;
        return 0;
}

static int teardown(void **state) {
        Fixture *f = *state;

        config_done(&f->config);
        config_problems_done(&f->problems);
        free(f);
        return 0;
}

static ConfigValue text(const char *s) {
        return (ConfigValue){.type = CONFIG_VALUE_STRING, .string = s};
}

static int set_text(Fixture *f, const char *key, const char *value) {
        ConfigValue v = text(value);

        return config_set(&f->config, key, &v, &f->problems);
}

static void values_of_their_type_and_texts_are_taken(void **state) {
        ConfigValue number = {.type = CONFIG_VALUE_DOUBLE, .number = 2.5};
        ConfigValue count = {.type = CONFIG_VALUE_INT, .integer = 12};
        ConfigValue no = {.type = CONFIG_VALUE_BOOL};
        char *names[] = {(char *)"one", (char *)"two", NULL};
        ConfigValue list = {.type = CONFIG_VALUE_LIST, .list = names};
        Fixture *f = *state;

        assert_int_equal(config_set(&f->config, "monitoring.cycle_interval", &number, &f->problems),
                        0);
        assert_int_equal(f->config.monitoring.cycle_interval_usec, 2500 * USEC_PER_MSEC);
        assert_int_equal(config_set(&f->config, "monitoring.check_interval", &count, &f->problems),
                        0);
        assert_int_equal(f->config.monitoring.cycle_interval_usec, 12 * USEC_PER_SEC);
        assert_int_equal(set_text(f, "monitoring.cycle_interval", "5m"), 0);
        assert_int_equal(f->config.monitoring.cycle_interval_usec, 300 * USEC_PER_SEC);
        assert_int_equal(config_set(&f->config, "monitoring.cache.enabled", &no, &f->problems), 0);
        assert_false(f->config.monitoring.cache.enabled);
        assert_int_equal(config_set(&f->config, "plugins.disabled", &list, &f->problems), 0);
        assert_string_equal(f->config.plugins.disabled[1], "two");
        assert_true(config_is_configured(&f->config, "plugins.disabled"));
        assert_int_equal(f->problems.n_errors, 0);
}

static void a_wrong_value_is_named_with_what_is_allowed(void **state) {
        static const ConfigValue wrong[] = {
                        {.type = CONFIG_VALUE_DOUBLE, .number = NAN},
                        {.type = CONFIG_VALUE_DOUBLE, .number = -1},
                        {.type = CONFIG_VALUE_INT, .integer = INT64_MIN},
                        {.type = CONFIG_VALUE_BOOL, .boolean = true},
                        {.type = CONFIG_VALUE_STRING, .string = "soon"},
                        {.type = CONFIG_VALUE_LIST},
        };
        Fixture *f = *state;

        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
                _cleanup_free_ char *told = NULL;

                assert_int_equal(config_set(&f->config, "monitoring.cycle_interval", &wrong[i],
                                                 &f->problems),
                                -EBADMSG);
                told = config_problem_describe(&f->problems.items[i]);
                assert_non_null(strstr(told, "monitoring.cycle_interval: must be 0, or a time"));
        }
        assert_int_equal(f->config.monitoring.cycle_interval_usec, 0);
        assert_false(config_is_configured(&f->config, "monitoring.cycle_interval"));
        assert_int_equal(set_text(f, "monitoring.no_such", "1"), -ENXIO);
}

static void what_is_written_is_read_again(void **state) {
        _cleanup_(config_done) Config again = {};
        _cleanup_free_ char *yaml = NULL;
        Fixture *f = *state;

        assert_int_equal(set_text(f, "logging.output", "/a \"b\" \\c"), 0);
        assert_int_equal(set_text(f, "monitoring.cycle_interval", "0.1"), 0);
        assert_int_equal(set_text(f, "monitoring.cache.strategy", "lru"), 0);
        assert_int_equal(set_text(f, "plugins.disabled", "one,true"), 0);
        assert_int_equal(config_write(&f->config, &yaml), 0);
        assert_string_equal(yaml,
                        "monitoring:\n"
                        "  cycle_interval: 0.1\n"
                        "  cache:\n"
                        "    strategy: \"lru\"\n"
                        "logging:\n"
                        "  output: \"/a \\\"b\\\" \\\\c\"\n"
                        "plugins:\n"
                        "  disabled: [\"one\", \"true\"]\n");

        assert_int_equal(config_read_text(yaml, strlen(yaml), "", &again, &f->problems), 0);
        assert_string_equal(again.logging.output, "/a \"b\" \\c");
        assert_string_equal(again.plugins.disabled[1], "true");
        assert_int_equal(again.monitoring.cycle_interval_usec, 100 * USEC_PER_MSEC);
}

/* Every row, whatever it is, with a value of its own. */
static void every_setting_can_be_written_copied_and_taken_back(void **state) {
        _cleanup_(config_done) Config again = {}, copy = {};
        _cleanup_free_ char *yaml = NULL, *second = NULL, *nothing = NULL;
        Fixture *f = *state;

        for (const char *key = config_next_key(NULL); key; key = config_next_key(key)) {
                ConfigValue v;

                assert_int_equal(config_get(&f->config, key, &v), 0);
                assert_int_equal(config_set(&f->config, key, &v, &f->problems), 0);
        }
        assert_int_equal(config_write(&f->config, &yaml), 0);
        assert_int_equal(config_read_text(yaml, strlen(yaml), "x", &again, &f->problems), 0);
        assert_int_equal(config_set_defaults(&copy), 0);
        assert_int_equal(config_overlay(&copy, &again), 0);
        assert_int_equal(config_write(&copy, &second), 0);
        assert_string_equal(yaml, second);

        for (const char *key = config_next_key(NULL); key; key = config_next_key(key))
                assert_int_equal(config_unset(&copy, key), 0);
        assert_int_equal(config_write(&copy, &nothing), 0);
        assert_string_equal(nothing, "");
}

static void layers_are_stronger_the_later_they_come(void **state) {
        static char variable[] = "TMUX_ORC_LOG_LEVEL=crit";
        char *environment[] = {variable, NULL};
        ConfigLayers layers = {
                        .kept_path = "set.yaml",
                        .kept_text = "logging: {level: debug}\nhealth: {concurrency: 7}\n",
                        .environment = environment,
        };
        _cleanup_(config_done) Config first = {}, second = {};
        _cleanup_free_ char *source = NULL, *kept = NULL;
        Fixture *f = *state;

        assert_int_equal(config_load_layers(&layers, &first, &f->problems), 0);
        assert_string_equal(first.logging.level, "crit");
        assert_int_equal(first.health.concurrency, 7);
        kept = config_source_describe(&first, "health.concurrency");
        assert_string_equal(kept, "set.yaml:2");

        assert_int_equal(set_text(f, "logging.level", "warning"), 0);
        layers.overlay = &f->config;
        assert_int_equal(config_load_layers(&layers, &second, &f->problems), 0);
        assert_string_equal(second.logging.level, "warning");
        source = config_source_describe(&second, "logging.level");
        assert_string_equal(source, "set at run time");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test_setup_teardown(
                                        values_of_their_type_and_texts_are_taken, setup, teardown),
                        cmocka_unit_test_setup_teardown(a_wrong_value_is_named_with_what_is_allowed,
                                        setup, teardown),
                        cmocka_unit_test_setup_teardown(
                                        what_is_written_is_read_again, setup, teardown),
                        cmocka_unit_test_setup_teardown(
                                        every_setting_can_be_written_copied_and_taken_back, setup,
                                        teardown),
                        cmocka_unit_test_setup_teardown(
                                        layers_are_stronger_the_later_they_come, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
