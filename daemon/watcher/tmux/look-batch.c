/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a look asks for: which rows, whose screens, in which order. */

#include <errno.h>
#include <string.h>

#include "daemon/watcher/tmux/server-internal.h"

/* How late a new name of a session or a window, which nothing else tells of, may be. */
#define ROWS_USEC (5 * USEC_PER_SEC)
/* The same where the server did nothing since. */
#define ROWS_STILL_USEC (30 * USEC_PER_SEC)
/* To list the heights of more panes than this costs more than to ask each for its own. */
#define BARE_MAX (8 * TMUX_CHUNK_MAX)
/* To ask one pane for what may change with its screen costs as much as to list it for so many. */
#define LIVE_SHARE 6U

int look_want(TmuxLook *l, uint32_t pane, TmuxWant how) {
        if (l->n_wanted == l->n_allocated) {
                size_t n = MAX(l->n_allocated * 2, (size_t)64);
                TmuxWanted *wanted = reallocarray(l->wanted, n, sizeof(*wanted));

                if (!wanted)
                        return -ENOMEM;
                l->wanted = wanted;
                l->n_allocated = n;
        }
        l->wanted[l->n_wanted++] = (TmuxWanted){.pane = pane, .how = how};
        return 0;
}

int look_want_again(TmuxLook *l) {
        bool was_alone = l->batch.rows == TMUX_ROWS_NONE && l->batch.n_panes == 1;
        int r = 0;

        for (size_t i = 0; !was_alone && r >= 0 && i < l->batch.n_panes; i++)
                r = look_want(l, l->batch.panes[i], TMUX_WANT_ALONE);
        return r;
}

int look_want_stale(TmuxServer *s) {
        TmuxLook *l = s->look;
        TmuxPane *pane, *next;
        int r;

        s->left_out = false;
        HASH_ITER (hh, s->panes, pane, next) {
                if (!tmux_pane_is_stale(pane, l->start_usec) &&
                                !(l->full && pane->capture_usec < l->start_usec))
                        continue;
                if (!l->full && tmux_pane_rests(pane, l->start_usec)) {
                        s->left_out = true;
                        continue;
                }
                r = look_want(l, pane->id, TMUX_WANT_SCREEN);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Who answers, only whole rows say: what follows them has to be of the same server. */
static bool is_same_socket(const TmuxServer *s, const TmuxLook *l) {
        return l->socket.inode != 0 && memcmp(&s->rows_socket, &l->socket, sizeof(l->socket)) == 0;
}

/* Whole rows were had not long ago, of the server that is there. */
static bool rows_are_known(const TmuxServer *s, const TmuxLook *l) {
        uint64_t fresh_usec = s->rows_hold ? ROWS_STILL_USEC : ROWS_USEC;

        return s->panes && s->liveness == LIVENESS_ALIVE && is_same_socket(s, l) &&
                        l->start_usec - s->rows_usec < fresh_usec;
}

static void add_waited(TmuxLook *l, TmuxBatchRows rows) {
        tmux_batch_init(&l->batch, rows);
        for (const TmuxWaiter *w = l->waiters; w; w = w->next)
                (void)tmux_batch_add(&l->batch, w->pane); /* they are no more than fit */
}

/* Somebody waits for one of the panes, and not only for it to be captured. */
static bool is_asked_for(const TmuxLook *l) {
        for (const TmuxWaiter *w = l->waiters; w; w = w->next)
                if (w->refresh)
                        return true;
        return false;
}

/*
 * To list all for the sake of one costs as much as many looks. But only a list shows under which of
 * its sessions a pane that is in many of them is to be named.
 */
void look_refresh_batch(TmuxServer *s, TmuxLook *l) {
        bool single = s->n_places == HASH_COUNT(s->panes);

        if (!rows_are_known(s, l))
                add_waited(l, TMUX_ROWS_ALL);
        else if (!is_asked_for(l))
                add_waited(l, TMUX_ROWS_NONE);
        else
                add_waited(l, single ? TMUX_ROWS_OWN : TMUX_ROWS_ALL);
}

bool look_next_batch(TmuxLook *l) {
        const TmuxWanted *first;

        if (l->rows_wanted) {
                l->rows_wanted = false;
                if (l->refresh)
                        add_waited(l, TMUX_ROWS_ALL);
                else
                        tmux_batch_init(&l->batch, TMUX_ROWS_ALL);
                return true;
        }
        if (l->next_wanted == l->n_wanted)
                return false;

        first = &l->wanted[l->next_wanted];
        tmux_batch_init(&l->batch,
                        first->how == TMUX_WANT_BARE ? TMUX_ROWS_HEIGHT : TMUX_ROWS_NONE);
        do {
                const TmuxWanted *w = &l->wanted[l->next_wanted];

                if (w->how != first->how || !tmux_batch_add(&l->batch, w->pane))
                        break;
                l->next_wanted++;
        } while (l->next_wanted < l->n_wanted && first->how != TMUX_WANT_ALONE);
        return true;
}

/*
 * One that is captured anyway comes with the list: no second connection for it. One that changed in
 * the very second of its last capture is such, whatever the list is going to say.
 */
static bool is_hot(const TmuxLook *l, const TmuxPane *pane) {
        return pane->wanted || pane->hot_until_usec > l->start_usec ||
                        (tmux_pane_is_stale(pane, l->start_usec) &&
                                        !tmux_pane_rests(pane, l->start_usec));
}

static unsigned count_hot(TmuxServer *s, const TmuxLook *l) {
        unsigned n = 0;

        for (const TmuxPane *pane = s->panes; pane; pane = pane->hh.next)
                n += is_hot(l, pane);
        return n;
}

static void add_hot(TmuxServer *s, TmuxLook *l) {
        TmuxPane *pane, *next;

        HASH_ITER (hh, s->panes, pane, next)
                if ((l->full || is_hot(l, pane)) && !tmux_batch_add(&l->batch, pane->id))
                        return;
}

static int want_all(TmuxServer *s, TmuxLook *l, bool hot, TmuxWant how) {
        TmuxPane *pane, *next;
        int r = 0;

        HASH_ITER (hh, s->panes, pane, next) {
                if (r >= 0 && is_hot(l, pane) == hot)
                        r = look_want(l, pane->id, how);
        }
        return r;
}

/* A full look at a few panes: those that are at rest bare, which is cheap; then the others. */
static int start_with_bare(TmuxServer *s, TmuxLook *l) {
        int r;

        r = want_all(s, l, false, TMUX_WANT_BARE);
        if (r >= 0)
                r = want_all(s, l, true, TMUX_WANT_SCREEN);
        if (r < 0)
                return r;
        return look_next_batch(l) ? 0 : -EINVAL;
}

static TmuxBatchRows terse_rows(const TmuxServer *s, bool live) {
        if (!s->is_lean)
                return TMUX_ROWS_BRIEF;
        return live ? TMUX_ROWS_LIVE : TMUX_ROWS_LEAN;
}

int look_first_batch(TmuxServer *s, TmuxLook *l) {
        unsigned n_panes = HASH_COUNT(s->panes);
        bool known = rows_are_known(s, l);
        if (l->full && known && n_panes <= BARE_MAX && count_hot(s, l) * LIVE_SHARE <= n_panes)
                return start_with_bare(s, l);

        add_hot(s, l);
        if (known)
                l->batch.rows = terse_rows(s, l->batch.n_panes * LIVE_SHARE > n_panes);
        l->batch.places = s->places;
        l->batch.n_places = s->n_places;
        return 0;
}
