/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One look at a pane whose agent lives, or that may have one. */

#include <assert.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/watcher/detect/tracker-internal.h"

/* A process older than this does not start any more, whatever its screen shows. */
#define STARTING_USEC (30 * USEC_PER_SEC)
/* One that shows nothing of itself yet is as young as this. */
#define SILENT_START_USEC (10 * USEC_PER_SEC)

/* An agent between two tool calls shows nothing for about as long. */
#define QUIET_USEC (1 * USEC_PER_SEC)
/* So young, and a dialog may still take the place of the prompt that it shows. */
#define UNSETTLED_USEC (4 * USEC_PER_SEC)

#define UNSEEN_LOOKS 3U
#define NEWCOMER_LOOKS 2U
/* The state is not to be seen, only remembered. */
#define HIDDEN_SHARE 0.5

static bool shows_live_agent(const Verdict *v) {
        return v && v->agent && !agent_state_is_gone(v->state);
}

static void hide(Tracker *t) {
        t->hidden = true;
        debounce_forget(&t->debounce);
        if (t->hook.standing != HOOK_WORD_STANDS)
                t->state.confidence = t->screen_confidence * HIDDEN_SHARE;
}

/* An editor in its place, a pager: while its process lives the agent does as well. */
static void judge_unseen(Tracker *t, TrackerTime now) {
        t->newcomer = (LookCount){};
        hide(t);
        if (t->process_seen || t->hook.standing == HOOK_WORD_STANDS)
                return;

        look_count_add(&t->unseen, now.monotonic);
        if (t->unseen.n < UNSEEN_LOOKS)
                return;

        t->state = (TrackerState){.state = AGENT_UNKNOWN};
        t->unseen = (LookCount){};
}

/* A program that has just begun is starting until its screen is understood. */
static void begin_new(Tracker *t, const TrackerInput *in) {
        tracker_begin(t, in->verdict->agent, in->process, in->now);
        if (in->process.pid == 0)
                return;
        (void)tracker_process_follow(t, in);
        if (!agent_state_is_gone(t->state.state) && in->process_age_usec <= SILENT_START_USEC)
                t->state.state = AGENT_STARTING;
}

/* True if the look shows the agent that is believed to be there. */
static bool recognize(Tracker *t, const TrackerInput *in) {
        const char *agent = in->verdict->agent;
        bool is_known = t->state.present && strcmp(t->state.agent, agent) == 0;
        bool is_gone = agent_state_is_gone(t->state.state);

        if (is_known && !is_gone) {
                t->newcomer = (LookCount){};
                return true;
        }
        /* The screen of one that is gone goes on to look like it. */
        if (is_gone && t->process_seen && in->process.pid == 0)
                return false;

        if (strcmp(t->newcomer_agent, agent) != 0)
                t->newcomer = (LookCount){};
        tracker_name(t->newcomer_agent, agent);
        look_count_add(&t->newcomer, in->now.monotonic);
        /* A process where none was is proof enough; a screen alone, or a change of type, is not. */
        if (t->newcomer.n < NEWCOMER_LOOKS &&
                        (in->process.pid == 0 || (t->state.present && !is_gone)))
                return false;

        begin_new(t, in);
        return true;
}

static bool is_new(const Tracker *t) {
        return t->state.state == AGENT_UNKNOWN || t->state.state == AGENT_STARTING;
}

/* What the screen says, where the age of the process has a say in it. */
static AgentState state_on_screen(const Tracker *t, const TrackerInput *in) {
        AgentState s = in->verdict->state;

        if (s == AGENT_STARTING && in->process_age_usec > STARTING_USEC)
                return AGENT_UNKNOWN;
        if (s == AGENT_UNKNOWN && is_new(t) && in->process_age_usec <= SILENT_START_USEC)
                return AGENT_STARTING;
        return s;
}

/* A program starts once: one that shows an empty screen later on is still what it was. */
static bool hides_state(const Tracker *t, const Verdict *v) {
        bool is_new = t->state.state == AGENT_UNKNOWN || t->state.state == AGENT_STARTING;

        return v->keep_state || (v->state == AGENT_STARTING && !is_new);
}

static void take_attributes(Tracker *t, const Verdict *v) {
        unsigned stalled = t->state.attributes & ATTRIBUTE_STALLED;
        unsigned seen = v->attributes & ~(unsigned)ATTRIBUTE_STALLED;

        if (t->has_worked || t->state.state != AGENT_IDLE)
                seen &= ~(unsigned)ATTRIBUTE_FRESH;
        t->state.attributes = seen | (t->state.state == AGENT_WORKING ? stalled : 0);
}

/*
 * A text that stays on the screen is read again at each look: "in 2 hours" must not move on with
 * the time, and "at 3pm" not become tomorrow's once it is over.
 */
static bool reset_is_the_same(uint64_t known, uint64_t seen, bool screen_changed, uint64_t now) {
        if (seen == 0 || (known > 0 && !screen_changed))
                return true;
        return known > 0 && known <= now + USEC_PER_MINUTE && seen > known &&
                        seen - known <= 25 * USEC_PER_HOUR && seen - known >= 23 * USEC_PER_HOUR;
}

static void take_reset_time(Tracker *t, const TrackerInput *in) {
        if (t->state.state != AGENT_RATE_LIMITED)
                return;
        if (!reset_is_the_same(t->state.reset_usec, in->verdict->reset_usec, in->screen_changed,
                            in->now.realtime))
                t->state.reset_usec = in->verdict->reset_usec;
}

/* Another program has the terminal: part of what is to be seen may be of that. */
static double confidence_of(const TrackerInput *in) {
        bool is_behind = in->process.pid > 0 && !in->in_foreground;

        return is_behind ? in->verdict->confidence * HIDDEN_SHARE : in->verdict->confidence;
}

/* When a state may be believed, however many looks have shown it. */
static uint64_t not_before(const Tracker *t, const TrackerInput *in, AgentState s) {
        uint64_t quiet = t->working_usec > 0 ? t->working_usec + QUIET_USEC : 0;

        if (s != AGENT_IDLE)
                return 0;
        if (is_new(t) && in->process_age_usec < UNSETTLED_USEC)
                return MAX(quiet, in->now.monotonic + UNSETTLED_USEC - in->process_age_usec);
        return quiet;
}

static void take_state(Tracker *t, const TrackerInput *in) {
        double confidence = confidence_of(in);
        AgentState s = state_on_screen(t, in);
        Attention a = s == AGENT_WAITING ? in->verdict->attention : ATTENTION_NONE;

        if (s == AGENT_WORKING)
                t->working_usec = in->now.monotonic;
        if (hook_word_weigh(&t->hook, s, confidence, in->now.monotonic)) {
                debounce_forget(&t->debounce);
                return;
        }
        if (s == t->state.state && a == t->state.attention)
                debounce_forget(&t->debounce);
        else if (!debounce_feed(&t->debounce, s, a, not_before(t, in, s), in->now.monotonic))
                return;
        tracker_believe(t, s, a, in->verdict->rule, confidence, in->now);
}

void tracker_judge(Tracker *t, const TrackerInput *in) {
        const Verdict *v = in->verdict;

        if (!v)
                return;
        if (!shows_live_agent(v)) {
                if (t->state.present && !agent_state_is_gone(t->state.state))
                        judge_unseen(t, in->now);
                else
                        t->newcomer = (LookCount){};
                return;
        }
        if (!recognize(t, in)) {
                debounce_forget(&t->debounce);
                return;
        }

        t->unseen = (LookCount){};
        if (v->version[0] != '\0')
                memcpy(t->state.version, v->version, sizeof(t->state.version));
        if (hides_state(t, v)) {
                debounce_forget(&t->debounce);
                return;
        }

        t->hidden = false;
        take_state(t, in);
        t->screen_confidence = t->state.confidence;
        take_attributes(t, v);
        take_reset_time(t, in);
}
