/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/look-timer.h"

#include <assert.h>
#include <errno.h>

#include "daemon/watcher/cost.h"
#include "daemon/watcher/proc/cpu-clock.h"

#define NSEC_PER_USEC 1000.0
/* Looks of several servers may come together, but not much later than they are due. */
#define ACCURACY_USEC (5 * USEC_PER_MSEC)
/* From the first byte that is written to when tmux has read what there is to read. */
#define STIR_USEC (20 * USEC_PER_MSEC)

struct LookTimer {
        sd_event *event;
        Ledger *ledger;
        const LookTimerEvents *events;
        void *userdata;
        sd_event_source *timer;
        sd_event_source *glance;
        sd_event_source *tail;

        PaceServer pace;
        CostMeter meter;
        pid_t pid;                       /* whose clock the meter reads; 0: none */
        uint64_t look_nsec;              /* tmux's, since the last look was over */
        uint64_t looked_usec;            /* when the last look was over */
        uint64_t due_usec;               /* when the next look is due at the latest */
        uint64_t glances[_PACE_GLANCES]; /* when they are due; UINT64_MAX: none is planned */
        bool is_due;    /* the look is ours: those that others ask for, they count themselves */
        uint64_t round; /* of the last look */
};

static void forget_glances(LookTimer *t) {
        for (unsigned i = 0; i < _PACE_GLANCES; i++)
                t->glances[i] = UINT64_MAX;
}

static int on_due(sd_event_source *source, uint64_t usec, void *userdata) {
        LookTimer *t = userdata;

        t->is_due = true;
        t->events->look(t->userdata);
        return 0;
}

static int on_glance(sd_event_source *source, uint64_t usec, void *userdata) {
        LookTimer *t = userdata;
        bool moving = t->glances[PACE_GLANCE_MOVING] <= now_monotonic() + ACCURACY_USEC;

        /* One at all that moves is one at what stirs, too. */
        forget_glances(t);
        t->events->glance(t->userdata, moving ? PACE_GLANCE_MOVING : PACE_GLANCE_STIRRING);
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

int look_timer_new(sd_event *event, Ledger *ledger, const LookTimerEvents *events, void *userdata,
                LookTimer **ret) {
        _cleanup_(look_timer_freep) LookTimer *t = calloc(1, sizeof(*t));
        int r;

        assert(event && ledger && events && ret);

        if (!t)
                return -ENOMEM;
        *t = (LookTimer){
                        .event = event,
                        .ledger = ledger,
                        .events = events,
                        .userdata = userdata,
                        .round = UINT64_MAX,
        };
        forget_glances(t);
        ledger_add_server(ledger);
        r = sd_event_add_time(
                        event, &t->timer, CLOCK_MONOTONIC, UINT64_MAX, ACCURACY_USEC, on_due, t);
        if (r < 0)
                return r;
        r = sd_event_add_time(event, &t->glance, CLOCK_MONOTONIC, UINT64_MAX, ACCURACY_USEC,
                        on_glance, t);
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
        sd_event_source_disable_unref(t->glance);
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

/* What tmux and we have used since it was last asked for. */
static double take_cost_usec(LookTimer *t) {
        uint64_t tmux = t->look_nsec, own = ledger_take_own_nsec(t->ledger);

        t->look_nsec = 0;
        t->ledger->tmux_nsec += tmux;
        return (double)(tmux + own) / NSEC_PER_USEC;
}

void look_timer_looked(LookTimer *t, PaceLook look) {
        t->looked_usec = now_monotonic();
        look.cost_usec = take_cost_usec(t);
        pace_looked(&t->ledger->pace, &t->pace, &look, t->looked_usec);
        note_round(t, look.wall_usec);
        t->is_due = false;
}

void look_timer_glanced(LookTimer *t, PaceGlance which) {
        pace_glanced(&t->ledger->pace, &t->pace, which, take_cost_usec(t), now_monotonic());
}

static bool is_paced(const LookTimer *t) {
        return t->ledger->pace.interval_usec == 0 && !t->ledger->pace.asked;
}

int look_timer_plan(LookTimer *t) {
        uint64_t now = now_monotonic(), next;

        if (!is_paced(t)) {
                (void)sd_event_source_set_enabled(t->timer, SD_EVENT_OFF);
                return 0;
        }
        next = pace_next(&t->ledger->pace, &t->pace, t->looked_usec);
        t->due_usec = t->looked_usec + next;
        next = t->due_usec > now ? t->due_usec - now : 0;
        return arm(t->timer, MIN(next, t->pace.covered ? PACE_COVERED_USEC : PACE_QUIET_USEC));
}

static int plan_glance(LookTimer *t, PaceGlance which, uint64_t usec) {
        uint64_t now = now_monotonic(), due;

        due = now + MAX(usec, pace_glance(&t->ledger->pace, &t->pace, which, now));
        if (t->glances[which] <= due)
                return 0;
        t->glances[which] = due;
        for (unsigned i = 0; i < _PACE_GLANCES; i++)
                due = MIN(due, t->glances[i]);
        return arm(t->glance, due > now ? due - now : 0);
}

int look_timer_plan_glance(LookTimer *t, uint64_t usec) {
        return plan_glance(t, PACE_GLANCE_STIRRING, usec);
}

int look_timer_written(LookTimer *t, PaceGlance which) {
        return is_paced(t) ? plan_glance(t, which, STIR_USEC) : 0;
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
        (void)sd_event_source_set_enabled(t->glance, SD_EVENT_OFF);
        forget_glances(t);
}

uint64_t look_timer_interval(const LookTimer *t, PaceReason *ret_reason) {
        return pace_interval(&t->ledger->pace, &t->pace, ret_reason);
}

bool look_timer_is_told(const LookTimer *t) {
        return is_paced(t) && t->pace.covered;
}
