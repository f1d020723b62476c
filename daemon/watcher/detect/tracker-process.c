/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The life of the agent's own process: found, missed, ended. */

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/watcher/detect/ending.h"
#include "daemon/watcher/detect/tracker-internal.h"

/* A process that is replaced by exec or given to another parent is missed once at most. */
#define MISSING_LOOKS 2U
/* tmux and the shell take a moment to show what comes after it. */
#define AFTER_END_USEC (250 * USEC_PER_MSEC)
/* For so long before the end a look tells what it was doing at the end. */
#define LAST_WORK_USEC (2 * USEC_PER_SEC)
#define GOODBYE_USEC USEC_PER_MINUTE

static bool same_process(TrackerProcess a, TrackerProcess b) {
        return a.pid == b.pid && a.start_ticks == b.start_ticks;
}

static bool is_live(const Tracker *t) {
        return t->state.present && !agent_state_is_gone(t->state.state);
}

/* What follows the icon: that moves, so the last look may have seen another one. */
static const char *title_tail(const char *title) {
        const char *blank = strchr(title, ' ');
        bool has_icon = (unsigned char)title[0] >= 0x80;

        return has_icon && blank ? blank + 1 : title;
}

static Ending ending_of(const Tracker *t, const TrackerInput *in) {
        uint64_t end_usec = t->ended       ? t->ended_usec
                        : t->missing.n > 0 ? t->missing.first_usec
                                           : in->now.monotonic;
        const char *now = in->title ?: "", *then = t->traces.title;
        Ending e = {
                        .oom = t->ended ? t->end.oom : OOM_NO,
                        .has_status = t->ended && t->end.has_status,
                        .status = t->end.status,
                        .signal = t->end.signal,
                        .said_goodbye = t->goodbye_usec > 0 &&
                                        in->now.monotonic - t->goodbye_usec < GOODBYE_USEC,
                        .was_working = t->state.state == AGENT_WORKING &&
                                        end_usec - MIN(end_usec, t->working_usec) <= LAST_WORK_USEC,
                        .had_alternate = t->traces.alternate_on,
                        .has_alternate = in->alternate_on,
                        .had_title = in->title && then[0] != '\0',
                        .title_is_cleared = now[0] == '\0',
                        .title_is_kept = strcmp(title_tail(now), title_tail(then)) == 0,
                        .seen = in->verdict ? in->verdict->state : AGENT_UNKNOWN,
        };

        if (in->pane_dead && (in->dead_status >= 0 || in->dead_signal > 0)) {
                e.has_status = true;
                e.status = MAX(in->dead_status, 0);
                e.signal = in->dead_signal;
        }
        return e;
}

static void finish(Tracker *t, const Ending *e, TrackerTime now) {
        AgentState state = ending_judge(e, &t->end_why);
        const char *rule = e->oom != OOM_NO      ? "process.oom-killed"
                        : state == AGENT_CRASHED ? "process.crashed"
                                                 : "process.exited";

        tracker_believe(t, state, ATTENTION_NONE, rule, e->oom == OOM_PROBABLY ? 0.8 : 1.0, now);
        if (e->oom != OOM_NO)
                t->state.attributes |= ATTRIBUTE_OOM_KILLED;
}

static void remember_traces(Tracker *t, const TrackerInput *in) {
        if (in->title)
                (void)snprintf(t->traces.title, sizeof(t->traces.title), "%s", in->title);
        t->traces.alternate_on = in->alternate_on;
        t->traces.at_usec = in->now.monotonic;
}

static void adopt(Tracker *t, const TrackerInput *in) {
        if (!same_process(t->last_process, in->process)) {
                t->last_process = in->process;
                t->ended = false;
                t->end = (TrackerEnd){};
        }
        t->process_seen = true;
        t->state.process = in->process;
        t->missing = (LookCount){};
        remember_traces(t, in);
}

bool tracker_process_is_ended(const Tracker *t, TrackerProcess process) {
        return t->ended && same_process(t->end.process, process);
}

static bool is_certainly_gone(const Tracker *t, const TrackerInput *in) {
        if (in->pane_dead)
                return true;
        if (t->ended)
                return in->now.monotonic - t->ended_usec >= AFTER_END_USEC;
        return t->missing.n >= MISSING_LOOKS;
}

/* A pane that is dead tells of an agent that nobody saw alive. */
static void meet_dead(Tracker *t, const TrackerInput *in) {
        if (!t->state.present && in->verdict && in->verdict->agent)
                tracker_begin(t, in->verdict->agent, (TrackerProcess){}, in->now);
}

/*
 * The old one has ended and another one is there already, as where a loop starts it anew. False if
 * the end must be told first; what the new one overwrote cannot speak any more.
 */
static bool succeed(Tracker *t, const TrackerInput *in) {
        Ending e = ending_of(t, in);

        if (!e.was_working && !e.has_status) {
                tracker_begin(t, t->state.agent, in->process, in->now);
                return true;
        }

        e.had_title = e.had_alternate = false;
        finish(t, &e, in->now);
        look_count_add(&t->newcomer, in->now.monotonic); /* a look at the new one is wanted soon */
        return false;
}

bool tracker_process_follow(Tracker *t, const TrackerInput *in) {
        Ending e;

        if (in->pane_dead)
                meet_dead(t, in);
        if (!is_live(t))
                return in->pane_dead;

        if (!in->pane_dead && in->process.pid > 0) {
                if (t->ended && !succeed(t, in))
                        return true;
                adopt(t, in);
                return false;
        }
        if (!in->pane_dead && (!t->process_seen || !(in->processes_known || t->ended)))
                return false;

        if (!in->pane_dead && !t->ended)
                look_count_add(&t->missing, in->now.monotonic);
        /* What the screen shows now is not the agent's any more: it must not decide. */
        if (!is_certainly_gone(t, in))
                return true;

        e = ending_of(t, in);
        finish(t, &e, in->now);
        return true;
}

uint64_t tracker_process_next_look(const Tracker *t) {
        if (!is_live(t))
                return UINT64_MAX;
        if (t->ended)
                return t->ended_usec + AFTER_END_USEC;
        return t->missing.n > 0 ? t->missing.last_usec + DEBOUNCE_LOOK_USEC : UINT64_MAX;
}

static bool status_is_plain(const TrackerEnd *end) {
        return end->oom != OOM_NO || (end->has_status && (end->signal != 0 || end->status == 0));
}

const char *tracker_end_reason(const Tracker *t) {
        return agent_state_is_gone(t->state.state) && t->end_why ? t->end_why : "";
}

void tracker_process_ended(Tracker *t, const TrackerEnd *end, TrackerTime now, TrackerChange *ret) {
        AgentState old;
        Attention attention;

        assert(t);
        assert(end);
        assert(ret);

        *ret = (TrackerChange){.old_state = t->state.state, .old_attention = t->state.attention};
        if (!is_live(t) || !t->process_seen || t->ended ||
                        !same_process(t->last_process, end->process))
                return;

        old = t->state.state;
        attention = t->state.attention;
        t->ended = true;
        t->end = *end;
        t->ended_usec = now.monotonic;
        t->restless = (LookCount){};
        if (!status_is_plain(end))
                return;

        finish(t,
                        &(const Ending){.oom = end->oom,
                                        .has_status = true,
                                        .status = end->status,
                                        .signal = end->signal},
                        now);
        ret->state = old != t->state.state || attention != t->state.attention;
        ret->detail = true;
}
