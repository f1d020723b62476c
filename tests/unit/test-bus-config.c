/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/bus-fixture.h"

#include <errno.h>

#define MANAGER BUS_ROOT, BUS_INTERFACE_MANAGER

static void settings_of_every_type_are_taken(void **state) {
        BusFixture *f = *state;

        bus_fixture_send(f, MANAGER, "SetConfig", "svb", "some.key", "s", "30d", 1);
        assert_string_equal(bus_fixture_result(f), "");
        assert_string_equal(f->event_told, "some.key 30d 1");
        bus_fixture_send(f, MANAGER, "SetConfig", "svb", "some.key", "b", 1, 0);
        assert_string_equal(f->event_told, "some.key true 0");
        bus_fixture_send(f, MANAGER, "SetConfig", "svb", "some.key", "d", 2.5, 0);
        assert_string_equal(f->event_told, "some.key 2.5 0");
        bus_fixture_send(f, MANAGER, "SetConfig", "svb", "some.key", "x", (int64_t)-7, 0);
        assert_string_equal(f->event_told, "some.key -7 0");
        bus_fixture_send(f, MANAGER, "SetConfig", "svb", "some.key", "u", 8U, 0);
        assert_string_equal(f->event_told, "some.key 8 0");
        bus_fixture_send(f, MANAGER, "SetConfig", "svb", "some.key", "y", 200, 0);
        assert_string_equal(f->event_told, "some.key 200 0");
        bus_fixture_send(f, MANAGER, "SetConfig", "svb", "some.key", "t", UINT64_MAX, 0);
        assert_string_equal(f->event_told, "some.key 9223372036854775807 0");
        bus_fixture_send(f, MANAGER, "SetConfig", "svb", "some.key", "as", 2, "a", "b", 0);
        assert_string_equal(f->event_told, "some.key a,b 0");
        bus_fixture_send(f, MANAGER, "ResetConfig", "s", "some.key");
        assert_string_equal(f->event_told, "some.key - 1");
}

static void values_of_no_known_type_are_refused(void **state) {
        BusFixture *f = *state;

        bus_fixture_send(f, MANAGER, "SetConfig", "svb", "some.key", "a{su}", 0, 0);
        assert_string_equal(bus_fixture_result(f), "InvalidArgument");
        bus_fixture_send(f, MANAGER, "SetConfig", "svb", "some.key", "o", "/", 0);
        assert_string_equal(bus_fixture_result(f), "InvalidArgument");
        bus_fixture_send(f, MANAGER, "SetConfig", "svb", "some key", "s", "x", 0);
        assert_string_equal(bus_fixture_result(f), "InvalidArgument");
        assert_string_equal(f->event_told, "");
}

static void what_is_refused_says_why(void **state) {
        static const struct {
                int error;
                const char *name;
        } rows[] = {
                        {-ENXIO, "NoSuchSetting"},
                        {-EBADMSG, "InvalidConfig"},
                        {-EOPNOTSUPP, "NotSupported"},
                        {-EROFS, "Failed"},
        };
        BusFixture *f = *state;

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                f->set_result = rows[i].error;
                bus_fixture_send(f, MANAGER, "SetConfig", "svb", "some.key", "s", "x", 1);
                assert_string_equal(bus_fixture_result(f), rows[i].name);
                bus_fixture_send(f, MANAGER, "ResetConfig", "s", "some.key");
                assert_string_equal(bus_fixture_result(f), rows[i].name);
        }

        f->set_result = -ENOENT;
        bus_fixture_send(f, MANAGER, "RollBackConfig", "u", 3U);
        assert_string_equal(bus_fixture_result(f), "InvalidArgument");
        assert_string_equal(f->event_told, "back to 3");
}

static void all_of_it_is_given_and_taken(void **state) {
        BusFixture *f = *state;
        const char *yaml;

        bus_fixture_send(f, MANAGER, "ExportConfig", NULL);
        assert_true(sd_bus_message_read(f->reply, "s", &yaml) > 0);
        assert_string_equal(yaml, "a: 1\n");
        bus_fixture_send(f, MANAGER, "ImportConfig", "s", "a: 1\n");
        assert_string_equal(bus_fixture_result(f), "");
        assert_string_equal(f->event_told, "import a: 1\n");
        f->set_result = -EBADMSG;
        bus_fixture_send(f, MANAGER, "ImportConfig", "s", "a: 1\n");
        assert_string_equal(bus_fixture_result(f), "InvalidConfig");
}

static void versions_are_listed(void **state) {
        BusFixture *f = *state;
        const char *what;
        uint32_t number;
        uint64_t when;

        bus_fixture_send(f, MANAGER, "ListConfigVersions", NULL);
        assert_true(sd_bus_message_enter_container(f->reply, 'a', "(uts)") > 0);
        assert_true(sd_bus_message_read(f->reply, "(uts)", &number, &when, &what) > 0);
        assert_int_equal(number, 7);
        assert_int_equal(when, 8);
        assert_string_equal(what, "set x");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test_setup_teardown(settings_of_every_type_are_taken,
                                        bus_fixture_setup, bus_fixture_teardown),
                        cmocka_unit_test_setup_teardown(values_of_no_known_type_are_refused,
                                        bus_fixture_setup, bus_fixture_teardown),
                        cmocka_unit_test_setup_teardown(what_is_refused_says_why, bus_fixture_setup,
                                        bus_fixture_teardown),
                        cmocka_unit_test_setup_teardown(all_of_it_is_given_and_taken,
                                        bus_fixture_setup, bus_fixture_teardown),
                        cmocka_unit_test_setup_teardown(versions_are_listed, bus_fixture_setup,
                                        bus_fixture_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
