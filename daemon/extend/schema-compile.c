/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the keywords need to make their rules. */

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "daemon/base/text.h"
#include "daemon/extend/schema-private.h"

/* The URI of a schema that does not say its own; references to it need none. */
#define DEFAULT_BASE "schema:///root"
#define PLACE_MAX 200U

/* The pointer to the node, and at its end the keyword. */
static int describe_place(const SchemaNode *node, const char *keyword, char **ret) {
        const SchemaNode *path[SCHEMA_DEPTH_MAX + 1];
        _cleanup_free_ char *place = NULL;
        size_t n = 0, n_place;
        FILE *f;

        for (const SchemaNode *p = node; p && p->keyword && n < ELEMENTSOF(path); p = p->parent)
                path[n++] = p;

        f = open_memstream(&place, &n_place);
        if (!f)
                return -ENOMEM;
        while (n-- > 0) {
                (void)fprintf(f, "/%s", path[n]->keyword);
                if (path[n]->name)
                        (void)fprintf(f, "/%s", path[n]->name);
                if (path[n]->index != SIZE_MAX)
                        (void)fprintf(f, "/%zu", path[n]->index);
        }
        if (keyword)
                (void)fprintf(f, "/%s", keyword);
        if (fclose(f) != 0)
                return -ENOMEM;

        *ret = text_clean(place, n_place, PLACE_MAX);
        return *ret ? 0 : -ENOMEM;
}

int schema_complain(SchemaCompiler *c, const char *format, ...) {
        _cleanup_free_ char *place = NULL, *what = NULL, *clean = NULL;
        va_list ap;
        int r;

        assert(!c->error);

        va_start(ap, format);
        r = vasprintf(&what, format, ap);
        va_end(ap);
        if (r < 0) {
                what = NULL;
                return -ENOMEM;
        }

        r = describe_place(c->node, c->keyword, &place);
        if (r < 0)
                return r;
        clean = text_clean(what, strlen(what), 1024);
        if (!clean ||
                        asprintf(&c->error, "%s %s", text_is_empty(place) ? "the schema" : place,
                                        clean) < 0) {
                c->error = NULL;
                return -ENOMEM;
        }
        return -EBADMSG;
}

static int add_node(Schema *s, json_object *value, SchemaNode **ret) {
        SchemaNode **nodes, *node;

        nodes = reallocarray(s->nodes, s->n_nodes + 1, sizeof(*nodes));
        if (!nodes)
                return -ENOMEM;
        s->nodes = nodes;

        node = calloc(1, sizeof(*node));
        if (!node)
                return -ENOMEM;
        node->source = value;
        s->nodes[s->n_nodes++] = node;
        HASH_ADD_PTR(s->by_source, source, node);
        *ret = node;
        return 0;
}

int schema_compile_child(SchemaCompiler *c, json_object *value, const char *name, size_t index,
                SchemaNode **ret) {
        SchemaNode *node;
        int r;

        if (!json_object_is_type(value, json_type_object) &&
                        !json_object_is_type(value, json_type_boolean)) {
                if (name)
                        return schema_complain(c,
                                        "has no schema (an object, true or false) "
                                        "for '%s'",
                                        name);
                return schema_complain(c, "must be a schema: an object, true or false");
        }

        HASH_FIND_PTR(c->schema->by_source, &value, node);
        if (!node) {
                if (c->schema->n_nodes >= SCHEMA_NODES_MAX)
                        return schema_complain(
                                        c, "goes beyond %u schemas in one", SCHEMA_NODES_MAX);
                r = add_node(c->schema, value, &node);
                if (r < 0)
                        return r;
                node->parent = c->node;
                node->keyword = c->keyword;
                node->name = name;
                node->index = index;
                node->base = c->node ? c->node->base : DEFAULT_BASE;
        }

        *ret = node;
        return 0;
}

int schema_compile_children(SchemaCompiler *c, json_object *array, SchemaRule *rule) {
        size_t n = json_object_array_length(array);
        int r;

        r = schema_rule_reserve(rule, n);
        for (size_t i = 0; r >= 0 && i < n; i++)
                r = schema_compile_child(c, json_object_array_get_idx(array, i), NULL, i,
                                &rule->members[i].node);
        return r;
}

int schema_compile_regex(SchemaCompiler *c, const char *text, SchemaRegex **ret) {
        _cleanup_free_ char *why = NULL;
        int r;

        if (++c->n_patterns > SCHEMA_PATTERNS_MAX)
                return schema_complain(
                                c, "goes beyond %u patterns in one schema", SCHEMA_PATTERNS_MAX);

        r = schema_regex_new(text, ret, &why);
        if (r == -EBADMSG)
                return schema_complain(c, "must be a regular expression: %s", why);
        return r;
}

static bool is_in_circle(SchemaNode *node);

static bool leads_to_circle(const SchemaRule *rule) {
        if (!rule->keyword->in_place)
                return false;
        if (rule->node && is_in_circle(rule->node))
                return true;
        for (size_t i = 0; i < rule->n_members; i++)
                if (rule->members[i].node && is_in_circle(rule->members[i].node))
                        return true;
        return false;
}

/* Depth first, along schemas that are for the same value. */
static bool is_in_circle(SchemaNode *node) {
        bool circle = false;

        if (node->mark != SCHEMA_UNSEEN)
                return node->mark == SCHEMA_ON_PATH;

        node->mark = SCHEMA_ON_PATH;
        for (size_t i = 0; i < node->n_rules && !circle; i++)
                circle = leads_to_circle(&node->rules[i]);
        node->mark = SCHEMA_SEEN;
        return circle;
}

int schema_find_circle(SchemaCompiler *c) {
        const Schema *s = c->schema;

        for (size_t i = 0; i < s->n_nodes; i++) {
                if (!is_in_circle(s->nodes[i]))
                        continue;
                c->node = s->nodes[i];
                c->keyword = NULL;
                return schema_complain(c, "refers to itself for the same value, without an end");
        }
        return 0;
}
