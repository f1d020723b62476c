/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <errno.h>

#include "daemon/base/clock.h"
#include "daemon/watcher/tmux/server-internal.h"

#define FULL_USEC (30 * USEC_PER_SEC)
/* How late a new name of a session or a window, which nothing else tells of, may be. */
#define ROWS_USEC (5 * USEC_PER_SEC)
#define CLOCK_STEP_USEC ((int64_t)(USEC_PER_SEC / 2))

/* A title may have a megabyte of marks that take no room; a cell a letter with many of them. */
#define ANSWER_BASE (1024U * 1024U)
#define ANSWER_PER_ROW 2048U
#define ANSWER_PER_CELL 32U
#define ANSWER_MAX (32U * 1024U * 1024U)

static TmuxLook *look_free(TmuxLook *l) {
        if (!l)
                return NULL;

        tmux_call_free(l->call);
        free(l->wanted);
        free(l);
        return NULL;
}
DEFINE_CLEANUP(TmuxLook *, look_free)

static void tell_waiter(TmuxServer *s, const TmuxWaiter *w, int error, const TmuxLookStats *stats) {
        if (w->refresh) {
                char name[TMUX_PANE_NAME_MAX];
                TmuxPane *pane;

                tmux_pane_format(w->pane, name);
                pane = error < 0 ? NULL : tmux_server_find(s, name);
                w->refresh(w->userdata, s, error < 0 ? error : (pane ? 0 : -ENXIO), pane);
        } else if (w->look) {
                w->look(w->userdata, s, error, stats);
        }
}

static void tell_waiters(
                TmuxServer *s, TmuxWaiter *waiters, int error, const TmuxLookStats *stats) {
        while (waiters) {
                TmuxWaiter *w = waiters;

                waiters = w->next;
                tell_waiter(s, w, error, stats);
                free(w);
        }
}

/* What is in memory is consistent by now, so that a listener may ask for more. */
static void tell_changes(TmuxServer *s) {
        TmuxPane *pane, *next;

        HASH_ITER (hh, s->panes, pane, next) {
                unsigned changes = pane->changes;

                pane->changes = 0;
                if (changes != 0)
                        s->events->pane_changed(s->userdata, s, pane, changes);
        }
}

static void look_finish(TmuxServer *s, int error) {
        _cleanup_(look_freep) TmuxLook *l = TAKE_PTR(s->look);

        l->stats.panes = tmux_server_count(s);
        l->stats.usec = now_monotonic() - l->start_usec;
        if (error >= 0 && !l->refresh)
                s->last_look = l->stats;

        tell_changes(s);
        tell_waiters(s, TAKE_PTR(l->waiters), error, &l->stats);
        if (s->looks_wanted || s->refreshes_wanted)
                (void)look_schedule(s); /* its source is there: somebody wanted this look */
}

void look_fail(TmuxServer *s, int error) {
        TmuxWaiter *looks = TAKE_PTR(s->looks_wanted), *refreshes = TAKE_PTR(s->refreshes_wanted);

        if (s->look)
                look_finish(s, error);
        tell_waiters(s, looks, error, &(TmuxLookStats){});
        tell_waiters(s, refreshes, error, &(TmuxLookStats){});
}

static int want(TmuxLook *l, uint32_t pane, bool alone) {
        if (l->n_wanted == l->n_allocated) {
                size_t n = MAX(l->n_allocated * 2, (size_t)64);
                TmuxWanted *wanted = reallocarray(l->wanted, n, sizeof(*wanted));

                if (!wanted)
                        return -ENOMEM;
                l->wanted = wanted;
                l->n_allocated = n;
        }
        l->wanted[l->n_wanted++] = (TmuxWanted){.pane = pane, .alone = alone};
        return 0;
}

/* Panes that come and go between two commands of a batch shift its lines: each by itself then. */
static int want_again(TmuxLook *l) {
        bool was_alone = l->batch.rows == TMUX_ROWS_HEIGHT && l->batch.n_panes == 1;
        int r = 0;

        for (size_t i = 0; !was_alone && r >= 0 && i < l->batch.n_panes; i++)
                r = want(l, l->batch.panes[i], true);
        return r;
}

static int want_stale(TmuxServer *s) {
        TmuxLook *l = s->look;
        TmuxPane *pane, *next;
        int r;

        HASH_ITER (hh, s->panes, pane, next) {
                if (tmux_batch_has(&l->batch, pane->id) || !(l->full || tmux_pane_is_stale(pane)))
                        continue;
                r = want(l, pane->id, false);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int take_answer(TmuxServer *s, TmuxAnswer *a) {
        TmuxLook *l = s->look;
        int r;

        if (l->batch.rows == TMUX_ROWS_BRIEF) {
                server_seen(s, a);
                l->rows_wanted = !look_is_as_known(s, a);
                return 0;
        }
        if (l->batch.rows == TMUX_ROWS_ALL) {
                r = look_take_rows(s, a);
                if (r >= 0 && !l->refresh)
                        r = want_stale(s);
                if (r < 0)
                        return r;
        }
        return a->torn ? want_again(l) : look_take_screens(s, a);
}

/* Returns false when all is done. */
static bool next_batch(TmuxLook *l) {
        if (l->rows_wanted) {
                l->rows_wanted = false;
                tmux_batch_init(&l->batch, TMUX_ROWS_ALL);
                return true;
        }
        if (l->next_wanted == l->n_wanted)
                return false;

        tmux_batch_init(&l->batch, TMUX_ROWS_HEIGHT);
        do {
                TmuxWanted *w = &l->wanted[l->next_wanted];

                if (w->alone && l->batch.n_panes > 0)
                        break;
                if (!tmux_batch_add(&l->batch, w->pane))
                        break;
                l->next_wanted++;
                if (w->alone)
                        break;
        } while (l->next_wanted < l->n_wanted);
        return true;
}

static void look_send(TmuxServer *s);

static void on_reply(void *userdata, const TmuxReply *reply) {
        _cleanup_(tmux_answer_done) TmuxAnswer answer = {};
        _cleanup_(tmux_call_freep) TmuxCall *call = NULL;
        TmuxServer *s = userdata;
        int r;

        call = TAKE_PTR(s->look->call); /* owns what reply borrows */
        if (reply->error < 0 ||
                        (reply->failed && reply->n_out == 0 &&
                                        s->look->batch.rows != TMUX_ROWS_HEIGHT)) {
                server_failed(s, reply);
                return;
        }

        r = tmux_answer_parse(&s->look->batch, reply->out, reply->n_out, &answer);
        if (r == -EBADMSG) {
                /* Its client may have died with half of the answer printed, or was sent away. */
                if (reply->failed || reply->n_err > 0)
                        server_failed(s, reply);
                else
                        server_confused(s);
                return;
        }
        if (r >= 0)
                r = take_answer(s, &answer);
        if (r < 0)
                look_finish(s, r);
        else if (next_batch(s->look))
                look_send(s);
        else
                look_finish(s, 0);
}

static size_t answer_max(const TmuxServer *s) {
        const TmuxLook *l = s->look;
        size_t max = ANSWER_BASE + (size_t)(tmux_server_count(s) + 512U) * ANSWER_PER_ROW;

        for (size_t i = 0; i < l->batch.n_panes; i++) {
                TmuxPane *pane;

                HASH_FIND(hh, s->panes, &l->batch.panes[i], sizeof(pane->id), pane);
                if (pane)
                        max += (size_t)(pane->row.width + 1) * pane->row.height * ANSWER_PER_CELL;
        }
        return MIN(max, (size_t)ANSWER_MAX);
}

static void look_send(TmuxServer *s) {
        _cleanup_free_ char *commands = NULL;
        TmuxLook *l = s->look;
        TmuxRequest request = {
                        .socket = s->socket,
                        .server_pid = s->watch ? process_watch_pid(s->watch) : 0,
                        .answer_max = answer_max(s),
                        .timeout_usec = TMUX_CALL_USEC,
        };
        int r;

        l->batch_realtime = now_realtime();
        l->batch_usec = now_monotonic();
        l->stats.chunks++;

        r = tmux_batch_to_commands(&l->batch, &commands, &request.n_commands);
        request.commands = commands;
        if (r >= 0)
                r = tmux_call_new(s->transport, &request, on_reply, s, &l->call);
        if (r < 0)
                server_failed(s, &(TmuxReply){.error = r, .err = "", .out = ""});
}

static bool clock_stepped(TmuxServer *s) {
        int64_t offset = (int64_t)now_realtime() - (int64_t)clock_usec(CLOCK_BOOTTIME);
        int64_t step = offset - s->clock_offset_usec;

        s->clock_offset_usec = offset;
        return step > CLOCK_STEP_USEC || step < -CLOCK_STEP_USEC;
}

/*
 * Those that are captured anyway come with the list: no second connection for them. One that
 * changed in the very second of its last capture is among them, whatever the list is going to say.
 */
static void add_first(TmuxServer *s, TmuxLook *l) {
        TmuxPane *pane, *next;

        HASH_ITER (hh, s->panes, pane, next)
                if ((l->full || pane->hot_until_usec > l->start_usec || tmux_pane_is_stale(pane)) &&
                                !tmux_batch_add(&l->batch, pane->id))
                        return;
}

static TmuxLook *look_new(TmuxServer *s, bool refresh) {
        TmuxLook *l = calloc(1, sizeof(*l));

        if (!l)
                return NULL;
        l->refresh = refresh;
        l->start_usec = now_monotonic();
        tmux_batch_init(&l->batch, TMUX_ROWS_ALL);
        return l;
}

static int start_look(TmuxServer *s) {
        bool stepped = clock_stepped(s);
        TmuxLook *l = look_new(s, false);

        if (!l)
                return -ENOMEM;
        l->full = s->full_wanted || stepped || s->full_usec == 0 ||
                        l->start_usec - s->full_usec >= FULL_USEC;
        if (l->full)
                s->full_usec = l->start_usec;
        s->full_wanted = false;
        l->waiters = TAKE_PTR(s->looks_wanted);
        add_first(s, l);
        if (l->batch.n_panes == 0 && s->panes && l->start_usec - s->rows_usec < ROWS_USEC)
                l->batch.rows = TMUX_ROWS_BRIEF;
        s->look = l;
        return 0;
}

/* As many as fit in one batch; the others wait for the next. */
static int start_refresh(TmuxServer *s) {
        TmuxLook *l = look_new(s, true);

        if (!l)
                return -ENOMEM;
        while (s->refreshes_wanted && tmux_batch_add(&l->batch, s->refreshes_wanted->pane)) {
                TmuxWaiter *w = s->refreshes_wanted;

                s->refreshes_wanted = w->next;
                w->next = l->waiters;
                l->waiters = w;
        }
        s->look = l;
        return 0;
}

static void start_wanted(TmuxServer *s) {
        int r;

        if (s->look || (!s->looks_wanted && !s->refreshes_wanted))
                return;

        r = s->refreshes_wanted ? start_refresh(s) : start_look(s);
        if (r < 0)
                look_fail(s, r);
        else
                look_send(s);
}

static int on_start(sd_event_source *source, void *userdata) {
        start_wanted(userdata);
        return 0;
}

int look_schedule(TmuxServer *s) {
        if (s->start_source)
                return sd_event_source_set_enabled(s->start_source, SD_EVENT_ONESHOT);
        return sd_event_add_defer(s->event, &s->start_source, on_start, s);
}
