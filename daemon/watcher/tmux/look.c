/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <errno.h>
#include <sys/stat.h>

#include "daemon/base/clock.h"
#include "daemon/watcher/tmux/server-internal.h"

#define FULL_USEC (30 * USEC_PER_SEC)
/* How late a command may be seen that comes while a server ends a look, and prints nothing. */
#define STILL_USEC (5 * USEC_PER_SEC)
/*
 * Whether a server is done with a look is seen that often: it closes the connection, which takes
 * the longer the more panes it has, and goes to sleep. While it runs, its clock may stand still
 * from one tick of the kernel to the next.
 */
#define SETTLE_USEC (5 * USEC_PER_MSEC)
/* Later than that, and a command may well have passed for the end of our look. */
#define SETTLE_MAX_USEC (50 * USEC_PER_MSEC)
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

static int arm_settle(sd_event_source *source) {
        int r = sd_event_source_set_time_relative(source, SETTLE_USEC);

        return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int on_settle(sd_event_source *source, uint64_t usec, void *userdata) {
        TmuxServer *s = userdata;

        if (!s->stillness || s->look || now_monotonic() > s->settle_until_usec)
                return 0;
        if (!stillness_settle(s->stillness))
                (void)arm_settle(source);
        return 0;
}

/* Without memory for it the server is asked again, and that is all. */
static void wait_for_stillness(TmuxServer *s) {
        s->settle_until_usec = now_monotonic() + SETTLE_MAX_USEC;
        if (s->settle_source)
                (void)arm_settle(s->settle_source);
        else
                (void)sd_event_add_time_relative(s->event, &s->settle_source, CLOCK_MONOTONIC,
                                SETTLE_USEC, 1, on_settle, s);
}

static void look_finish(TmuxServer *s, int error) {
        _cleanup_(look_freep) TmuxLook *l = TAKE_PTR(s->look);

        l->stats.panes = tmux_server_count(s);
        l->stats.usec = now_monotonic() - l->start_usec;
        if (error >= 0 && !l->refresh) {
                s->last_look = l->stats;
                if (l->stats.chunks > 0) {
                        s->list_usec = l->start_usec;
                        wait_for_stillness(s);
                }
        } else if (error >= 0 && l->is_still) {
                wait_for_stillness(s); /* all that it did meanwhile is what we asked for */
        }

        tell_changes(s);
        tell_waiters(s, TAKE_PTR(l->waiters), error, &l->stats);
        if (s->looks_wanted || s->refreshes_wanted || s->runs)
                (void)look_schedule(s); /* its source is there: somebody wanted this look */
}

void look_fail(TmuxServer *s, int error) {
        TmuxWaiter *looks = TAKE_PTR(s->looks_wanted), *refreshes = TAKE_PTR(s->refreshes_wanted);

        if (s->look)
                look_finish(s, error);
        run_fail(s, error);
        tell_waiters(s, looks, error, &(TmuxLookStats){});
        tell_waiters(s, refreshes, error, &(TmuxLookStats){});
}

/* Returns 1 when it is known now which panes are there, and what is stale of them. */
static int take_rows(TmuxServer *s, TmuxAnswer *a) {
        TmuxLook *l = s->look;
        int r;

        switch (l->batch.rows) {
        case TMUX_ROWS_ALL:
                r = look_take_rows(s, a);
                return r < 0 ? r : !l->refresh;
        case TMUX_ROWS_BRIEF:
        case TMUX_ROWS_LEAN:
        case TMUX_ROWS_LIVE:
        case TMUX_ROWS_HEIGHT:
                r = look_take_brief(s, a);
                l->rows_wanted = r == -ESTALE;
                return r == 0 && l->batch.rows != TMUX_ROWS_HEIGHT;
        case TMUX_ROWS_OWN:
                return look_take_own_rows(s, a);
        case TMUX_ROWS_NONE:
                break;
        }
        return 0;
}

static int take_answer(TmuxServer *s, TmuxAnswer *a) {
        TmuxLook *l = s->look;
        int known, r;

        known = take_rows(s, a);
        if (known < 0)
                return known;
        r = look_take_screens(s, a);
        if (l->refresh && !tmux_batch_has_list(&l->batch))
                l->rows_wanted = r >= 0 && !look_is_answered(s, l); /* who is gone, they tell */
        else if (r >= 0 && a->torn)
                r = look_want_again(l);
        if (r >= 0 && known)
                r = look_want_stale(s);
        return r;
}

static void look_send(TmuxServer *s);

static void look_go_on(TmuxServer *s) {
        if (look_next_batch(s->look))
                look_send(s);
        else
                look_finish(s, 0);
}

/* A list that nothing closes does not tell a server that is gone from one without panes. */
static bool ask_for_rows(TmuxServer *s, const TmuxReply *reply) {
        TmuxLook *l = s->look;

        l->rows_wanted = reply->error >= 0 && reply->failed && !tmux_batch_is_closed(&l->batch);
        return l->rows_wanted;
}

static void on_reply(void *userdata, const TmuxReply *reply) {
        _cleanup_(tmux_answer_done) TmuxAnswer answer = {};
        _cleanup_(tmux_call_freep) TmuxCall *call = NULL;
        TmuxServer *s = userdata;
        int r;

        call = TAKE_PTR(s->look->call); /* owns what reply borrows */
        if (ask_for_rows(s, reply)) {
                look_go_on(s);
                return;
        }
        if (reply->error < 0 || (reply->failed && reply->n_out == 0)) {
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
        else
                look_go_on(s);
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

/* Of what is captured now, whatever comes after it is to be told. */
static void watch_batch(TmuxServer *s) {
        const TmuxBatch *b = &s->look->batch;

        for (size_t i = 0; i < b->n_panes; i++) {
                TmuxPane *pane;

                HASH_FIND(hh, s->panes, &b->panes[i], sizeof(pane->id), pane);
                if (!pane)
                        continue;
                pane->unseen = pane->written;
                pane->written = pane->wanted = pane->urgent = false;
                glance_watch(s, pane);
        }
}

static void look_send(TmuxServer *s) {
        _cleanup_(tmux_words_done) TmuxWords words = {};
        TmuxLook *l = s->look;
        TmuxRequest request = {
                        .socket = s->socket,
                        .words = &words,
                        .server_pid = s->watch ? process_watch_pid(s->watch) : 0,
                        .answer_max = answer_max(s),
                        .timeout_usec = TMUX_CALL_USEC,
        };
        int r;

        watch_batch(s);
        l->batch_realtime = now_realtime();
        l->batch_usec = now_monotonic();
        l->stats.chunks++;

        r = tmux_batch_to_words(&l->batch, &words);
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

static TmuxSocketMark mark_of(const char *socket) {
        struct stat st;

        if (lstat(socket, &st) < 0)
                return (TmuxSocketMark){};
        return (TmuxSocketMark){
                        .device = st.st_dev,
                        .inode = st.st_ino,
                        .change_sec = (uint64_t)st.st_ctim.tv_sec,
                        .change_nsec = (uint64_t)st.st_ctim.tv_nsec,
        };
}

static TmuxLook *look_new(TmuxServer *s, bool refresh) {
        TmuxLook *l = calloc(1, sizeof(*l));

        if (!l)
                return NULL;
        l->refresh = refresh;
        l->start_usec = now_monotonic();
        l->socket = mark_of(s->socket);
        tmux_batch_init(&l->batch, TMUX_ROWS_ALL);
        return l;
}

/* What was left out because it rested is wanted now. */
static bool owes_captures(const TmuxServer *s, uint64_t now) {
        if (!s->left_out)
                return false;
        for (const TmuxPane *p = s->panes; p; p = p->hh.next)
                if (!tmux_pane_rests(p, now) && tmux_pane_is_stale(p, now))
                        return true;
        return false;
}

/* Nothing happened since it was listed, or nothing that would show. */
static bool is_still(const TmuxServer *s, uint64_t now) {
        return s->stillness && s->list_usec > 0 && now - s->list_usec < STILL_USEC &&
                        !owes_captures(s, now) && stillness_holds(s->stillness);
}

bool tmux_server_is_at_rest(const TmuxServer *server) {
        return !server->look && is_still(server, now_monotonic());
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
        s->look = l;
        glance_watch_all(s);
        if (!s->stillness || !stillness_holds(s->stillness))
                s->rows_hold = false;
        l->is_still = !l->full && is_still(s, l->start_usec);
        if (l->is_still)
                return 0;
        if (s->stillness)
                stillness_ask(s->stillness);
        return look_first_batch(s, l);
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
        l->is_still = is_still(s, l->start_usec);
        look_refresh_batch(s, l);
        s->look = l;
        return 0;
}

static void start_wanted(TmuxServer *s) {
        int r;

        if (s->look || run_start(s) || (!s->looks_wanted && !s->refreshes_wanted))
                return;

        r = s->refreshes_wanted ? start_refresh(s) : start_look(s);
        if (r < 0)
                look_fail(s, r);
        else if (s->look->is_still && !s->look->refresh)
                look_finish(s, 0);
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
