/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/tmux/answer.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/text.h"

#define ROW_FIELDS 21U
#define NUMBER_MAX 24U

typedef struct Span {
        const char *text;
        size_t n;
} Span;

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

/* The last field takes all that is left, tabs too. Returns their number. */
static size_t split(Span line, Span *fields, size_t n_fields) {
        size_t n = 0;

        while (n + 1 < n_fields) {
                const char *tab = memchr(line.text, '\t', line.n);

                if (!tab)
                        break;
                fields[n++] = (Span){line.text, (size_t)(tab - line.text)};
                line.n -= (size_t)(tab + 1 - line.text);
                line.text = tab + 1;
        }
        fields[n++] = line;
        return n;
}

/* @prefix is '%', '@' or 0. An empty field gives @fallback, unless that is -1. */
static int read_number(Span s, char prefix, uint64_t max, int64_t fallback, uint64_t *ret) {
        char text[NUMBER_MAX];

        if (s.n == 0 && fallback >= 0) {
                *ret = (uint64_t)fallback;
                return 0;
        }
        if (prefix) {
                if (s.n == 0 || s.text[0] != prefix)
                        return -EBADMSG;
                s = (Span){s.text + 1, s.n - 1};
        }
        if (s.n >= sizeof(text) || memchr(s.text, '\0', s.n))
                return -EBADMSG;
        memcpy(text, s.text, s.n);
        text[s.n] = '\0';
        return parse_u64(text, 0, max, ret) < 0 ? -EBADMSG : 0;
}

/* The fields of ROW_FORMAT in batch.c before the names. */
enum {
        ROW_PANE,
        ROW_PID,
        ROW_DEAD,
        ROW_DEAD_STATUS,
        ROW_DEAD_SIGNAL,
        ROW_WIDTH,
        ROW_HEIGHT,
        ROW_CURSOR_X,
        ROW_CURSOR_Y,
        ROW_ALTERNATE,
        ROW_IN_MODE,
        ROW_HISTORY,
        ROW_ACTIVITY,
        ROW_WINDOW,
        ROW_WINDOW_INDEX,
        ROW_PANE_INDEX,
        ROW_WINDOW_ACTIVE,
        ROW_ATTACHED,
        _ROW_NUMBERS,
};

#define NO_STATUS 1000

static const struct {
        char prefix;
        uint64_t max;
        int64_t fallback;
} row_numbers[_ROW_NUMBERS] = {
                [ROW_PANE] = {'%', UINT32_MAX, -1},
                [ROW_PID] = {0, INT32_MAX, 0},
                [ROW_DEAD] = {0, 1, 0},
                [ROW_DEAD_STATUS] = {0, NO_STATUS, NO_STATUS},
                [ROW_DEAD_SIGNAL] = {0, 255, 0},
                [ROW_WIDTH] = {0, TMUX_SIDE_MAX, -1},
                [ROW_HEIGHT] = {0, TMUX_SIDE_MAX, -1},
                [ROW_CURSOR_X] = {0, UINT32_MAX, 0},
                [ROW_CURSOR_Y] = {0, UINT32_MAX, 0},
                [ROW_ALTERNATE] = {0, 1, 0},
                [ROW_IN_MODE] = {0, UINT32_MAX, 0}, /* the number of modes */
                [ROW_HISTORY] = {0, UINT32_MAX, 0},
                [ROW_ACTIVITY] = {0, INT64_MAX, 0},
                [ROW_WINDOW] = {'@', UINT32_MAX, -1},
                [ROW_WINDOW_INDEX] = {0, INT32_MAX, -1},
                [ROW_PANE_INDEX] = {0, INT32_MAX, -1},
                [ROW_WINDOW_ACTIVE] = {0, 1, 0},
                [ROW_ATTACHED] = {0, UINT32_MAX, 0},
};

/* The fields of BRIEF_FORMAT. */
static const unsigned brief_fields[] = {ROW_PANE, ROW_PID, ROW_DEAD, ROW_WIDTH, ROW_HEIGHT,
                ROW_CURSOR_X, ROW_CURSOR_Y, ROW_ALTERNATE, ROW_IN_MODE, ROW_HISTORY, ROW_ACTIVITY,
                ROW_WINDOW};

static int read_row_number(Span s, unsigned field, uint64_t *ret) {
        return read_number(s, row_numbers[field].prefix, row_numbers[field].max,
                        row_numbers[field].fallback, ret);
}

static TmuxRow row_from_numbers(const uint64_t n[static _ROW_NUMBERS]) {
        return (TmuxRow){
                        .pane = (uint32_t)n[ROW_PANE],
                        .pid = (pid_t)n[ROW_PID],
                        .dead = n[ROW_DEAD],
                        .dead_status = n[ROW_DEAD_STATUS] == NO_STATUS ? -1
                                                                       : (int)n[ROW_DEAD_STATUS],
                        .dead_signal = (int)n[ROW_DEAD_SIGNAL],
                        .width = (unsigned)n[ROW_WIDTH],
                        .height = (unsigned)n[ROW_HEIGHT],
                        .cursor_x = (unsigned)n[ROW_CURSOR_X],
                        .cursor_y = (unsigned)n[ROW_CURSOR_Y],
                        .alternate_on = n[ROW_ALTERNATE],
                        .in_mode = n[ROW_IN_MODE] > 0,
                        .history_size = n[ROW_HISTORY],
                        .window_activity = n[ROW_ACTIVITY],
                        .window = (uint32_t)n[ROW_WINDOW],
                        .window_index = (unsigned)n[ROW_WINDOW_INDEX],
                        .pane_index = (unsigned)n[ROW_PANE_INDEX],
                        .window_active = n[ROW_WINDOW_ACTIVE],
                        .session_attached = n[ROW_ATTACHED] > 0,
        };
}

void tmux_row_done(TmuxRow *row) {
        free(row->session);
        free(row->window_name);
        free(row->title);
        *row = (TmuxRow){};
}

static int parse_pane(Span line, TmuxRow *ret) {
        _cleanup_(tmux_row_done) TmuxRow row = {};
        uint64_t numbers[_ROW_NUMBERS];
        Span f[ROW_FIELDS];
        int r;

        if (split(line, f, ROW_FIELDS) != ROW_FIELDS)
                return -EBADMSG;
        for (unsigned i = 0; i < _ROW_NUMBERS; i++) {
                r = read_row_number(f[i], i, &numbers[i]);
                if (r < 0)
                        return r;
        }

        row = row_from_numbers(numbers);
        row.session = text_clean(f[_ROW_NUMBERS].text, f[_ROW_NUMBERS].n, TMUX_NAME_MAX);
        row.window_name =
                        text_clean(f[_ROW_NUMBERS + 1].text, f[_ROW_NUMBERS + 1].n, TMUX_NAME_MAX);
        row.title = text_clean(f[_ROW_NUMBERS + 2].text, f[_ROW_NUMBERS + 2].n, TMUX_NAME_MAX);
        if (!row.session || !row.window_name || !row.title)
                return -ENOMEM;

        *ret = row;
        row = (TmuxRow){};
        return 0;
}

static int parse_brief(Span line, TmuxRow *ret) {
        uint64_t numbers[_ROW_NUMBERS] = {};
        Span f[ELEMENTSOF(brief_fields)];

        if (split(line, f, ELEMENTSOF(f)) != ELEMENTSOF(f))
                return -EBADMSG;
        for (size_t i = 0; i < ELEMENTSOF(brief_fields); i++) {
                int r = read_row_number(f[i], brief_fields[i], &numbers[brief_fields[i]]);

                if (r < 0)
                        return r;
        }
        *ret = row_from_numbers(numbers);
        return 0;
}

static int parse_height(Span line, TmuxRow *ret) {
        uint64_t pane, height;
        Span f[2];

        if (split(line, f, 2) != 2 || read_number(f[0], '%', UINT32_MAX, -1, &pane) < 0 ||
                        read_number(f[1], 0, TMUX_SIDE_MAX, -1, &height) < 0)
                return -EBADMSG;

        *ret = (TmuxRow){.pane = (uint32_t)pane, .height = (unsigned)height};
        return 0;
}

static int parse_server(Span line, TmuxAnswer *a) {
        _cleanup_free_ char *version = NULL;
        uint64_t pid, start;
        Span f[3];

        if (split(line, f, 3) != 3 || read_number(f[0], 0, INT32_MAX, -1, &pid) < 0 || pid == 0 ||
                        read_number(f[1], 0, UINT64_MAX / USEC_PER_SEC, -1, &start) < 0)
                return -EBADMSG;

        version = text_clean(f[2].text, f[2].n, sizeof(a->version) - 1);
        if (!version)
                return -ENOMEM;
        (void)snprintf(a->version, sizeof(a->version), "%s", version);
        a->server_pid = (pid_t)pid;
        a->server_start_usec = start * USEC_PER_SEC;
        a->has_server = true;
        return 0;
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
                [TMUX_ROWS_ALL] = {'p', parse_pane},
                [TMUX_ROWS_BRIEF] = {'b', parse_brief},
                [TMUX_ROWS_HEIGHT] = {'h', parse_height},
};

/* The rows come first, and together; that of the server closes them. */
static int parse_rows(const TmuxBatch *b, Cursor *c, TmuxAnswer *a) {
        size_t n_word = strlen(b->word), n_allocated = 0;

        for (;;) {
                Cursor before = *c;
                TmuxRow row;
                Span line;
                int r;

                if (!next_line(c, &line) || line.n < n_word + 3 || line.text[n_word] != '\t' ||
                                memcmp(line.text, b->word, n_word) != 0) {
                        *c = before;
                        return 0;
                }

                char is = line.text[n_word + 1];
                line = (Span){line.text + n_word + 3, line.n - n_word - 3};
                if (is == 's' && b->rows != TMUX_ROWS_HEIGHT) {
                        return parse_server(line, a);
                } else if (is == row_kinds[b->rows].kind) {
                        r = row_kinds[b->rows].parse(line, &row);
                        if (r >= 0)
                                r = add_row(a, &n_allocated, &row);
                } else {
                        r = -EBADMSG;
                }
                if (r < 0)
                        return r;
        }
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

/* A pane without a row is gone, and gave an error instead of lines. */
static void split_screens(const TmuxBatch *b, Cursor *c, TmuxAnswer *a) {
        for (size_t i = 0; i < b->n_panes; i++) {
                const TmuxRow *row = tmux_answer_find(a, b->panes[i]);
                TmuxScreen *screen = &a->screens[a->n_screens];

                if (!row)
                        continue;
                screen->pane = row->pane;
                if (!take_lines(c, row->height, screen)) {
                        a->torn = true;
                        break;
                }
                a->n_screens++;
        }

        if (c->p != c->end)
                a->torn = true;
        if (a->torn)
                a->n_screens = 0;
}

void tmux_answer_done(TmuxAnswer *answer) {
        for (size_t i = 0; i < answer->n_rows; i++)
                tmux_row_done(&answer->rows[i]);
        free(answer->rows);
        *answer = (TmuxAnswer){};
}

int tmux_answer_parse(const TmuxBatch *batch, const char *out, size_t n_out, TmuxAnswer *ret) {
        _cleanup_(tmux_answer_done) TmuxAnswer a = {};
        Cursor c = {out, out + n_out};
        int r;

        assert(batch);
        assert(out);
        assert(ret);

        r = parse_rows(batch, &c, &a);
        if (r < 0)
                return r;
        if (batch->rows != TMUX_ROWS_HEIGHT && !a.has_server)
                return -EBADMSG;

        drop_duplicates(&a);
        split_screens(batch, &c, &a);
        *ret = a;
        a = (TmuxAnswer){};
        return 0;
}
