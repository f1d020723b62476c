/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Going through a value with a schema. */

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/text.h"
#include "daemon/extend/schema-private.h"

#define PLACE_MAX 200U
#define SENTENCE_MAX 1024U

/* Where in the value we are: from the inside out, on the stack. */
typedef struct Place {
        const struct Place *outer;
        const char *name;
        size_t index;
} Place;

struct SchemaChecker {
        const Place *place;
        unsigned depth;
        unsigned quiet; /* trying: nobody hears why something does not fit */
        uint64_t steps_left;
        uint64_t pattern_usec_left;
        char *error;
};

static void write_name(FILE *f, const char *name) {
        for (const char *p = name; *p; p++)
                if (*p == '~')
                        (void)fputs("~0", f);
                else if (*p == '/')
                        (void)fputs("~1", f);
                else
                        (void)fputc(*p, f);
}

static void write_pointer(FILE *f, const Place *place) {
        if (!place)
                return;

        write_pointer(f, place->outer);
        (void)fputc('/', f);
        if (place->name)
                write_name(f, place->name);
        else
                (void)fprintf(f, "%zu", place->index);
}

/* The JSON pointer without control characters and not too long; what is too long ends in dots. */
static char *describe_place(const Place *place) {
        _cleanup_free_ char *pointer = NULL, *clean = NULL;
        size_t n;
        char *text;
        FILE *f;

        if (!place)
                return strdup("the value");

        f = open_memstream(&pointer, &n);
        if (!f)
                return NULL;
        write_pointer(f, place);
        if (fclose(f) != 0)
                return NULL;

        clean = text_clean(pointer, n, PLACE_MAX);
        if (!clean || asprintf(&text, "%s%s", clean, n > PLACE_MAX ? "…" : "") < 0)
                return NULL;
        return text;
}

int schema_refuse(SchemaChecker *k, const char *format, ...) {
        _cleanup_free_ char *place = NULL, *what = NULL, *clean = NULL;
        va_list ap;
        int r;

        if (k->quiet > 0 || k->error)
                return 0;

        va_start(ap, format);
        r = vasprintf(&what, format, ap);
        va_end(ap);
        if (r < 0) {
                what = NULL;
                return -ENOMEM;
        }

        place = describe_place(k->place);
        clean = text_clean(what, strlen(what), SENTENCE_MAX);
        if (!place || !clean || asprintf(&k->error, "%s %s", place, clean) < 0) {
                k->error = NULL;
                return -ENOMEM;
        }
        return 0;
}

int schema_spend(SchemaChecker *k, uint64_t steps) {
        if (steps > k->steps_left)
                return -E2BIG;
        k->steps_left -= steps;
        return 0;
}

int schema_match(SchemaChecker *k, const SchemaRegex *regex, const char *s, size_t n) {
        uint64_t start, used;
        int r;

        r = schema_spend(k, 1 + n / 16);
        if (r < 0)
                return r;

        start = clock_usec(CLOCK_THREAD_CPUTIME_ID);
        r = schema_regex_match(regex, s, n, k->pattern_usec_left);
        used = clock_usec(CLOCK_THREAD_CPUTIME_ID) - start;
        k->pattern_usec_left -= MIN(used, k->pattern_usec_left);
        return r;
}

static int check_rules(SchemaChecker *k, const SchemaNode *node, json_object *value) {
        unsigned type = SCHEMA_TYPE(json_object_get_type(value));
        int r = 1;

        for (size_t i = 0; r > 0 && i < node->n_rules; i++) {
                const SchemaRule *rule = &node->rules[i];

                if (!rule->keyword->check || !(rule->keyword->types & type))
                        continue;
                r = schema_spend(k, 1);
                if (r < 0)
                        return r;
                r = rule->keyword->check(k, node, rule, value);
        }
        return r;
}

int schema_check_node(SchemaChecker *k, const SchemaNode *node, json_object *value) {
        int r;

        if (node->refuses)
                return schema_refuse(k, "is not allowed here");
        if (k->depth >= SCHEMA_CHECK_DEPTH)
                return -ELOOP;
        r = schema_spend(k, 1);
        if (r < 0)
                return r;

        k->depth++;
        r = check_rules(k, node, value);
        k->depth--;
        return r;
}

static int check_inner(SchemaChecker *k, const SchemaNode *node, json_object *value, Place place) {
        int r;

        place.outer = k->place;
        k->place = &place;
        r = schema_check_node(k, node, value);
        k->place = place.outer;
        return r;
}

int schema_check_member(
                SchemaChecker *k, const SchemaNode *node, json_object *value, const char *name) {
        return check_inner(k, node, value, (Place){.name = name});
}

int schema_check_item(SchemaChecker *k, const SchemaNode *node, json_object *value, size_t index) {
        return check_inner(k, node, value, (Place){.index = index});
}

int schema_try_node(SchemaChecker *k, const SchemaNode *node, json_object *value) {
        int r;

        k->quiet++;
        r = schema_check_node(k, node, value);
        k->quiet--;
        return r;
}

const char *schema_describe(const json_object *value, char buffer[static SCHEMA_DESCRIBE_MAX]) {
        char number[SCHEMA_NUMBER_MAX];

        switch (json_object_get_type(value)) {
        case json_type_null:
                return "null";
        case json_type_boolean:
                return json_object_get_boolean(value) ? "true" : "false";
        case json_type_double:
        case json_type_int:
                (void)snprintf(buffer, SCHEMA_DESCRIBE_MAX, "the number %s",
                                schema_number_text(schema_number(value), number));
                return buffer;
        case json_type_string:
                return json_object_get_string_len(value) > 0 ? "a string" : "an empty string";
        case json_type_array:
                return "an array";
        case json_type_object:
                return "an object";
        }
        return "something else";
}

const SchemaRule *schema_rule_find(const SchemaNode *node, const char *keyword) {
        for (size_t i = 0; i < node->n_rules; i++)
                if (strcmp(node->rules[i].keyword->name, keyword) == 0)
                        return &node->rules[i];
        return NULL;
}

/* What ended a check before it was known. */
static const char *why_unfinished(int r) {
        switch (r) {
        case -ELOOP:
                return "the value or the references of the schema go too deep";
        case -ETIME:
                return "a pattern of the schema takes too long on this value";
        case -EFBIG:
                return "a string is too long for a pattern of the schema";
        default:
                return "the value takes too many steps to check";
        }
}

int schema_check(const Schema *s, json_object *value, char **reterr) {
        SchemaChecker k = {
                        .steps_left = SCHEMA_CHECK_STEPS,
                        .pattern_usec_left = SCHEMA_CHECK_PATTERN_USEC,
        };
        int r;

        assert(s && reterr);

        r = schema_check_node(&k, s->root, value);
        if (r == 0) {
                *reterr = k.error;
                return -EBADMSG;
        }

        free(k.error);
        if (r > 0 || r == -ENOMEM)
                return r > 0 ? 0 : r;
        *reterr = strdup(why_unfinished(r));
        return *reterr ? -EBADMSG : -ENOMEM;
}
