/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/kit/docs-schema.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"

/* Deeper ones are for programs. */
#define DEPTH_MAX 4U

static const char *text_of(json_object *value) {
        return json_object_to_json_string_ext(
                        value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}

static void say_list(FILE *out, json_object *list, const char *between) {
        for (size_t i = 0; i < json_object_array_length(list); i++) {
                json_object *one = json_object_array_get_idx(list, i);

                (void)fprintf(out, "%s%s", i > 0 ? between : "",
                                json_object_is_type(one, json_type_string)
                                                ? json_object_get_string(one)
                                                : text_of(one));
        }
}

static void say_type(FILE *out, json_object *schema) {
        json_object *type = json_get(schema, "type"), *choice = json_get(schema, "enum");

        if (json_object_is_type(choice, json_type_array)) {
                (void)fputs("one of ", out);
                say_list(out, choice, ", ");
        } else if (json_object_is_type(type, json_type_array))
                say_list(out, type, " or ");
        else
                (void)fputs(json_object_is_type(type, json_type_string)
                                                ? json_object_get_string(type)
                                                : "anything",
                                out);
}

static void say_limits(FILE *out, json_object *schema) {
        static const struct {
                const char *key, *before, *after;
        } words[] = {
                        {"minimum", "at least ", ""},
                        {"maximum", "at most ", ""},
                        {"exclusiveMinimum", "more than ", ""},
                        {"exclusiveMaximum", "less than ", ""},
                        {"minLength", "at least ", " characters"},
                        {"maxLength", "at most ", " characters"},
                        {"minItems", "at least ", " items"},
                        {"maxItems", "at most ", " items"},
                        {"pattern", "like ", ""},
                        {"format", "in the form ", ""},
                        {"default", "if it is left out ", ""},
        };

        FOREACH_ELEMENT (w, words) {
                json_object *value = json_get(schema, w->key);

                if (value)
                        (void)fprintf(out, ", %s%s%s", w->before,
                                        json_object_is_type(value, json_type_string)
                                                        ? json_object_get_string(value)
                                                        : text_of(value),
                                        w->after);
        }
}

static bool is_required(json_object *schema, const char *name) {
        json_object *list = json_get_typed(schema, "required", json_type_array);

        for (size_t i = 0; list && i < json_object_array_length(list); i++)
                if (strcmp(json_object_get_string(json_object_array_get_idx(list, i)) ?: "",
                                    name) == 0)
                        return true;
        return false;
}

static char *describe(json_object *schema, bool required) {
        const char *description = json_get_string(schema, "description");
        char *text = NULL;
        size_t n;
        FILE *out = open_memstream(&text, &n);

        if (!out)
                return NULL;
        say_type(out, schema);
        say_limits(out, schema);
        (void)fprintf(out, "%s%s%s", required ? "; required" : "", description ? ". " : "",
                        description ?: "");
        if (fclose(out) == 0)
                return text;
        free(text);
        return NULL;
}

static int say_members(const Page *p, const char *prefix, json_object *schema, unsigned depth) {
        json_object *members = json_get_typed(schema, "properties", json_type_object);
        json_object *items = json_get_typed(schema, "items", json_type_object);
        _cleanup_free_ char *below = NULL;
        int r = 0;

        if (depth > DEPTH_MAX)
                return 0;
        if (items) {
                if (asprintf(&below, "%s[]", prefix) < 0)
                        return -ENOMEM;
                r = say_members(p, below, items, depth + 1);
        }
        if (!members || r < 0)
                return r;

        json_object_object_foreach(members, name, member) {
                _cleanup_free_ char *text = describe(member, is_required(schema, name));
                _cleanup_free_ char *path = NULL;

                if (!text || asprintf(&path, "%s%s%s", prefix, prefix[0] ? "." : "", name) < 0)
                        return -ENOMEM;
                page_item(p, path, "%s", text);
                r = say_members(p, path, member, depth + 1);
                if (r < 0)
                        return r;
        }
        return 0;
}

int docs_schema(const Page *p, json_object *schema) {
        _cleanup_free_ char *text = NULL;

        if (!schema) {
                page_text(p, "Anything.");
                return 0;
        }
        if (!json_get(schema, "properties") && !json_get(schema, "items")) {
                text = describe(schema, false);
                if (!text)
                        return -ENOMEM;
                page_text(p, text);
        }
        return say_members(p, "", schema, 0);
}
