/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/text.h"

static void control_characters_and_broken_bytes_become_question_marks(void **state) {
        static const struct {
                const char *in;
                size_t max;
                const char *out;
        } rows[] = {
                        {"plain", 100, "plain"},
                        {"a\x1b[31mb\a", 100, "a?[31mb?"},
                        {"caf\xc3\xa9", 100, "caf\xc3\xa9"},
                        {"caf\xc3\xa9", 4, "caf"}, /* never half a character */
                        {"\xff\xfe", 100, "??"},
                        {"\xc0\xaf", 100, "??"},      /* longer than it need be */
                        {"\xed\xa0\x80", 100, "???"}, /* a surrogate */
                        {"\xc2\x9b"
                         "31m",
                                        100, "?31m"}, /* C1: CSI in one character */
                        {"", 100, ""},
                        {"abc", 0, ""},
        };

        FOREACH_ELEMENT (row, rows) {
                _cleanup_free_ char *out = text_clean(row->in, strlen(row->in), row->max);

                assert_string_equal(out, row->out);
        }
}

static void a_number_is_the_whole_text(void **state) {
        static const struct {
                const char *in;
                int r;
                uint64_t value;
        } rows[] = {
                        {"0", 0, 0},
                        {"42", 0, 42},
                        {"100", 0, 100},
                        {"101", -ERANGE, 0},
                        {"99999999999999999999999", -ERANGE, 0},
                        {"", -EINVAL, 0},
                        {" 1", -EINVAL, 0},
                        {"+1", -EINVAL, 0},
                        {"-1", -EINVAL, 0},
                        {"1x", -EINVAL, 0},
        };

        FOREACH_ELEMENT (row, rows) {
                uint64_t value = 0;

                assert_int_equal(parse_u64(row->in, 0, 100, &value), row->r);
                assert_int_equal(value, row->value);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(control_characters_and_broken_bytes_become_question_marks),
                        cmocka_unit_test(a_number_is_the_whole_text),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
