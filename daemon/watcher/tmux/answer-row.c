/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/tmux/answer-row.h"

#include <errno.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "daemon/base/clock.h"
#include "daemon/base/text.h"

#define ROW_FIELDS 22U
#define SCREEN_FIELDS 7U
#define NUMBER_MAX 24U

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

/* The fields of ROW_FORMAT in batch.c before the layout and the names. */
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
        ROW_ACTIVITY,
        ROW_WINDOW,
        ROW_WINDOW_INDEX,
        ROW_PANE_INDEX,
        ROW_WINDOW_ACTIVE,
        ROW_ATTACHED,
        ROW_ZOOMED,
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
                [ROW_ACTIVITY] = {0, INT64_MAX, 0},
                [ROW_WINDOW] = {'@', UINT32_MAX, -1},
                [ROW_WINDOW_INDEX] = {0, INT32_MAX, -1},
                [ROW_PANE_INDEX] = {0, INT32_MAX, -1},
                [ROW_WINDOW_ACTIVE] = {0, 1, 0},
                [ROW_ATTACHED] = {0, UINT32_MAX, 0},
                [ROW_ZOOMED] = {0, 1, 0},
};

/* The fields of BRIEF_FORMAT, and those of LEAN_FORMAT and LIVE_FORMAT before the layout. */
static const unsigned brief_fields[] = {ROW_PANE, ROW_PID, ROW_DEAD, ROW_WIDTH, ROW_HEIGHT,
                ROW_CURSOR_X, ROW_CURSOR_Y, ROW_ACTIVITY, ROW_WINDOW};
static const unsigned lean_fields[] = {ROW_CURSOR_X, ROW_CURSOR_Y, ROW_ACTIVITY};
static const unsigned live_fields[] = {ROW_CURSOR_X, ROW_CURSOR_Y, ROW_ACTIVITY, ROW_ALTERNATE};

/* Those of HEIGHT_FORMAT, and of SCREEN_FORMAT before the title. */
static const unsigned height_fields[] = {ROW_PANE, ROW_HEIGHT};
static const unsigned screen_fields[] = {
                ROW_PANE, ROW_HEIGHT, ROW_CURSOR_X, ROW_CURSOR_Y, ROW_ALTERNATE, ROW_IN_MODE};

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
                        .window_activity = n[ROW_ACTIVITY],
                        .window = (uint32_t)n[ROW_WINDOW],
                        .window_index = (unsigned)n[ROW_WINDOW_INDEX],
                        .pane_index = (unsigned)n[ROW_PANE_INDEX],
                        .window_active = n[ROW_WINDOW_ACTIVE],
                        .session_attached = n[ROW_ATTACHED] > 0,
                        .zoomed = n[ROW_ZOOMED],
        };
}

void tmux_row_done(TmuxRow *row) {
        free(row->session);
        free(row->window_name);
        free(row->title);
        *row = (TmuxRow){};
}

static int read_row(const Span *spans, const unsigned *fields, size_t n_fields, TmuxRow *ret) {
        uint64_t numbers[_ROW_NUMBERS] = {};

        for (size_t i = 0; i < n_fields; i++) {
                unsigned field = fields[i];
                int r = read_number(spans[i], row_numbers[field].prefix, row_numbers[field].max,
                                row_numbers[field].fallback, &numbers[field]);

                if (r < 0)
                        return r;
        }
        *ret = row_from_numbers(numbers);
        return 0;
}

static char *read_name(Span s) {
        return text_clean(s.text, s.n, TMUX_NAME_MAX);
}

static void set_layout(TmuxRow *row, Span layout) {
        row->layout = XXH3_64bits(layout.text, layout.n);
        row->n_layout = layout.n;
}

int answer_parse_pane(Span line, TmuxRow *ret) {
        static const unsigned fields[_ROW_NUMBERS] = {ROW_PANE, ROW_PID, ROW_DEAD, ROW_DEAD_STATUS,
                        ROW_DEAD_SIGNAL, ROW_WIDTH, ROW_HEIGHT, ROW_CURSOR_X, ROW_CURSOR_Y,
                        ROW_ALTERNATE, ROW_IN_MODE, ROW_ACTIVITY, ROW_WINDOW, ROW_WINDOW_INDEX,
                        ROW_PANE_INDEX, ROW_WINDOW_ACTIVE, ROW_ATTACHED, ROW_ZOOMED};
        _cleanup_(tmux_row_done) TmuxRow row = {};
        Span f[ROW_FIELDS];
        int r;

        if (split(line, f, ROW_FIELDS) != ROW_FIELDS)
                return -EBADMSG;
        r = read_row(f, fields, _ROW_NUMBERS, &row);
        if (r < 0)
                return r;
        set_layout(&row, f[_ROW_NUMBERS]);
        row.session = read_name(f[_ROW_NUMBERS + 1]);
        row.window_name = read_name(f[_ROW_NUMBERS + 2]);
        row.title = read_name(f[_ROW_NUMBERS + 3]);
        if (!row.session || !row.window_name || !row.title)
                return -ENOMEM;

        *ret = row;
        row = (TmuxRow){};
        return 0;
}

int answer_parse_brief(Span line, TmuxRow *ret) {
        Span f[ELEMENTSOF(brief_fields)];

        if (split(line, f, ELEMENTSOF(f)) != ELEMENTSOF(f))
                return -EBADMSG;
        return read_row(f, brief_fields, ELEMENTSOF(brief_fields), ret);
}

int answer_parse_lean(Span line, TmuxRow *ret) {
        Span f[ELEMENTSOF(lean_fields) + 1];
        int r;

        if (split(line, f, ELEMENTSOF(f)) != ELEMENTSOF(f))
                return -EBADMSG;
        r = read_row(f, lean_fields, ELEMENTSOF(lean_fields), ret);
        if (r >= 0)
                set_layout(ret, f[ELEMENTSOF(lean_fields)]);
        return r;
}

int answer_parse_live(Span line, TmuxRow *ret) {
        Span f[ELEMENTSOF(live_fields) + 2];
        int r;

        if (split(line, f, ELEMENTSOF(f)) != ELEMENTSOF(f))
                return -EBADMSG;
        r = read_row(f, live_fields, ELEMENTSOF(live_fields), ret);
        if (r < 0)
                return r;
        set_layout(ret, f[ELEMENTSOF(live_fields)]);
        ret->title = read_name(f[ELEMENTSOF(live_fields) + 1]);
        return ret->title ? 0 : -ENOMEM;
}

int answer_parse_height(Span line, TmuxRow *ret) {
        Span f[ELEMENTSOF(height_fields)];

        if (split(line, f, ELEMENTSOF(f)) != ELEMENTSOF(f))
                return -EBADMSG;
        return read_row(f, height_fields, ELEMENTSOF(height_fields), ret);
}

int answer_parse_screen(Span line, TmuxScreen *ret) {
        Span f[SCREEN_FIELDS];
        TmuxRow row;
        int r;

        if (split(line, f, SCREEN_FIELDS) != SCREEN_FIELDS)
                return -EBADMSG;
        if (f[0].n == 0)
                return -ENXIO;
        r = read_row(f, screen_fields, ELEMENTSOF(screen_fields), &row);
        if (r < 0)
                return r;

        *ret = (TmuxScreen){
                        .pane = row.pane,
                        .height = row.height,
                        .cursor_x = row.cursor_x,
                        .cursor_y = row.cursor_y,
                        .alternate_on = row.alternate_on,
                        .in_mode = row.in_mode,
                        .title = read_name(f[SCREEN_FIELDS - 1]),
        };
        return ret->title ? 0 : -ENOMEM;
}

int answer_parse_server(Span line, TmuxAnswer *a) {
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
