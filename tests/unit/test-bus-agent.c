/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/bus-fixture.h"

#include <errno.h>

#include "daemon/base/clock.h"
#include "daemon/base/text.h"
#include "dbus/bus-pending.h"

#define AGENT AGENT_PATH, BUS_INTERFACE_AGENT
#define SERVER SERVER_PATH, BUS_INTERFACE_SERVER

static void an_agents_facts_are_properties(void **state) {
        static const struct {
                const char *name, *value;
        } rows[] = {
                        {"Id", "1000-default-1"},
                        {"Type", "claude"},
                        {"AgentVersion", "2.0.1"},
                        {"State", "idle"},
                        {"Attention", "none"},
                        {"ResetTime", "0"},
                        {"Rule", "claude/rule"},
                        {"StateSince", "1000"},
                        {"Liveness", "alive"},
                        {"Target", "work:1.1"},
                        {"Session", "work"},
                        {"Window", "editor"},
                        {"Pane", "%1"},
                        {"Server", SERVER_PATH},
                        {"OwnerUID", "1000"},
                        {"PID", "4242"},
                        {"Command", "claude"},
                        {"Title", "a title"},
                        {"Failures", "0"},
        };
        BusFixture *f = *state;

        FOREACH_ELEMENT (row, rows)
                assert_string_equal(bus_fixture_property(f, AGENT, row->name), row->value);

        assert_string_equal(bus_fixture_property(f, BUS_PREFIX_AGENT "/nobody", BUS_INTERFACE_AGENT,
                                            "Id"),
                        "UnknownObject");
}

static void a_servers_facts_are_properties(void **state) {
        static const struct {
                const char *name, *value;
        } rows[] = {
                        {"Id", "1000-default"},
                        {"Socket", TEST_SOCKET},
                        {"UID", "1000"},
                        {"PID", "100"},
                        {"Liveness", "alive"},
                        {"Reason", ""},
                        {"TmuxVersion", "3.3a"},
                        {"Panes", "3"},
                        {"LookUSec", "1500"},
        };
        BusFixture *f = *state;

        FOREACH_ELEMENT (row, rows)
                assert_string_equal(bus_fixture_property(f, SERVER, row->name), row->value);
}

static void a_screen_comes_when_the_watcher_has_it(void **state) {
        BusFixture *f = *state;
        const char *screen;

        bus_fixture_send(f, AGENT, "GetScreen", "u", 10U);
        assert_string_equal(bus_fixture_result(f), "none");
        assert_int_equal(f->asked_owner, 1000);

        bus_fixture_answer(f, 0, "{\"screen\":\"> _\"}");
        assert_true(sd_bus_message_read(f->reply, "s", &screen) > 0);
        assert_string_equal(screen, "> _");
        assert_int_equal(f->dropped, 0);
}

static void the_screen_of_an_agent_at_rest_is_kept_for_a_while(void **state) {
        BusFixture *f = *state;
        const char *screen;

        bus_fixture_send(f, AGENT, "GetScreen", "u", 10U);
        bus_fixture_answer(f, 0, "{\"screen\":\"> _\"}");
        bus_fixture_send(f, AGENT, "GetScreen", "u", 10U);
        assert_true(sd_bus_message_read(f->reply, "s", &screen) > 0);
        assert_string_equal(screen, "> _");
        assert_int_equal(f->asked, 1);

        f->deny = true;
        bus_fixture_send(f, AGENT, "GetScreen", "u", 10U);
        assert_string_equal(bus_fixture_result(f), "AccessDenied");
}

static void the_screen_of_an_agent_that_works_is_never_kept(void **state) {
        BusFixture *f = *state;

        assert_int_equal(report_agent(f->registry, "%1", AGENT_WORKING, 0), 0);
        bus_fixture_send(f, AGENT, "GetScreen", "u", 10U);
        bus_fixture_answer(f, 0, "{\"screen\":\"...\"}");
        bus_fixture_send(f, AGENT, "GetScreen", "u", 10U);
        assert_string_equal(bus_fixture_result(f), "none");
        assert_int_equal(f->asked, 2);
}

static void what_goes_wrong_has_a_name(void **state) {
        static const struct {
                int error;
                const char *json;
                const char *name;
        } rows[] = {
                        {-ETIMEDOUT, NULL, "Timeout"},
                        {-ENXIO, NULL, "NoSuchAgent"},
                        {-ENOTCONN, NULL, "NotWatched"},
                        {0, "{}", "WatcherFailed"},
                        {0, "{\"screen\":7}", "WatcherFailed"},
        };
        BusFixture *f = *state;

        FOREACH_ELEMENT (row, rows) {
                bus_fixture_send(f, AGENT, "GetScreen", "u", 0U);
                bus_fixture_answer(f, row->error, row->json);
                assert_string_equal(bus_fixture_result(f), row->name);
        }

        f->ask_result = -ENOTCONN;
        bus_fixture_send(f, AGENT, "Explain", NULL);
        assert_string_equal(bus_fixture_result(f), "NotWatched");
        bus_fixture_send(f, AGENT, "GetScreen", "u", 1000000U);
        assert_string_equal(bus_fixture_result(f), "InvalidArgument");
}

static void an_explanation_is_given_with_its_time(void **state) {
        BusFixture *f = *state;
        const char *json;

        bus_fixture_send(f, AGENT, "Explain", NULL);
        bus_fixture_answer(f, 0, "{\"rule\":\"x\"}");
        assert_true(sd_bus_message_read(f->reply, "s", &json) > 0);
        assert_true(text_starts_with(json, "{\"rule\":\"x\",\"answered_usec\":"));

        assert_int_equal(report_agent(f->registry, "%1", AGENT_WAITING, 0), 0);
        bus_fixture_send(f, AGENT, "Explain", NULL);
        bus_fixture_answer(f, 0, "[\"rule\"]");
        assert_string_equal(bus_fixture_result(f), "WatcherFailed");
}

/* Asks, answers if the question got as far as a watcher, and says whether it did. */
static bool explain_asks(BusFixture *f, const char *json) {
        unsigned asked = f->asked;

        bus_fixture_send(f, AGENT, "Explain", NULL);
        if (f->asked > asked)
                bus_fixture_answer(f, 0, json);
        assert_string_equal(bus_fixture_result(f), "");
        return f->asked > asked;
}

static void the_explanation_of_an_agent_at_rest_is_kept_with_its_time(void **state) {
        char first[128], *again;
        BusFixture *f = *state;
        const char *json;

        assert_true(explain_asks(f, "{\"rule\":\"x\"}"));
        assert_true(sd_bus_message_read(f->reply, "s", &json) > 0);
        (void)snprintf(first, sizeof(first), "%s", json);

        assert_false(explain_asks(f, NULL));
        assert_true(sd_bus_message_read(f->reply, "s", &again) > 0);
        assert_string_equal(again, first);
        assert_int_equal(cache_stats(f->cache, CACHE_AGENT_STATUS).hits, 1);
        assert_int_equal(cache_stats(f->cache, CACHE_AGENT_STATUS).misses, 1);
}

static void a_kept_explanation_is_for_those_who_may_see_it(void **state) {
        BusFixture *f = *state;

        assert_true(explain_asks(f, "{\"rule\":\"x\"}"));
        f->deny = true;
        bus_fixture_send(f, AGENT, "Explain", NULL);
        assert_string_equal(bus_fixture_result(f), "AccessDenied");
        assert_int_equal(cache_stats(f->cache, CACHE_AGENT_STATUS).hits, 0);
}

static void any_change_of_an_agent_ends_its_explanation(void **state) {
        BusFixture *f = *state;

        assert_true(explain_asks(f, "{}"));
        assert_int_equal(report_agent(f->registry, "%2", AGENT_IDLE, 0), 0);
        assert_false(explain_asks(f, NULL)); /* another one's change */

        assert_int_equal(report_agent(f->registry, "%1", AGENT_WAITING, 0), 0);
        assert_true(explain_asks(f, "{}"));
        assert_int_equal(cache_stats(f->cache, CACHE_AGENT_STATUS).entries, 1);
        assert_int_equal(registry_remove_agent(f->registry, TEST_UID, TEST_SOCKET, "%1"), 0);
        assert_int_equal(cache_stats(f->cache, CACHE_AGENT_STATUS).entries, 0);
}

static void what_may_change_at_any_time_is_explained_anew(void **state) {
        BusFixture *f = *state;

        assert_true(explain_asks(f, "{\"pending\":{\"state\":\"waiting\"}}"));
        assert_true(explain_asks(f, "{}"));
        assert_int_equal(report_agent(f->registry, "%1", AGENT_WORKING, 0), 0);
        assert_true(explain_asks(f, "{}"));
        assert_true(explain_asks(f, "{}"));
        assert_int_equal(cache_stats(f->cache, CACHE_AGENT_STATUS).entries, 0);
}

static void an_explanation_expires(void **state) {
        BusFixture *f = *state;

        assert_true(explain_asks(f, "{}"));
        assert_int_equal(cache_expire(f->cache, now_monotonic() + 29 * USEC_PER_SEC), 0);
        assert_false(explain_asks(f, NULL));
        assert_int_equal(cache_expire(f->cache, now_monotonic() + 30 * USEC_PER_SEC), 1);
        assert_true(explain_asks(f, "{}"));
}

static void questions_are_dropped_when_the_bus_goes(void **state) {
        BusFixture *f = *state;

        bus_fixture_send(f, AGENT, "Explain", NULL);
        bus_fixture_send(f, AGENT, "GetScreen", "u", 0U);
        f->exports = bus_exports_free(f->exports);
        assert_int_equal(f->dropped, 2);
}

static void a_caller_may_wait_for_so_much_and_no_more(void **state) {
        BusFixture *f = *state;

        for (unsigned i = 0; i < BUS_PENDING_PER_CALLER; i++) {
                bus_fixture_send(f, AGENT, "Explain", NULL);
                assert_string_equal(bus_fixture_result(f), "none");
        }
        bus_fixture_send(f, AGENT, "Explain", NULL);
        assert_string_equal(bus_fixture_result(f), "LimitsExceeded");
        assert_int_equal(f->asked, BUS_PENDING_PER_CALLER);
}

static void an_agent_that_went_meanwhile_does_no_harm(void **state) {
        BusFixture *f = *state;

        bus_fixture_send(f, AGENT, "Explain", NULL);
        assert_int_equal(registry_remove_agent(f->registry, TEST_UID, TEST_SOCKET, "%1"), 0);
        bus_fixture_answer(f, -ENXIO, NULL);
        assert_string_equal(bus_fixture_result(f), "NoSuchAgent");
}

static void what_is_sent_goes_to_the_hands_with_what_was_decided_on(void **state) {
        BusFixture *f = *state;

        bus_fixture_send(f, AGENT, "SendText", "sa{sv}", "tidy up", 2, "enter", "b", 0, "token",
                        "s", "abc");
        assert_string_equal(bus_fixture_result(f), "none");
        assert_string_equal(f->ordered,
                        "{\"kind\":\"text\",\"text\":\"tidy up\",\"enter\":false,"
                        "\"command\":false,\"automatic\":false,\"pid\":4242,"
                        "\"token\":\"abc\",\"calm_usec\":0}");
        assert_int_equal(f->asked_owner, 1000);
        bus_fixture_answer(f, 0, "{\"outcome\":\"done\",\"typed\":true}");
        assert_string_equal(bus_fixture_result(f), "");
        assert_int_equal(f->deeds, 1);
}

static void why_nothing_was_typed_has_a_name(void **state) {
        static const struct {
                const char *outcome, *name;
        } rows[] = {
                        {"draft", "Busy"},
                        {"copy-mode", "Busy"},
                        {"human", "Busy"},
                        {"no-agent", "AgentGone"},
                        {"other-program", "AgentGone"},
                        {"stale", "Stale"},
                        {"no-dialog", "NoDialog"},
                        {"owner", "OwnerRefuses"},
                        {"unsupported", "NotSupported"},
                        {"unverified", "NotVerified"},
                        {"what?", "WatcherFailed"},
        };
        BusFixture *f = *state;

        FOREACH_ELEMENT (row, rows) {
                char json[64];

                (void)snprintf(json, sizeof(json), "{\"outcome\":\"%s\"}", row->outcome);
                bus_fixture_send(f, AGENT, "Approve", "a{sv}", 0);
                bus_fixture_answer(f, 0, json);
                assert_string_equal(bus_fixture_result(f), row->name);
        }
}

static void what_cannot_be_typed_reaches_nobody(void **state) {
        BusFixture *f = *state;

        bus_fixture_send(f, AGENT, "SendText", "sa{sv}", "a\x1b[201~", 0);
        assert_string_equal(bus_fixture_result(f), "InvalidInput");
        bus_fixture_send(f, AGENT, "SendText", "sa{sv}", "a", 1, "force", "b", 1);
        assert_string_equal(bus_fixture_result(f), "InvalidArgument");
        bus_fixture_send(f, AGENT, "Deny", "a{sv}", 1, "enter", "b", 1);
        assert_string_equal(bus_fixture_result(f), "InvalidArgument");
        assert_int_equal(f->asked, 0);
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, bus_fixture_setup, bus_fixture_teardown)
        const struct CMUnitTest tests[] = {
                        T(an_agents_facts_are_properties),
                        T(a_servers_facts_are_properties),
                        T(a_screen_comes_when_the_watcher_has_it),
                        T(the_screen_of_an_agent_at_rest_is_kept_for_a_while),
                        T(the_screen_of_an_agent_that_works_is_never_kept),
                        T(what_goes_wrong_has_a_name),
                        T(an_explanation_is_given_with_its_time),
                        T(the_explanation_of_an_agent_at_rest_is_kept_with_its_time),
                        T(a_kept_explanation_is_for_those_who_may_see_it),
                        T(any_change_of_an_agent_ends_its_explanation),
                        T(what_may_change_at_any_time_is_explained_anew),
                        T(an_explanation_expires),
                        T(questions_are_dropped_when_the_bus_goes),
                        T(a_caller_may_wait_for_so_much_and_no_more),
                        T(an_agent_that_went_meanwhile_does_no_harm),
                        T(what_is_sent_goes_to_the_hands_with_what_was_decided_on),
                        T(why_nothing_was_typed_has_a_name),
                        T(what_cannot_be_typed_reaches_nobody),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
