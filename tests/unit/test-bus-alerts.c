/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/bus-fixture.h"

#include "daemon/base/clock.h"

#define MANAGER BUS_ROOT, BUS_INTERFACE_MANAGER
#define ALERT_PATH BUS_PREFIX_ALERT "/StateFileLarge_2ecritical"

/* As if the state file had so many bytes, at that time. */
static void evaluate(BusFixture *f, double bytes, uint64_t minute) {
        metrics_set(f->metrics, METRIC_STATE_FILE_BYTES, NULL, NULL, bytes);
        alerts_evaluate(f->alerts, f->metrics, minute * USEC_PER_MINUTE, minute);
        bus_fixture_turn(f);
}

static void assert_listed(BusFixture *f, const char *wanted) {
        const char *id, *severity, *summary, *path;
        char text[512] = "";
        uint64_t since;

        bus_fixture_send(f, MANAGER, "ListAlerts", NULL);
        assert_string_equal(bus_fixture_result(f), "");
        assert_true(sd_bus_message_enter_container(f->reply, 'a', "(sssto)") > 0);
        while (sd_bus_message_read(f->reply, "(sssto)", &id, &severity, &summary, &since, &path) >
                        0)
                (void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
                                "%s %s %s %llu %s\n", id, severity, summary,
                                (unsigned long long)since, path);
        assert_string_equal(text, wanted);
}

static void what_is_raised_is_listed_and_is_an_object(void **state) {
        BusFixture *f = *state;

        assert_listed(f, "");
        evaluate(f, 60e6, 10);
        assert_listed(f,
                        "StateFileLarge.critical critical the state file has 60 MB, more than 50 "
                        "MB 10 " ALERT_PATH "\n");
        assert_string_equal(bus_fixture_property(f, ALERT_PATH, BUS_INTERFACE_ALERT, "Severity"),
                        "critical");
        assert_string_equal(bus_fixture_property(f, ALERT_PATH, BUS_INTERFACE_ALERT, "Component"),
                        "state_store");
        assert_string_equal(
                        bus_fixture_property(f, ALERT_PATH, BUS_INTERFACE_ALERT, "Since"), "10");

        /* An info is no object. */
        assert_string_equal(bus_fixture_property(f, BUS_PREFIX_ALERT "/StateFileLarge_2einfo",
                                            BUS_INTERFACE_ALERT, "Severity"),
                        "UnknownObject");
}

static void coming_and_going_is_told(void **state) {
        BusFixture *f = *state;

        evaluate(f, 60e6, 10);
        assert_string_equal(f->signals,
                        "/Monitor1 InterfacesAdded /StateFileLarge_2ecritical\n"
                        "/Monitor1 AlertRaised /StateFileLarge_2ecritical critical the state file "
                        "has 60 MB, more than 50 MB\n");
        f->signals[0] = '\0';
        evaluate(f, 61e6, 11);
        assert_string_equal(f->signals, "");
        evaluate(f, 1e6, 12);
        assert_string_equal(f->signals, "");
        evaluate(f, 1e6, 20);
        assert_string_equal(f->signals,
                        "/Monitor1 AlertCleared /StateFileLarge_2ecritical the state file has 61 "
                        "MB, more than 50 MB\n"
                        "/Monitor1 InterfacesRemoved /StateFileLarge_2ecritical\n");
        assert_listed(f, "");
        assert_string_equal(bus_fixture_property(f, ALERT_PATH, BUS_INTERFACE_ALERT, "Severity"),
                        "UnknownObject");
}

static void the_past_is_told_when_it_is_asked_for(void **state) {
        const char *id, *severity, *summary;
        BusFixture *f = *state;
        uint64_t since, until;
        char text[512] = "";

        evaluate(f, 60e6, 10);
        evaluate(f, 1e6, 20);
        evaluate(f, 60e6, 30);
        bus_fixture_send(f, MANAGER, "GetAlertHistory", NULL);
        assert_string_equal(bus_fixture_result(f), "");
        assert_true(sd_bus_message_enter_container(f->reply, 'a', "(ssstt)") > 0);
        while (sd_bus_message_read(f->reply, "(ssstt)", &id, &severity, &summary, &since, &until) >
                        0)
                (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s %llu %llu\n",
                                id, (unsigned long long)since, (unsigned long long)until);
        assert_string_equal(text,
                        "StateFileLarge.critical 30 0\n"
                        "StateFileLarge.critical 10 20\n");
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, bus_fixture_setup, bus_fixture_teardown)
        const struct CMUnitTest tests[] = {
                        T(what_is_raised_is_listed_and_is_an_object),
                        T(coming_and_going_is_told),
                        T(the_past_is_told_when_it_is_asked_for),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
