/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/bus-fixture.h"

#include <errno.h>

#include "dbus/bus-exports-private.h"

#define MANAGER BUS_ROOT, BUS_INTERFACE_MANAGER

/* What a method needs to be called at all; those that are not here need nothing. */
static const char *arguments_of(const char *member) {
        static const struct {
                const char *member, *types;
        } rows[] = {
                        {"SetStrategy", "sa{sv}"},
                        {"ReportEvent", "ssss"},
                        {"RestartComponent", "s"},
                        {"ClearCache", "s"},
                        {"CheckAgents", "ast"},
                        {"ReloadPlugin", "s"},
                        {"ValidatePlugin", "s"},
                        {"WarmPlugin", "s"},
                        {"EnablePlugin", "s"},
                        {"DisablePlugin", "s"},
                        {"ExecutePlugin", "ssa{sv}"},
                        {"SetConfig", "svb"},
                        {"ResetConfig", "s"},
                        {"RollBackConfig", "u"},
                        {"ImportConfig", "s"},
                        {"GetScreen", "u"},
                        {"Look", "u"},
                        {"SendText", "sa{sv}"},
                        {"Approve", "a{sv}"},
                        {"Deny", "a{sv}"},
                        {"Snooze", "t"},
                        {"GetReport", "stt"},
                        {"UpdateBaseline", "tt"},
        };

        FOREACH_ELEMENT (row, rows)
                if (strcmp(row->member, member) == 0)
                        return row->types;

        return "";
}

static void call_somehow(
                BusFixture *f, const char *path, const char *interface, const char *member) {
        const char *types = arguments_of(member);

        if (strcmp(types, "sa{sv}") == 0)
                bus_fixture_send(f, path, interface, member, types, "polling", 0);
        else if (strcmp(types, "ssss") == 0)
                bus_fixture_send(f, path, interface, member, types, "%1", "a", "b", "");
        else if (strcmp(types, "ssa{sv}") == 0)
                bus_fixture_send(f, path, interface, member, types, "thing", "{}", 0);
        else if (strcmp(types, "ast") == 0)
                bus_fixture_send(f, path, interface, member, types, 1, "1000-default-1",
                                (uint64_t)0);
        else if (strcmp(types, "s") == 0)
                bus_fixture_send(f, path, interface, member, types,
                                strcmp(member, "ClearCache") == 0 ? "" : "thing");
        else if (strcmp(types, "svb") == 0)
                bus_fixture_send(f, path, interface, member, types, "a", "s", "b", 0);
        else if (strcmp(types, "a{sv}") == 0)
                bus_fixture_send(f, path, interface, member, types, 0);
        else if (strcmp(types, "t") == 0)
                bus_fixture_send(f, path, interface, member, types, (uint64_t)1);
        else if (strcmp(types, "stt") == 0)
                bus_fixture_send(f, path, interface, member, types, "daily:all", (uint64_t)0,
                                (uint64_t)0);
        else if (strcmp(types, "tt") == 0)
                bus_fixture_send(f, path, interface, member, types, (uint64_t)0, (uint64_t)0);
        else if (strcmp(types, "u") == 0)
                bus_fixture_send(f, path, interface, member, types, 1U);
        else
                bus_fixture_send(f, path, interface, member, NULL);
}

/* Whoever may be on the bus may call these: they change nothing and show nothing private. */
static bool is_open_to_all(const char *member) {
        static const char *const open[] = {"ListAgents", "ListServers", "ListComponents",
                        "GetAgentByPane", "GetHealth", "GetAlertHistory", "ListAlerts",
                        "ListNotices", "GetCacheStats", "GetConfig", "ListConfig",
                        "ListConfigVersions", "ExportConfig", "ValidateConfig", "GetMetrics",
                        "ExportMetrics", "ListPlugins"};

        FOREACH_ELEMENT (o, open)
                if (strcmp(*o, member) == 0)
                        return true;

        return false;
}

static const sd_bus_vtable *next_row(const sd_bus_vtable *table, const sd_bus_vtable *v) {
        /* The size of a row is that of the library that made the table, not that of ours. */
        return (const sd_bus_vtable *)((const char *)v + table->x.start.element_size);
}

static unsigned walk(BusFixture *f, const char *path, const char *interface,
                const sd_bus_vtable *table) {
        unsigned n = 0;

        for (const sd_bus_vtable *v = table; v->type != _SD_BUS_VTABLE_END;
                        v = next_row(table, v)) {
                if (v->type != _SD_BUS_VTABLE_METHOD || is_open_to_all(v->x.method.member))
                        continue;

                call_somehow(f, path, interface, v->x.method.member);
                assert_string_equal(bus_fixture_result(f), "AccessDenied");
                n++;
        }

        return n;
}

static void every_other_method_asks_first(void **state) {
        BusFixture *f = *state;

        f->deny = true;
        assert_true(walk(f, MANAGER, bus_manager_vtable) >= 12);
        assert_int_equal(walk(f, AGENT_PATH, BUS_INTERFACE_AGENT, bus_agent_vtable), 9);
        assert_int_equal(walk(f, SERVER_PATH, BUS_INTERFACE_SERVER, bus_server_vtable), 0);
        assert_int_equal(f->asked, 0);
}

static void agents_and_servers_are_listed(void **state) {
        const char *id, *type, *agent_state, *target, *path, *socket, *liveness;
        BusFixture *f = *state;
        uint32_t uid;

        bus_fixture_send(f, MANAGER, "ListAgents", NULL);
        assert_true(sd_bus_message_enter_container(f->reply, 'a', "(sssso)") > 0);
        assert_true(sd_bus_message_read(f->reply, "(sssso)", &id, &type, &agent_state, &target,
                                    &path) > 0);
        assert_string_equal(id, "1000-default-1");
        assert_string_equal(type, "claude");
        assert_string_equal(agent_state, "idle");
        assert_string_equal(target, "work:1.1");
        assert_string_equal(path, AGENT_PATH);

        bus_fixture_send(f, MANAGER, "ListServers", NULL);
        assert_true(sd_bus_message_enter_container(f->reply, 'a', "(susso)") > 0);
        assert_true(sd_bus_message_read(f->reply, "(susso)", &id, &uid, &socket, &liveness, &path) >
                        0);
        assert_string_equal(path, SERVER_PATH);
        assert_string_equal(liveness, "alive");
        assert_int_equal(uid, 1000);
}

static void objects_of_every_kind_are_managed(void **state) {
        static const char *const kinds[] = {"agent/", "server/", "component/"};
        unsigned found[ELEMENTSOF(kinds)] = {};
        BusFixture *f = *state;
        const char *path;

        bus_fixture_send(f, "/org/tmuxorc/Monitor1", "org.freedesktop.DBus.ObjectManager",
                        "GetManagedObjects", NULL);
        assert_string_equal(bus_fixture_result(f), "");
        assert_true(sd_bus_message_enter_container(f->reply, 'a', "{oa{sa{sv}}}") > 0);
        while (sd_bus_message_enter_container(f->reply, 'e', "oa{sa{sv}}") > 0) {
                assert_true(sd_bus_message_read(f->reply, "o", &path) > 0);
                for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                        found[i] += strstr(path, kinds[i]) != NULL;
                assert_true(sd_bus_message_skip(f->reply, "a{sa{sv}}") > 0);
                assert_true(sd_bus_message_exit_container(f->reply) > 0);
        }
        assert_int_equal(found[0], 1);
        assert_int_equal(found[1], 1);
        assert_true(found[2] > 1);
}

static void an_agent_is_found_by_its_pane(void **state) {
        BusFixture *f = *state;
        const char *path;

        bus_fixture_send(f, MANAGER, "GetAgentByPane", "s", "work:editor.1");
        assert_true(sd_bus_message_read(f->reply, "o", &path) > 0);
        assert_string_equal(path, AGENT_PATH);

        bus_fixture_send(f, MANAGER, "GetAgentByPane", "s", "%99");
        assert_string_equal(bus_fixture_result(f), "NoSuchAgent");
}

static void arguments_that_cannot_be_are_refused(void **state) {
        char *long_text = malloc(70000);
        BusFixture *f = *state;

        memset(long_text, 'a', 69999);
        long_text[69999] = '\0';

        bus_fixture_send(f, MANAGER, "GetAgentByPane", "s", long_text);
        assert_string_equal(bus_fixture_result(f), "InvalidArgument");
        bus_fixture_send(f, MANAGER, "ReportEvent", "ssss", "%1", "a b", "x", "");
        assert_string_equal(bus_fixture_result(f), "InvalidArgument");
        bus_fixture_send(f, MANAGER, "ReportEvent", "ssss", "%1", "a", long_text, "");
        assert_string_equal(bus_fixture_result(f), "InvalidArgument");
        bus_fixture_send(f, MANAGER, "ReportEvent", "ssss", "%1", "a", "b", long_text);
        assert_string_equal(bus_fixture_result(f), "InvalidArgument");
        bus_fixture_send(f, MANAGER, "ReportEvent", "ssss", "%1", "a", "b", "[1]");
        assert_string_equal(bus_fixture_result(f), "InvalidInput");
        bus_fixture_send(f, MANAGER, "ReportEvent", "ssss", "%1", "a", "b", "{\"a\":");
        assert_string_equal(bus_fixture_result(f), "InvalidInput");
        bus_fixture_send(f, MANAGER, "ClearCache", "s", long_text);
        assert_string_equal(bus_fixture_result(f), "InvalidArgument");
        bus_fixture_send(f, MANAGER, "GetConfig", "s", "no.such.setting");
        assert_string_equal(bus_fixture_result(f), "NoSuchSetting");
        bus_fixture_send(f, MANAGER, "RestartComponent", "s", "../x");
        assert_string_equal(bus_fixture_result(f), "NoSuchComponent");
        free(long_text);
}

static void an_event_goes_to_the_watcher_and_is_answered(void **state) {
        BusFixture *f = *state;

        bus_fixture_send(f, MANAGER, "ReportEvent", "ssss", "%1", "claude", "Stop", "{\"a\":1}");
        assert_string_equal(bus_fixture_result(f), "none");
        assert_string_equal(f->event_told, "1000-default-1 claude Stop { \"a\": 1 }");
        assert_int_equal(f->asked_owner, 1000);

        bus_fixture_answer(f, 0, "{}");
        assert_string_equal(bus_fixture_result(f), "");
}

static void agents_are_checked_in_batches(void **state) {
        const char *id, *agent_state, *health, *sentence;
        BusFixture *f = *state;
        uint64_t age;

        assert_int_equal(report_agent(f->registry, "%2", AGENT_WORKING, 0), 0);
        bus_fixture_send(f, MANAGER, "CheckAgents", "ast", 2, "1000-default-1", "1000-default-2",
                        (uint64_t)0);
        assert_string_equal(bus_fixture_result(f), "");
        assert_int_equal(f->asked_owner, 1000);
        assert_true(sd_bus_message_enter_container(f->reply, 'a', "(sssst)") > 0);
        for (unsigned i = 0; i < 2; i++) {
                assert_true(sd_bus_message_read(f->reply, "(sssst)", &id, &agent_state, &health,
                                            &sentence, &age) > 0);
                assert_string_equal(health, "green");
                assert_int_not_equal(sentence[0], '\0');
        }

        bus_fixture_send(f, MANAGER, "CheckAgents", "ast", 1, "1000-default-1", (uint64_t)60000000);
        assert_string_equal(bus_fixture_result(f), "");
        assert_int_equal(f->asked, 2);

        bus_fixture_send(f, MANAGER, "CheckAgents", "ast", 1, "nobody", (uint64_t)0);
        assert_string_equal(bus_fixture_result(f), "NoSuchAgent");
}

static void checks_of_many_users_belong_to_nobody(void **state) {
        BusFixture *f = *state;

        assert_int_equal(report_server_full(f->registry, 1001, "/tmp/tmux-1001/default",
                                         LIVENESS_ALIVE, 1, ""),
                        0);
        assert_int_equal(report_agent_full(f->registry, 1001, "/tmp/tmux-1001/default", "%1",
                                         AGENT_IDLE, 0),
                        0);
        bus_fixture_send(f, MANAGER, "CheckAgents", "ast", 2, "1000-default-1", "1001-default-1",
                        (uint64_t)0);
        assert_int_equal(f->asked_owner, UID_INVALID);
}

static void a_strategy_is_set_or_refused(void **state) {
        BusFixture *f = *state;

        bus_fixture_send(f, MANAGER, "SetStrategy", "sa{sv}", "polling", 1, "rollout", "d", 1.0);
        assert_string_equal(bus_fixture_result(f), "");
        bus_fixture_send(f, MANAGER, "SetStrategy", "sa{sv}", "polling", 1, "rollout", "d", 0.5);
        assert_string_equal(bus_fixture_result(f), "");
        bus_fixture_send(f, MANAGER, "SetStrategy", "sa{sv}", "polling_strategy", 0);
        assert_string_equal(bus_fixture_result(f), "");
        bus_fixture_send(f, MANAGER, "SetStrategy", "sa{sv}", "polling", 1, "rollout", "d", 1.5);
        assert_string_equal(bus_fixture_result(f), "InvalidArgument");
        bus_fixture_send(f, MANAGER, "SetStrategy", "sa{sv}", "polling", 1, "persist", "b", 1);
        assert_string_equal(bus_fixture_result(f), "");
        assert_string_equal(f->event_told, "monitoring.strategy polling 1");
        bus_fixture_send(f, MANAGER, "SetStrategy", "sa{sv}", "polling", 1, "what", "s", "x");
        assert_string_equal(bus_fixture_result(f), "InvalidArgument");
        bus_fixture_send(f, MANAGER, "SetStrategy", "sa{sv}", "prophecy", 0);
        assert_string_equal(bus_fixture_result(f), "NoSuchStrategy");
}

static void a_cycle_without_watchers_says_so(void **state) {
        BusFixture *f = *state;

        bus_fixture_send(f, MANAGER, "RunCycle", NULL);
        assert_string_equal(bus_fixture_result(f), "NotWatched");
}

static void a_refused_configuration_names_its_error(void **state) {
        BusFixture *f = *state;

        bus_fixture_send(f, MANAGER, "Reload", NULL);
        assert_string_equal(bus_fixture_result(f), "");

        f->reload_result = -EBADMSG;
        bus_fixture_send(f, MANAGER, "Reload", NULL);
        assert_string_equal(bus_fixture_result(f), "InvalidConfig");
        assert_string_equal(sd_bus_message_get_error(f->reply)->message, "config.yaml:3: error");
}

static void settings_have_value_unit_and_source(void **state) {
        const char *key, *unit, *source;
        BusFixture *f = *state;
        unsigned n = 0;

        bus_fixture_send(f, MANAGER, "ListConfig", NULL);
        assert_true(sd_bus_message_enter_container(f->reply, 'a', "(svss)") > 0);
        while (sd_bus_message_enter_container(f->reply, 'r', "svss") > 0) {
                assert_true(sd_bus_message_read(f->reply, "s", &key) > 0);
                assert_true(sd_bus_message_skip(f->reply, "v") > 0);
                assert_true(sd_bus_message_read(f->reply, "ss", &unit, &source) > 0);
                assert_string_equal(source, "default");
                if (strcmp(key, "monitoring.cycle_interval") == 0)
                        assert_string_equal(unit, "s");
                assert_true(sd_bus_message_exit_container(f->reply) >= 0);
                n++;
        }
        assert_true(n > 10);
}

static void a_configuration_is_judged_by_line_and_key(void **state) {
        const char *key, *message;
        BusFixture *f = *state;
        uint32_t line;
        int valid;

        bus_fixture_send(f, MANAGER, "ValidateConfig", "s", "monitoring:\n  cycle_interval: no\n");
        assert_true(sd_bus_message_read(f->reply, "b", &valid) > 0);
        assert_false(valid);
        assert_true(sd_bus_message_enter_container(f->reply, 'a', "(uss)") > 0);
        assert_true(sd_bus_message_read(f->reply, "(uss)", &line, &key, &message) > 0);
        assert_int_equal(line, 2);
        assert_string_equal(key, "monitoring.cycle_interval");

        bus_fixture_send(f, MANAGER, "ValidateConfig", "s", "monitoring:\n  cycle_interval: 5\n");
        assert_true(sd_bus_message_read(f->reply, "b", &valid) > 0);
        assert_true(valid);
}

static void the_cache_is_counted_and_cleared(void **state) {
        BusFixture *f = *state;
        uint32_t n;

        assert_int_equal(cache_put_bytes(f->cache, CACHE_SESSION_INFO, "k", "v", 1, 1), 0);
        bus_fixture_send(f, MANAGER, "ClearCache", "s", "pane_content");
        assert_true(sd_bus_message_read(f->reply, "u", &n) > 0 && n == 0);
        bus_fixture_send(f, MANAGER, "ClearCache", "s", "");
        assert_true(sd_bus_message_read(f->reply, "u", &n) > 0 && n == 1);
        bus_fixture_send(f, MANAGER, "ClearCache", "s", "attic");
        assert_string_equal(bus_fixture_result(f), "InvalidArgument");
}

static void the_service_is_as_well_as_its_worst_part(void **state) {
        BusFixture *f = *state;
        const char *health;

        assert_string_equal(bus_fixture_property(f, MANAGER, "Health"), "green");
        f->component_health = HEALTH_YELLOW;
        bus_fixture_send(f, MANAGER, "GetHealth", NULL);
        assert_true(sd_bus_message_read(f->reply, "s", &health) > 0);
        assert_string_equal(health, "yellow");
        assert_string_equal(f->signals,
                        "/thing PropertiesChanged org.tmuxorc.Monitor1.Component Health "
                        "StatusText Restarts\n"
                        "/rock PropertiesChanged org.tmuxorc.Monitor1.Component Health "
                        "StatusText Restarts\n"
                        "/Monitor1 PropertiesChanged org.tmuxorc.Monitor1.Manager Health\n");
}

static void only_what_can_be_restarted_is(void **state) {
        BusFixture *f = *state;

        f->component_health = HEALTH_RED;
        bus_fixture_send(f, MANAGER, "RestartComponent", "s", "thing");
        assert_string_equal(bus_fixture_result(f), "");
        assert_int_equal(f->component_health, HEALTH_GREEN);
        bus_fixture_send(f, MANAGER, "RestartComponent", "s", "rock");
        assert_string_equal(bus_fixture_result(f), "NotSupported");
        bus_fixture_send(f, MANAGER, "RestartComponent", "s", "paper");
        assert_string_equal(bus_fixture_result(f), "NoSuchComponent");
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, bus_fixture_setup, bus_fixture_teardown)
        const struct CMUnitTest tests[] = {
                        T(every_other_method_asks_first),
                        T(agents_and_servers_are_listed),
                        T(objects_of_every_kind_are_managed),
                        T(an_agent_is_found_by_its_pane),
                        T(arguments_that_cannot_be_are_refused),
                        T(an_event_goes_to_the_watcher_and_is_answered),
                        T(agents_are_checked_in_batches),
                        T(checks_of_many_users_belong_to_nobody),
                        T(a_strategy_is_set_or_refused),
                        T(a_cycle_without_watchers_says_so),
                        T(a_refused_configuration_names_its_error),
                        T(settings_have_value_unit_and_source),
                        T(a_configuration_is_judged_by_line_and_key),
                        T(the_cache_is_counted_and_cleared),
                        T(the_service_is_as_well_as_its_worst_part),
                        T(only_what_can_be_restarted_is),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
