/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/json-canonical.h"

#define DEPTH 4U

static json_object *parse(const char *text) {
        json_object *o = NULL;

        assert_int_equal(json_parse(text, strlen(text), DEPTH + 2, &o), 0);
        return o;
}

static void every_value_has_one_text(void **state) {
        static const struct {
                const char *value, *text;
        } rows[] = {
                        {"null", "null"},
                        {" [ true , false ] ", "[true,false]"},
                        {"1.0", "1"},
                        {"-0.0", "0"},
                        {"-3.0", "-3"},
                        {"1e3", "1000"},
                        {"0.5", "0.5"},
                        {"18446744073709551615", "18446744073709551615"},
                        {"-9223372036854775808", "-9223372036854775808"},
                        {"9007199254740993", "9007199254740993"},
                        {"1e300", "1.0000000000000001e+300"},
                        {"{\"b\": {}, \"a\": [1, {\"z\": 1, \"y\": 2}]}",
                                        "{\"a\":[1,{\"y\":2,\"z\":1}],\"b\":{}}"},
                        {"\"\\u00e9\\n\\\"\\\\x\"", "\"\xc3\xa9\\u000a\\u0022\\u005cx\""},
                        {"\"a\\u0000b\"", "\"a\\u0000b\""},
                        {"[]", "[]"},
                        {"\"\"", "\"\""},
        };

        FOREACH_ELEMENT (row, rows) {
                _cleanup_json_ json_object *o = parse(row->value);
                _cleanup_free_ char *text = NULL;
                size_t n;

                assert_int_equal(json_canonical(o, DEPTH, 1000, &text, &n), 0);
                assert_string_equal(text, row->text);
                assert_int_equal(n, strlen(row->text));
        }
}

static void different_values_have_different_texts(void **state) {
        static const char *const values[] = {"null", "false", "true", "0", "1", "\"1\"", "\"\"",
                        "\"null\"", "[]", "{}", "[[]]", "[0]", "[false]", "{\"a\":0}",
                        "{\"a\":false}", "[1,2]", "[2,1]", "0.1", "0.10000000000000002",
                        "{\"a\":{},\"b\":0}", "{\"a\":{\"b\":0}}", "\"a,b\"", "[\"a\",\"b\"]",
                        "[\"a,b\"]"};

        for (size_t i = 0; i < ELEMENTSOF(values); i++) {
                for (size_t k = 0; k < i; k++) {
                        _cleanup_json_ json_object *a = parse(values[i]), *b = parse(values[k]);
                        _cleanup_free_ char *s = NULL, *t = NULL;

                        assert_int_equal(json_canonical(a, DEPTH, 1000, &s, NULL), 0);
                        assert_int_equal(json_canonical(b, DEPTH, 1000, &t, NULL), 0);
                        assert_string_not_equal(s, t);
                }
        }
}

static void depth_and_length_are_bounded(void **state) {
        _cleanup_json_ json_object *deep = parse("[[[[[]]]]]"), *fits = parse("[[[[]]]]");
        _cleanup_free_ char *text = NULL, *whole = NULL;

        assert_int_equal(json_canonical(deep, DEPTH, 1000, &text, NULL), -ELOOP);
        assert_int_equal(json_canonical(fits, DEPTH, 7, &text, NULL), -EFBIG);
        assert_null(text);
        assert_int_equal(json_canonical(fits, DEPTH, 8, &whole, NULL), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(every_value_has_one_text),
                        cmocka_unit_test(different_values_have_different_texts),
                        cmocka_unit_test(depth_and_length_are_bounded),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
