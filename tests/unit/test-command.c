/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <stdint.h>
#include <string.h>

#include "tools/tmux-orc/command.h"

#define WORDS_MAX 8

typedef struct Row {
        const char *words[WORDS_MAX];
        CommandResult result;
} Row;

static CommandResult parse(Context *c, const char *const *words) {
        char *argv[WORDS_MAX + 2] = {(char *)"tmux-orc"};
        int argc = 1;

        *c = (Context){.quiet = true};
        for (; words[argc - 1]; argc++)
                argv[argc] = (char *)words[argc - 1];
        return command_parse(c, argc, argv);
}

static void what_is_no_command_line_is_refused(void **state) {
        static const Row rows[] = {
                        {{NULL}, COMMAND_OK},
                        {{"--help"}, COMMAND_OK},
                        {{"list"}, COMMAND_OK},
                        {{"list", "--state", "idle"}, COMMAND_OK},
                        {{"list", "--state=idle"}, COMMAND_OK},
                        {{"show", "--", "-odd-"}, COMMAND_OK},
                        {{"show", "--help"}, COMMAND_OK}, /* what is missing is what it explains */
                        {{"show"}, COMMAND_USAGE},
                        {{"show", "a", "b"}, COMMAND_USAGE},
                        {{"list", "a"}, COMMAND_USAGE},
                        {{"list", "--state"}, COMMAND_USAGE},
                        {{"list", "--state="}, COMMAND_USAGE},
                        {{"list", "--sta", "idle"}, COMMAND_USAGE},
                        {{"list", "--json=yes"}, COMMAND_USAGE},
                        {{"nonsense"}, COMMAND_USAGE},
                        {{"--nonsense"}, COMMAND_USAGE},
                        {{"--state", "idle", "list"}, COMMAND_USAGE}, /* whose would it be? */
                        {{"--host"}, COMMAND_USAGE},
        };

        FOREACH_ELEMENT (row, rows) {
                Context c;

                assert_int_equal(parse(&c, row->words), row->result);
                context_done(&c);
        }
}

static void options_stand_before_and_after_the_command(void **state) {
        const char *const words[] = {
                        "--json", "list", "-q", "--owner", "root", "-H", "me@there", NULL};
        Context c;

        assert_int_equal(parse(&c, words), COMMAND_OK);
        assert_string_equal(c.command->name, "list");
        assert_true(c.json);
        assert_true(c.quiet);
        assert_int_equal(c.bus_choice, BUS_HOST);
        assert_string_equal(c.host, "me@there");
        assert_string_equal(context_option(&c, "--owner"), "root");
        assert_null(context_option(&c, "--state"));
        assert_false(context_has(&c, "--type"));
        context_done(&c);
}

static void every_command_says_what_it_is(void **state) {
        for (const Command *k = commands; k->name; k++) {
                assert_non_null(k->run);
                assert_true(strlen(k->summary) > 0);
                assert_true(strlen(k->group) > 0);
                assert_non_null(k->arguments);
                assert_true(k->operands_min <= k->operands_max);
                assert_ptr_equal(command_find(k->name), k);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(what_is_no_command_line_is_refused),
                        cmocka_unit_test(options_stand_before_and_after_the_command),
                        cmocka_unit_test(every_command_says_what_it_is),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
