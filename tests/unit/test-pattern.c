/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/watcher/detect/pattern.h"

static Pattern *compile(const char *text) {
        Pattern *p = NULL;
        char error[128];

        assert_int_equal(pattern_new(text, error, sizeof(error), &p), 0);
        return p;
}

static void patterns_that_explode_end_soon(void **state) {
        static const char *const evil[] = {"(a+)+$", "(a|aa)+$", "(?:a*)*b", "^(\\w+\\s?)*$",
                        "(.*)(.*)(.*)(.*)[^a]x", "(?:(?:a{1,50}){1,50}){1,50}b"};
        _cleanup_(matcher_freep) Matcher *m = NULL;
        static char text[64 * 1024];
        uint64_t start = now_monotonic();

        memset(text, 'a', sizeof(text) - 1);
        text[PATTERN_SUBJECT_MAX - 1] = '!'; /* of the rest nothing is looked at */
        assert_int_equal(matcher_new(&m), 0);
        FOREACH_ELEMENT (expression, evil) {
                _cleanup_(pattern_freep) Pattern *p = compile(*expression);

                assert_false(pattern_match(p, m, text, sizeof(text) - 1, NULL));
        }
        assert_true(now_monotonic() - start < 5 * USEC_PER_SEC);
}

/* Its second half would match, if the first were tried to its end. */
static void a_match_that_needs_too_much_is_none(void **state) {
        static const char short_text[] = "aaab", long_text[] = "aaaaaaaaaaaaaaaaab";
        _cleanup_(pattern_freep) Pattern *p = compile("^(?:(a+)+x|a+b)$");
        _cleanup_(matcher_freep) Matcher *m = NULL;

        assert_int_equal(matcher_new(&m), 0);
        assert_true(pattern_match(p, m, short_text, strlen(short_text), NULL));
        assert_false(pattern_match(p, m, long_text, strlen(long_text), NULL));
}

static void the_first_group_is_told(void **state) {
        _cleanup_(pattern_freep) Pattern *p = compile("v(\\d+)(x)?"), *bare = compile("b");
        _cleanup_(matcher_freep) Matcher *m = NULL;
        PatternMatch match;

        assert_int_equal(matcher_new(&m), 0);
        assert_true(pattern_match(p, m, "is v42", 6, &match));
        assert_int_equal(match.start, 3);
        assert_int_equal(match.group_start, 4);
        assert_int_equal(match.group_end, 6);

        assert_true(pattern_match(bare, m, "abc", 3, &match));
        assert_int_equal(match.group_start, match.group_end);
}

static void lines_have_beginnings_and_ends(void **state) {
        _cleanup_(pattern_freep) Pattern *p = compile("^two$");
        _cleanup_(matcher_freep) Matcher *m = NULL;

        assert_int_equal(matcher_new(&m), 0);
        assert_true(pattern_match(p, m, "one\ntwo\nthree", 13, NULL));
        assert_false(pattern_match(p, m, "one\ntwo \nthree", 14, NULL));
}

static void what_is_no_pattern_is_refused_with_the_place(void **state) {
        static const struct {
                const char *text, *message;
        } rows[] = {
                        {"(", "missing closing parenthesis (at its byte 2)"},
                        {"[a", "missing terminating ]"},
                        {"a{2,1}", "out of order"},
                        {"\\C", "\\C is disabled"},
        };

        FOREACH_ELEMENT (row, rows) {
                Pattern *p = NULL;
                char error[128];

                assert_int_equal(pattern_new(row->text, error, sizeof(error), &p), -EBADMSG);
                assert_null(p);
                assert_non_null(strstr(error, row->message));
        }
}

static void long_patterns_are_refused(void **state) {
        static char text[PATTERN_LENGTH_MAX + 2];
        Pattern *p = NULL;
        char error[128];

        memset(text, 'a', PATTERN_LENGTH_MAX + 1);
        assert_int_equal(pattern_new(text, error, sizeof(error), &p), -EBADMSG);
        assert_string_equal(error, "a pattern has at most 1024 bytes");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(patterns_that_explode_end_soon),
                        cmocka_unit_test(a_match_that_needs_too_much_is_none),
                        cmocka_unit_test(the_first_group_is_told),
                        cmocka_unit_test(lines_have_beginnings_and_ends),
                        cmocka_unit_test(what_is_no_pattern_is_refused_with_the_place),
                        cmocka_unit_test(long_patterns_are_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
