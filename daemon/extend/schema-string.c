/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Keywords for strings. */

#include <string.h>

#include "daemon/extend/schema-format.h"
#include "daemon/extend/schema-private.h"

int schema_compile_count(SchemaCompiler *c, json_object *value, SchemaRule *rule) {
        if (!schema_is_whole(value) || schema_number(value) < 0 || schema_number(value) > 0x1p53L)
                return schema_complain(c, "must be a whole number and not below 0");
        rule->count = (uint64_t)schema_number(value);
        return 0;
}

/* In characters. */
static uint64_t length_of(const json_object *value) {
        const char *s = json_object_get_string((json_object *)value);
        size_t n = (size_t)json_object_get_string_len(value);
        uint64_t length = 0;

        for (size_t i = 0; i < n; i++)
                length += ((unsigned char)s[i] & 0xC0) != 0x80;
        return length;
}

static int check_min_length(SchemaChecker *k, const SchemaNode *node, const SchemaRule *rule,
                json_object *value) {
        if (length_of(value) >= rule->count)
                return 1;
        return schema_refuse(k, "must have at least %lu characters, and has %lu",
                        (unsigned long)rule->count, (unsigned long)length_of(value));
}

static int check_max_length(SchemaChecker *k, const SchemaNode *node, const SchemaRule *rule,
                json_object *value) {
        if (length_of(value) <= rule->count)
                return 1;
        return schema_refuse(k, "must have at most %lu characters, and has %lu",
                        (unsigned long)rule->count, (unsigned long)length_of(value));
}

static int compile_pattern(SchemaCompiler *c, json_object *value, SchemaRule *rule) {
        if (!json_object_is_type(value, json_type_string))
                return schema_complain(c, "must be a regular expression, in a string");
        return schema_compile_regex(c, json_object_get_string(value), &rule->regex);
}

static int check_pattern(SchemaChecker *k, const SchemaNode *node, const SchemaRule *rule,
                json_object *value) {
        json_object *pattern = NULL;
        int r;

        r = schema_match(k, rule->regex, json_object_get_string(value),
                        (size_t)json_object_get_string_len(value));
        if (r != 0)
                return r;
        (void)schema_has(node, "pattern", &pattern);
        return schema_refuse(k, "must match the pattern '%s'", json_object_get_string(pattern));
}

/* Formats that are not known say nothing, as the standard has it. */
static int compile_format(SchemaCompiler *c, json_object *value, SchemaRule *rule) {
        if (!json_object_is_type(value, json_type_string))
                return schema_complain(c, "must be the name of a format");
        rule->format = schema_format_find(json_object_get_string(value));
        return 0;
}

static int check_format(SchemaChecker *k, const SchemaNode *node, const SchemaRule *rule,
                json_object *value) {
        size_t n = (size_t)json_object_get_string_len(value);
        int r;

        if (!rule->format)
                return 1;
        r = schema_spend(k, n / 16);
        if (r < 0)
                return r;
        if (schema_format_check(rule->format, json_object_get_string(value), n))
                return 1;
        return schema_refuse(k, "must be %s", schema_format_expected(rule->format));
}

const SchemaKeyword schema_string_keywords[] = {
                {"minLength", SCHEMA_TYPE(json_type_string), false, schema_compile_count,
                                check_min_length},
                {"maxLength", SCHEMA_TYPE(json_type_string), false, schema_compile_count,
                                check_max_length},
                {"pattern", SCHEMA_TYPE(json_type_string), false, compile_pattern, check_pattern},
                {"format", SCHEMA_TYPE(json_type_string), false, compile_format, check_format},
                {},
};
