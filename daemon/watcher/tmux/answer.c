/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/tmux/answer.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/watcher/tmux/answer-row.h"

/* Of the row before a screen. */
#define SCREEN_KIND 'c'

/* What is left of the answer. */
typedef struct Cursor {
        const char *p;
        const char *end;
} Cursor;

/* Without its newline; the last one need not have any. */
static bool next_line(Cursor *c, Span *ret) {
        const char *newline;

        if (c->p == c->end)
                return false;
        newline = memchr(c->p, '\n', (size_t)(c->end - c->p)) ?: c->end;
        *ret = (Span){c->p, (size_t)(newline - c->p)};
        c->p = newline < c->end ? newline + 1 : c->end;
        return true;
}

/* Which pane a row is of, and how high that is, its place says; that it is so still, the layout. */
static void set_place(const TmuxBatch *b, TmuxAnswer *a, TmuxRow *row) {
        const TmuxPlace *place = a->n_rows < b->n_places ? &b->places[a->n_rows] : NULL;

        a->moved = a->moved || !place || place->layout != row->layout;
        if (place) {
                row->pane = place->pane;
                row->height = place->height;
        }
}

static int add_row(TmuxAnswer *a, size_t *n_allocated, TmuxRow *row) {
        if (a->n_rows == TMUX_PANES_MAX) {
                a->cut = true;
                tmux_row_done(row);
                return 0;
        }
        if (a->n_rows == *n_allocated) {
                size_t n = *n_allocated > 0 ? *n_allocated * 2 : 64;
                TmuxRow *rows = reallocarray(a->rows, n, sizeof(*rows));

                if (!rows) {
                        tmux_row_done(row);
                        return -ENOMEM;
                }
                a->rows = rows;
                *n_allocated = n;
        }
        a->rows[a->n_rows++] = *row;
        return 0;
}

static const struct {
        char kind;
        int (*parse)(Span line, TmuxRow *ret);
} row_kinds[] = {
                [TMUX_ROWS_ALL] = {'p', answer_parse_pane},
                [TMUX_ROWS_BRIEF] = {'b', answer_parse_brief},
                [TMUX_ROWS_LEAN] = {'n', answer_parse_lean},
                [TMUX_ROWS_LIVE] = {'l', answer_parse_live},
                [TMUX_ROWS_HEIGHT] = {'h', answer_parse_height},
};

/* What follows the word of the batch on the next line. It stays where it is if there is none. */
static bool next_row(const TmuxBatch *b, Cursor *c, char *ret_kind, Span *ret) {
        size_t n_word = strlen(b->word);
        Cursor before = *c;
        Span line;

        if (!next_line(c, &line) || line.n < n_word + 3 || line.text[n_word] != '\t' ||
                        line.text[n_word + 2] != '\t' || memcmp(line.text, b->word, n_word) != 0) {
                *c = before;
                return false;
        }
        *ret_kind = line.text[n_word + 1];
        *ret = (Span){line.text + n_word + 3, line.n - n_word - 3};
        return true;
}

/* The rows come first, and together; what closes them, or tells that they are all, is with them. */
static int parse_rows(const TmuxBatch *b, Cursor *c, TmuxAnswer *a) {
        size_t n_allocated = 0;
        Cursor before = *c;
        TmuxRow row;
        Span line;
        char kind;

        for (; next_row(b, c, &kind, &line); before = *c) {
                int r;

                if (kind == 's')
                        return answer_parse_server(line, a);
                if (kind == SCREEN_KIND && tmux_batch_is_placed(b)) {
                        *c = before;
                        break;
                }
                if (kind != row_kinds[b->rows].kind)
                        return -EBADMSG;
                r = row_kinds[b->rows].parse(line, &row);
                if (r < 0)
                        return r;
                if (tmux_batch_is_placed(b))
                        set_place(b, a, &row);
                r = add_row(a, &n_allocated, &row);
                if (r < 0)
                        return r;
        }
        if (tmux_batch_is_placed(b))
                return 0;
        return !tmux_batch_is_closed(b) && c->p == c->end ? 0 : -EBADMSG;
}

/* A pane may be in many sessions: named after the one where people look at it. */
static int row_rank(const TmuxRow *r) {
        return (r->session_attached ? 2 : 0) + (r->window_active ? 1 : 0);
}

static int compare_rows(const void *a, const void *b) {
        const TmuxRow *x = a, *y = b;

        if (x->pane != y->pane)
                return x->pane < y->pane ? -1 : 1;
        if (row_rank(x) != row_rank(y))
                return row_rank(x) > row_rank(y) ? -1 : 1;
        if (!x->session || !y->session)
                return 0;
        return strcmp(x->session, y->session) ?: (int)x->window_index - (int)y->window_index;
}

/* Before the order of the rows is lost. */
static int keep_places(TmuxAnswer *a) {
        if (a->n_rows == 0)
                return 0;
        a->places = calloc(a->n_rows, sizeof(*a->places));
        if (!a->places)
                return -ENOMEM;
        for (size_t i = 0; i < a->n_rows; i++)
                a->places[i] = (TmuxPlace){.pane = a->rows[i].pane,
                                .height = a->rows[i].height,
                                .layout = a->rows[i].layout};
        a->n_places = a->n_rows;
        return 0;
}

static void drop_duplicates(TmuxAnswer *a) {
        size_t n = 0;

        if (a->n_rows > 1)
                qsort(a->rows, a->n_rows, sizeof(*a->rows), compare_rows);

        for (size_t i = 0; i < a->n_rows; i++)
                if (n > 0 && a->rows[n - 1].pane == a->rows[i].pane)
                        tmux_row_done(&a->rows[i]);
                else
                        a->rows[n++] = a->rows[i];
        a->n_rows = n;
}

const TmuxRow *tmux_answer_find(const TmuxAnswer *answer, uint32_t pane) {
        size_t low = 0, high = answer->n_rows;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (answer->rows[middle].pane == pane)
                        return &answer->rows[middle];
                if (answer->rows[middle].pane < pane)
                        low = middle + 1;
                else
                        high = middle;
        }
        return NULL;
}

/* Returns false if there are fewer lines. */
static bool take_lines(Cursor *c, unsigned n_lines, TmuxScreen *ret) {
        const char *start = c->p;
        Span line;

        for (unsigned i = 0; i < n_lines; i++)
                if (!next_line(c, &line))
                        return false;

        ret->text = start;
        ret->n_text = (size_t)(c->p - start);
        return true;
}

static int head_from_row(const TmuxRow *row, TmuxScreen *ret) {
        if (!row) {
                *ret = (TmuxScreen){};
                return -ENXIO;
        }
        *ret = (TmuxScreen){
                        .pane = row->pane,
                        .height = row->height,
                        .cursor_x = row->cursor_x,
                        .cursor_y = row->cursor_y,
                        .alternate_on = row->alternate_on,
                        .in_mode = row->in_mode,
                        .title = row->title ? strdup(row->title) : NULL,
        };
        return row->title && !ret->title ? -ENOMEM : 0;
}

static int finish_rows(const TmuxBatch *b, TmuxAnswer *a) {
        int r = 0;

        if (b->rows == TMUX_ROWS_ALL)
                r = keep_places(a);
        if (tmux_batch_is_placed(b) && a->n_rows != b->n_places)
                a->moved = true;
        drop_duplicates(a);
        return r;
}

/* Returns -ENXIO if the pane is gone: then its name is empty, as all of the row. */
static int take_own_row(const TmuxBatch *b, size_t i, Span line, TmuxAnswer *a, TmuxScreen *ret) {
        size_t n_allocated = a->n_rows;
        TmuxRow row;
        int r;

        if (line.n > 0 && line.text[0] == '\t')
                return -ENXIO;
        r = answer_parse_pane(line, &row);
        if (r < 0)
                return r;
        if (row.pane != b->panes[i]) {
                tmux_row_done(&row);
                return -EBADMSG;
        }
        r = add_row(a, &n_allocated, &row);
        return r < 0 ? r : head_from_row(&a->rows[a->n_rows - 1], ret);
}

/* What is known of it before its lines. Returns -ENXIO if it is gone, and gave none. */
static int head_of_screen(const TmuxBatch *b, size_t i, Cursor *c, TmuxAnswer *a, TmuxScreen *ret) {
        Span line;
        char kind;

        if (tmux_batch_is_bare(b))
                return head_from_row(tmux_answer_find(a, b->panes[i]), ret);
        if (!next_row(b, c, &kind, &line))
                return -EBADMSG;
        if (b->rows == TMUX_ROWS_OWN && kind == row_kinds[TMUX_ROWS_ALL].kind)
                return take_own_row(b, i, line, a, ret);
        if (b->rows == TMUX_ROWS_OWN || kind != SCREEN_KIND)
                return -EBADMSG;
        return answer_parse_screen(line, ret);
}

static int take_screen(const TmuxBatch *b, size_t i, Cursor *c, TmuxAnswer *a) {
        TmuxScreen *screen = &a->screens[a->n_screens];
        int r;

        r = head_of_screen(b, i, c, a, screen);
        if (r < 0)
                return r;
        a->n_screens++;
        return screen->pane == b->panes[i] && take_lines(c, screen->height, screen) ? 0 : -EBADMSG;
}

static void drop_screens(TmuxAnswer *a) {
        for (size_t i = 0; i < a->n_screens; i++)
                free(a->screens[i].title);
        a->n_screens = 0;
}

static int split_screens(const TmuxBatch *b, Cursor *c, TmuxAnswer *a) {
        int r = 0;

        for (size_t i = 0; i < b->n_panes && (r >= 0 || r == -ENXIO); i++)
                r = take_screen(b, i, c, a);
        if (r == -ENOMEM)
                return r;

        a->torn = r == -EBADMSG || c->p != c->end;
        if (a->torn)
                drop_screens(a);
        return 0;
}

void tmux_answer_done(TmuxAnswer *answer) {
        for (size_t i = 0; i < answer->n_rows; i++)
                tmux_row_done(&answer->rows[i]);
        drop_screens(answer);
        free(answer->rows);
        free(answer->places);
        *answer = (TmuxAnswer){};
}

int tmux_answer_parse(const TmuxBatch *batch, const char *out, size_t n_out, TmuxAnswer *ret) {
        _cleanup_(tmux_answer_done) TmuxAnswer a = {};
        Cursor c = {out, out + n_out};
        int r;

        assert(batch);
        assert(out);
        assert(ret);

        if (tmux_batch_has_list(batch)) {
                r = parse_rows(batch, &c, &a);
                if (r < 0)
                        return r;
        }
        r = finish_rows(batch, &a);
        if (r >= 0 && !a.moved)
                r = split_screens(batch, &c, &a);
        if (r < 0)
                return r;

        *ret = a;
        a = (TmuxAnswer){};
        return 0;
}
