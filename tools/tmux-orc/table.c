/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/table.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/json.h"

#define COLUMNS_MAX 16
#define GAP 2U
#define FLEXIBLE_MIN 6U

typedef struct Layout {
        const Column *columns;
        size_t n_columns, n_rows;
        char **cells; /* safe text, row after row */
        size_t widths[COLUMNS_MAX];
        bool hidden[COLUMNS_MAX];
} Layout;

static void layout_done(Layout *l) {
        for (size_t i = 0; l->cells && i < l->n_columns * l->n_rows; i++)
                free(l->cells[i]);
        free(l->cells);
}

static char *cell_text(const Column *column, json_object *row) {
        _cleanup_free_ char *raw = (column->text ?: cell_plain)(row, column->key);
        char *text = raw ? terminal_text(raw) : NULL;

        /* Some programs fill their titles with blanks. */
        for (size_t n = text ? strlen(text) : 0; n > 0 && text[n - 1] == ' '; n--)
                text[n - 1] = '\0';
        return text;
}

static int layout_fill(Layout *l, const Column *columns, json_object *rows) {
        l->columns = columns;
        while (columns[l->n_columns].heading)
                l->n_columns++;
        assert(l->n_columns <= COLUMNS_MAX);

        l->n_rows = json_object_array_length(rows);
        l->cells = calloc(l->n_rows * l->n_columns + 1, sizeof(*l->cells));
        if (!l->cells)
                return -ENOMEM;

        for (size_t i = 0; i < l->n_rows; i++)
                for (size_t k = 0; k < l->n_columns; k++) {
                        char *text = cell_text(&columns[k], json_object_array_get_idx(rows, i));

                        if (!text)
                                return -ENOMEM;
                        l->cells[i * l->n_columns + k] = text;
                }
        return 0;
}

static bool is_hidden(const Layout *l, size_t column) {
        unsigned flags = l->columns[column].flags;
        bool any = false, others = false;

        for (size_t i = 0; i < l->n_rows; i++) {
                const char *text = l->cells[i * l->n_columns + column];

                any = any || text[0] != '\0';
                others = others || strcmp(text, l->cells[column]) != 0;
        }
        return (flags & COLUMN_IF_ANY && !any) || (flags & COLUMN_IF_OTHERS && !others);
}

static size_t layout_width(const Layout *l) {
        size_t width = 0;

        for (size_t k = 0; k < l->n_columns; k++)
                if (!l->hidden[k])
                        width += l->widths[k] + (width > 0 ? GAP : 0);
        return width;
}

/* The widest column that may still be shortened, or -1. */
static int widest_flexible(const Layout *l) {
        int found = -1;

        for (size_t k = 0; k < l->n_columns; k++) {
                if (l->hidden[k] || !(l->columns[k].flags & COLUMN_FLEXIBLE) ||
                                l->widths[k] <= FLEXIBLE_MIN)
                        continue;
                if (found < 0 || l->widths[k] > l->widths[found])
                        found = (int)k;
        }
        return found;
}

static void layout_measure(Layout *l, const Terminal *t, bool headings) {
        for (size_t k = 0; k < l->n_columns; k++) {
                l->hidden[k] = is_hidden(l, k);
                l->widths[k] = headings ? text_width(l->columns[k].heading) : 0;
                for (size_t i = 0; i < l->n_rows; i++)
                        l->widths[k] = MAX(
                                        l->widths[k], text_width(l->cells[i * l->n_columns + k]));
        }

        while (t->columns > 0 && layout_width(l) > t->columns) {
                int k = widest_flexible(l);

                if (k < 0)
                        break;
                l->widths[k]--;
        }
}

static void print_spaces(FILE *out, size_t n) {
        while (n-- > 0)
                (void)fputc(' ', out);
}

typedef struct Cell {
        const char *text;
        Style style;
        size_t width;
        bool right;
        bool last;
} Cell;

static int print_cell(FILE *out, const Terminal *t, const Cell *cell) {
        _cleanup_free_ char *text = text_fit(cell->text, cell->width);
        size_t padding;

        if (!text)
                return -ENOMEM;

        padding = cell->width - text_width(text);
        if (cell->right)
                print_spaces(out, padding);
        (void)fprintf(out, "%s%s%s", style_begin(t, cell->style), text, style_end(t, cell->style));
        if (!cell->last)
                print_spaces(out, GAP + (cell->right ? 0 : padding));
        return 0;
}

static size_t last_shown(const Layout *l) {
        size_t k = l->n_columns;

        while (k > 1 && l->hidden[k - 1])
                k--;
        return k - 1;
}

/* @row NULL: the headings. */
static int print_line(FILE *out, const Terminal *t, const Layout *l, json_object *row, size_t i) {
        for (size_t k = 0; k < l->n_columns; k++) {
                const Column *column = &l->columns[k];
                Cell cell = {
                                .text = row ? l->cells[i * l->n_columns + k] : column->heading,
                                .style = row ? STYLE_PLAIN : STYLE_DIM,
                                .width = l->widths[k],
                                .right = column->flags & COLUMN_RIGHT,
                                .last = k == last_shown(l),
                };
                int r;

                if (l->hidden[k])
                        continue;
                if (row && column->style)
                        cell.style = column->style(row, column->key);
                r = print_cell(out, t, &cell);
                if (r < 0)
                        return r;
        }
        (void)fputc('\n', out);
        return 0;
}

int table_print(FILE *out, const Terminal *t, const Column *columns, json_object *rows,
                bool headings) {
        _cleanup_(layout_done) Layout l = {};
        int r;

        r = layout_fill(&l, columns, rows);
        if (r < 0)
                return r;
        if (l.n_rows == 0)
                return 0;
        layout_measure(&l, t, headings);

        if (headings) {
                r = print_line(out, t, &l, NULL, 0);
                if (r < 0)
                        return r;
        }
        for (size_t i = 0; i < l.n_rows; i++) {
                r = print_line(out, t, &l, json_object_array_get_idx(rows, i), i);
                if (r < 0)
                        return r;
        }
        return 0;
}

int table_print_facts(FILE *out, const Terminal *t, const Column *columns, json_object *row) {
        size_t label = 0;

        for (const Column *k = columns; k->heading; k++)
                label = MAX(label, text_width(k->heading));

        for (const Column *k = columns; k->heading; k++) {
                _cleanup_free_ char *text = cell_text(k, row);
                Style style = k->style ? k->style(row, k->key) : STYLE_PLAIN;

                if (!text)
                        return -ENOMEM;
                if (text[0] == '\0' && k->flags & COLUMN_IF_ANY)
                        continue;
                print_spaces(out, label - text_width(k->heading));
                (void)fprintf(out, "%s%s:%s %s%s%s\n", style_begin(t, STYLE_DIM), k->heading,
                                style_end(t, STYLE_DIM), style_begin(t, style), text,
                                style_end(t, style));
        }
        return 0;
}
