/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "tools/tmux-orc/hook-edit.h"

#define THEIRS \
        "{\"hooks\": {\"Stop\": [{\"hooks\": [{\"type\": \"command\", \"command\": \"beep\"}]}]}}"

static unsigned count(const char *text) {
        unsigned n = 99;

        assert_int_equal(hook_edit_count(text, hook_program_find("claude"), &n), 0);
        return n;
}

static void add(const char *text, char **ret) {
        assert_int_equal(hook_edit_add(text, hook_program_find("claude"), "tmux-orc", ret), 0);
}

static void remove_ours(const char *text, char **ret) {
        assert_int_equal(hook_edit_remove(text, hook_program_find("claude"), ret), 0);
}

static void every_event_is_told_once(void **state) {
        _cleanup_free_ char *once = NULL, *twice = NULL;

        add(NULL, &once);
        add(once, &twice);
        assert_int_equal(count(NULL), 0);
        assert_int_equal(count(once), 10);
        assert_string_equal(once, twice);
        assert_non_null(strstr(once, "\"tmux-orc hook claude Stop || true\""));
}

static void what_others_have_there_stays(void **state) {
        _cleanup_free_ char *added = NULL, *removed = NULL;

        add(THEIRS, &added);
        remove_ours(added, &removed);
        assert_int_equal(count(THEIRS), 0);
        assert_non_null(strstr(added, "beep"));
        assert_non_null(strstr(removed, "beep"));
        assert_null(strstr(removed, "tmux-orc"));
        assert_null(strstr(removed, "SessionStart"));
}

static void what_is_empty_for_want_of_ours_goes_too(void **state) {
        _cleanup_free_ char *added = NULL, *removed = NULL;

        add("{\"model\": \"x\"}", &added);
        remove_ours(added, &removed);
        assert_string_equal(removed, "{\n  \"model\": \"x\"\n}\n");
}

static void one_that_is_missing_is_added(void **state) {
        _cleanup_free_ char *all = NULL, *fewer = NULL, *changed = NULL;
        const char *there;

        add(THEIRS, &all);
        there = strstr(all, "SessionEnd || true");
        assert_true(asprintf(&fewer, "%.*sNothing%s", (int)(there - all), all,
                                    there + strlen("SessionEnd")) > 0);
        assert_int_equal(count(fewer), 9);
        add(fewer, &changed);
        assert_int_equal(count(changed), 10);
}

static void what_is_no_such_file_is_refused(void **state) {
        static const char *const texts[] = {"[]", "{", "{\"hooks\": []}", "{\"hooks\": 1}",
                        "{} // a comment", "{\"hooks\": {\"Stop\": {}}}", "text"};

        FOREACH_ELEMENT (text, texts) {
                char *changed = NULL;

                assert_int_equal(hook_edit_add(*text, hook_program_find("claude"), "tmux-orc",
                                                 &changed),
                                -EBADMSG);
                assert_null(changed);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(every_event_is_told_once),
                        cmocka_unit_test(what_others_have_there_stays),
                        cmocka_unit_test(what_is_empty_for_want_of_ours_goes_too),
                        cmocka_unit_test(one_that_is_missing_is_added),
                        cmocka_unit_test(what_is_no_such_file_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
