/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <string.h>

#include "daemon/base/json.h"
#include "tools/tmux-orc/table.h"

static Style warning(json_object *row, const char *key) {
        return STYLE_BRIGHT_YELLOW;
}

static const Column columns[] = {
                {"ID", "id"},
                {"N", "n", .flags = COLUMN_RIGHT},
                {"SAME", "same", .flags = COLUMN_IF_OTHERS},
                {"EMPTY", "empty", .flags = COLUMN_IF_ANY},
                {"TITLE", "title", .flags = COLUMN_FLEXIBLE},
                {},
};

static char *render(const char *json, const Terminal *t, const Column *k, bool headings) {
        _cleanup_json_ json_object *rows = NULL;
        char *text = NULL;
        size_t n = 0;
        FILE *f = open_memstream(&text, &n);

        assert_int_equal(json_parse(json, strlen(json), 8, &rows), 0);
        assert_int_equal(table_print(f, t, k, rows, headings), 0);
        (void)fclose(f);
        return text;
}

static void columns_stand_below_each_other_and_the_useless_are_left_out(void **state) {
        static const Terminal plain = {};
        _cleanup_free_ char *text =
                        render("[{\"id\":\"a\",\"n\":7,\"same\":\"x\",\"title\":\"caf\xc3\xa9\"},"
                               "{\"id\":\"long\",\"n\":1234,\"same\":\"x\",\"title\":\"t\"}]",
                                        &plain, columns, true);

        assert_string_equal(text,
                        "ID       N  TITLE\n"
                        "a        7  caf\xc3\xa9\n"
                        "long  1234  t\n");
}

static void what_is_too_wide_is_shortened_with_an_ellipsis(void **state) {
        static const Terminal narrow = {.columns = 20};
        _cleanup_free_ char *text =
                        render("[{\"id\":\"agent\",\"n\":1,\"title\":\"a title that goes on\"}]",
                                        &narrow, columns, false);

        assert_string_equal(text, "agent  1  a title t…\n");
}

static void wide_characters_count_as_two(void **state) {
        static const Terminal narrow = {.columns = 18};
        _cleanup_free_ char *text = render(
                        "[{\"id\":\"a\",\"n\":1,\"title\":\"\xe6\x9d\xb1\xe4\xba\xac\xe9\x83\xbd"
                        "\xe6\x9d\xb1\xe4\xba\xac\xe9\x83\xbd\xe6\x9d\xb1\"}]",
                        &narrow, columns, false);

        /* 12 columns are left: five characters of two and the ellipsis. */
        assert_string_equal(text,
                        "a  1  \xe6\x9d\xb1\xe4\xba\xac\xe9\x83\xbd\xe6\x9d\xb1"
                        "\xe4\xba\xac…\n");
}

static void nothing_in_a_cell_reaches_the_terminal_as_a_command(void **state) {
        static const Terminal plain = {};
        _cleanup_free_ char *text =
                        render("[{\"id\":\"\\u001b[31m\\nx\",\"n\":1,\"title\":\"a\xe2\x80\xae"
                               "b\\u009bc\"}]",
                                        &plain, columns, false);

        assert_string_equal(text, "?[31m?x  1  ab?c\n");
}

static void colours_are_there_only_where_they_are_wanted(void **state) {
        static const Column coloured[] = {{"S", "s", .style = warning}, {}};
        static const Terminal plain = {}, colour = {.colour = true};
        _cleanup_free_ char *without = render("[{\"s\":\"x\"}]", &plain, coloured, false);
        _cleanup_free_ char *with = render("[{\"s\":\"x\"}]", &colour, coloured, false);

        assert_string_equal(without, "x\n");
        assert_string_equal(with, "\x1b[1;33mx\x1b[0m\n");
}

static void no_rows_print_nothing(void **state) {
        static const Terminal plain = {};
        _cleanup_free_ char *text = render("[]", &plain, columns, true);

        assert_string_equal(text ?: "", "");
}

static void facts_line_up_at_the_colon(void **state) {
        static const Column facts[] = {{"Id", "id"}, {"Longer", "n"},
                        {"None", "none", .flags = COLUMN_IF_ANY}, {}};
        static const Terminal plain = {};
        _cleanup_json_ json_object *row = json_tokener_parse("{\"id\":\"a\",\"n\":3}");
        _cleanup_free_ char *text = NULL;
        size_t n = 0;
        FILE *f = open_memstream(&text, &n);

        assert_int_equal(table_print_facts(f, &plain, facts, row), 0);
        (void)fclose(f);
        assert_string_equal(text, "    Id: a\nLonger: 3\n");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(
                                        columns_stand_below_each_other_and_the_useless_are_left_out),
                        cmocka_unit_test(what_is_too_wide_is_shortened_with_an_ellipsis),
                        cmocka_unit_test(wide_characters_count_as_two),
                        cmocka_unit_test(nothing_in_a_cell_reaches_the_terminal_as_a_command),
                        cmocka_unit_test(colours_are_there_only_where_they_are_wanted),
                        cmocka_unit_test(no_rows_print_nothing),
                        cmocka_unit_test(facts_line_up_at_the_colon),
        };

        terminal_set_locale();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
