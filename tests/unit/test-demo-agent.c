/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <string.h>

#include "daemon/base/cleanup.h"
#include "tools/demo-agent/frame.h"

static void a_script_is_scenes_with_their_seconds(void **state) {
        Script script;
        const char *wrong;

        assert_int_equal(script_parse("start 2; ask permission 0.5;idle ; loop", &script, &wrong),
                        0);
        assert_int_equal(script.n_steps, 3);
        assert_int_equal(script.steps[1].scene, SCENE_PERMISSION);
        assert_true(script.steps[1].seconds == 0.5);
        assert_true(script.steps[2].seconds == 5);
        assert_true(script.loop);
}

static void a_wrong_script_is_refused_at_its_step(void **state) {
        static const struct {
                const char *script, *wrong;
        } rows[] = {
                        {"idle 1; dance 2", " dance 2"},
                        {"idle x", "idle x"},
                        {"idle -1", "idle -1"},
                        {"idle 1 2", "idle 1 2"},
                        {"idle nan", "idle nan"},
                        {"loop; idle", " idle"},
                        {"ask", "ask"},
        };
        Script script;
        const char *wrong;

        FOREACH_ELEMENT (row, rows) {
                assert_int_equal(script_parse(row->script, &script, &wrong), -EINVAL);
                assert_string_equal(wrong, row->wrong);
        }
        assert_int_equal(script_parse("", &script, &wrong), -EINVAL);
}

static void lines_are_filled_and_cut_at_the_width(void **state) {
        static const struct {
                const char *text, *filled;
        } rows[] = {
                        {"│{=─}│", "│────────│"},
                        {"a{= }b\nc", "a        b\nc"},
                        {"{dir} of {cwd}", "proj of /h"},
                        {"0123456789abc\nd", "0123456789\nd"},
                        {"0123456789{=x}", "0123456789"},
                        {"{draft}", "typed"},
        };
        Stage stage = {.look = look_find("claude"),
                        .cwd = "/h/proj",
                        .draft = "typed",
                        .width = 10};
        char out[256];

        FOREACH_ELEMENT (row, rows) {
                frame_fill(&stage, row->text, out, sizeof(out));
                assert_string_equal(out, row->filled);
        }
}

static void what_happened_before_stays_bounded(void **state) {
        Stage stage = {.look = look_find("codex"), .cwd = "/", .width = 80};

        for (unsigned i = 0; i < 2000; i++)
                frame_log(&stage, "one more line of it\n");
        frame_log(&stage, "the last\n");
        assert_true(strlen(stage.past) < sizeof(stage.past));
        assert_non_null(strstr(stage.past, "\nthe last\n"));
}

static void every_look_has_every_scene_of_its_own_or_that_of_idle(void **state) {
        static const char *const names[] = {"claude", "codex", "gemini", "opencode"};
        char text[4 * FRAME_TEXT_MAX];

        FOREACH_ELEMENT (name, names) {
                Stage stage = {.look = look_find(*name),
                                .cwd = "/h/proj",
                                .draft = "",
                                .prompt = "p",
                                .width = 120,
                                .height = 40};

                assert_non_null(stage.look);
                for (stage.scene = SCENE_TRUST; stage.scene < SCENE_EXIT; stage.scene++)
                        assert_true(frame_paint(&stage, text, sizeof(text)) > 100);
        }
        assert_null(look_find("nobody"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(a_script_is_scenes_with_their_seconds),
                        cmocka_unit_test(a_wrong_script_is_refused_at_its_step),
                        cmocka_unit_test(lines_are_filled_and_cut_at_the_width),
                        cmocka_unit_test(what_happened_before_stays_bounded),
                        cmocka_unit_test(every_look_has_every_scene_of_its_own_or_that_of_idle),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
