/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/text.h"
#include "daemon/watcher/detect/text-view.h"

static void a_wrapped_sentence_is_one_in_the_flow(void **state) {
        static const struct {
                const char *text, *flow;
        } rows[] = {
                        {"one two\nthree", "one two three "},
                        {"│ Allow   once │\n│ or never │\n", "Allow once or never "},
                        {"┃  a\n┃\n┃\tb  \n", "a b "},
                        {"a\u00a0b\n", "a b "},
                        {"\n\n  \n", ""},
                        {"", ""},
        };

        FOREACH_ELEMENT (row, rows) {
                _cleanup_(text_view_done) TextView v = {};

                assert_int_equal(text_view_init(&v, row->text, strlen(row->text)), 0);
                assert_string_equal(v.flow, row->flow);
        }
}

static void lines_lose_the_blanks_at_their_end(void **state) {
        static const char text[] = "ab  \n\n│ c │  \n \n\n";
        _cleanup_(text_view_done) TextView v = {};

        assert_int_equal(text_view_init(&v, text, strlen(text)), 0);
        assert_int_equal(v.n_lines, 3);
        assert_int_equal(v.lines[0].n, 2);
        assert_int_equal(v.lines[1].n, 0);
        assert_int_equal(v.lines[2].n, strlen("│ c │"));
}

static void broken_bytes_and_controls_become_question_marks(void **state) {
        static const char text[] = "a\xff\x1b[1m\xe2\x94\n\x01z\x7f";
        _cleanup_(text_view_done) TextView v = {};

        assert_int_equal(text_view_init(&v, text, strlen(text)), 0);
        assert_string_equal(v.bytes, "a??[1m??\n?z?\n");
        assert_true(utf8_is_valid(v.bytes, strlen(v.bytes)));
}

static void of_too_much_the_end_is_kept(void **state) {
        static char text[TEXT_VIEW_BYTES_MAX * 2];
        _cleanup_(text_view_done) TextView lines = {}, line = {};

        memset(text, '\n', sizeof(text));
        text[0] = 'x';
        text[sizeof(text) - 1] = 'y';
        assert_int_equal(text_view_init(&lines, text, sizeof(text)), 0);
        assert_int_equal(lines.n_lines, TEXT_VIEW_LINES_MAX);
        assert_string_equal(lines.flow, "y ");

        memset(text, 'x', sizeof(text));
        assert_int_equal(text_view_init(&line, text, sizeof(text)), 0);
        assert_int_equal(line.n_lines, 1);
        assert_int_equal(line.lines[0].n, TEXT_VIEW_BYTES_MAX);
}

static void spans_know_their_part_of_the_flow(void **state) {
        static const char text[] = "One\nTwo\n\nThree\n";
        _cleanup_(text_view_done) TextView v = {};
        TextSpan span = {.view = &v, .first = 1, .end = 4};
        size_t n;

        assert_int_equal(text_view_init(&v, text, strlen(text)), 0);
        assert_memory_equal(text_span_folded(&span, &n), "two three ", 10);
        assert_int_equal(n, 10);
        assert_memory_equal(text_span_bytes(&span, &n), "Two\n\nThree", 10);
        assert_int_equal(n, 10);
        span.end = span.first;
        (void)text_span_bytes(&span, &n);
        assert_int_equal(n, 0);
}

static void a_needle_is_folded_like_the_flow(void **state) {
        _cleanup_free_ char *needle = NULL;

        assert_int_equal(text_view_fold("Allow  ONCE\n", &needle), 0);
        assert_string_equal(needle, "allow once");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(a_wrapped_sentence_is_one_in_the_flow),
                        cmocka_unit_test(lines_lose_the_blanks_at_their_end),
                        cmocka_unit_test(broken_bytes_and_controls_become_question_marks),
                        cmocka_unit_test(of_too_much_the_end_is_kept),
                        cmocka_unit_test(spans_know_their_part_of_the_flow),
                        cmocka_unit_test(a_needle_is_folded_like_the_flow),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
