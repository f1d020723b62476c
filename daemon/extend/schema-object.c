/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Keywords for objects. */

#include <errno.h>
#include <string.h>

#include "daemon/base/strv.h"
#include "daemon/extend/schema-private.h"

static int check_min_properties(SchemaChecker *k, const SchemaNode *node, const SchemaRule *rule,
                json_object *value) {
        int n = json_object_object_length(value);

        if ((uint64_t)n >= rule->count)
                return 1;
        return schema_refuse(k, "must have at least %lu members, and has %d",
                        (unsigned long)rule->count, n);
}

static int check_max_properties(SchemaChecker *k, const SchemaNode *node, const SchemaRule *rule,
                json_object *value) {
        int n = json_object_object_length(value);

        if ((uint64_t)n <= rule->count)
                return 1;
        return schema_refuse(k, "must have at most %lu members, and has %d",
                        (unsigned long)rule->count, n);
}

/* Strings, none twice. */
static int read_names(SchemaCompiler *c, json_object *value, char ***ret) {
        _cleanup_strv_free_ char **names = NULL;
        size_t n;

        if (!json_object_is_type(value, json_type_array))
                return schema_complain(c, "must be an array of names");

        n = json_object_array_length(value);
        for (size_t i = 0; i < n; i++) {
                json_object *item = json_object_array_get_idx(value, i);
                const char *name;

                if (!json_object_is_type(item, json_type_string))
                        return schema_complain(c, "must be an array of names");
                name = json_object_get_string(item);
                if (n <= 1024 && strv_contains(names, name))
                        return schema_complain(c, "has '%s' twice", name);
                if (strv_extend(&names, name) < 0)
                        return -ENOMEM;
        }
        *ret = TAKE_PTR(names);
        return 0;
}

static int compile_required(SchemaCompiler *c, json_object *value, SchemaRule *rule) {
        int r;

        r = schema_rule_reserve(rule, 1);
        return r < 0 ? r : read_names(c, value, &rule->members[0].names);
}

/* The first that is missing, or NULL. */
static const char *missing_name(char **names, json_object *value) {
        STRV_FOREACH (name, names)
                if (!json_object_object_get_ex(value, *name, NULL))
                        return *name;
        return NULL;
}

static int check_required(SchemaChecker *k, const SchemaNode *node, const SchemaRule *rule,
                json_object *value) {
        const char *missing = missing_name(rule->members[0].names, value);

        return missing ? schema_refuse(k, "must have a member '%s'", missing) : 1;
}

/* A member of the rule for each member of @value. */
static int reserve_members(SchemaCompiler *c, json_object *value, SchemaRule *rule) {
        if (!json_object_is_type(value, json_type_object))
                return schema_complain(c, "must be an object");
        return schema_rule_reserve(rule, (size_t)json_object_object_length(value));
}

static int compile_member(
                SchemaCompiler *c, SchemaMember *member, const char *name, json_object *schema) {
        member->text = strdup(name);
        if (!member->text)
                return -ENOMEM;
        return schema_compile_child(c, schema, name, SIZE_MAX, &member->node);
}

static int compile_properties(SchemaCompiler *c, json_object *value, SchemaRule *rule) {
        struct json_object_iter each;
        size_t i = 0;
        int r;

        r = reserve_members(c, value, rule);
        if (r < 0)
                return r;
        json_object_object_foreachC(value, each) {
                r = compile_member(c, &rule->members[i++], each.key, each.val);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int check_properties(SchemaChecker *k, const SchemaNode *node, const SchemaRule *rule,
                json_object *value) {
        int r;

        r = schema_spend(k, rule->n_members);
        if (r < 0)
                return r;

        r = 1;
        for (size_t i = 0; r > 0 && i < rule->n_members; i++) {
                const SchemaMember *member = &rule->members[i];
                json_object *inner;

                if (json_object_object_get_ex(value, member->text, &inner))
                        r = schema_check_member(k, member->node, inner, member->text);
        }
        return r;
}

static int compile_pattern_properties(SchemaCompiler *c, json_object *value, SchemaRule *rule) {
        struct json_object_iter each;
        size_t i = 0;
        int r;

        r = reserve_members(c, value, rule);
        if (r < 0)
                return r;
        json_object_object_foreachC(value, each) {
                SchemaMember *member = &rule->members[i++];

                r = schema_compile_regex(c, each.key, &member->regex);
                if (r >= 0)
                        r = compile_member(c, member, each.key, each.val);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int check_pattern_member(
                SchemaChecker *k, const SchemaRule *rule, const char *name, json_object *value) {
        int r = 1;

        for (size_t i = 0; r > 0 && i < rule->n_members; i++) {
                const SchemaMember *member = &rule->members[i];

                r = schema_match(k, member->regex, name, strlen(name));
                if (r > 0)
                        r = schema_check_member(k, member->node, value, name);
                else if (r == 0)
                        r = 1;
        }
        return r;
}

static int check_pattern_properties(SchemaChecker *k, const SchemaNode *node,
                const SchemaRule *rule, json_object *value) {
        struct json_object_iter each;
        int r = 1;

        json_object_object_foreachC(value, each) {
                r = check_pattern_member(k, rule, each.key, each.val);
                if (r <= 0)
                        return r;
        }
        return r;
}

static int compile_schema(SchemaCompiler *c, json_object *value, SchemaRule *rule) {
        return schema_compile_child(c, value, NULL, SIZE_MAX, &rule->node);
}

/* Whether "properties" or "patternProperties" speak of it. */
static int is_mentioned(SchemaChecker *k, const SchemaNode *node, const char *name) {
        const SchemaRule *patterns = schema_rule_find(node, "patternProperties");
        int r = 0;

        if (json_object_object_get_ex(json_get(node->source, "properties"), name, NULL))
                return 1;
        for (size_t i = 0; r == 0 && patterns && i < patterns->n_members; i++)
                r = schema_match(k, patterns->members[i].regex, name, strlen(name));
        return r;
}

/* Most often it is a name that was written wrong. */
static int refuse_unknown(SchemaChecker *k, const SchemaNode *node, const char *name) {
        const SchemaRule *properties = schema_rule_find(node, "properties");
        size_t n = properties ? properties->n_members : 0;
        char known[256] = "";

        for (size_t i = 0; i < n && strlen(known) < sizeof(known) / 2; i++)
                (void)snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%.60s",
                                i > 0 ? ", " : "; known are ", properties->members[i].text);
        return schema_refuse(k, "must not have a member '%.100s'%s", name, known);
}

static int check_additional_properties(SchemaChecker *k, const SchemaNode *node,
                const SchemaRule *rule, json_object *value) {
        struct json_object_iter each;

        json_object_object_foreachC(value, each) {
                int r = is_mentioned(k, node, each.key);

                if (r == 0 && rule->node->refuses)
                        return refuse_unknown(k, node, each.key);
                if (r == 0)
                        r = schema_check_member(k, rule->node, each.val, each.key);
                if (r <= 0)
                        return r;
        }
        return 1;
}

static int check_name(SchemaChecker *k, const SchemaRule *rule, const char *name) {
        _cleanup_json_ json_object *value = json_object_new_string(name);
        int r;

        if (!value)
                return -ENOMEM;
        r = schema_try_node(k, rule->node, value);
        if (r != 0)
                return r;
        return schema_refuse(
                        k, "must not have a member of the name '%.100s' (propertyNames)", name);
}

static int check_property_names(SchemaChecker *k, const SchemaNode *node, const SchemaRule *rule,
                json_object *value) {
        struct json_object_iter each;

        json_object_object_foreachC(value, each) {
                int r = check_name(k, rule, each.key);

                if (r <= 0)
                        return r;
        }
        return 1;
}

static int compile_dependency(
                SchemaCompiler *c, SchemaMember *member, const char *name, json_object *value) {
        if (!json_object_is_type(value, json_type_array))
                return compile_member(c, member, name, value);

        member->text = strdup(name);
        return member->text ? read_names(c, value, &member->names) : -ENOMEM;
}

static int compile_dependencies(SchemaCompiler *c, json_object *value, SchemaRule *rule) {
        struct json_object_iter each;
        size_t i = 0;
        int r;

        r = reserve_members(c, value, rule);
        if (r < 0)
                return r;
        json_object_object_foreachC(value, each) {
                r = compile_dependency(c, &rule->members[i++], each.key, each.val);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int check_dependency(SchemaChecker *k, const SchemaMember *member, json_object *value) {
        const char *missing;

        if (!json_object_object_get_ex(value, member->text, NULL))
                return 1;
        if (member->node)
                return schema_check_node(k, member->node, value);

        missing = missing_name(member->names, value);
        if (!missing)
                return 1;
        return schema_refuse(k, "must have a member '%s', for it has '%s'", missing, member->text);
}

static int check_dependencies(SchemaChecker *k, const SchemaNode *node, const SchemaRule *rule,
                json_object *value) {
        int r = 1;

        for (size_t i = 0; r > 0 && i < rule->n_members; i++)
                r = check_dependency(k, &rule->members[i], value);
        return r;
}

#define OBJECT SCHEMA_TYPE(json_type_object)

const SchemaKeyword schema_object_keywords[] = {
                {"required", OBJECT, false, compile_required, check_required},
                {"minProperties", OBJECT, false, schema_compile_count, check_min_properties},
                {"maxProperties", OBJECT, false, schema_compile_count, check_max_properties},
                {"properties", OBJECT, false, compile_properties, check_properties},
                {"patternProperties", OBJECT, false, compile_pattern_properties,
                                check_pattern_properties},
                {"additionalProperties", OBJECT, false, compile_schema,
                                check_additional_properties},
                {"propertyNames", OBJECT, false, compile_schema, check_property_names},
                {"dependencies", OBJECT, true, compile_dependencies, check_dependencies},
                {},
};
