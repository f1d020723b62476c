/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/base/json-canonical.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

typedef struct Writer {
        char *text;
        size_t n, n_allocated, max;
} Writer;

static int write_bytes(Writer *w, const char *bytes, size_t n) {
        if (n > w->max - w->n)
                return -EFBIG;

        if (w->n + n + 1 > w->n_allocated) {
                size_t wanted = 2 * (w->n + n) + 64;
                char *text = realloc(w->text, wanted);

                if (!text)
                        return -ENOMEM;
                w->text = text;
                w->n_allocated = wanted;
        }

        memcpy(w->text + w->n, bytes, n);
        w->n += n;
        w->text[w->n] = '\0';
        return 0;
}

static int write_text(Writer *w, const char *text) {
        return write_bytes(w, text, strlen(text));
}

static int write_string(Writer *w, const char *s, size_t n) {
        size_t start = 0;
        int r;

        r = write_text(w, "\"");
        for (size_t i = 0; r >= 0 && i < n; i++) {
                unsigned char c = (unsigned char)s[i];
                char escaped[8];

                if (c >= 0x20 && c != '"' && c != '\\')
                        continue;

                (void)snprintf(escaped, sizeof(escaped), "\\u%04x", c);
                r = write_bytes(w, s + start, i - start);
                if (r >= 0)
                        r = write_text(w, escaped);
                start = i + 1;
        }
        if (r >= 0)
                r = write_bytes(w, s + start, n - start);
        return r < 0 ? r : write_text(w, "\"");
}

static int write_whole(Writer *w, const json_object *value) {
        char text[32];

        /* Each getter ends at the limits of its type. */
        if (json_object_get_int64(value) < 0)
                (void)snprintf(text, sizeof(text), "%" PRIi64, json_object_get_int64(value));
        else
                (void)snprintf(text, sizeof(text), "%" PRIu64, json_object_get_uint64(value));
        return write_text(w, text);
}

static int write_double(Writer *w, double d) {
        char text[40];

        if (d == rint(d) && d >= -0x1p63 && d < 0)
                (void)snprintf(text, sizeof(text), "%" PRIi64, (int64_t)d);
        else if (d == rint(d) && d >= 0 && d < 0x1p64)
                (void)snprintf(text, sizeof(text), "%" PRIu64, (uint64_t)d);
        else
                (void)snprintf(text, sizeof(text), "%.17g", d);
        return write_text(w, text);
}

static int write_value(Writer *w, const json_object *value, unsigned depth);

static int write_array(Writer *w, const json_object *array, unsigned depth) {
        size_t n = json_object_array_length(array);
        int r;

        r = write_text(w, "[");
        for (size_t i = 0; r >= 0 && i < n; i++) {
                if (i > 0)
                        r = write_text(w, ",");
                if (r >= 0)
                        r = write_value(w, json_object_array_get_idx(array, i), depth - 1);
        }
        return r < 0 ? r : write_text(w, "]");
}

static int compare_names(const void *a, const void *b) {
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Borrowed names. */
static int sorted_names(const json_object *object, const char ***ret) {
        struct json_object_iter member;
        const char **names;
        size_t n = 0;

        names = calloc((size_t)json_object_object_length(object) + 1, sizeof(*names));
        if (!names)
                return -ENOMEM;

        json_object_object_foreachC(object, member) names[n++] = member.key;
        qsort(names, n, sizeof(*names), compare_names);
        *ret = names;
        return 0;
}

static int write_object(Writer *w, const json_object *object, unsigned depth) {
        _cleanup_free_ const char **names = NULL;
        int r;

        r = sorted_names(object, &names);
        if (r < 0)
                return r;

        r = write_text(w, "{");
        for (size_t i = 0; r >= 0 && names[i]; i++) {
                if (i > 0)
                        r = write_text(w, ",");
                if (r >= 0)
                        r = write_string(w, names[i], strlen(names[i]));
                if (r >= 0)
                        r = write_text(w, ":");
                if (r >= 0)
                        r = write_value(w, json_get(object, names[i]), depth - 1);
        }
        return r < 0 ? r : write_text(w, "}");
}

static int write_value(Writer *w, const json_object *value, unsigned depth) {
        if (depth == 0)
                return -ELOOP;

        switch (json_object_get_type(value)) {
        case json_type_null:
                return write_text(w, "null");
        case json_type_boolean:
                return write_text(w, json_object_get_boolean(value) ? "true" : "false");
        case json_type_int:
                return write_whole(w, value);
        case json_type_double:
                return write_double(w, json_object_get_double(value));
        case json_type_string:
                return write_string(w, json_object_get_string((json_object *)value),
                                (size_t)json_object_get_string_len(value));
        case json_type_array:
                return write_array(w, value, depth);
        case json_type_object:
                return write_object(w, value, depth);
        }
        return -EINVAL;
}

int json_canonical(
                const json_object *value, unsigned depth, size_t max, char **ret, size_t *ret_n) {
        Writer w = {.max = max};
        int r;

        assert(ret);

        r = write_value(&w, value, depth);
        if (r < 0) {
                free(w.text);
                return r;
        }

        *ret = w.text;
        if (ret_n)
                *ret_n = w.n;
        return 0;
}
