/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Keywords that put schemas for the same value together. */

#include <string.h>

#include "daemon/extend/schema-private.h"

static int compile_list(SchemaCompiler *c, json_object *value, SchemaRule *rule) {
        if (!json_object_is_type(value, json_type_array) || json_object_array_length(value) == 0)
                return schema_complain(c, "must be an array of at least one schema");

        return schema_compile_children(c, value, rule);
}

static int check_all_of(SchemaChecker *k, const SchemaNode *node, const SchemaRule *rule,
                json_object *value) {
        int r = 1;

        for (size_t i = 0; r > 0 && i < rule->n_members; i++)
                r = schema_check_node(k, rule->members[i].node, value);
        return r;
}

static int check_any_of(SchemaChecker *k, const SchemaNode *node, const SchemaRule *rule,
                json_object *value) {
        for (size_t i = 0; i < rule->n_members; i++) {
                int r = schema_try_node(k, rule->members[i].node, value);

                if (r != 0)
                        return r;
        }
        return schema_refuse(k, "must fit one of the %zu schemas of 'anyOf', and fits none",
                        rule->n_members);
}

static int check_one_of(SchemaChecker *k, const SchemaNode *node, const SchemaRule *rule,
                json_object *value) {
        size_t first = SIZE_MAX;

        for (size_t i = 0; i < rule->n_members; i++) {
                int r = schema_try_node(k, rule->members[i].node, value);

                if (r < 0)
                        return r;
                if (r > 0 && first != SIZE_MAX)
                        return schema_refuse(k,
                                        "must fit just one of the schemas of 'oneOf', "
                                        "and fits %zu and %zu",
                                        first, i);
                if (r > 0)
                        first = i;
        }
        if (first != SIZE_MAX)
                return 1;
        return schema_refuse(k, "must fit one of the %zu schemas of 'oneOf', and fits none",
                        rule->n_members);
}

static int compile_schema(SchemaCompiler *c, json_object *value, SchemaRule *rule) {
        return schema_compile_child(c, value, NULL, SIZE_MAX, &rule->node);
}

static int check_not(SchemaChecker *k, const SchemaNode *node, const SchemaRule *rule,
                json_object *value) {
        int r;

        r = schema_try_node(k, rule->node, value);
        if (r <= 0)
                return r < 0 ? r : 1;
        return schema_refuse(k, "must not fit the schema of 'not'");
}

static int check_if(SchemaChecker *k, const SchemaNode *node, const SchemaRule *rule,
                json_object *value) {
        const SchemaRule *branch;
        int r;

        r = schema_try_node(k, rule->node, value);
        if (r < 0)
                return r;

        branch = schema_rule_find(node, r > 0 ? "then" : "else");
        return branch ? schema_check_node(k, branch->node, value) : 1;
}

const SchemaKeyword schema_combine_keywords[] = {
                {"allOf", SCHEMA_TYPE_ANY, true, compile_list, check_all_of},
                {"anyOf", SCHEMA_TYPE_ANY, true, compile_list, check_any_of},
                {"oneOf", SCHEMA_TYPE_ANY, true, compile_list, check_one_of},
                {"not", SCHEMA_TYPE_ANY, true, compile_schema, check_not},
                {"if", SCHEMA_TYPE_ANY, true, compile_schema, check_if},
                /* Checked by "if". */
                {"then", SCHEMA_TYPE_ANY, true, compile_schema, NULL},
                {"else", SCHEMA_TYPE_ANY, true, compile_schema, NULL},
                {},
};
