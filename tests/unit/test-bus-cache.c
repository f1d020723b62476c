/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/bus-fixture.h"

#include "daemon/agents/agent-cache.h"
#include "daemon/base/clock.h"

#define MANAGER BUS_ROOT, BUS_INTERFACE_MANAGER
#define OTHER_UID 1001
#define OTHER_SOCKET "/tmp/tmux-1001/default"

static const char *pane_to_path(BusFixture *f, const char *pane) {
        const char *path;

        bus_fixture_send(f, MANAGER, "GetAgentByPane", "s", pane);
        if (f->error[0])
                return bus_fixture_result(f);
        assert_true(sd_bus_message_read(f->reply, "o", &path) > 0);
        return path;
}

static uint64_t hits(BusFixture *f, CacheLayer layer) {
        return cache_stats(f->cache, layer).hits;
}

static uint64_t entries(BusFixture *f, CacheLayer layer) {
        return cache_stats(f->cache, layer).entries;
}

static void the_place_of_an_agent_is_kept(void **state) {
        BusFixture *f = *state;

        assert_string_equal(pane_to_path(f, "work:editor.1"), AGENT_PATH);
        assert_int_equal(hits(f, CACHE_SESSION_INFO), 0);
        assert_string_equal(pane_to_path(f, "work:editor.1"), AGENT_PATH);
        assert_int_equal(hits(f, CACHE_SESSION_INFO), 1);

        /* What is not there is not kept: it may come at any time. */
        assert_string_equal(pane_to_path(f, "%99"), "NoSuchAgent");
        assert_int_equal(entries(f, CACHE_SESSION_INFO), 1);
}

static void what_comes_and_goes_can_make_a_place_ambiguous(void **state) {
        const Agent *a;
        BusFixture *f = *state;

        assert_int_equal(agent_cache_find_by_pane(f->cache, f->registry, 5, "%1", 1, &a), 0);
        assert_int_equal(report_server_full(f->registry, OTHER_UID, OTHER_SOCKET, LIVENESS_ALIVE, 1,
                                         ""),
                        0);
        assert_int_equal(report_agent_full(
                                         f->registry, OTHER_UID, OTHER_SOCKET, "%1", AGENT_IDLE, 0),
                        0);
        assert_int_equal(
                        agent_cache_find_by_pane(f->cache, f->registry, 5, "%1", 2, &a), -ENOTUNIQ);

        /* The dead do not stand in the way of the living. */
        assert_int_equal(report_server_full(f->registry, OTHER_UID, OTHER_SOCKET, LIVENESS_ABSENT,
                                         0, "ended"),
                        0);
        assert_int_equal(agent_cache_find_by_pane(f->cache, f->registry, 5, "%1", 3, &a), 0);
        assert_string_equal(a->id, "1000-default-1");
        assert_int_equal(report_server(f->registry, LIVENESS_ABSENT, 0, "ended"), 0);
        assert_int_equal(
                        agent_cache_find_by_pane(f->cache, f->registry, 5, "%1", 4, &a), -ENOTUNIQ);
}

static void an_agent_that_goes_leaves_no_place(void **state) {
        BusFixture *f = *state;

        assert_string_equal(pane_to_path(f, "%1"), AGENT_PATH);
        assert_int_equal(registry_remove_agent(f->registry, TEST_UID, TEST_SOCKET, "%1"), 0);
        assert_int_equal(entries(f, CACHE_SESSION_INFO), 0);
        assert_string_equal(pane_to_path(f, "%1"), "NoSuchAgent");
}

static void places_end_when_agents_move_and_not_when_they_work(void **state) {
        AgentReport moved = {
                        .socket = strdup(TEST_SOCKET),
                        .pane = strdup("%1"),
                        .type = strdup("claude"),
                        .state = AGENT_WORKING,
                        .session = strdup("play"),
                        .window = strdup("editor"),
                        .pane_index = 1,
        };
        BusFixture *f = *state;

        assert_string_equal(pane_to_path(f, "work:editor.1"), AGENT_PATH);
        assert_int_equal(report_agent(f->registry, "%1", AGENT_WORKING, 0), 0);
        assert_string_equal(pane_to_path(f, "work:editor.1"), AGENT_PATH);
        assert_int_equal(hits(f, CACHE_SESSION_INFO), 1);

        assert_int_equal(registry_report_agent(f->registry, TEST_UID, &moved), 0);
        assert_string_equal(pane_to_path(f, "work:editor.1"), "NoSuchAgent");
        assert_string_equal(pane_to_path(f, "play:editor.1"), AGENT_PATH);
}

static void each_user_has_places_of_its_own(void **state) {
        const Agent *mine, *theirs;
        BusFixture *f = *state;

        assert_int_equal(report_server_full(f->registry, OTHER_UID, OTHER_SOCKET, LIVENESS_ALIVE, 1,
                                         ""),
                        0);
        assert_int_equal(report_agent_full(
                                         f->registry, OTHER_UID, OTHER_SOCKET, "%1", AGENT_IDLE, 0),
                        0);

        for (unsigned i = 1; i <= 2; i++) {
                assert_int_equal(agent_cache_find_by_pane(
                                                 f->cache, f->registry, TEST_UID, "%1", i, &mine),
                                0);
                assert_int_equal(agent_cache_find_by_pane(f->cache, f->registry, OTHER_UID, "%1", i,
                                                 &theirs),
                                0);
                assert_string_equal(mine->id, "1000-default-1");
                assert_string_equal(theirs->id, "1001-default-1");
        }
        assert_int_equal(hits(f, CACHE_SESSION_INFO), 2);
}

static void a_kept_id_that_nobody_has_is_looked_for_again(void **state) {
        const Agent *a;
        BusFixture *f = *state;

        assert_int_equal(cache_put_bytes(f->cache, CACHE_SESSION_INFO, "1000 %1", "gone", 4, 1), 0);
        assert_int_equal(agent_cache_find_by_pane(f->cache, f->registry, 1000, "%1", 1, &a), 0);
        assert_string_equal(a->id, "1000-default-1");
}

static void places_expire(void **state) {
        BusFixture *f = *state;

        assert_string_equal(pane_to_path(f, "%1"), AGENT_PATH);
        assert_int_equal(cache_expire(f->cache, now_monotonic() + 59 * USEC_PER_SEC), 0);
        assert_int_equal(cache_expire(f->cache, now_monotonic() + 60 * USEC_PER_SEC), 1);
        assert_string_equal(pane_to_path(f, "%1"), AGENT_PATH);
        assert_int_equal(hits(f, CACHE_SESSION_INFO), 0);
}

/* A verdict in words: "no 2:monitoring.cycle_interval 3:x", say. */
static const char *verdict_of(BusFixture *f, const char *yaml) {
        static char text[512];
        const char *key, *message;
        uint32_t line;
        size_t n;
        int valid;

        bus_fixture_send(f, MANAGER, "ValidateConfig", "s", yaml);
        assert_string_equal(bus_fixture_result(f), "");
        assert_true(sd_bus_message_read(f->reply, "b", &valid) > 0);
        n = (size_t)snprintf(text, sizeof(text), "%s", valid ? "yes" : "no");
        assert_true(sd_bus_message_enter_container(f->reply, 'a', "(uss)") > 0);
        while (sd_bus_message_read(f->reply, "(uss)", &line, &key, &message) > 0) {
                assert_true(message[0] != '\0');
                n += (size_t)snprintf(text + n, sizeof(text) - n, " %u:%s", line, key);
                assert_true(n < sizeof(text));
        }
        return text;
}

static void verdicts_are_kept_as_they_are(void **state) {
        static const struct {
                const char *yaml, *verdict;
        } rows[] = {
                        {"", "yes"},
                        {"monitoring:\n  cycle_interval: 5\n", "yes"},
                        {"monitoring:\n  cycle_interval: no\n", "no 2:monitoring.cycle_interval"},
                        {"monitoring:\n  cycle_interval: no\n  cache:\n    max_entries: x\n",
                                        "no 2:monitoring.cycle_interval "
                                        "4:monitoring.cache.max_entries"},
        };
        BusFixture *f = *state;

        for (unsigned i = 0; i < 2; i++)
                FOREACH_ELEMENT (row, rows)
                        assert_string_equal(verdict_of(f, row->yaml), row->verdict);

        assert_int_equal(hits(f, CACHE_CONFIG), ELEMENTSOF(rows));
        assert_int_equal(entries(f, CACHE_CONFIG), ELEMENTSOF(rows));
}

static void verdicts_expire(void **state) {
        BusFixture *f = *state;

        assert_string_equal(verdict_of(f, "{}"), "yes");
        assert_int_equal(cache_expire(f->cache, now_monotonic() + 299 * USEC_PER_SEC), 0);
        assert_int_equal(cache_expire(f->cache, now_monotonic() + 300 * USEC_PER_SEC), 1);
        assert_string_equal(verdict_of(f, "{}"), "yes");
        assert_int_equal(hits(f, CACHE_CONFIG), 0);
}

static void the_statistics_show_what_was_kept_and_found(void **state) {
        uint64_t n_entries, n_hits, n_misses, evictions, bytes;
        BusFixture *f = *state;
        const char *layer;
        unsigned seen = 0;

        for (unsigned i = 0; i < 3; i++) {
                (void)pane_to_path(f, "%1");
                (void)verdict_of(f, "{}");
        }

        bus_fixture_send(f, MANAGER, "GetCacheStats", NULL);
        assert_true(sd_bus_message_enter_container(f->reply, 'a', "(sttttt)") > 0);
        while (sd_bus_message_read(f->reply, "(sttttt)", &layer, &n_entries, &n_hits, &n_misses,
                               &evictions, &bytes) > 0) {
                if (strcmp(layer, "session_info") != 0 && strcmp(layer, "config") != 0)
                        continue;
                assert_int_equal(n_entries, 1);
                assert_int_equal(n_hits, 2);
                assert_int_equal(n_misses, 1);
                seen++;
        }
        assert_int_equal(seen, 2);
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, bus_fixture_setup, bus_fixture_teardown)
        const struct CMUnitTest tests[] = {
                        T(the_place_of_an_agent_is_kept),
                        T(what_comes_and_goes_can_make_a_place_ambiguous),
                        T(an_agent_that_goes_leaves_no_place),
                        T(places_end_when_agents_move_and_not_when_they_work),
                        T(each_user_has_places_of_its_own),
                        T(a_kept_id_that_nobody_has_is_looked_for_again),
                        T(places_expire),
                        T(verdicts_are_kept_as_they_are),
                        T(verdicts_expire),
                        T(the_statistics_show_what_was_kept_and_found),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
