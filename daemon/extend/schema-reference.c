/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* $id and $ref: names of schemas, and what points at them. */

#include <errno.h>
#include <string.h>

#include "daemon/base/text.h"
#include "daemon/extend/schema-private.h"
#include "daemon/extend/schema-uri.h"

#define URI_LENGTH_MAX 1024U

static const SchemaResource *find_resource(const Schema *s, const char *uri) {
        SchemaResource *resource;

        HASH_FIND_STR(s->resources, uri, resource);
        return resource;
}

/* Takes @uri over. */
static int add_resource(SchemaCompiler *c, char *uri, SchemaNode *node) {
        SchemaResource *resource;

        if (find_resource(c->schema, uri)) {
                free(uri);
                c->keyword = "$id";
                return schema_complain(c, "is the same as that of another schema");
        }

        resource = calloc(1, sizeof(*resource));
        if (!resource) {
                free(uri);
                return -ENOMEM;
        }
        resource->uri = uri;
        resource->node = node;
        HASH_ADD_KEYPTR(hh, c->schema->resources, uri, strlen(uri), resource);
        return 0;
}

/* "base#fragment"; the fragment as it stands there. */
static int resolve(SchemaCompiler *c, const char *base, const char *reference, char **ret) {
        int r;

        if (strlen(reference) > URI_LENGTH_MAX)
                return schema_complain(c, "must have at most %u bytes", URI_LENGTH_MAX);

        /* The usual case, and one that takes what is not quite a URI. */
        if (reference[0] == '#')
                return asprintf(ret, "%s%s", base, reference) < 0 ? -ENOMEM : 0;

        r = schema_uri_resolve(base, reference, ret);
        if (r == -EINVAL)
                return schema_complain(c, "must be a URI reference");
        return r;
}

/* An empty fragment is none. Returns what follows the sign, or NULL. */
static char *split_fragment(char *uri) {
        char *fragment = strchr(uri, '#');

        if (!fragment)
                return NULL;
        *fragment++ = '\0';
        return fragment[0] != '\0' ? fragment : NULL;
}

/* A schema in which there is nothing of that name yet: an URI makes it a base for what is in it. */
static int take_id(SchemaCompiler *c, SchemaNode *node, const char *id) {
        char *uri, *copy;
        int r;

        c->keyword = "$id";
        r = resolve(c, node->base, id, &uri);
        if (r < 0)
                return r;

        copy = strdup(uri);
        if (!copy) {
                free(uri);
                return -ENOMEM;
        }
        if (split_fragment(copy)) {
                free(copy); /* a name within the base */
                return add_resource(c, uri, node);
        }
        free(uri);
        r = add_resource(c, copy, node);
        if (r >= 0)
                node->base = copy;
        return r;
}

int schema_name_root(SchemaCompiler *c) {
        char *uri = strdup(c->schema->root->base);

        return uri ? add_resource(c, uri, c->schema->root) : -ENOMEM;
}

int schema_identify(SchemaCompiler *c, SchemaNode *node) {
        json_object *value;

        if (!schema_has(node, "$id", &value))
                return 0;
        if (!json_object_is_type(value, json_type_string)) {
                c->keyword = "$id";
                return schema_complain(c, "must be a URI reference");
        }
        return take_id(c, node, json_object_get_string(value));
}

static void unescape_token(char *token) {
        char *to = token;

        for (const char *from = token; *from; from++) {
                if (from[0] == '~' && (from[1] == '0' || from[1] == '1'))
                        *to++ = *++from == '0' ? '~' : '/';
                else
                        *to++ = *from;
        }
        *to = '\0';
}

static bool step(json_object *from, const char *token, json_object **ret) {
        uint64_t index;

        if (json_object_is_type(from, json_type_object))
                return json_object_object_get_ex(from, token, ret);
        if (!json_object_is_type(from, json_type_array) ||
                        parse_u64(token, 0, SCHEMA_BYTES_MAX, &index) < 0 ||
                        index >= json_object_array_length(from))
                return false;
        *ret = json_object_array_get_idx(from, index);
        return true;
}

/* The innermost schema that is known on the way tells what base holds at the end. */
static bool follow(const Schema *s, const SchemaNode *from, char *pointer, json_object **ret,
                const char **ret_base) {
        json_object *at = from->source;
        char *token;

        *ret_base = from->base;
        for (char *rest = pointer + 1; (token = strsep(&rest, "/"));) {
                SchemaNode *node;

                unescape_token(token);
                if (!step(at, token, &at))
                        return false;
                HASH_FIND_PTR(s->by_source, &at, node);
                if (node)
                        *ret_base = node->base;
        }
        *ret = at;
        return true;
}

static int find_target(SchemaCompiler *c, const SchemaResource *resource, char *fragment,
                SchemaRule *rule) {
        size_t n_before = c->schema->n_nodes;
        json_object *target;
        const char *base;
        int r;

        schema_uri_unescape(fragment);
        if (fragment[0] != '/' || !follow(c->schema, resource->node, fragment, &target, &base))
                return schema_complain(c, "points at nothing");

        r = schema_compile_child(c, target, NULL, SIZE_MAX, &rule->node);
        if (r >= 0 && c->schema->n_nodes > n_before)
                rule->node->base = base;
        return r;
}

int schema_resolve(SchemaCompiler *c, SchemaNode *node, SchemaRule *rule) {
        const char *reference = json_get_string(node->source, "$ref");
        _cleanup_free_ char *uri = NULL, *whole = NULL;
        const SchemaResource *resource;
        char *fragment;
        int r;

        if (!reference)
                return schema_complain(c, "must be a URI reference");
        r = resolve(c, node->base, reference, &uri);
        if (r < 0)
                return r;
        whole = strdup(uri);
        if (!whole)
                return -ENOMEM;

        fragment = split_fragment(uri);
        resource = find_resource(c->schema, fragment ? whole : uri);
        if (resource) {
                rule->node = (SchemaNode *)resource->node;
                return 0;
        }
        resource = find_resource(c->schema, uri);
        if (!resource)
                return schema_complain(c,
                                "points at '%.100s', which is not in this schema; "
                                "nothing is fetched",
                                uri);
        return find_target(c, resource, fragment, rule);
}

/* Resolved when all names are known. */
static int compile_reference(SchemaCompiler *c, json_object *value, SchemaRule *rule) {
        return 0;
}

static int check_reference(SchemaChecker *k, const SchemaNode *node, const SchemaRule *rule,
                json_object *value) {
        return schema_check_node(k, rule->node, value);
}

const SchemaKeyword schema_reference_keywords[] = {
                {"$ref", SCHEMA_TYPE_ANY, true, compile_reference, check_reference},
                {},
};
