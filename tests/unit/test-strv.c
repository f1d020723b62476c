/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include "daemon/base/strv.h"

static void nothing_is_the_empty_list(void **state) {
        char **copy = (char **)state;
        unsigned n = 0;

        assert_int_equal(strv_length(NULL), 0);
        assert_false(strv_contains(NULL, "a"));
        assert_null(strv_free(NULL));
        STRV_FOREACH (s, NULL)
                n++;
        assert_int_equal(n, 0);
        assert_int_equal(strv_copy(NULL, &copy), 0);
        assert_null(copy);
}

static void a_list_grows_at_its_end_with_copies(void **state) {
        _cleanup_strv_free_ char **l = NULL;
        char text[] = "a";

        assert_int_equal(strv_extend(&l, text), 0);
        text[0] = 'b';
        assert_int_equal(strv_extend(&l, text), 0);
        assert_int_equal(strv_extend(&l, ""), 0);

        assert_int_equal(strv_length(l), 3);
        assert_string_equal(l[0], "a");
        assert_string_equal(l[1], "b");
        assert_string_equal(l[2], "");
        assert_null(l[3]);
}

static void a_list_contains_what_is_equal_and_no_part_of_it(void **state) {
        _cleanup_strv_free_ char **l = NULL;

        assert_int_equal(strv_extend(&l, "apple") | strv_extend(&l, "pear"), 0);
        assert_true(strv_contains(l, "pear"));
        assert_false(strv_contains(l, "pea"));
        assert_false(strv_contains(l, "pears"));
}

static void a_copy_lives_on_its_own(void **state) {
        _cleanup_strv_free_ char **l = NULL, **copy = NULL;
        unsigned n = 0;

        assert_int_equal(strv_extend(&l, "a") | strv_extend(&l, "b"), 0);
        assert_int_equal(strv_copy(l, &copy), 0);
        l = strv_free(l);
        assert_null(l);
        STRV_FOREACH (s, copy)
                assert_string_equal(*s, n++ == 0 ? "a" : "b");
        assert_int_equal(n, 2);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(nothing_is_the_empty_list),
                        cmocka_unit_test(a_list_grows_at_its_end_with_copies),
                        cmocka_unit_test(a_list_contains_what_is_equal_and_no_part_of_it),
                        cmocka_unit_test(a_copy_lives_on_its_own),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
