/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"

#define DEPTH 4U

static int parse(const char *text, json_object **ret) {
        return json_parse(text, strlen(text), DEPTH, ret);
}

static void only_strict_json_is_read(void **state) {
        static const struct {
                const char *text;
                int r;
        } rows[] = {
                        {"{}", 0}, {" {\"a\": [1, 2.5, \"x\", null, true]} ", 0}, {"3", 0},
                        {"null", 0}, {"", -EBADMSG}, {"  ", -EBADMSG}, {"{", -EBADMSG},
                        {"{} {}", -EBADMSG}, {"{}x", -EBADMSG}, {"{'a': 1}", -EBADMSG},
                        {"{\"a\": 1,}", -EBADMSG}, {"{\"a\": 01}", -EBADMSG}, {"NaN", -EBADMSG},
                        {"// no\n{}", -EBADMSG}, {"\"\xff\"", -EBADMSG}, {"[[[]]]", 0},
                        {"[[[[[]]]]]", -EBADMSG}, /* too deep */
        };

        FOREACH_ELEMENT (row, rows) {
                _cleanup_json_ json_object *o = NULL;

                if (parse(row->text, &o) != row->r)
                        fail_msg("'%s' is not read as %d", row->text, row->r);
        }
}

static void the_length_ends_the_text(void **state) {
        _cleanup_json_ json_object *o = NULL, *nothing = NULL;

        assert_int_equal(json_parse("[1]]", 3, DEPTH, &o), 0);
        assert_int_equal(json_parse("[1]\0", 4, DEPTH, &nothing), -EBADMSG);
        assert_int_equal(json_parse("\"a\0b\"", 5, DEPTH, &nothing), -EBADMSG);
        assert_int_equal(json_parse("\"\\\0\"", 4, DEPTH, &nothing), -EBADMSG);
        assert_int_equal(json_parse(NULL, 0, DEPTH, &nothing), -EBADMSG);
}

static void getters_never_convert(void **state) {
        _cleanup_json_ json_object *o = NULL;

        assert_int_equal(parse("{\"s\": \"1\", \"i\": -7, \"d\": 1.5, \"b\": true, \"n\": null,"
                               " \"z\": \"a\\u0000b\"}",
                                         &o),
                        0);

        assert_string_equal(json_get_string(o, "s"), "1");
        assert_null(json_get_string(o, "i"));
        assert_null(json_get_string(o, "n"));
        assert_null(json_get_string(o, "z")); /* it would be cut */
        assert_int_equal(json_get_int(o, "i", 3), -7);
        assert_int_equal(json_get_int(o, "s", 3), 3);
        assert_int_equal(json_get_int(o, "d", 3), 3);
        assert_int_equal(json_get_u64(o, "i", 3), 3); /* negative */
        assert_true(json_get_double(o, "d", 0) == 1.5);
        assert_true(json_get_double(o, "i", 0) == -7); /* a whole number is a number */
        assert_true(json_get_double(o, "s", 2) == 2);
        assert_true(json_get_bool(o, "b", false));
        assert_true(json_get_bool(o, "i", true));
        assert_null(json_get(o, "missing"));
        assert_null(json_get_typed(o, "s", json_type_int));
}

static void getters_take_anything_for_an_object(void **state) {
        _cleanup_json_ json_object *array = json_object_new_array();

        assert_null(json_get(NULL, "a"));
        assert_null(json_get(array, "a"));
        assert_null(json_get_string(array, "a"));
        assert_int_equal(json_get_u64(NULL, "a", 4), 4);
}

static void what_is_set_is_read_again(void **state) {
        _cleanup_json_ json_object *o = json_object_new_object(), *again = NULL;
        json_object *list = json_object_new_array();

        assert_int_equal(json_set_string(o, "s", "x\"\n\xc3\xa9"), 0);
        assert_int_equal(json_set_string(o, "none", NULL), 0);
        assert_int_equal(json_set_u64(o, "u", UINT64_MAX), 0);
        assert_int_equal(json_set_int(o, "i", INT64_MIN), 0);
        assert_int_equal(json_set_double(o, "d", 0.25), 0);
        assert_int_equal(json_set_bool(o, "b", false), 0);
        assert_int_equal(json_append_string(list, "one"), 0);
        assert_int_equal(json_set(o, "l", list), 0);
        assert_int_equal(json_set(o, "gone", NULL), -ENOMEM);
        assert_int_equal(json_append(list, NULL), -ENOMEM);

        assert_int_equal(parse(json_object_to_json_string(o), &again), 0);
        assert_string_equal(json_get_string(again, "s"), "x\"\n\xc3\xa9");
        assert_int_equal(json_object_object_length(again), 6);
        assert_true(json_get_u64(again, "u", 0) == UINT64_MAX);
        assert_true(json_get_int(again, "i", 0) == INT64_MIN);
        assert_true(json_get_double(again, "d", 0) == 0.25);
        assert_false(json_get_bool(again, "b", true));
        assert_int_equal(json_object_array_length(json_get(again, "l")), 1);
}

static int add_number(void *userdata, json_object *item) {
        int64_t *sum = userdata;

        if (!json_object_is_type(item, json_type_int))
                return -EINVAL;
        *sum += json_object_get_int64(item);
        return 0;
}

static void what_has_no_sense_in_a_list_does_not_lose_the_rest(void **state) {
        static const struct {
                const char *text;
                size_t max;
                int64_t sum;
                int result;
        } rows[] = {
                        {"[1,2,4]", 10, 7, 0},
                        {"[1,2,4]", 2, 3, 0},
                        {"[1,\"x\",4]", 10, 5, -EBADMSG},
                        {"[]", 10, 0, 0},
                        {"{}", 10, 0, -EBADMSG},
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_json_ json_object *list = NULL;
                int64_t sum = 0;

                assert_int_equal(json_parse(rows[i].text, strlen(rows[i].text), 3, &list), 0);
                assert_int_equal(json_read_list(list, rows[i].max, add_number, &sum),
                                rows[i].result);
                assert_int_equal(sum, rows[i].sum);
        }
        assert_int_equal(json_read_list(NULL, 10, add_number, NULL), -EBADMSG);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(only_strict_json_is_read),
                        cmocka_unit_test(the_length_ends_the_text),
                        cmocka_unit_test(getters_never_convert),
                        cmocka_unit_test(getters_take_anything_for_an_object),
                        cmocka_unit_test(what_is_set_is_read_again),
                        cmocka_unit_test(what_has_no_sense_in_a_list_does_not_lose_the_rest),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
