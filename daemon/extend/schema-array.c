/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Keywords for arrays. */

#include <errno.h>
#include <string.h>

#include "daemon/base/json-canonical.h"
#include "daemon/extend/schema-private.h"

static int check_min_items(SchemaChecker *k, const SchemaNode *node, const SchemaRule *rule,
                json_object *value) {
        size_t n = json_object_array_length(value);

        if (n >= rule->count)
                return 1;
        return schema_refuse(k, "must have at least %lu items, and has %zu",
                        (unsigned long)rule->count, n);
}

static int check_max_items(SchemaChecker *k, const SchemaNode *node, const SchemaRule *rule,
                json_object *value) {
        size_t n = json_object_array_length(value);

        if (n <= rule->count)
                return 1;
        return schema_refuse(k, "must have at most %lu items, and has %zu",
                        (unsigned long)rule->count, n);
}

/* An array of schemas is for the items one by one, a single schema for all of them. */
static int compile_items(SchemaCompiler *c, json_object *value, SchemaRule *rule) {
        if (!json_object_is_type(value, json_type_array))
                return schema_compile_child(c, value, NULL, SIZE_MAX, &rule->node);

        return schema_compile_children(c, value, rule);
}

/* All items from @first on. */
static int check_all(SchemaChecker *k, const SchemaNode *node, json_object *array, size_t first) {
        size_t n = json_object_array_length(array);
        int r = 1;

        for (size_t i = first; r > 0 && i < n; i++)
                r = schema_check_item(k, node, json_object_array_get_idx(array, i), i);
        return r;
}

static int check_items(SchemaChecker *k, const SchemaNode *node, const SchemaRule *rule,
                json_object *value) {
        size_t n = json_object_array_length(value);
        int r = 1;

        if (rule->node)
                return check_all(k, rule->node, value, 0);

        for (size_t i = 0; r > 0 && i < MIN(n, rule->n_members); i++)
                r = schema_check_item(
                                k, rule->members[i].node, json_object_array_get_idx(value, i), i);
        return r;
}

static int compile_schema(SchemaCompiler *c, json_object *value, SchemaRule *rule) {
        return schema_compile_child(c, value, NULL, SIZE_MAX, &rule->node);
}

/* Says something only where "items" goes one by one. */
static int check_additional_items(SchemaChecker *k, const SchemaNode *node, const SchemaRule *rule,
                json_object *value) {
        const SchemaRule *items = schema_rule_find(node, "items");

        if (!items || items->node)
                return 1;
        return check_all(k, rule->node, value, items->n_members);
}

static int check_contains(SchemaChecker *k, const SchemaNode *node, const SchemaRule *rule,
                json_object *value) {
        size_t n = json_object_array_length(value);

        for (size_t i = 0; i < n; i++) {
                int r = schema_try_node(k, rule->node, json_object_array_get_idx(value, i));

                if (r != 0)
                        return r;
        }
        return schema_refuse(k, "must have an item that fits 'contains', and has none");
}

static int compile_unique(SchemaCompiler *c, json_object *value, SchemaRule *rule) {
        if (!json_object_is_type(value, json_type_boolean))
                return schema_complain(c, "must be true or false");
        rule->count = json_object_get_boolean(value);
        return 0;
}

typedef struct Item {
        char *text;
        size_t index;
} Item;

static int compare_items(const void *a, const void *b) {
        return strcmp(((const Item *)a)->text, ((const Item *)b)->text);
}

static int write_items(SchemaChecker *k, json_object *array, Item *items, size_t n) {
        for (size_t i = 0; i < n; i++) {
                size_t n_text;
                int r;

                r = json_canonical(json_object_array_get_idx(array, i), SCHEMA_CHECK_DEPTH,
                                SCHEMA_BYTES_MAX, &items[i].text, &n_text);
                if (r < 0)
                        return r;
                items[i].index = i;
                r = schema_spend(k, 1 + n_text / 16);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int refuse_twins(SchemaChecker *k, const Item *a, const Item *b) {
        return schema_refuse(k, "must have no item twice, and its items %zu and %zu are equal",
                        MIN(a->index, b->index), MAX(a->index, b->index));
}

static int check_unique(SchemaChecker *k, const SchemaNode *node, const SchemaRule *rule,
                json_object *value) {
        size_t n = json_object_array_length(value);
        _cleanup_free_ Item *items = NULL;
        int r;

        if (rule->count == 0)
                return 1;
        items = calloc(n + 1, sizeof(*items));
        if (!items)
                return -ENOMEM;

        r = write_items(k, value, items, n);
        if (r >= 0) {
                qsort(items, n, sizeof(*items), compare_items);
                r = 1;
        }
        for (size_t i = 1; r > 0 && i < n; i++)
                if (strcmp(items[i - 1].text, items[i].text) == 0)
                        r = refuse_twins(k, &items[i - 1], &items[i]);
        for (size_t i = 0; i < n; i++)
                free(items[i].text);
        return r;
}

#define ARRAY SCHEMA_TYPE(json_type_array)

const SchemaKeyword schema_array_keywords[] = {
                {"minItems", ARRAY, false, schema_compile_count, check_min_items},
                {"maxItems", ARRAY, false, schema_compile_count, check_max_items},
                {"items", ARRAY, false, compile_items, check_items},
                {"additionalItems", ARRAY, false, compile_schema, check_additional_items},
                {"contains", ARRAY, false, compile_schema, check_contains},
                {"uniqueItems", ARRAY, false, compile_unique, check_unique},
                {},
};
