/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "tools/tmux-orc/agents.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/status-text.h"
#include "tools/tmux-orc/way.h"

static json_object *parse(const char *text) {
        json_object *o = NULL;

        assert_int_equal(json_parse(text, strlen(text), 16, &o), 0);
        return o;
}

#define ROW(id, pane, target, session, window) \
        "{\"id\":\"" id "\",\"pane\":\"" pane "\",\"target\":\"" target \
        "\",\"session\":\"" session "\",\"window\":\"" window "\"}"

static const char some_agents[] = "[" ROW("1000-default-1", "%1", "work:1.0", "work",
                "main") "," ROW("1000-default-12", "%12", "work:2.1", "work",
                "a.b") "," ROW("1000-other-1", "%1", "x:0.0", "x", "main") "]";

static void an_agent_is_meant_by_id_pane_place_or_beginning(void **state) {
        static const struct {
                const char *name, *ids;
        } rows[] = {
                        {"1000-default-1", "1000-default-1 "}, /* itself, not all that begin so */
                        {"1000-default-12", "1000-default-12 "},
                        {"1000-o", "1000-other-1 "},
                        {"1000-d", "1000-default-1 1000-default-12 "},
                        {"%12", "1000-default-12 "},
                        {"%1", "1000-default-1 1000-other-1 "},
                        {"work:1.0", "1000-default-1 "},
                        {"work:main.0", "1000-default-1 "}, /* by the window's name */
                        {"work:a.b.1", "1000-default-12 "},
                        {"work:a.b.2", ""},
                        {"work:1", ""},
                        {"%", ""},
                        {"", ""},
                        {"nobody", ""},
        };
        _cleanup_json_ json_object *agents = parse(some_agents);

        FOREACH_ELEMENT (row, rows) {
                _cleanup_json_ json_object *found = NULL;
                char ids[256] = "";

                assert_int_equal(agents_match(agents, row->name, &found), 0);
                for (size_t i = 0; i < json_object_array_length(found); i++) {
                        (void)strcat(ids,
                                        json_get_string(json_object_array_get_idx(found, i), "id"));
                        (void)strcat(ids, " ");
                }
                assert_string_equal(ids, row->ids);
        }
}

static void objects_become_rows_in_the_order_of_their_places(void **state) {
        _cleanup_json_ json_object *objects =
                        parse("{\"/x\":{\"org.other\":{}},"
                              "\"/b\":{\"" BUS_INTERFACE_AGENT "\":{\"Id\":\"b\",\"Server\":\"/"
                              "s\",\"Target\":\"w:10.0\",\"StateSince\":5000000}},"
                              "\"/a\":{\"" BUS_INTERFACE_AGENT "\":{\"Id\":\"a\",\"Server\":\"/"
                              "s\",\"Target\":\"w:2.0\",\"StateSince\":9000000}}}");
        _cleanup_json_ json_object *rows = NULL;
        json_object *first;

        assert_int_equal(agents_rows(objects, BUS_INTERFACE_AGENT, 8000000, &rows), 0);
        assert_int_equal(json_object_array_length(rows), 2);
        first = json_object_array_get_idx(rows, 0);
        assert_string_equal(json_get_string(first, "id"), "a");
        assert_string_equal(json_get_string(first, "path"), "/a");
        /* The clock was set back: no time at all, rather than an age of the world. */
        assert_int_equal(json_get_u64(first, "in_state_usec", 77), 0);
        assert_int_equal(json_get_u64(json_object_array_get_idx(rows, 1), "in_state_usec", 77),
                        3000000);
}

static void answers_without_sense_are_refused(void **state) {
        _cleanup_json_ json_object *rows = NULL;
        _cleanup_json_ json_object *list = parse("[]");

        assert_int_equal(agents_rows(list, BUS_INTERFACE_AGENT, 0, &rows), -EBADMSG);
        assert_int_equal(agents_rows(NULL, BUS_INTERFACE_AGENT, 0, &rows), -EBADMSG);
}

static int need_of(const char *state) {
        _cleanup_json_ json_object *row = json_object_new_object();

        assert_int_equal(json_set_string(row, "state", state), 0);
        return agents_need(row);
}

static void who_waits_needs_a_human_before_who_failed(void **state) {
        assert_true(need_of("waiting") < need_of("error"));
        assert_true(need_of("error") < need_of("crashed"));
        assert_true(need_of("crashed") < need_of("rate_limited"));
        assert_int_equal(need_of("working"), INT_MAX);
        assert_int_equal(need_of("a state of the future"), INT_MAX);
}

static void counts_are_told_with_the_neediest_first(void **state) {
        _cleanup_json_ json_object *counts =
                        parse("{\"working\":5,\"idle\":0,\"waiting\":2,\"rate_limited\":1}");
        _cleanup_json_ json_object *none = parse("{}");
        _cleanup_free_ char *plain = status_text_plain(counts);
        _cleanup_free_ char *tmux = status_text_tmux(counts);
        _cleanup_free_ char *nobody = status_text_plain(none);

        assert_string_equal(plain, "2 waiting · 1 rate limited · 5 working");
        assert_string_equal(tmux,
                        "#[fg=yellow,bold]2 waiting#[default] · "
                        "#[fg=magenta]1 rate limited#[default] · "
                        "#[fg=green]5 working#[default]");
        assert_string_equal(nobody, "no agents");
        assert_string_equal(status_text_worst(counts), "waiting");
        assert_string_equal(status_text_worst(none), "none");
}

static void the_way_to_an_agent_is_a_command_for_a_shell(void **state) {
        static const struct {
                const char *socket, *target, *tmux, *go;
        } rows[] = {
                        {"/tmp/tmux-7/default", "w:1.0", NULL, "tmux attach -t w:1.0"},
                        {"/tmp/tmux-7/default", "w:1.0", "/tmp/tmux-7/default,12,0",
                                        "tmux switch-client -t w:1.0"},
                        {"/tmp/tmux-7/other", "w:1.0", "/tmp/tmux-7/default,12,0",
                                        "TMUX= tmux -S /tmp/tmux-7/other attach -t w:1.0"},
                        {"/tmp/tmux-7/other", "w:1.0", NULL,
                                        "tmux -S /tmp/tmux-7/other attach -t w:1.0"},
                        /* The default of another user is not ours. */
                        {"/tmp/tmux-8/default", "w:1.0", NULL,
                                        "tmux -S /tmp/tmux-8/default attach -t w:1.0"},
                        {"/tmp/tmux-7/default", "it's $(me):1.0", NULL,
                                        "tmux attach -t 'it'\\''s $(me):1.0'"},
        };

        FOREACH_ELEMENT (row, rows) {
                _cleanup_json_ json_object *agent = parse("{\"server\":\"/s\"}");
                _cleanup_json_ json_object *servers = parse("[{\"path\":\"/s\"}]");

                assert_int_equal(json_set_string(agent, "target", row->target), 0);
                assert_int_equal(json_set_string(json_object_array_get_idx(servers, 0), "socket",
                                                 row->socket),
                                0);
                assert_int_equal(way_add(agent, servers, row->tmux, "/tmp/tmux-7/default"), 0);
                assert_string_equal(json_get_string(agent, "go"), row->go);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(an_agent_is_meant_by_id_pane_place_or_beginning),
                        cmocka_unit_test(objects_become_rows_in_the_order_of_their_places),
                        cmocka_unit_test(answers_without_sense_are_refused),
                        cmocka_unit_test(who_waits_needs_a_human_before_who_failed),
                        cmocka_unit_test(counts_are_told_with_the_neediest_first),
                        cmocka_unit_test(the_way_to_an_agent_is_a_command_for_a_shell),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
