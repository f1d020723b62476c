/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/run-scope.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/cleanup.h"
#include "tests/unit/test.h"

/* systemd takes no other characters in the name of a unit, and no name above 255 bytes. */
static bool unit_name_is_valid(const char *name) {
        return strlen(name) < 256 &&
                        strspn(name,
                                        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                        "0123456789:-_.\\") == strlen(name);
}

static void a_scope_is_named_after_the_command(void **state) {
        static const struct {
                const char *word, *name;
        } rows[] = {
                        {"claude", "tmux-orc-run-claude-7.scope"},
                        {"/usr/bin/python3.11", "tmux-orc-run-python3.11-7.scope"},
                        {"my agent", "tmux-orc-run-my_agent-7.scope"},
                        {"a/", "tmux-orc-run-_-7.scope"},
                        {"", "tmux-orc-run-_-7.scope"},
                        {"..", "tmux-orc-run-..-7.scope"},
                        {"a\n;@\\x20", "tmux-orc-run-a____x20-7.scope"},
                        {"\xc3\xa4", "tmux-orc-run-__-7.scope"},
        };

        FOREACH_ELEMENT (row, rows) {
                _cleanup_free_ char *name = NULL;

                assert_int_equal(run_scope_name(row->word, 7, &name), 0);
                assert_string_equal(name, row->name);
        }
}

static void any_command_gives_a_name_that_systemd_takes(void **state) {
        char word[2000];

        for (unsigned c = 1; c < 256; c++) {
                _cleanup_free_ char *name = NULL;

                memset(word, (int)c, sizeof(word) - 1);
                word[sizeof(word) - 1] = '\0';
                assert_int_equal(run_scope_name(word, 4194304, &name), 0);
                assert_true(unit_name_is_valid(name));
        }
}

static void a_quota_is_a_share_of_one_core(void **state) {
        static const char *const wrong[] = {"", "%", "0", "-1", "150%%", "1.5", "150 %", "1e3",
                        "100001", "99999999999999999999"};
        uint64_t usec = 0;

        assert_int_equal(run_parse_quota("150", &usec), 0);
        assert_int_equal(usec, 1500000);
        assert_int_equal(run_parse_quota("5%", &usec), 0);
        assert_int_equal(usec, 50000);
        FOREACH_ELEMENT (text, wrong)
                assert_int_equal(run_parse_quota(*text, &usec), -EINVAL);
        assert_int_equal(usec, 50000);
}

static void tasks_are_a_number(void **state) {
        static const char *const wrong[] = {"", "0", "-1", "10%", "4194305", "ten"};
        uint64_t n = 0;

        assert_int_equal(run_parse_tasks("500", &n), 0);
        assert_int_equal(n, 500);
        FOREACH_ELEMENT (text, wrong)
                assert_int_equal(run_parse_tasks(*text, &n), -EINVAL);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                        cmocka_unit_test(a_scope_is_named_after_the_command),
                        cmocka_unit_test(any_command_gives_a_name_that_systemd_takes),
                        cmocka_unit_test(a_quota_is_a_share_of_one_core),
                        cmocka_unit_test(tasks_are_a_number),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
