/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/extend/schema-example.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/base/strv.h"
#include "daemon/extend/schema-private.h"

#define DEPTH_MAX 12U
#define TRIES 200U
#define ITEMS_MAX 1000U
#define VALUES_MAX 20000U
#define LENGTH_MAX 100000U

void schema_random_init(SchemaRandom *random, uint64_t seed) {
        assert(random);
        /* Far apart for seeds that are near, and never 0. */
        random->state = (seed + 1) * UINT64_C(0x9E3779B97F4A7C15);
        if (random->state == 0)
                random->state = 1;
}

uint64_t schema_random_below(SchemaRandom *random, uint64_t n) {
        random->state ^= random->state << 13;
        random->state ^= random->state >> 7;
        random->state ^= random->state << 17;
        return n == 0 ? 0 : (random->state >> 11) % n;
}

/* What is made may be wrong: it is checked at the end. NULL is null, or out of memory, which a
 * check finds wrong as well wherever it matters. */
static json_object *generate(const SchemaNode *node, SchemaRandom *random, unsigned depth);

static uint64_t count_of(const SchemaNode *node, const char *keyword, uint64_t fallback) {
        const SchemaRule *rule = schema_rule_find(node, keyword);

        return rule ? rule->count : fallback;
}

static long double number_of(const SchemaNode *node, const char *keyword, long double fallback) {
        const SchemaRule *rule = schema_rule_find(node, keyword);

        return rule ? rule->number : fallback;
}

/* Between the limits, and mostly near the lower one. */
static uint64_t choose_count(const SchemaNode *node, const char *min_keyword,
                const char *max_keyword, uint64_t ceiling, SchemaRandom *random) {
        uint64_t min = count_of(node, min_keyword, 0), max = count_of(node, max_keyword, min + 3);
        uint64_t low = MIN(min, ceiling), high = MIN(max, ceiling);

        return low + schema_random_below(random, high > low ? high - low + 1 : 1);
}

static json_object *generate_number(const SchemaNode *node, SchemaRandom *random, bool whole) {
        long double low = number_of(node, "minimum", number_of(node, "exclusiveMinimum", -100));
        long double high =
                        number_of(node, "maximum", number_of(node, "exclusiveMaximum", low + 200));
        long double step = number_of(node, "multipleOf", whole ? 1 : 0.25L), value;

        if (!schema_rule_find(node, "minimum") && !schema_rule_find(node, "exclusiveMinimum"))
                low = MIN(low, high - 200);
        value = low + (high - low) * (long double)schema_random_below(random, 1001) / 1000;
        if (step > 0)
                value = rintl(value / step) * step;
        if (whole || (value == rintl(value) && fabsl(value) < 0x1p53L))
                return json_object_new_int64((int64_t)rintl(value));
        return json_object_new_double((double)value);
}

static json_object *generate_from_pattern(const SchemaNode *node, SchemaRandom *random) {
        json_object *pattern = NULL;
        _cleanup_free_ char *text = NULL;

        (void)schema_has(node, "pattern", &pattern);
        text = schema_example_text(json_object_get_string(pattern), random);
        return text ? json_object_new_string(text) : NULL;
}

static json_object *generate_string(const SchemaNode *node, SchemaRandom *random) {
        static const char *const words[] = {"alpha", "bravo", "charlie", "delta",
                        "\xc3\xa9\xe2\x82\xac", " ", "x", "0"};
        const SchemaRule *format = schema_rule_find(node, "format");
        _cleanup_free_ char *text = NULL;
        uint64_t n;

        if (format && format->format)
                return json_object_new_string(schema_format_example(format->format));
        if (schema_rule_find(node, "pattern"))
                return generate_from_pattern(node, random);
        if (!schema_rule_find(node, "minLength") && !schema_rule_find(node, "maxLength"))
                return json_object_new_string(
                                words[schema_random_below(random, ELEMENTSOF(words))]);

        n = choose_count(node, "minLength", "maxLength", LENGTH_MAX, random);
        text = malloc(n + 1);
        if (!text)
                return NULL;
        for (uint64_t i = 0; i < n; i++)
                text[i] = (char)('a' + schema_random_below(random, 26));
        text[n] = '\0';
        return json_object_new_string(text);
}

static const SchemaNode *item_node(const SchemaNode *node, size_t i) {
        const SchemaRule *items = schema_rule_find(node, "items");
        const SchemaRule *others = schema_rule_find(node, "additionalItems");

        if (items && items->node)
                return items->node;
        if (items && i < items->n_members)
                return items->members[i].node;
        return others ? others->node : NULL;
}

static json_object *generate_array(const SchemaNode *node, SchemaRandom *random, unsigned depth) {
        const SchemaRule *contains = schema_rule_find(node, "contains");
        json_object *array = json_object_new_array();
        uint64_t n = choose_count(node, "minItems", "maxItems", ITEMS_MAX, random);

        if (contains && n == 0)
                n = 1;
        for (size_t i = 0; array && i < n; i++) {
                const SchemaNode *item = item_node(node, i);

                if (contains && i == n - 1)
                        item = contains->node;
                if (json_object_array_add(array,
                                    item ? generate(item, random, depth)
                                         : json_object_new_int64((int64_t)i)) < 0)
                        break;
        }
        return array;
}

static const SchemaNode *member_node(const SchemaNode *node, const char *name) {
        const SchemaRule *properties = schema_rule_find(node, "properties");
        const SchemaRule *others = schema_rule_find(node, "additionalProperties");

        for (size_t i = 0; properties && i < properties->n_members; i++)
                if (strcmp(properties->members[i].text, name) == 0)
                        return properties->members[i].node;
        return others ? others->node : NULL;
}

static void add_member(json_object *object, const SchemaNode *node, const char *name,
                SchemaRandom *random, unsigned depth) {
        const SchemaNode *inner = member_node(node, name);

        if (json_object_object_get_ex(object, name, NULL) || (inner && inner->refuses))
                return;
        (void)json_object_object_add(object, name,
                        inner ? generate(inner, random, depth) : json_object_new_string("any"));
}

static void add_required(
                json_object *object, const SchemaNode *node, SchemaRandom *random, unsigned depth) {
        const SchemaRule *required = schema_rule_find(node, "required");

        STRV_FOREACH (name, required ? required->members[0].names : NULL)
                add_member(object, node, *name, random, depth);
}

/* Some of those that need not be there, and none deep down. */
static void add_optional(
                json_object *object, const SchemaNode *node, SchemaRandom *random, unsigned depth) {
        const SchemaRule *properties = schema_rule_find(node, "properties");
        uint64_t max = count_of(node, "maxProperties", UINT64_MAX);

        for (size_t i = 0; properties && i < properties->n_members; i++)
                if (depth < DEPTH_MAX / 2 && schema_random_below(random, 2) == 0 &&
                                (uint64_t)json_object_object_length(object) < max)
                        add_member(object, node, properties->members[i].text, random, depth);
}

static void add_to_fill(
                json_object *object, const SchemaNode *node, SchemaRandom *random, unsigned depth) {
        const SchemaRule *patterns = schema_rule_find(node, "patternProperties");
        uint64_t min = MIN(count_of(node, "minProperties", 0), ITEMS_MAX);

        for (unsigned i = 0; i < 2 * ITEMS_MAX && (uint64_t)json_object_object_length(object) < min;
                        i++) {
                _cleanup_free_ char *name = NULL;

                if (patterns && patterns->n_members > 0) {
                        name = schema_example_text(patterns->members[0].text, random);
                        if (name)
                                (void)json_object_object_add(object, name,
                                                generate(patterns->members[0].node, random, depth));
                } else if (asprintf(&name, "member%u", i) >= 0)
                        add_member(object, node, name, random, depth);
        }
}

static json_object *generate_object(const SchemaNode *node, SchemaRandom *random, unsigned depth) {
        json_object *object = json_object_new_object();

        if (!object)
                return NULL;
        add_required(object, node, random, depth);
        add_optional(object, node, random, depth);
        add_to_fill(object, node, random, depth);
        return object;
}

/* The types that the keywords speak of, where "type" says nothing. */
static unsigned implied_types(const SchemaNode *node) {
        unsigned types = 0;

        for (size_t i = 0; i < node->n_rules; i++)
                if (node->rules[i].keyword->types != SCHEMA_TYPE_ANY)
                        types |= node->rules[i].keyword->types;
        return types != 0 ? types : SCHEMA_TYPE(json_type_string) | SCHEMA_TYPE(json_type_int);
}

static json_type choose_type(unsigned types, SchemaRandom *random) {
        json_type all[8];
        size_t n = 0;

        for (json_type type = json_type_null; type <= json_type_string; type++)
                if (types & SCHEMA_TYPE(type))
                        all[n++] = type;
        return n > 0 ? all[schema_random_below(random, n)] : json_type_null;
}

static json_object *generate_own(const SchemaNode *node, SchemaRandom *random, unsigned depth) {
        const SchemaRule *type = schema_rule_find(node, "type");

        switch (choose_type(type ? (unsigned)type->count : implied_types(node), random)) {
        case json_type_null:
                return NULL;
        case json_type_boolean:
                return json_object_new_boolean((json_bool)schema_random_below(random, 2));
        case json_type_int:
                return generate_number(node, random, true);
        case json_type_double:
                return generate_number(node, random, false);
        case json_type_string:
                return generate_string(node, random);
        case json_type_array:
                return generate_array(node, random, depth);
        case json_type_object:
                return generate_object(node, random, depth);
        }
        return NULL;
}

static json_object *generate_constant(const SchemaRule *rule, SchemaRandom *random) {
        const char *text = rule->members[schema_random_below(random, rule->n_members)].text;
        json_object *value = NULL;

        (void)json_parse(text, strlen(text), SCHEMA_DEPTH_MAX, &value);
        return value;
}

/* Two objects become one; of other values the later counts. Takes both over. */
static json_object *merge(json_object *a, json_object *b) {
        struct json_object_iter each;

        if (!json_object_is_type(a, json_type_object) ||
                        !json_object_is_type(b, json_type_object)) {
                json_object_put(a);
                return b;
        }
        json_object_object_foreachC(b, each)(void)
                        json_object_object_add(a, each.key, json_object_get(each.val));
        json_object_put(b);
        return a;
}

static bool says_much(const SchemaNode *node) {
        return schema_rule_find(node, "type") || schema_rule_find(node, "properties") ||
                        schema_rule_find(node, "required");
}

/* One branch of each fork, and all of what must all fit, on top of what the node itself says. */
static json_object *generate_combined(
                const SchemaNode *node, SchemaRandom *random, unsigned depth) {
        static const char *const forks[] = {"anyOf", "oneOf"};
        const SchemaRule *all = schema_rule_find(node, "allOf");
        json_object *value = NULL;
        bool begun = false;

        if (says_much(node)) {
                value = generate_own(node, random, depth);
                begun = true;
        }
        for (size_t i = 0; all && i < all->n_members; i++, begun = true)
                value = merge(value, generate(all->members[i].node, random, depth));
        FOREACH_ELEMENT (fork, forks) {
                const SchemaRule *rule = schema_rule_find(node, *fork);

                if (!rule)
                        continue;
                value = merge(value,
                                generate(rule->members[schema_random_below(random, rule->n_members)]
                                                                .node,
                                                random, depth));
                begun = true;
        }
        return begun ? value : generate_own(node, random, depth);
}

static json_object *generate(const SchemaNode *node, SchemaRandom *random, unsigned depth) {
        const SchemaRule *rule;

        if (node->refuses || depth >= DEPTH_MAX || random->budget == 0)
                return NULL;
        random->budget--;

        rule = schema_rule_find(node, "$ref");
        if (rule)
                return generate(rule->node, random, depth + 1);
        rule = schema_rule_find(node, "const") ?: schema_rule_find(node, "enum");
        if (rule)
                return generate_constant(rule, random);
        return generate_combined(node, random, depth + 1);
}

/* 1 if it fits, 0 if not. */
static int fits(const Schema *s, json_object *value) {
        _cleanup_free_ char *why = NULL;
        int r = schema_check(s, value, &why);

        if (r == -EBADMSG)
                return 0;
        return r < 0 ? r : 1;
}

/* Examples that the author gives are as good as any. */
static json_object *from_author(const Schema *s, SchemaRandom *random) {
        json_object *examples = json_get_typed(s->source, "examples", json_type_array);
        size_t n = examples ? json_object_array_length(examples) : 0;
        json_object *copy = NULL;

        if (n == 0 || schema_random_below(random, 2) == 0)
                return NULL;
        /* A copy, for it may be spoiled later. */
        (void)json_object_deep_copy(
                        json_object_array_get_idx(examples, schema_random_below(random, n)), &copy,
                        NULL);
        return copy;
}

int schema_example_valid(const Schema *s, SchemaRandom *random, json_object **ret) {
        assert(s && random && ret);

        for (unsigned i = 0; i < TRIES; i++) {
                _cleanup_json_ json_object *value = from_author(s, random);
                int r;

                random->budget = VALUES_MAX;
                if (!value)
                        value = generate(s->root, random, 0);
                r = fits(s, value);

                if (r < 0)
                        return r;
                if (r > 0) {
                        *ret = TAKE_PTR(value);
                        return 0;
                }
        }
        return -ENODATA;
}

static json_object *odd_value(SchemaRandom *random) {
        switch (schema_random_below(random, 9)) {
        case 0:
                return json_object_new_boolean(1);
        case 1:
                return json_object_new_int64(-1);
        case 2:
                return json_object_new_double(1e300);
        case 3:
                return json_object_new_string("");
        case 4:
                return json_object_new_string("not what you expect, and rather long as well");
        case 5:
                return json_object_new_array();
        case 6:
                return json_object_new_object();
        case 7:
                return json_object_new_int64(INT64_MAX);
        default:
                return NULL;
        }
}

static const char *name_at(const json_object *object, uint64_t i) {
        struct json_object_iter each;

        json_object_object_foreachC(object, each) if (i-- == 0) return each.key;
        return NULL;
}

/* Takes a member away, adds one, or spoils one. Returns what stands in the place of @object. */
static json_object *spoil(json_object *value, SchemaRandom *random);

static void spoil_object(json_object *object, SchemaRandom *random) {
        const char *name = name_at(object,
                        schema_random_below(random, (uint64_t)json_object_object_length(object)));

        switch (schema_random_below(random, 3)) {
        case 0:
                if (name)
                        json_object_object_del(object, name);
                break;
        case 1:
                (void)json_object_object_add(object, "nobody-expects-this", odd_value(random));
                break;
        default:
                if (name)
                        (void)json_object_object_add(
                                        object, name, spoil(json_get(object, name), random));
        }
}

static void spoil_array(json_object *array, SchemaRandom *random) {
        size_t n = json_object_array_length(array);
        size_t i = schema_random_below(random, n);

        if (n > 0 && schema_random_below(random, 2) == 0)
                (void)json_object_array_put_idx(
                                array, i, spoil(json_object_array_get_idx(array, i), random));
        else
                (void)json_object_array_add(array, odd_value(random));
}

/* A new reference: to @value, changed within, or to something else. */
static json_object *spoil(json_object *value, SchemaRandom *random) {
        bool within = schema_random_below(random, 4) != 0;

        if (within && json_object_is_type(value, json_type_object))
                spoil_object(value, random);
        else if (within && json_object_is_type(value, json_type_array))
                spoil_array(value, random);
        else
                return odd_value(random);
        return json_object_get(value);
}

int schema_example_invalid(const Schema *s, SchemaRandom *random, json_object **ret) {
        assert(s && random && ret);

        for (unsigned i = 0; i < TRIES; i++) {
                _cleanup_json_ json_object *value = NULL, *spoiled = NULL;
                int r;

                r = schema_example_valid(s, random, &value);
                if (r < 0 && r != -ENODATA)
                        return r;
                spoiled = spoil(value, random);
                r = fits(s, spoiled);
                if (r < 0)
                        return r;
                if (r == 0) {
                        *ret = TAKE_PTR(spoiled);
                        return 0;
                }
        }
        return -ENODATA;
}
