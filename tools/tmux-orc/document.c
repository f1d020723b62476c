/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/document.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "daemon/base/json.h"

static FILE *out(const Document *d) {
        return d->context->out;
}

static void bold(Document *d, const char *text) {
        const Terminal *t = &d->context->terminal;

        (void)fprintf(out(d), "%s%s%s\n", style_begin(t, STYLE_BOLD), text,
                        style_end(t, STYLE_BOLD));
}

void document_title(Document *d, const char *format, ...) {
        _cleanup_free_ char *text = NULL;
        va_list ap;
        int n;

        va_start(ap, format);
        n = vasprintf(&text, format, ap);
        va_end(ap);
        if (n < 0) {
                text = NULL;
                d->error = -ENOMEM;
                return;
        }
        d->begun = true;
        if (d->markdown)
                (void)fprintf(out(d), "# %s\n", text);
        else
                bold(d, text);
}

void document_heading(Document *d, const char *text) {
        if (d->begun)
                (void)fputc('\n', out(d));
        d->begun = true;
        if (d->markdown)
                (void)fprintf(out(d), "## %s\n\n", text);
        else
                bold(d, text);
}

void document_line(Document *d, const char *format, ...) {
        va_list ap;

        d->begun = true;
        va_start(ap, format);
        (void)vfprintf(out(d), format, ap);
        va_end(ap);
        /* Lines stay lines there. */
        (void)fputs(d->markdown ? "  \n" : "\n", out(d));
}

/* What would end a cell, or be more than text in it. */
static void print_cell(Document *d, const Column *column, json_object *row) {
        _cleanup_free_ char *raw = (column->text ?: cell_plain)(row, column->key);
        _cleanup_free_ char *text = raw ? terminal_text(raw) : NULL;

        if (!text) {
                d->error = -ENOMEM;
                return;
        }
        (void)fputs(" ", out(d));
        for (const char *s = text; *s; s++) {
                if (strchr("|\\`*_<[", *s))
                        (void)fputc('\\', out(d));
                (void)fputc(*s, out(d));
        }
        (void)fputs(" |", out(d));
}

static bool is_empty(const Column *column, json_object *rows) {
        for (size_t i = 0; i < json_object_array_length(rows); i++) {
                _cleanup_free_ char *text = (column->text ?: cell_plain)(
                                json_object_array_get_idx(rows, i), column->key);

                if (text && text[0])
                        return false;
        }
        return true;
}

static bool is_shown(const Column *column, json_object *rows) {
        return !(column->flags & COLUMN_IF_ANY) || !is_empty(column, rows);
}

static void markdown_table(Document *d, const Column *columns, json_object *rows) {
        (void)fputc('|', out(d));
        for (const Column *k = columns; k->heading; k++)
                if (is_shown(k, rows))
                        (void)fprintf(out(d), " %s |", k->heading);
        (void)fputs("\n|", out(d));
        for (const Column *k = columns; k->heading; k++)
                if (is_shown(k, rows))
                        (void)fputs(k->flags & COLUMN_RIGHT ? " ---: |" : " --- |", out(d));
        (void)fputc('\n', out(d));

        for (size_t i = 0; i < json_object_array_length(rows); i++) {
                (void)fputc('|', out(d));
                for (const Column *k = columns; k->heading; k++)
                        if (is_shown(k, rows))
                                print_cell(d, k, json_object_array_get_idx(rows, i));
                (void)fputc('\n', out(d));
        }
}

void document_table(Document *d, const Column *columns, json_object *rows) {
        int r;

        if (!rows || json_object_array_length(rows) == 0) {
                document_line(d, "none");
                return;
        }
        if (d->markdown) {
                markdown_table(d, columns, rows);
                return;
        }
        r = table_print(out(d), &d->context->terminal, columns, rows, true);
        d->error = d->error < 0 ? d->error : r;
}

void document_facts(Document *d, const Column *columns, json_object *row) {
        int r;

        if (!d->markdown) {
                r = table_print_facts(out(d), &d->context->terminal, columns, row);
                d->error = d->error < 0 ? d->error : r;
                return;
        }
        (void)fputs("| | |\n| --- | --- |\n", out(d));
        for (const Column *k = columns; k->heading; k++) {
                _cleanup_free_ char *text = (k->text ?: cell_plain)(row, k->key);

                if (!text || !text[0])
                        continue;
                (void)fprintf(out(d), "| %s |", k->heading);
                print_cell(d, k, row);
                (void)fputc('\n', out(d));
        }
}
