/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/bus-fixture.h"

#include "daemon/base/log.h"

#define INTERFACE BUS_INTERFACE_LOG_CONTROL
#define PROPERTIES "org.freedesktop.DBus.Properties"

static const char *get(BusFixture *f, const char *name) {
        return bus_fixture_property(f, BUS_LOG_CONTROL, INTERFACE, name);
}

static const char *set(BusFixture *f, const char *name, const char *value) {
        bus_fixture_send(f, BUS_LOG_CONTROL, PROPERTIES, "Set", "ssv", INTERFACE, name, "s", value);
        return bus_fixture_result(f);
}

static int setup(void **state) {
        log_open("a-test", LOG_INFO);
        (void)log_set_target("auto");
        return bus_fixture_setup(state);
}

static void levels_have_the_names_that_systemctl_has(void **state) {
        static const char *const names[] = {
                        "debug", "info", "notice", "warning", "err", "crit", "alert", "emerg"};
        BusFixture *f = *state;

        assert_string_equal(set(f, "LogTarget", "null"), "");
        FOREACH_ELEMENT (name, names) {
                assert_string_equal(set(f, "LogLevel", *name), "");
                assert_string_equal(get(f, "LogLevel"), *name);
        }
        assert_int_equal(log_get_level(), LOG_EMERG);
}

static void what_is_no_level_or_target_changes_nothing(void **state) {
        BusFixture *f = *state;

        assert_string_equal(set(f, "LogLevel", "loud"), "InvalidArgs");
        assert_int_equal(log_get_level(), LOG_INFO);
        assert_string_equal(set(f, "LogTarget", "printer"), "InvalidArgs");
        assert_string_equal(get(f, "LogTarget"), "auto");
        assert_string_equal(set(f, "SyslogIdentifier", "other"), "PropertyReadOnly");
        assert_string_equal(get(f, "SyslogIdentifier"), "a-test");
}

static void every_target_can_be_set(void **state) {
        static const char *const names[] = {"journal", "console", "null", "auto"};
        BusFixture *f = *state;

        FOREACH_ELEMENT (name, names) {
                assert_string_equal(set(f, "LogTarget", *name), "");
                assert_string_equal(get(f, "LogTarget"), *name);
        }
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, bus_fixture_teardown)
        const struct CMUnitTest tests[] = {
                        T(levels_have_the_names_that_systemctl_has),
                        T(what_is_no_level_or_target_changes_nothing),
                        T(every_target_can_be_set),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
