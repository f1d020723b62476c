/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/extend/schema-example.h"
#include "daemon/extend/schema-regex.h"

static const char *const schemas[] = {
                "{\"type\": \"object\"}",
                "{\"type\": \"integer\", \"minimum\": 5, \"maximum\": 7}",
                "{\"type\": \"number\", \"exclusiveMinimum\": 0, \"multipleOf\": 0.5}",
                "{\"type\": \"integer\", \"maximum\": -1000000}",
                "{\"type\": \"string\", \"minLength\": 3, \"maxLength\": 3}",
                "{\"type\": \"string\", \"pattern\": \"^[A-Z]{2}-\\\\d+(\\\\.(a|b))?$\"}",
                "{\"type\": \"string\", \"format\": \"date-time\"}",
                "{\"enum\": [\"a\", {\"b\": [1]}, null, 3]}",
                "{\"const\": {\"x\": [1, 2.5]}}",
                "{\"type\": \"array\", \"items\": {\"type\": \"boolean\"}, \"minItems\": 2}",
                "{\"items\": [{\"type\": \"null\"}, {\"type\": \"string\"}], \"additionalItems\": "
                "false, \"minItems\": 2}",
                "{\"type\": \"array\", \"contains\": {\"const\": 7}, \"items\": {\"type\": "
                "\"integer\"}}",
                "{\"type\": \"object\", \"properties\": {\"name\": {\"type\": \"string\"}, "
                "\"age\": "
                "{\"type\": \"integer\", \"minimum\": 0}}, \"required\": [\"name\"], "
                "\"additionalProperties\": false}",
                "{\"patternProperties\": {\"^x-[a-z]+$\": {\"type\": \"number\"}}, "
                "\"additionalProperties\": false, \"minProperties\": 2}",
                "{\"anyOf\": [{\"type\": \"string\"}, {\"type\": \"array\"}]}",
                "{\"type\": \"object\", \"required\": [\"kind\"], \"oneOf\": [{\"properties\": "
                "{\"kind\": {\"const\": \"a\"}}, \"required\": [\"a\"]}, {\"properties\": "
                "{\"kind\": {\"const\": \"b\"}}}]}",
                "{\"allOf\": [{\"required\": [\"a\"]}, {\"properties\": {\"a\": {\"type\": "
                "\"null\"}}}]}",
                "{\"type\": \"object\", \"properties\": {\"left\": {\"$ref\": \"#\"}, \"value\": "
                "{\"type\": \"integer\"}}, \"required\": [\"value\"]}",
                "{\"type\": [\"null\", \"integer\"], \"not\": {\"const\": 3}}",
                "{\"type\": \"string\", \"pattern\": \"^(?!x)..(?<=y).$\", \"examples\": "
                "[\"ayb\"]}",
};

static Schema *make(const char *text) {
        _cleanup_json_ json_object *o = NULL;
        _cleanup_free_ char *why = NULL;
        Schema *s = NULL;

        assert_int_equal(json_parse(text, strlen(text), 20, &o), 0);
        if (schema_new(o, &s, &why) < 0)
                fail_msg("%s: %s", text, why);
        return s;
}

static void need(const Schema *s, json_object *value, bool fits, const char *schema) {
        _cleanup_free_ char *why = NULL;

        if ((schema_check(s, value, &why) == 0) != fits)
                fail_msg("%s: %s", schema, json_object_to_json_string(value));
}

static void what_is_made_fits_or_does_not_as_it_should(void **state) {
        FOREACH_ELEMENT (schema, schemas) {
                _cleanup_(schema_freep) Schema *s = make(*schema);

                for (uint64_t seed = 0; seed < 50; seed++) {
                        _cleanup_json_ json_object *good = NULL, *bad = NULL;
                        SchemaRandom random;

                        schema_random_init(&random, seed);
                        if (schema_example_valid(s, &random, &good) < 0)
                                fail_msg("%s: nothing that fits", *schema);
                        if (schema_example_invalid(s, &random, &bad) < 0)
                                fail_msg("%s: nothing that does not fit", *schema);
                        need(s, good, true, *schema);
                        need(s, bad, false, *schema);
                }
        }
}

static void a_seed_gives_the_same_values_again(void **state) {
        _cleanup_(schema_freep) Schema *s = make(schemas[12]);
        unsigned different = 0;

        for (uint64_t seed = 0; seed < 20; seed++) {
                _cleanup_json_ json_object *a = NULL, *b = NULL, *c = NULL;
                SchemaRandom one, two;

                schema_random_init(&one, seed);
                schema_random_init(&two, seed);
                assert_int_equal(schema_example_valid(s, &one, &a), 0);
                assert_int_equal(schema_example_valid(s, &two, &b), 0);
                assert_int_equal(schema_example_valid(s, &one, &c), 0);
                assert_true(json_object_equal(a, b));
                different += !json_object_equal(a, c);
        }
        assert_true(different > 10);
}

static void what_cannot_be_is_not_made(void **state) {
        _cleanup_(schema_freep) Schema *nothing = make("false"), *everything = make("true");
        SchemaRandom random;
        json_object *value = NULL;

        schema_random_init(&random, 1);
        assert_int_equal(schema_example_valid(nothing, &random, &value), -ENODATA);
        assert_int_equal(schema_example_invalid(everything, &random, &value), -ENODATA);
        assert_int_equal(schema_example_invalid(nothing, &random, &value), 0);
        json_object_put(value);
        value = NULL;
        assert_int_equal(schema_example_valid(everything, &random, &value), 0);
        json_object_put(value);
}

static void examples_of_the_author_are_left_as_they_are(void **state) {
        _cleanup_(schema_freep) Schema *s =
                        make("{\"required\": [\"a\"], \"examples\": [{\"a\": {\"b\": 1}}], "
                             "\"properties\": {\"a\": {\"const\": {\"b\": 1}}}}");
        SchemaRandom random;

        schema_random_init(&random, 3);
        for (unsigned i = 0; i < 200; i++) {
                _cleanup_json_ json_object *value = NULL;

                assert_int_equal(schema_example_invalid(s, &random, &value), 0);
        }
}

static void texts_match_plain_patterns(void **state) {
        static const char *const patterns[] = {"^$", "^abc$", "^a?b*c+$", "^[a-f0-9]{8}$",
                        "^\\d{1,3}(\\.\\d{1,3}){3}$", "^(?:GET|POST) /\\w+$", "^[^a-z]+$",
                        "^(?<first>x|y)-{2,}z$", "^v\\d+\\.\\d+(-(alpha|beta))?$", "^\\[\\]$",
                        "^[\\w.-]+@[a-z]+$", "^a{0,2}?b$", "x"};

        FOREACH_ELEMENT (pattern, patterns) {
                _cleanup_(schema_regex_freep) SchemaRegex *regex = NULL;
                SchemaRandom random;

                assert_int_equal(schema_regex_new(*pattern, &regex, NULL), 0);
                schema_random_init(&random, 5);
                for (unsigned i = 0; i < 100; i++) {
                        _cleanup_free_ char *text = schema_example_text(*pattern, &random);

                        if (schema_regex_match(regex, text, strlen(text), 1000000) != 1)
                                fail_msg("%s: '%s'", *pattern, text);
                }
        }
}

static void odd_patterns_end(void **state) {
        static const char *const patterns[] = {"", "(", ")", "[", "[a", "\\", "a{", "a{5",
                        "((((((((((((((((((((((((((((((a))))))))))))))))))))))))))))))",
                        "(((((((a{60}){60}){60}){60}){60}){60}){60})",
                        "(((((((((((){60}){60}){60}){60}){60}){60}){60}){60}){60}){60})", "(?",
                        "(?<", "(?<n", "|||", "[^", "\xc3\xa9[\xc3\xa9]", "(a{99999}){99999}", "*",
                        "+?", "[z-a]"};

        FOREACH_ELEMENT (pattern, patterns) {
                SchemaRandom random;

                schema_random_init(&random, 5);
                free(schema_example_text(*pattern, &random));
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(what_is_made_fits_or_does_not_as_it_should),
                        cmocka_unit_test(a_seed_gives_the_same_values_again),
                        cmocka_unit_test(what_cannot_be_is_not_made),
                        cmocka_unit_test(examples_of_the_author_are_left_as_they_are),
                        cmocka_unit_test(texts_match_plain_patterns),
                        cmocka_unit_test(odd_patterns_end),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
