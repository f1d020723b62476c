/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/extend/schema.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/base/json-canonical.h"
#include "daemon/base/strv.h"
#include "daemon/extend/schema-private.h"

static const SchemaKeyword *const keyword_tables[] = {schema_any_keywords, schema_number_keywords,
                schema_string_keywords, schema_array_keywords, schema_object_keywords,
                schema_combine_keywords};

/* Bounded and copied: what the caller does with its own changes nothing. */
static int copy_source(Schema *s, json_object *schema, char **reterr) {
        _cleanup_free_ char *text = NULL;
        int r;

        r = json_canonical(schema, SCHEMA_DEPTH_MAX, SCHEMA_BYTES_MAX, &text, NULL);
        if (r == -ELOOP || r == -EFBIG) {
                if (asprintf(reterr, "the schema is larger than %u bytes or %u levels",
                                    SCHEMA_BYTES_MAX, SCHEMA_DEPTH_MAX) < 0)
                        return -ENOMEM;
                return -EBADMSG;
        }
        if (r < 0)
                return r;
        if (!schema) /* a copy of null is null */
                return 0;
        return json_object_deep_copy(schema, &s->source, NULL) < 0 ? -ENOMEM : 0;
}

static void rule_done(SchemaRule *rule) {
        schema_regex_free(rule->regex);
        for (size_t i = 0; i < rule->n_members; i++) {
                free(rule->members[i].text);
                schema_regex_free(rule->members[i].regex);
                strv_free(rule->members[i].names);
        }
        free(rule->members);
}

static void node_free(SchemaNode *node) {
        for (size_t i = 0; i < node->n_rules; i++)
                rule_done(&node->rules[i]);
        free(node->rules);
        free(node);
}

Schema *schema_free(Schema *s) {
        SchemaResource *resource, *next;

        if (!s)
                return NULL;

        HASH_ITER (hh, s->resources, resource, next) {
                HASH_DELETE(hh, s->resources, resource);
                free(resource->uri);
                free(resource);
        }
        HASH_CLEAR(hh, s->by_source);
        for (size_t i = 0; i < s->n_nodes; i++)
                node_free(s->nodes[i]);
        free(s->nodes);
        json_object_put(s->source);
        free(s);
        return NULL;
}

int schema_rule_reserve(SchemaRule *rule, size_t n) {
        rule->members = calloc(n + 1, sizeof(*rule->members));
        if (!rule->members)
                return -ENOMEM;
        rule->n_members = n;
        return 0;
}

bool schema_has(const SchemaNode *node, const char *keyword, json_object **ret) {
        return json_object_is_type(node->source, json_type_object) &&
                        json_object_object_get_ex(node->source, keyword, ret);
}

static int add_rule(SchemaCompiler *c, const SchemaKeyword *keyword, json_object *value) {
        SchemaNode *node = c->node;
        SchemaRule *rules, *rule;

        rules = reallocarray(node->rules, node->n_rules + 1, sizeof(*rules));
        if (!rules)
                return -ENOMEM;
        node->rules = rules;

        rule = &node->rules[node->n_rules++];
        *rule = (SchemaRule){.keyword = keyword};
        c->keyword = keyword->name;
        return keyword->compile(c, value, rule);
}

static int add_rules(SchemaCompiler *c, const SchemaKeyword *keywords) {
        for (const SchemaKeyword *keyword = keywords; keyword->name; keyword++) {
                json_object *value;
                int r;

                if (!schema_has(c->node, keyword->name, &value))
                        continue;
                r = add_rule(c, keyword, value);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int compile_node(SchemaCompiler *c, SchemaNode *node) {
        int r;

        c->node = node;
        if (json_object_is_type(node->source, json_type_boolean)) {
                node->refuses = !json_object_get_boolean(node->source);
                return 0;
        }

        /* What stands beside a $ref means nothing in draft-07. */
        if (schema_has(node, "$ref", NULL))
                return add_rules(c, schema_reference_keywords);

        r = schema_identify(c, node);
        if (r < 0)
                return r;
        FOREACH_ELEMENT (keywords, keyword_tables) {
                r = add_rules(c, *keywords);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int resolve_node(SchemaCompiler *c, SchemaNode *node) {
        if (!schema_has(node, "$ref", NULL))
                return 0;

        c->node = node;
        c->keyword = "$ref";
        return schema_resolve(c, node, &node->rules[0]);
}

/* Making a node finds others, and so does resolving a reference; a list instead of recursion. */
static int compile_all(SchemaCompiler *c) {
        const Schema *s = c->schema;
        size_t n_compiled = 0, n_resolved = 0;
        int r;

        while (n_resolved < s->n_nodes) {
                if (n_compiled < s->n_nodes)
                        r = compile_node(c, s->nodes[n_compiled++]);
                else
                        r = resolve_node(c, s->nodes[n_resolved++]);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int compile_schema(Schema *s, char **reterr) {
        SchemaCompiler c = {.schema = s};
        int r;

        r = schema_compile_child(&c, s->source, NULL, SIZE_MAX, &s->root);
        if (r >= 0)
                r = schema_name_root(&c);
        if (r >= 0)
                r = compile_all(&c);
        if (r >= 0)
                r = schema_find_circle(&c);
        if (r == -EBADMSG)
                *reterr = TAKE_PTR(c.error);
        free(c.error);
        return r;
}

int schema_new(json_object *schema, Schema **ret, char **reterr) {
        _cleanup_(schema_freep) Schema *s = NULL;
        int r;

        assert(ret && reterr);

        s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;

        r = copy_source(s, schema, reterr);
        if (r < 0)
                return r;
        r = compile_schema(s, reterr);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}
