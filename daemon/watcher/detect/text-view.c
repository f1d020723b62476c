/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/detect/text-view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/text.h"

typedef struct Writer {
        TextView *view;
        size_t n_bytes, n_flow;
        size_t line_start, line_end; /* the end without trailing blanks */
        size_t line_flow;
        bool space_due;
} Writer;

static bool is_bar(const char *s, size_t length) {
        return length == 3 &&
                        (memcmp(s, "\u2502", 3) == 0 || memcmp(s, "\u2503", 3) == 0 ||
                                        memcmp(s, "\u2551", 3) == 0);
}

/* What separates words besides blanks: the no-break space, and the borders that boxes put around
 * text. */
static bool is_separator(const char *s, size_t length) {
        return (length == 2 && memcmp(s, "\u00a0", 2) == 0) || is_bar(s, length);
}

static char fold(char c) {
        return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static void write_due_space(Writer *w) {
        if (w->space_due)
                w->view->flow[w->n_flow++] = ' ';
        w->space_due = false;
}

static bool is_shown(char c) {
        return (c >= ' ' && c != 0x7f) || c == '\t';
}

static bool is_blank(char c) {
        return c == ' ' || c == '\t';
}

static void write_ascii(Writer *w, char c) {
        w->view->bytes[w->n_bytes++] = c;
        if (is_blank(c)) {
                w->space_due = w->n_flow > w->line_flow;
                return;
        }
        w->line_end = w->n_bytes;
        write_due_space(w);
        w->view->flow[w->n_flow++] = c;
}

/*
 * Nearly all there is: screens are long, and judged whenever they change. The same as letter by
 * letter, but with the places in registers. Returns how many bytes it took.
 */
static size_t write_ascii_run(Writer *w, const char *s, size_t n) {
        char *const bytes = w->view->bytes + w->n_bytes, *flow = w->view->flow + w->n_flow;
        const char *const line_flow = w->view->flow + w->line_flow;
        bool space_due = w->space_due;
        size_t i, words_end = 0;

        for (i = 0; i < n && is_shown(s[i]); i++) {
                bytes[i] = s[i];
                if (is_blank(s[i])) {
                        space_due = flow > line_flow;
                        continue;
                }
                words_end = i + 1;
                if (space_due)
                        *flow++ = ' ';
                space_due = false;
                *flow++ = s[i];
        }

        if (words_end > 0)
                w->line_end = w->n_bytes + words_end;
        w->n_bytes += i;
        w->n_flow = (size_t)(flow - w->view->flow);
        w->space_due = space_due;
        return i;
}

static void write_separator(Writer *w, const char *s, size_t length) {
        memcpy(w->view->bytes + w->n_bytes, s, length);
        w->n_bytes += length;
        w->space_due = w->n_flow > w->line_flow;
        if (is_bar(s, length))
                w->line_end = w->n_bytes;
}

/* The rules around boxes are hundreds of the same. In bytes. */
static size_t length_of_repeats(const char *s, size_t n, size_t length) {
        size_t k = length;

        if (length == 3)
                while (k + 3 <= n && s[k] == s[0] && s[k + 1] == s[1] && s[k + 2] == s[2])
                        k += 3;
        return k;
}

/* A character of more than one byte, and more of the same. Returns how many bytes it took. */
static size_t write_wide(Writer *w, const char *s, size_t n, size_t length) {
        if (is_separator(s, length)) {
                write_separator(w, s, length);
                return length;
        }

        length = length_of_repeats(s, n, length);
        memcpy(w->view->bytes + w->n_bytes, s, length);
        w->n_bytes += length;
        w->line_end = w->n_bytes;
        write_due_space(w);
        memcpy(w->view->flow + w->n_flow, s, length);
        w->n_flow += length;
        return length;
}

static void end_line(Writer *w) {
        TextView *v = w->view;

        v->lines[v->n_lines++] = (TextLine){
                        .start = w->line_start,
                        .n = w->line_end - w->line_start,
                        .flow = w->line_flow,
        };
        v->bytes[w->n_bytes++] = '\n';

        /* Every line that has words ends in one space, so that no two lines' words run together. */
        w->space_due = false;
        if (w->n_flow > w->line_flow)
                v->flow[w->n_flow++] = ' ';

        w->line_start = w->line_end = w->n_bytes;
        w->line_flow = w->n_flow;
}

static void write_text(Writer *w, const char *s, size_t n) {
        while (n > 0) {
                size_t length = write_ascii_run(w, s, n);

                if (length == 0 && *s == '\n') {
                        end_line(w);
                        length = 1;
                } else if (length == 0) {
                        length = utf8_char_length(s, n);
                        if (length > 1)
                                length = write_wide(w, s, n, length);
                        else
                                write_ascii(w, '?');
                        length = MAX(length, 1U);
                }
                s += length;
                n -= length;
        }
        if (w->n_bytes > w->line_start)
                end_line(w);
}

static void write_folded(const Writer *w) {
        for (size_t i = 0; i < w->n_flow; i++)
                w->view->folded[i] = fold(w->view->flow[i]);
}

/* Where to begin so that the limits hold: at the beginning of a line, if there is one. */
static size_t find_start(const char *text, size_t n, size_t *ret_n_lines) {
        size_t n_lines = 1, start = n > TEXT_VIEW_BYTES_MAX ? n - TEXT_VIEW_BYTES_MAX : 0;

        for (const char *end = text + n, *newline;
                        (newline = memrchr(text + start, '\n', (size_t)(end - text) - start));
                        end = newline) {
                if (n_lines >= TEXT_VIEW_LINES_MAX) {
                        start = (size_t)(newline + 1 - text);
                        break;
                }
                n_lines++;
        }

        *ret_n_lines = n_lines;
        return start;
}

static void drop_empty_end(Writer *w) {
        TextView *v = w->view;

        while (v->n_lines > 0 && v->lines[v->n_lines - 1].n == 0)
                v->n_lines--;
        v->lines[v->n_lines] = (TextLine){.start = w->n_bytes, .flow = w->n_flow};
        v->bytes[w->n_bytes] = v->flow[w->n_flow] = v->folded[w->n_flow] = '\0';
}

int text_view_init(TextView *v, const char *text, size_t n_text) {
        size_t n_lines, start = find_start(text, n_text, &n_lines), n = n_text - start;
        Writer w = {.view = v};

        *v = (TextView){
                        .bytes = malloc(n + 2),
                        .flow = malloc(n + 2),
                        .folded = malloc(n + 2),
                        .lines = calloc(n_lines + 2, sizeof(TextLine)),
        };
        if (!v->bytes || !v->flow || !v->folded || !v->lines) {
                text_view_done(v);
                return -ENOMEM;
        }

        write_text(&w, text + start, n);
        write_folded(&w);
        drop_empty_end(&w);
        return 0;
}

void text_view_done(TextView *v) {
        free(v->bytes);
        free(v->flow);
        free(v->folded);
        free(v->lines);
        *v = (TextView){};
}

int text_view_fold(const char *needle, char **ret) {
        TextView v;
        size_t n;
        int r;

        r = text_view_init(&v, needle, strlen(needle));
        if (r < 0)
                return r;

        /* Without the space that ends a line: the needle may stop within one. */
        n = strlen(v.folded);
        if (n > 0 && v.folded[n - 1] == ' ')
                v.folded[n - 1] = '\0';
        *ret = TAKE_PTR(v.folded);
        text_view_done(&v);
        return 0;
}
