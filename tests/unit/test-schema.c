/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the official suite (tests/schema) does not ask: sentences, limits, hostile schemas. */

#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/extend/schema.h"

static json_object *parse(const char *text) {
        json_object *o = NULL;

        if (json_parse(text, strlen(text), 500, &o) < 0)
                fail_msg("no JSON: %s", text);
        return o;
}

static Schema *make(const char *text) {
        _cleanup_json_ json_object *o = parse(text);
        _cleanup_free_ char *why = NULL;
        Schema *s = NULL;

        if (schema_new(o, &s, &why) < 0)
                fail_msg("%s: %s", text, why);
        return s;
}

/* NULL if it fits. */
static char *why_not(const Schema *s, json_object *value) {
        char *why = NULL;
        int r = schema_check(s, value, &why);

        assert_true(r == 0 || r == -EBADMSG);
        assert_true((r == 0) == !why);
        return why;
}

static const struct {
        const char *schema, *value, *why;
} misfits[] = {
                {"{\"type\": \"integer\"}", "\"3\"",
                                "the value must be a whole number, and is a string"},
                {"{\"type\": [\"null\", \"string\", \"array\"]}", "2.5",
                                "the value must be null, a string or an array, and is the "
                                "number 2.5"},
                {"{\"properties\": {\"servers\": {\"items\": {\"properties\": {\"port\": "
                 "{\"maximum\": 65535}}}}}}",
                                "{\"servers\": [{\"port\": 1}, {\"port\": 65536}]}",
                                "/servers/1/port must be at most 65535, and is 65536"},
                {"{\"properties\": {\"host\": {}, \"port\": {}}, "
                 "\"additionalProperties\": false}",
                                "{\"hots\": 1}",
                                "the value must not have a member 'hots'; known are host, "
                                "port"},
                {"{\"required\": [\"name\"]}", "{}", "the value must have a member 'name'"},
                {"{\"enum\": [\"a\", 2, null]}", "\"b\"",
                                "the value must be one of \"a\", 2 or null, and is a "
                                "string"},
                {"{\"const\": [1]}", "[2]", "the value must be [1], and is an array"},
                {"{\"maxLength\": 2}", "\"\\u00e9\\u00e9\\u00e9\"",
                                "the value must have at most 2 characters, and has 3"},
                {"{\"pattern\": \"^a\"}", "\"b\"", "the value must match the pattern '^a'"},
                {"{\"format\": \"date\"}", "\"2023-02-29\"",
                                "the value must be a date, as 2024-02-29"},
                {"{\"uniqueItems\": true}", "[3, 1, {\"a\": 1, \"b\": 2}, 1.0]",
                                "the value must have no item twice, and its items 1 and 3 "
                                "are equal"},
                {"{\"contains\": {\"type\": \"null\"}}", "[1]",
                                "the value must have an item that fits 'contains', and has "
                                "none"},
                {"{\"anyOf\": [{\"type\": \"null\"}, {\"type\": \"string\"}]}", "[]",
                                "the value must fit one of the 2 schemas of 'anyOf', and "
                                "fits none"},
                {"{\"oneOf\": [{\"minimum\": 1}, false, {\"minimum\": 2}]}", "5",
                                "the value must fit just one of the schemas of 'oneOf', "
                                "and fits 0 and 2"},
                {"{\"properties\": {\"a/b~c\": false}}", "{\"a/b~c\": 1}",
                                "/a~1b~0c is not allowed here"},
                {"{\"dependencies\": {\"a\": [\"b\"]}}", "{\"a\": 1}",
                                "the value must have a member 'b', for it has 'a'"},
                {"{\"propertyNames\": {\"maxLength\": 2}}", "{\"abc\": 1}",
                                "the value must not have a member of the name 'abc' "
                                "(propertyNames)"},
                {"{\"if\": {\"type\": \"string\"}, \"then\": {\"minLength\": 1}, \"else\": "
                 "{\"minimum\": 1}}",
                                "0", "the value must be at least 1, and is 0"},
                {"{\"multipleOf\": 0.1}", "0.25",
                                "the value must be a multiple of 0.1, and is 0.25"},
};

static void what_does_not_fit_is_told_with_its_place(void **state) {
        FOREACH_ELEMENT (row, misfits) {
                _cleanup_(schema_freep) Schema *s = make(row->schema);
                _cleanup_json_ json_object *value = parse(row->value);
                _cleanup_free_ char *why = why_not(s, value);

                assert_non_null(why);
                assert_string_equal(why, row->why);
        }
}

static void what_is_no_schema_is_refused_with_its_place(void **state) {
        static const struct {
                const char *schema, *why;
        } rows[] = {
                        {"null", "the schema must be a schema: an object, true or false"},
                        {"[]", "the schema must be a schema: an object, true or false"},
                        {"{\"type\": \"text\"}", "/type must be null, boolean, integer, "},
                        {"{\"type\": []}", "/type must not be empty"},
                        {"{\"properties\": {\"a\": {\"minLength\": -1}}}",
                                        "/properties/a/minLength must be a whole number and not"},
                        {"{\"items\": [true, 3]}", "/items must be a schema"},
                        {"{\"items\": [true, {\"not\": 3}]}", "/items/1/not must be a schema"},
                        {"{\"properties\": {\"a\": null}}",
                                        "/properties has no schema (an object, true or false) for "
                                        "'a'"},
                        {"{\"properties\": []}", "/properties must be an object"},
                        {"{\"required\": \"a\"}", "/required must be an array of names"},
                        {"{\"required\": [\"a\", \"a\"]}", "/required has 'a' twice"},
                        {"{\"pattern\": \"(\"}", "/pattern must be a regular expression: missing"},
                        {"{\"pattern\": \"a(?R)\"}", "is not of ECMA 262"},
                        {"{\"pattern\": \"(*LIMIT_MATCH=9)a\"}", "is not of ECMA 262"},
                        {"{\"pattern\": \"a\\\\K\"}", "its byte 2 is not of ECMA 262"},
                        {"{\"patternProperties\": {\"[\": true}}",
                                        "/patternProperties must be a regular expression"},
                        {"{\"multipleOf\": 0}", "/multipleOf must be a number above 0"},
                        {"{\"enum\": []}", "/enum must be an array of at least one value"},
                        {"{\"allOf\": {}}", "/allOf must be an array of at least one schema"},
                        {"{\"uniqueItems\": 1}", "/uniqueItems must be true or false"},
                        {"{\"maximum\": \"3\"}", "/maximum must be a number"},
                        {"{\"definitions\": {\"x\": {\"type\": 1}}}", "/definitions/x/type must"},
                        {"{\"$ref\": 3}", "/$ref must be a URI reference"},
                        {"{\"$ref\": \"#/nowhere\"}", "/$ref points at nothing"},
                        {"{\"$ref\": \"#name\"}", "/$ref points at nothing"},
                        {"{\"title\": \"x\", \"allOf\": [{\"$ref\": \"#/title\"}]}",
                                        "/allOf/0/$ref must be a schema"},
                        {"{\"$ref\": \"http://example.org/a\"}",
                                        "/$ref points at 'http://example.org/a', which is not in "
                                        "this schema; nothing is fetched"},
                        {"{\"$ref\": \"file:///etc/passwd\"}", "nothing is fetched"},
                        {"{\"$ref\": \"a b\"}", "/$ref must be a URI reference"},
                        {"{\"items\": [{\"$id\": \"#x\"}, {\"$id\": \"#x\"}]}",
                                        "/items/1/$id is the same as that of another schema"},
                        {"{\"$ref\": \"#\"}", "refers to itself for the same value"},
                        {"{\"anyOf\": [{\"$ref\": \"#/definitions/a\"}], \"definitions\": {\"a\": "
                         "{\"not\": {\"$ref\": \"#\"}}}}",
                                        "refers to itself for the same value"},
        };

        FOREACH_ELEMENT (row, rows) {
                _cleanup_json_ json_object *o = parse(row->schema);
                _cleanup_free_ char *why = NULL;
                Schema *s = NULL;

                assert_int_equal(schema_new(o, &s, &why), -EBADMSG);
                assert_null(s);
                if (!strstr(why, row->why))
                        fail_msg("%s: '%s'", row->schema, why);
        }
}

static void a_schema_may_refer_to_itself_for_inner_values(void **state) {
        _cleanup_(schema_freep) Schema *s =
                        make("{\"type\": \"object\", \"properties\": {\"left\": {\"$ref\": \"#\"}, "
                             "\"right\": {\"$ref\": \"#\"}}, \"additionalProperties\": false}");
        _cleanup_json_ json_object *good = parse("{\"left\": {\"left\": {}}, \"right\": {}}");
        _cleanup_json_ json_object *bad = parse("{\"left\": {\"right\": {\"up\": {}}}}");
        _cleanup_free_ char *fits = why_not(s, good), *why = why_not(s, bad);

        assert_null(fits);
        assert_string_equal(why, "/left/right must not have a member 'up'; known are left, right");
}

static void what_the_caller_does_with_its_schema_changes_nothing(void **state) {
        _cleanup_json_ json_object *o = parse("{\"properties\": {\"a\": {\"type\": \"null\"}}}");
        _cleanup_json_ json_object *value = parse("{\"a\": 1}");
        _cleanup_(schema_freep) Schema *s = NULL;
        char *error = NULL;

        assert_int_equal(schema_new(o, &s, &error), 0);
        json_object_object_del(o, "properties");
        error = why_not(s, value);
        assert_string_equal(error, "/a must be null, and is the number 1");
        free(error);
}

static void large_numbers_are_exact(void **state) {
        _cleanup_(schema_freep) Schema *s = make("{\"maximum\": 18446744073709551614}");
        _cleanup_(schema_freep) Schema *t = make("{\"const\": 9007199254740993}");
        _cleanup_json_ json_object *above = parse("18446744073709551615");
        _cleanup_json_ json_object *limit = parse("18446744073709551614");
        _cleanup_json_ json_object *near = parse("9007199254740992");
        _cleanup_free_ char *why = why_not(s, above), *fits = why_not(s, limit);
        _cleanup_free_ char *other = why_not(t, near);

        assert_non_null(why);
        assert_null(fits);
        assert_non_null(other);
}

static void patterns_that_explode_end_soon(void **state) {
        static const char *const evil[] = {"(a+)+$", "(a|aa)+$", "(?:a*)*[b-y]",
                        "^(\\\\w+\\\\s?)*$", "(.*)(.*)(.*)(.*)[^a][b-y]",
                        "(?:(?:a{1,9}){1,9}){1,9}[b-y]",
                        "a*c|a*d|a*e|a*f|a*g|a*h|a*i|a*j|a*k|a*l|a*m|a*n|a*o|a*p|a*q|a*r|a*s"};
        static char text[60000];
        uint64_t start = clock_usec(CLOCK_THREAD_CPUTIME_ID);

        memset(text, 'a', sizeof(text) - 1);
        text[sizeof(text) - 2] = '!';
        FOREACH_ELEMENT (pattern, evil) {
                _cleanup_free_ char *schema = NULL;
                _cleanup_json_ json_object *value = json_object_new_array();

                assert_true(asprintf(&schema, "{\"items\": {\"not\": {\"pattern\": \"%s\"}}}",
                                            *pattern) > 0);
                for (unsigned i = 0; i < 20; i++)
                        assert_int_equal(json_append_string(value, text), 0);

                _cleanup_(schema_freep) Schema *s = make(schema);
                _cleanup_free_ char *why = why_not(s, value);

                /* What is not known does not fit, not even under "not". */
                assert_non_null(why);
                if (!strstr(why, "a pattern of the schema takes too long"))
                        fail_msg("%s: %s", *pattern, why);
        }
        assert_true(clock_usec(CLOCK_THREAD_CPUTIME_ID) - start < 20 * USEC_PER_SEC);
}

static void strings_too_long_for_a_pattern_do_not_fit(void **state) {
        _cleanup_(schema_freep) Schema *s = make("{\"not\": {\"pattern\": \"x\"}}");
        _cleanup_free_ char *text = malloc(70001), *why = NULL;
        _cleanup_json_ json_object *value = NULL;

        memset(text, 'a', 70000);
        text[70000] = '\0';
        value = json_object_new_string(text);
        why = why_not(s, value);
        assert_string_equal(why, "a string is too long for a pattern of the schema");
}

static void a_check_has_a_limit_of_steps(void **state) {
        _cleanup_(schema_freep) Schema *s = make(
                        "{\"items\": {\"anyOf\": [{\"$ref\": \"#/definitions/a\"}, true]}, "
                        "\"definitions\": {\"a\": {\"allOf\": [{\"$ref\": \"#/definitions/b\"}, "
                        "{\"$ref\": \"#/definitions/b\"}, {\"$ref\": \"#/definitions/b\"}]}, "
                        "\"b\": {\"allOf\": [true, true, true, true, true, true, true]}}}");
        _cleanup_json_ json_object *value = json_object_new_array();
        _cleanup_free_ char *why = NULL;

        for (unsigned i = 0; i < 100000; i++)
                assert_int_equal(json_append(value, json_object_new_int(1)), 0);
        why = why_not(s, value);
        assert_string_equal(why, "the value takes too many steps to check");
}

static json_object *nest(unsigned depth) {
        json_object *value = json_object_new_array();

        for (unsigned i = 1; i < depth; i++) {
                json_object *outer = json_object_new_array();

                assert_int_equal(json_append(outer, value), 0);
                value = outer;
        }
        return value;
}

static void deep_values_and_schemas_are_refused(void **state) {
        _cleanup_(schema_freep) Schema *s = make("{\"items\": {\"$ref\": \"#\"}}");
        _cleanup_(schema_freep) Schema *unique = make("{\"uniqueItems\": true}");
        _cleanup_json_ json_object *deep = nest(100000), *fair = nest(100), *schema = NULL;
        _cleanup_free_ char *why = why_not(s, deep), *other = why_not(unique, deep);
        _cleanup_free_ char *fits = why_not(s, fair), *refused = NULL;
        Schema *none = NULL;

        assert_string_equal(why, "the value or the references of the schema go too deep");
        assert_string_equal(other, "the value or the references of the schema go too deep");
        assert_null(fits);

        schema = json_object_new_object();
        assert_int_equal(json_set(schema, "const", nest(100)), 0);
        assert_int_equal(schema_new(schema, &none, &refused), -EBADMSG);
        assert_string_equal(refused, "the schema is larger than 262144 bytes or 64 levels");
}

static void a_schema_has_a_limit_of_schemas(void **state) {
        _cleanup_json_ json_object *o = json_object_new_object();
        json_object *properties = json_object_new_object();
        _cleanup_free_ char *why = NULL;
        Schema *none = NULL;

        assert_int_equal(json_set(o, "properties", properties), 0);
        for (unsigned i = 0; i <= SCHEMA_NODES_MAX; i++) {
                char name[16];

                (void)snprintf(name, sizeof(name), "%u", i);
                assert_int_equal(json_set_bool(properties, name, true), 0);
        }
        assert_int_equal(schema_new(o, &none, &why), -EBADMSG);
        assert_string_equal(why, "/properties goes beyond 4096 schemas in one");
}

/* A chain as long as it can be: looking for circles must not eat the stack. */
static void long_chains_of_references_are_followed_or_refused(void **state) {
        _cleanup_json_ json_object *o = json_object_new_object(), *value = NULL;
        json_object *definitions = json_object_new_object();
        _cleanup_(schema_freep) Schema *s = NULL;
        char *why = NULL;

        assert_int_equal(json_set_string(o, "$ref", "#/definitions/0"), 0);
        assert_int_equal(json_set(o, "definitions", definitions), 0);
        for (unsigned i = 0; i < 4000; i++) {
                json_object *definition = json_object_new_object();
                char name[16], next[32];

                (void)snprintf(name, sizeof(name), "%u", i);
                (void)snprintf(next, sizeof(next), "#/definitions/%u", i + 1);
                if (i < 3999)
                        assert_int_equal(json_set_string(definition, "$ref", next), 0);
                assert_int_equal(json_set(definitions, name, definition), 0);
        }
        assert_int_equal(schema_new(o, &s, &why), 0);
        why = why_not(s, value);
        assert_string_equal(why, "the value or the references of the schema go too deep");
        free(why);
}

static void hostile_names_are_cleaned(void **state) {
        _cleanup_(schema_freep) Schema *s =
                        make("{\"additionalProperties\": {\"type\": \"null\"}}");
        _cleanup_json_ json_object *value = parse("{\"a\\u001b[2J\\n\": 1}");
        _cleanup_json_ json_object *long_name = json_object_new_object();
        _cleanup_free_ char *why = why_not(s, value), *other = NULL;
        static char name[100000];

        assert_string_equal(why, "/a?[2J? must be null, and is the number 1");
        memset(name, 'n', sizeof(name) - 1);
        assert_int_equal(json_set_bool(long_name, name, true), 0);
        other = why_not(s, long_name);
        assert_true(strlen(other) < 300);
        assert_non_null(strstr(other, "… must be null, and is true"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(what_does_not_fit_is_told_with_its_place),
                        cmocka_unit_test(what_is_no_schema_is_refused_with_its_place),
                        cmocka_unit_test(a_schema_may_refer_to_itself_for_inner_values),
                        cmocka_unit_test(what_the_caller_does_with_its_schema_changes_nothing),
                        cmocka_unit_test(large_numbers_are_exact),
                        cmocka_unit_test(patterns_that_explode_end_soon),
                        cmocka_unit_test(strings_too_long_for_a_pattern_do_not_fit),
                        cmocka_unit_test(a_check_has_a_limit_of_steps),
                        cmocka_unit_test(deep_values_and_schemas_are_refused),
                        cmocka_unit_test(a_schema_has_a_limit_of_schemas),
                        cmocka_unit_test(long_chains_of_references_are_followed_or_refused),
                        cmocka_unit_test(hostile_names_are_cleaned),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
