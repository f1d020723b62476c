/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Keywords for values of any type: type, enum, const, and those that only tell people something. */

#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/base/json-canonical.h"
#include "daemon/extend/schema-private.h"

static const struct {
        const char *name, *article;
        unsigned types;
} type_names[] = {
                {"null", "null", SCHEMA_TYPE(json_type_null)},
                {"boolean", "true or false", SCHEMA_TYPE(json_type_boolean)},
                /* A whole number may be written as 1.0. */
                {"integer", "a whole number", SCHEMA_TYPE(json_type_int)},
                {"number", "a number", SCHEMA_TYPE_NUMBER},
                {"string", "a string", SCHEMA_TYPE(json_type_string)},
                {"array", "an array", SCHEMA_TYPE(json_type_array)},
                {"object", "an object", SCHEMA_TYPE(json_type_object)},
};

long double schema_number(const json_object *value) {
        if (json_object_is_type(value, json_type_double))
                return json_object_get_double(value);
        /* Each getter ends at the limits of its type. */
        if (json_object_get_int64(value) < 0)
                return json_object_get_int64(value);
        return json_object_get_uint64(value);
}

bool schema_is_whole(const json_object *value) {
        long double number;

        if (json_object_is_type(value, json_type_int))
                return true;
        if (!json_object_is_type(value, json_type_double))
                return false;
        number = schema_number(value);
        return isfinite(number) && number == rintl(number);
}

/* The rule's count is the mask, its members the names as they are told. */
static int add_type(SchemaCompiler *c, json_object *value, SchemaRule *rule, size_t i) {
        const char *name = json_object_is_type(value, json_type_string)
                        ? json_object_get_string(value)
                        : "";

        FOREACH_ELEMENT (type, type_names) {
                if (strcmp(type->name, name) != 0)
                        continue;
                rule->count |= type->types;
                rule->members[i].text = strdup(type->article);
                return rule->members[i].text ? 0 : -ENOMEM;
        }
        return schema_complain(c,
                        "must be null, boolean, integer, number, string, array or "
                        "object, or an array of them");
}

static int compile_type(SchemaCompiler *c, json_object *value, SchemaRule *rule) {
        bool several = json_object_is_type(value, json_type_array);
        size_t n = several ? json_object_array_length(value) : 1;
        int r;

        if (n == 0)
                return schema_complain(c, "must not be empty");
        r = schema_rule_reserve(rule, n);
        for (size_t i = 0; r >= 0 && i < n; i++)
                r = add_type(c, several ? json_object_array_get_idx(value, i) : value, rule, i);
        return r;
}

/* "a, b or c". */
static int join_members(const SchemaRule *rule, char **ret) {
        size_t n_text;
        FILE *f;

        f = open_memstream(ret, &n_text);
        if (!f)
                return -ENOMEM;
        for (size_t i = 0; i < rule->n_members; i++) {
                if (i > 0)
                        (void)fputs(i + 1 < rule->n_members ? ", " : " or ", f);
                if (ftell(f) > 200) {
                        (void)fputs("…", f);
                        break;
                }
                (void)fputs(rule->members[i].text, f);
        }
        if (fclose(f) == 0)
                return 0;
        free(TAKE_PTR(*ret));
        return -ENOMEM;
}

static int refuse_for_members(SchemaChecker *k, const SchemaRule *rule, const char *expected,
                const json_object *value) {
        _cleanup_free_ char *list = NULL;
        char buffer[SCHEMA_DESCRIBE_MAX];

        if (join_members(rule, &list) < 0)
                return -ENOMEM;
        return schema_refuse(k, "must be %s%s, and is %s", expected, list,
                        schema_describe(value, buffer));
}

static int check_type(SchemaChecker *k, const SchemaNode *node, const SchemaRule *rule,
                json_object *value) {
        if (rule->count & SCHEMA_TYPE(json_object_get_type(value)))
                return 1;
        if ((rule->count & SCHEMA_TYPE(json_type_int)) && schema_is_whole(value))
                return 1;
        return refuse_for_members(k, rule, "", value);
}

/* The rule's count is the length of the longest text. */
static int add_constant(json_object *value, SchemaRule *rule, size_t i) {
        size_t n;
        int r;

        r = json_canonical(value, SCHEMA_DEPTH_MAX, SCHEMA_BYTES_MAX, &rule->members[i].text, &n);
        if (r < 0)
                return r;
        rule->count = MAX(rule->count, (uint64_t)n);
        return 0;
}

static int compile_const(SchemaCompiler *c, json_object *value, SchemaRule *rule) {
        int r;

        r = schema_rule_reserve(rule, 1);
        return r < 0 ? r : add_constant(value, rule, 0);
}

static int compile_enum(SchemaCompiler *c, json_object *value, SchemaRule *rule) {
        size_t n;
        int r;

        if (!json_object_is_type(value, json_type_array) || json_object_array_length(value) == 0)
                return schema_complain(c, "must be an array of at least one value");

        n = json_object_array_length(value);
        r = schema_rule_reserve(rule, n);
        for (size_t i = 0; r >= 0 && i < n; i++)
                r = add_constant(json_object_array_get_idx(value, i), rule, i);
        return r;
}

static int check_constants(SchemaChecker *k, const SchemaNode *node, const SchemaRule *rule,
                json_object *value) {
        _cleanup_free_ char *text = NULL;
        int r;

        r = schema_spend(k, rule->n_members + rule->count / 16);
        if (r < 0)
                return r;

        r = json_canonical(value, SCHEMA_DEPTH_MAX, rule->count, &text, NULL);
        if (r == -ENOMEM)
                return r;
        for (size_t i = 0; r >= 0 && i < rule->n_members; i++)
                if (strcmp(text, rule->members[i].text) == 0)
                        return 1;
        return refuse_for_members(k, rule, rule->n_members > 1 ? "one of " : "", value);
}

static int compile_text(SchemaCompiler *c, json_object *value, SchemaRule *rule) {
        if (!json_object_is_type(value, json_type_string))
                return schema_complain(c, "must be a string");
        return 0;
}

static int compile_examples(SchemaCompiler *c, json_object *value, SchemaRule *rule) {
        if (!json_object_is_type(value, json_type_array))
                return schema_complain(c, "must be an array");
        return 0;
}

static int compile_definitions(SchemaCompiler *c, json_object *value, SchemaRule *rule) {
        int r = 0;

        if (!json_object_is_type(value, json_type_object))
                return schema_complain(c, "must be an object of schemas");

        json_object_object_foreach(value, name, definition) {
                SchemaNode *node;

                r = schema_compile_child(c, definition, name, SIZE_MAX, &node);
                if (r < 0)
                        break;
        }
        return r;
}

const SchemaKeyword schema_any_keywords[] = {
                {"type", SCHEMA_TYPE_ANY, false, compile_type, check_type},
                {"enum", SCHEMA_TYPE_ANY, false, compile_enum, check_constants},
                {"const", SCHEMA_TYPE_ANY, false, compile_const, check_constants},
                {"definitions", 0, false, compile_definitions, NULL},
                {"title", 0, false, compile_text, NULL},
                {"description", 0, false, compile_text, NULL},
                {"$comment", 0, false, compile_text, NULL},
                {"examples", 0, false, compile_examples, NULL},
                {},
};
