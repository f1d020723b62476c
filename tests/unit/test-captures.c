/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The rules that are shipped, against screens: every file of tests/captures is what classify takes,
 * with what it is to find under "expect".
 */

#include "tests/unit/test.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/json.h"
#include "daemon/base/read-file.h"
#include "daemon/watcher/detect/detector.h"

#define CAPTURE_MAX (1U << 20)
#define PROCESSES_MAX 16

static DetectorSet *rules;
static unsigned n_captures, n_wrong;

static void on_problem(void *userdata, const char *path, unsigned line, const char *message) {
        fail_msg("%s:%u: %s", path, line, message);
}

static int load_rules(void **state) {
        char *folders[] = {(char *)DETECTORS, NULL};

        return detector_set_load(folders, on_problem, NULL, &rules);
}

static int unload_rules(void **state) {
        rules = detector_set_free(rules);
        return 0;
}

static void judge(json_object *o, Verdict *ret, ActWays *ret_ways) {
        json_object *tree = json_get_typed(o, "process_tree", json_type_array);
        const char *screen = json_get_string(o, "screen");
        char *processes[PROCESSES_MAX + 1] = {};
        Observation seen = {
                        .screen = screen,
                        .n_screen = strlen(screen),
                        .title = json_get_string(o, "pane_title"),
                        .command = json_get_string(o, "pane_current_command"),
                        .processes = tree ? processes : NULL,
                        .width = (int)json_get_int(o, "cols", 0),
                        .height = (int)json_get_int(o, "rows", 0),
                        .cursor_x = (int)json_get_int(o, "cursor_x", -1),
                        .cursor_y = -1,
                        .alternate_on = json_get_int(o, "alternate_on", 0) != 0,
                        .dead = json_get_int(o, "pane_dead", 0) != 0,
                        .dead_status = -1,
                        .now_usec = 1795262400000000,
        };

        for (size_t i = 0; tree && i < MIN(json_object_array_length(tree), (size_t)PROCESSES_MAX);
                        i++)
                processes[i] = (char *)json_object_get_string(json_object_array_get_idx(tree, i));
        assert_int_equal(detector_judge(rules, &seen, ret), 0);
        *ret_ways = (ActWays){};
        if (ret->agent)
                assert_int_equal(detector_ways(rules, &seen, ret, ret_ways), 0);
}

static unsigned expected_attributes(json_object *expect) {
        json_object *list = json_get_typed(expect, "attributes", json_type_array);
        unsigned mask = 0;

        for (size_t i = 0; list && i < json_object_array_length(list); i++) {
                int bit = attribute_from_string(
                                json_object_get_string(json_object_array_get_idx(list, i)));

                assert_true(bit > 0);
                mask |= (unsigned)bit;
        }
        return mask;
}

/* The first key that leaves the menu of a limit; "": there is none. */
static const char *way_out(const ActWays *ways) {
        return ways->answers[ACT_LEAVE] ? ways->answers[ACT_LEAVE]->keys[0] : "";
}

/* Only what stands in the input of an idle agent is ever submitted. */
static bool submits(const Verdict *v, const ActWays *ways) {
        return v->state == AGENT_IDLE && v->attributes & ATTRIBUTE_UNSUBMITTED && ways->submit;
}

static void check_capture(const char *path) {
        _cleanup_json_ json_object *o = NULL;
        _cleanup_free_ char *text = NULL;
        json_object *expect;
        Verdict v;
        ActWays ways;
        size_t n;

        assert_int_equal(read_regular_file(path, CAPTURE_MAX, &text, &n), 0);
        assert_int_equal(json_parse(text, n, 8, &o), 0);
        expect = json_get(o, "expect");
        judge(o, &v, &ways);

        n_captures++;
        if (strcmp(v.agent ?: "none", json_get_string(expect, "agent")) == 0 &&
                        strcmp(agent_state_to_string(v.state), json_get_string(expect, "state")) ==
                                        0 &&
                        strcmp(attention_to_string(v.attention),
                                        json_get_string(expect, "attention")) == 0 &&
                        v.attributes == expected_attributes(expect) &&
                        strcmp(way_out(&ways), json_get_string(expect, "leave") ?: "") == 0 &&
                        submits(&v, &ways) == json_get_bool(expect, "submit", false))
                return;

        n_wrong++;
        print_error("%s: %s %s %s, attributes %u, by %s\n", path, v.agent ?: "none",
                        agent_state_to_string(v.state), attention_to_string(v.attention),
                        v.attributes, v.rule);
}

static void check_folder(const char *path) {
        _cleanup_closedir_ DIR *folder = opendir(path);

        assert_non_null(folder);
        for (struct dirent *e = readdir(folder); e; e = readdir(folder)) {
                _cleanup_free_ char *below = NULL;

                if (e->d_name[0] == '.')
                        continue;
                assert_true(asprintf(&below, "%s/%s", path, e->d_name) > 0);
                if (strchr(e->d_name, '.'))
                        check_capture(below);
                else
                        check_folder(below);
        }
}

static void every_capture_is_judged_as_it_expects(void **state) {
        n_captures = n_wrong = 0;
        check_folder(CAPTURES);
        assert_true(n_captures > 0);
        assert_int_equal(n_wrong, 0);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                        cmocka_unit_test_setup_teardown(every_capture_is_judged_as_it_expects,
                                        load_rules, unload_rules),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
