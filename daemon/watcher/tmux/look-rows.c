/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What an answer's rows and screens are to the panes in memory. */

#include <errno.h>
#include <unistd.h>

#include "daemon/watcher/tmux/server-internal.h"

/* Of all panes of a server: thousands of ordinary screens, or a few hundred of the largest. */
#define SCREENS_MAX (64U * 1024U * 1024U)

/* With more than three panes to a window its layout is longer than the fields it stands for. */
#define LAYOUT_MEAN 60U

/* Asked for every pane of every look, and of all that can be asked the cheapest. */
static bool process_is_there(pid_t pid) {
        return pid > 0 && (getpgid(pid) >= 0 || errno == EPERM);
}

/*
 * Lean rows say neither whether a pane is dead nor of which process it is: only while all live, and
 * the kernel can be asked. The layout of a zoomed window does not name all its panes; one that is
 * too long for tmux is empty.
 */
static bool rows_are_lean(const TmuxAnswer *a) {
        size_t n = 0;

        for (size_t i = 0; i < a->n_rows; i++) {
                const TmuxRow *row = &a->rows[i];

                if (row->dead || row->zoomed || row->n_layout == 0 || !process_is_there(row->pid))
                        return false;
                n += row->n_layout;
        }
        return !a->cut && n <= a->n_rows * LAYOUT_MEAN;
}

/* Gone are those that this list does not have, unless the list is not all there is. */
static void drop_gone(TmuxServer *s) {
        TmuxPane *pane, *next;

        HASH_ITER (hh, s->panes, pane, next) {
                if (pane->look == s->n_looks)
                        continue;
                s->events->pane_gone(s->userdata, s, pane);
                HASH_DEL(s->panes, pane);
                glance_forget(s, pane);
                tmux_pane_free(pane);
        }
}

static int take_row(TmuxServer *s, TmuxRow *row) {
        TmuxPane *pane;
        int r;

        HASH_FIND(hh, s->panes, &row->pane, sizeof(row->pane), pane);
        if (!pane) {
                r = tmux_pane_new(row->pane, &pane);
                if (r < 0)
                        return r;
                HASH_ADD(hh, s->panes, id, sizeof(pane->id), pane);
        }

        pane->changes |= tmux_pane_set_row(pane, row);
        pane->look = s->n_looks;
        return 0;
}

int look_take_own_rows(TmuxServer *s, TmuxAnswer *a) {
        int r = 0;

        for (size_t i = 0; i < a->n_rows && r >= 0; i++)
                r = take_row(s, &a->rows[i]);
        return r;
}

bool look_is_answered(const TmuxServer *s, const TmuxLook *l) {
        for (const TmuxWaiter *w = l->waiters; w; w = w->next) {
                TmuxPane *pane;

                HASH_FIND(hh, s->panes, &w->pane, sizeof(w->pane), pane);
                if (!pane || pane->capture_usec < l->start_usec)
                        return false;
        }
        return true;
}

int look_take_rows(TmuxServer *s, TmuxAnswer *a) {
        int r;

        server_seen(s, a);
        s->n_looks++;
        s->rows_usec = s->look->batch_usec;
        s->rows_socket = s->look->socket;
        s->rows_hold = true;
        s->is_lean = rows_are_lean(a);
        free(s->places);
        s->places = TAKE_PTR(a->places);
        s->n_places = a->n_places;
        for (size_t i = 0; i < a->n_rows; i++) {
                r = take_row(s, &a->rows[i]);
                if (r < 0)
                        return r;
        }
        if (!a->cut)
                drop_gone(s);
        return 0;
}

static size_t screen_bytes(const TmuxServer *s) {
        size_t n = 0;

        for (const TmuxPane *p = s->panes; p; p = p->hh.next)
                n += p->n_screen;
        return n;
}

/* A bare one only shows that nothing happened: without its cursor and title it is not worth more.
 */
static int take_bare(TmuxServer *s, TmuxPane *pane, const TmuxScreen *screen) {
        if (tmux_pane_shows(pane, screen)) {
                pane->capture_usec = s->look->batch_usec;
                s->look->stats.captured++;
                return 0;
        }
        return look_want(s->look, pane->id, TMUX_WANT_SCREEN);
}

/* One that finds no room keeps the screen it had. */
static int take_screen(TmuxServer *s, TmuxPane *pane, TmuxScreen *screen, size_t *n_bytes) {
        TmuxLook *l = s->look;
        int r;

        if (*n_bytes - pane->n_screen + screen->n_text > SCREENS_MAX)
                return 0;

        if (l->batch.rows == TMUX_ROWS_LIVE)
                screen->in_mode = pane->row.in_mode; /* of which live rows do not tell */
        *n_bytes -= pane->n_screen;
        r = tmux_pane_set_screen(pane, screen, l->batch_realtime, l->batch_usec);
        if (r < 0)
                return r;
        *n_bytes += pane->n_screen;
        if (r == 0 && pane->unseen)
                tmux_pane_want(pane, false); /* tmux may not have read it yet */
        pane->unseen = false;
        pane->changes |= (unsigned)r;
        l->stats.captured++;
        return 0;
}

int look_take_screens(TmuxServer *s, TmuxAnswer *a) {
        size_t n_bytes = screen_bytes(s);

        for (size_t i = 0; i < a->n_screens; i++) {
                TmuxPane *pane;
                int r;

                HASH_FIND(hh, s->panes, &a->screens[i].pane, sizeof(pane->id), pane);
                if (!pane)
                        continue;
                r = a->screens[i].title ? take_screen(s, pane, &a->screens[i], &n_bytes)
                                        : take_bare(s, pane, &a->screens[i]);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int take_brief_row(TmuxServer *s, TmuxRow *row) {
        TmuxPane *pane;
        int r;

        HASH_FIND(hh, s->panes, &row->pane, sizeof(row->pane), pane);
        if (!pane)
                return -ESTALE;
        if (s->look->batch.rows == TMUX_ROWS_HEIGHT)
                return pane->row.height == row->height ? 0 : -ESTALE;
        if (tmux_batch_is_placed(&s->look->batch))
                r = process_is_there(pane->row.pid) ? (int)tmux_pane_set_lean(pane, row) : -ESTALE;
        else
                r = tmux_pane_set_brief(pane, row);
        if (r > 0)
                pane->changes |= (unsigned)r;
        return MIN(r, 0);
}

int look_take_brief(TmuxServer *s, TmuxAnswer *a) {
        int r;

        if (a->has_server)
                server_seen(s, a);
        r = a->cut || a->moved || a->n_rows != HASH_COUNT(s->panes) ? -ESTALE : 0;
        for (size_t i = 0; i < a->n_rows && r >= 0; i++)
                r = take_brief_row(s, &a->rows[i]);
        return r;
}
