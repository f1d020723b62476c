/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/bus-fixture.h"

#include <errno.h>

#define MANAGER BUS_ROOT, BUS_INTERFACE_MANAGER
#define DAY 86400000000ULL

static void send_report(BusFixture *f, const char *kind, uint64_t since, uint64_t until) {
        f->report_told[0] = '\0';
        bus_fixture_send(f, MANAGER, "GetReport", "stt", kind, since, until);
}

static void a_report_is_of_the_usual_time(void **state) {
        BusFixture *f = *state;
        const char *text;

        send_report(f, "weekly:all", 0, 8 * DAY);
        assert_string_equal(f->report_told, "weekly all 604800000000");
        f->report_done(f->report_userdata, 0, "{}");
        bus_fixture_turn(f);
        assert_string_equal(bus_fixture_result(f), "");
        assert_true(sd_bus_message_read(f->reply, "s", &text) > 0);
        assert_string_equal(text, "{}");
}

static void all_users_are_for_those_who_may(void **state) {
        BusFixture *f = *state;

        f->deny = true;
        send_report(f, "daily:all", 0, 0);
        assert_string_equal(bus_fixture_result(f), "AccessDenied");
        assert_string_equal(f->report_told, "");
}

static void what_cannot_be_is_refused(void **state) {
        static const struct {
                const char *kind;
                uint64_t since, until;
        } rows[] = {{"hourly", 0, 0}, {"", 0, 0}, {":all", 0, 0}, {"daily:all:all", 0, 0},
                        {"daily:every", 0, 0}, {"daily", 5, 5}, {"daily", 6, 5}};
        BusFixture *f = *state;

        FOREACH_ELEMENT (row, rows) {
                send_report(f, row->kind, row->since, row->until);
                assert_string_equal(bus_fixture_result(f), "InvalidArgument");
                assert_string_equal(f->report_told, "");
        }
}

static void failures_have_names(void **state) {
        static const struct {
                int error;
                const char *name;
        } rows[] = {{-ERFKILL, "Disabled"}, {-ENOENT, "Disabled"}, {-EUCLEAN, "StateDamaged"},
                        {-EBUSY, "Busy"}};
        BusFixture *f = *state;

        FOREACH_ELEMENT (row, rows) {
                f->report_result = row->error;
                send_report(f, "daily:all", 0, DAY);
                assert_string_equal(bus_fixture_result(f), row->name);

                f->report_result = 0;
                send_report(f, "daily:all", 0, DAY);
                f->report_done(f->report_userdata, row->error, NULL);
                bus_fixture_turn(f);
                assert_string_equal(bus_fixture_result(f), row->name);
        }
}

static void a_baseline_is_of_something_that_was_measured(void **state) {
        BusFixture *f = *state;

        bus_fixture_send(f, MANAGER, "UpdateBaseline", "tt", 0ULL, DAY);
        f->report_done(f->report_userdata, -ENODATA, NULL);
        bus_fixture_turn(f);
        assert_string_equal(bus_fixture_result(f), "InvalidArgument");

        bus_fixture_send(f, MANAGER, "UpdateBaseline", "tt", 0ULL, DAY);
        f->report_done(f->report_userdata, 0, "{}");
        bus_fixture_turn(f);
        assert_string_equal(bus_fixture_result(f), "");
}

static void what_is_wrong_comes_in_lines(void **state) {
        BusFixture *f = *state;
        const char *first, *second;
        int valid;

        bus_fixture_send(f, MANAGER, "ValidateState", NULL);
        f->report_done(f->report_userdata, 0, "one thing\nanother\n");
        bus_fixture_turn(f);
        assert_string_equal(bus_fixture_result(f), "");
        assert_true(sd_bus_message_read(f->reply, "bas", &valid, 2, &first, &second) > 0);
        assert_false(valid);
        assert_string_equal(first, "one thing");
        assert_string_equal(second, "another");
}

int main(void) {
        const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, bus_fixture_setup, bus_fixture_teardown)
                        TEST(a_report_is_of_the_usual_time),
                        TEST(all_users_are_for_those_who_may),
                        TEST(what_cannot_be_is_refused),
                        TEST(failures_have_names),
                        TEST(a_baseline_is_of_something_that_was_measured),
                        TEST(what_is_wrong_comes_in_lines),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
