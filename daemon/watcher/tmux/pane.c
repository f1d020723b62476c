/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/tmux/pane.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "daemon/base/clock.h"
#include "daemon/watcher/tmux/screen-text.h"

int tmux_pane_new(uint32_t id, TmuxPane **ret) {
        TmuxPane *p = calloc(1, sizeof(*p));

        assert(ret);

        if (!p)
                return -ENOMEM;
        p->id = id;
        tmux_pane_format(id, p->name);
        p->changes = TMUX_PANE_NEW;

        *ret = p;
        return 0;
}

TmuxPane *tmux_pane_free(TmuxPane *pane) {
        if (!pane)
                return NULL;

        tmux_row_done(&pane->row);
        screen_text_unref(pane->screen);
        free(pane);
        return NULL;
}

static bool names_equal(const TmuxRow *a, const TmuxRow *b) {
        return a->session && strcmp(a->session, b->session) == 0 &&
                        strcmp(a->window_name, b->window_name) == 0 &&
                        strcmp(a->title, b->title) == 0;
}

static bool place_equal(const TmuxRow *a, const TmuxRow *b) {
        return a->window == b->window && a->window_index == b->window_index &&
                        a->pane_index == b->pane_index && a->width == b->width &&
                        a->height == b->height && a->window_active == b->window_active &&
                        a->session_attached == b->session_attached;
}

static bool life_equal(const TmuxRow *a, const TmuxRow *b) {
        return a->pid == b->pid && a->dead == b->dead && a->dead_status == b->dead_status &&
                        a->dead_signal == b->dead_signal && a->alternate_on == b->alternate_on &&
                        a->in_mode == b->in_mode;
}

unsigned tmux_pane_set_row(TmuxPane *pane, TmuxRow *row) {
        unsigned changes = 0;

        assert(pane);
        assert(row && row->session && row->window_name && row->title);

        if (!names_equal(&pane->row, row) || !place_equal(&pane->row, row) ||
                        !life_equal(&pane->row, row))
                changes |= TMUX_PANE_META;
        if (pane->row.cursor_x != row->cursor_x || pane->row.cursor_y != row->cursor_y)
                changes |= TMUX_PANE_CURSOR;

        tmux_row_done(&pane->row);
        pane->row = *row;
        *row = (TmuxRow){};
        return changes;
}

static unsigned set_cursor(TmuxRow *row, unsigned x, unsigned y) {
        if (row->cursor_x == x && row->cursor_y == y)
                return 0;
        row->cursor_x = x;
        row->cursor_y = y;
        return TMUX_PANE_CURSOR;
}

/* What may change with the screen, besides the cursor. Takes @title if it is another. */
static unsigned set_head(TmuxRow *row, bool alternate_on, bool in_mode, char **title) {
        unsigned changes = 0;

        if (strcmp(row->title, *title) != 0) {
                free(row->title);
                row->title = TAKE_PTR(*title);
                changes |= TMUX_PANE_META;
        }
        if (row->alternate_on != alternate_on || row->in_mode != in_mode)
                changes |= TMUX_PANE_META;
        row->alternate_on = alternate_on;
        row->in_mode = in_mode;
        return changes;
}

int tmux_pane_set_brief(TmuxPane *pane, const TmuxRow *brief) {
        TmuxRow *row = &pane->row;

        assert(brief);

        if (row->pid != brief->pid || row->dead != brief->dead || row->width != brief->width ||
                        row->height != brief->height || row->window != brief->window)
                return -ESTALE;

        row->window_activity = brief->window_activity;
        return (int)set_cursor(row, brief->cursor_x, brief->cursor_y);
}

unsigned tmux_pane_set_lean(TmuxPane *pane, TmuxRow *lean) {
        TmuxRow *row = &pane->row;
        unsigned changes;

        assert(lean);

        row->window_activity = lean->window_activity;
        changes = set_cursor(row, lean->cursor_x, lean->cursor_y);
        if (lean->title)
                changes |= set_head(row, lean->alternate_on, row->in_mode, &lean->title);
        return changes;
}

static TmuxPaneMeta meta_from_row(const TmuxRow *r) {
        return (TmuxPaneMeta){
                        .window_activity = r->window_activity,
                        .pid = (uint64_t)r->pid,
                        .dead = r->dead,
                        .width = r->width,
                        .height = r->height,
                        .cursor_x = r->cursor_x,
                        .cursor_y = r->cursor_y,
                        .alternate_on = r->alternate_on,
                        .window = r->window,
        };
}

bool tmux_pane_shows(const TmuxPane *pane, const TmuxScreen *screen) {
        assert(pane);
        assert(screen);

        return pane->screen && pane->hash == XXH3_64bits(screen->text, screen->n_text);
}

static int set_text(TmuxPane *pane, const TmuxScreen *screen, uint64_t realtime, uint64_t usec) {
        size_t n_text;
        char *text;
        int r;

        r = screen_text_new(screen->text, screen->n_text, &text, &n_text);
        if (r < 0)
                return r;
        screen_text_unref(pane->screen);
        pane->screen = text;
        pane->n_screen = n_text;
        pane->hash = XXH3_64bits(screen->text, screen->n_text);
        pane->change_usec = usec;
        pane->change_realtime = realtime;
        return TMUX_PANE_SCREEN;
}

int tmux_pane_set_screen(TmuxPane *pane, TmuxScreen *screen, uint64_t realtime, uint64_t usec) {
        int r = 0;

        assert(pane && pane->row.title);
        assert(screen && screen->title);

        if (!tmux_pane_shows(pane, screen))
                r = set_text(pane, screen, realtime, usec);
        if (r < 0)
                return r;

        r |= (int)set_cursor(&pane->row, screen->cursor_x, screen->cursor_y);
        r |= (int)set_head(&pane->row, screen->alternate_on, screen->in_mode, &screen->title);
        pane->capture_usec = usec;
        pane->capture_realtime = realtime;
        pane->captured_meta = meta_from_row(&pane->row);
        return r;
}

bool tmux_pane_is_stale(const TmuxPane *pane, uint64_t since_usec) {
        TmuxPaneMeta now = meta_from_row(&pane->row);

        /* All its members are of one size: there is no padding to compare. */
        if (!pane->screen || memcmp(&now, &pane->captured_meta, sizeof(now)) != 0)
                return true;
        return pane->row.window_activity >= pane->capture_realtime / USEC_PER_SEC &&
                        pane->capture_usec < since_usec;
}
