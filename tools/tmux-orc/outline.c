/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/outline.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/text.h"
#include "tools/tmux-orc/duration.h"
#include "tools/tmux-orc/table.h"

#define COLUMNS_MAX 12
#define INDENT 2

/* "reset_usec" is "reset", for its value is printed as a time. */
static char *make_label(const char *key) {
        char *label = terminal_text(key);
        size_t n = label ? strlen(label) : 0;

        if (!label)
                return NULL;
        if (text_ends_with(label, "_usec"))
                label[n - strlen("_usec")] = '\0';
        for (char *s = label; *s; s++)
                if (*s == '_')
                        *s = ' ';
        return label;
}

static char *cell_value(json_object *row, const char *key) {
        json_object *value = json_get(row, key);
        char buffer[DURATION_TEXT_MAX];
        uint64_t usec = json_object_is_type(value, json_type_int) ? json_object_get_uint64(value)
                                                                  : 0;

        if (json_object_is_type(value, json_type_boolean))
                return strdup(json_object_get_boolean(value) ? "yes" : "");
        if (json_object_is_type(value, json_type_array))
                return cell_list(row, key);
        if (json_object_is_type(value, json_type_double)) {
                (void)snprintf(buffer, sizeof(buffer), "%.2g", json_object_get_double(value));
                return strdup(buffer);
        }
        if (json_object_is_type(value, json_type_string) &&
                        strcmp(json_object_get_string(value), "none") == 0)
                return strdup("");
        if (!text_ends_with(key, "_usec") || usec == 0)
                return cell_plain(row, key);
        /* Later than 2001 is a point of time, all else a span. */
        return strdup(usec > 1000000000 * USEC_PER_SEC
                                        ? clock_to_text(usec, buffer, sizeof(buffer))
                                        : duration_to_text(usec, buffer, sizeof(buffer)));
}

static bool is_list_of_objects(json_object *o) {
        if (!json_object_is_type(o, json_type_array) || json_object_array_length(o) == 0)
                return false;

        for (size_t i = 0; i < json_object_array_length(o); i++)
                if (!json_object_is_type(json_object_array_get_idx(o, i), json_type_object))
                        return false;
        return true;
}

static Style style_row(json_object *row, const char *key) {
        return json_get_bool(row, "overruled", false) ? STYLE_DIM : STYLE_PLAIN;
}

static void free_headings(Column *columns) {
        for (size_t i = 0; columns[i].heading; i++)
                free((char *)columns[i].heading);
}

static bool has_column(const Column *columns, size_t n, const char *key) {
        for (size_t i = 0; i < n; i++)
                if (strcmp(columns[i].key, key) == 0)
                        return true;
        return false;
}

/* A column for each member that has none yet. */
static int add_columns(Column *columns, size_t *n, json_object *row) {
        json_object_object_foreach(row, key, value) {
                char *heading;

                (void)value;
                if (*n >= COLUMNS_MAX || has_column(columns, *n, key))
                        continue;
                heading = make_label(key);
                if (!heading)
                        return -ENOMEM;
                for (char *s = heading; *s; s++)
                        *s = (char)toupper((unsigned char)*s);
                columns[(*n)++] = (Column){heading, key, cell_value, style_row,
                                COLUMN_FLEXIBLE | COLUMN_IF_ANY};
        }
        return 0;
}

/* The one with the most members has them in the order that was meant. */
static size_t find_widest(json_object *rows) {
        size_t widest = 0;

        for (size_t i = 1; i < json_object_array_length(rows); i++)
                if (json_object_object_length(json_object_array_get_idx(rows, i)) >
                                json_object_object_length(json_object_array_get_idx(rows, widest)))
                        widest = i;
        return widest;
}

static int print_table(FILE *out, const Terminal *t, json_object *rows) {
        Column columns[COLUMNS_MAX + 1] = {};
        size_t n = 0;
        int r;

        r = add_columns(columns, &n, json_object_array_get_idx(rows, find_widest(rows)));
        for (size_t i = 0; i < json_object_array_length(rows) && r == 0; i++)
                r = add_columns(columns, &n, json_object_array_get_idx(rows, i));
        if (r == 0)
                r = table_print(out, t, columns, rows, true);
        free_headings(columns);
        return r;
}

static int print_fact(
                FILE *out, const Terminal *t, json_object *o, const char *key, unsigned indent) {
        _cleanup_free_ char *label = make_label(key), *raw = cell_value(o, key);
        _cleanup_free_ char *text = raw ? terminal_text(raw) : NULL;

        if (!label || !text)
                return -ENOMEM;
        if (text[0] != '\0')
                (void)fprintf(out, "%*s%s%s:%s %s\n", (int)indent, "", style_begin(t, STYLE_DIM),
                                label, style_end(t, STYLE_DIM), text);
        return 0;
}

static int print_object(FILE *out, const Terminal *t, json_object *o, unsigned indent);

static int print_part(
                FILE *out, const Terminal *t, json_object *o, const char *key, unsigned indent) {
        json_object *value = json_get(o, key);
        bool is_object = json_object_is_type(value, json_type_object);
        _cleanup_free_ char *label = NULL;

        if (!is_object && !is_list_of_objects(value))
                return 0;
        label = make_label(key);
        if (!label)
                return -ENOMEM;

        (void)fprintf(out, "\n%*s%s%s%s\n", (int)indent, "", style_begin(t, STYLE_BOLD), label,
                        style_end(t, STYLE_BOLD));
        return is_object ? print_object(out, t, value, indent + INDENT)
                         : print_table(out, t, value);
}

/* Facts before what is larger, or they would seem to belong to it. */
static int print_object(FILE *out, const Terminal *t, json_object *o, unsigned indent) {
        int r = 0;

        json_object_object_foreach(o, key, value) {
                if (json_object_is_type(value, json_type_object) || is_list_of_objects(value))
                        continue;
                r = print_fact(out, t, o, key, indent);
                if (r < 0)
                        return r;
        }
        json_object_object_foreach(o, part, ignored) {
                (void)ignored;
                r = print_part(out, t, o, part, indent);
                if (r < 0)
                        return r;
        }
        return 0;
}

int outline_print(FILE *out, const Terminal *t, json_object *o) {
        if (json_object_is_type(o, json_type_object))
                return print_object(out, t, o, 0);
        if (is_list_of_objects(o))
                return print_table(out, t, o);
        return -EBADMSG;
}
