/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/look-timer.h"

#include <assert.h>
#include <errno.h>

#include "daemon/watcher/cost.h"
#include "daemon/watcher/proc/cpu-clock.h"

#define NSEC_PER_USEC 1000.0
/* Looks of several servers may come together, but not much later than they are due. */
#define ACCURACY_USEC (5 * USEC_PER_MSEC)

struct LookTimer {
        sd_event *event;
        Ledger *ledger;
        LookDue due;
        void *userdata;
        sd_event_source *timer;
        sd_event_source *tail;

        PaceServer pace;
        CostMeter meter;
        pid_t pid;          /* whose clock the meter reads; 0: none */
        uint64_t look_nsec; /* tmux's, since the last look was over */
        uint64_t due_usec;  /* when the next look is due at the latest */
        bool is_due;        /* the look is ours: those that others ask for, they count themselves */
        uint64_t round;     /* of the last look */
};

static int on_due(sd_event_source *source, uint64_t usec, void *userdata) {
        LookTimer *t = userdata;

        t->is_due = true;
        t->due(t->userdata);
        return 0;
}

static int read_clocks(const LookTimer *t, CostReading *ret) {
        ret->usec = now_monotonic();
        return t->pid > 0 ? cpu_clock_of(t->pid, &ret->cpu_nsec) : -ESRCH;
}

static int on_tail(sd_event_source *source, uint64_t usec, void *userdata) {
        LookTimer *t = userdata;
        CostReading now;

        if (read_clocks(t, &now) >= 0)
                cost_meter_settle(&t->meter, now);
        return 0;
}

int look_timer_new(sd_event *event, Ledger *ledger, LookDue due, void *userdata, LookTimer **ret) {
        _cleanup_(look_timer_freep) LookTimer *t = calloc(1, sizeof(*t));
        int r;

        assert(event && ledger && due && ret);

        if (!t)
                return -ENOMEM;
        *t = (LookTimer){.event = event, .ledger = ledger, .due = due, .userdata = userdata};
        t->round = UINT64_MAX;
        ledger_add_server(ledger);
        r = sd_event_add_time(
                        event, &t->timer, CLOCK_MONOTONIC, UINT64_MAX, ACCURACY_USEC, on_due, t);
        if (r < 0)
                return r;
        r = sd_event_add_time(
                        event, &t->tail, CLOCK_MONOTONIC, UINT64_MAX, ACCURACY_USEC, on_tail, t);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(t);
        return 0;
}

LookTimer *look_timer_free(LookTimer *t) {
        if (!t)
                return NULL;

        pace_forget(&t->ledger->pace, &t->pace);
        ledger_remove_server(t->ledger, t->round == t->ledger->rounds);
        sd_event_source_disable_unref(t->timer);
        sd_event_source_disable_unref(t->tail);
        free(t);
        return NULL;
}

void look_timer_call_began(LookTimer *t, pid_t pid) {
        CostReading now;

        if (t->pid != pid)
                cost_meter_reset(&t->meter);
        t->pid = pid;
        if (read_clocks(t, &now) >= 0)
                cost_meter_begin(&t->meter, now);
}

static int arm(sd_event_source *source, uint64_t usec) {
        int r;

        r = sd_event_source_set_time_relative(source, usec);
        return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

void look_timer_call_ended(LookTimer *t) {
        CostReading now;

        if (read_clocks(t, &now) < 0) {
                cost_meter_reset(&t->meter);
                return;
        }
        t->look_nsec += cost_meter_end(&t->meter, now);
        if (cost_meter_wants_tail(&t->meter))
                (void)arm(t->tail, COST_TAIL_USEC); /* else it is taken to be as before */
}

static void note_round(LookTimer *t, uint64_t wall_usec) {
        uint64_t round = t->ledger->rounds;

        if (!t->is_due || t->round == round)
                return;
        t->round = round;
        ledger_note_looked(t->ledger, wall_usec);
}

void look_timer_looked(LookTimer *t, PaceLook look) {
        uint64_t tmux = t->look_nsec, own = ledger_take_own_nsec(t->ledger);

        look.cost_usec = (double)(tmux + own) / NSEC_PER_USEC;
        t->look_nsec = 0;
        t->ledger->tmux_nsec += tmux;
        pace_looked(&t->ledger->pace, &t->pace, &look, now_monotonic());
        note_round(t, look.wall_usec);
        t->is_due = false;
}

int look_timer_plan(LookTimer *t, uint64_t confirm_usec) {
        bool paced = t->ledger->pace.interval_usec == 0 && !t->ledger->pace.asked;
        uint64_t next = confirm_usec;

        if (paced)
                next = pace_confirm(&t->ledger->pace, &t->pace, confirm_usec, now_monotonic());
        if (next == UINT64_MAX) {
                look_timer_stop(t);
                return 0;
        }
        t->due_usec = now_monotonic() + next;
        next = MIN(next, confirm_usec); /* which may come early: at rest it costs nothing */
        if (paced)
                next = MIN(next, PACE_QUIET_USEC);
        return arm(t->timer, next);
}

bool look_timer_is_early(const LookTimer *t) {
        return now_monotonic() + ACCURACY_USEC < t->due_usec;
}

int look_timer_wait(LookTimer *t) {
        uint64_t now = now_monotonic();

        t->is_due = false;
        return arm(t->timer, now < t->due_usec ? t->due_usec - now : 0);
}

int look_timer_retry(LookTimer *t) {
        t->due_usec = 0;
        return arm(t->timer, PACE_MAX_USEC);
}

void look_timer_stop(LookTimer *t) {
        (void)sd_event_source_set_enabled(t->timer, SD_EVENT_OFF);
}

uint64_t look_timer_interval(const LookTimer *t, PaceReason *ret_reason) {
        return pace_interval(&t->ledger->pace, &t->pace, ret_reason);
}
