/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What an answer's rows and screens are to the panes in memory. */

#include <errno.h>

#include "daemon/watcher/tmux/server-internal.h"

/* Of all panes of a server: thousands of ordinary screens, or a few hundred of the largest. */
#define SCREENS_MAX (64U * 1024U * 1024U)

/* Gone are those that this list does not have, unless the list is not all there is. */
static void drop_gone(TmuxServer *s) {
        TmuxPane *pane, *next;

        HASH_ITER (hh, s->panes, pane, next) {
                if (pane->look == s->n_looks)
                        continue;
                s->events->pane_gone(s->userdata, s, pane);
                HASH_DEL(s->panes, pane);
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

int look_take_rows(TmuxServer *s, TmuxAnswer *a) {
        int r;

        server_seen(s, a);
        s->n_looks++;
        s->rows_usec = s->look->batch_usec;
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

int look_take_screens(TmuxServer *s, const TmuxAnswer *a) {
        size_t n_bytes = screen_bytes(s);
        TmuxLook *l = s->look;

        for (size_t i = 0; i < a->n_screens; i++) {
                TmuxPane *pane;
                int r;

                HASH_FIND(hh, s->panes, &a->screens[i].pane, sizeof(pane->id), pane);
                /* One that finds no room keeps the screen it had. */
                if (!pane || n_bytes - pane->n_screen + a->screens[i].n_text > SCREENS_MAX)
                        continue;
                n_bytes -= pane->n_screen;
                r = tmux_pane_set_screen(pane, &a->screens[i], l->batch_realtime, l->batch_usec);
                if (r < 0)
                        return r;
                n_bytes += pane->n_screen;
                pane->changes |= (unsigned)r;
                l->stats.captured++;
        }
        return 0;
}

bool look_is_as_known(const TmuxServer *s, const TmuxAnswer *a) {
        if (a->cut || a->n_rows != HASH_COUNT(s->panes))
                return false;
        for (size_t i = 0; i < a->n_rows; i++) {
                const TmuxPane *pane;

                HASH_FIND(hh, s->panes, &a->rows[i].pane, sizeof(pane->id), pane);
                if (!pane || !tmux_pane_is_like(pane, &a->rows[i]))
                        return false;
        }
        return true;
}
