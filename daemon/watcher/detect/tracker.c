/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/detect/tracker.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/watcher/detect/tracker-internal.h"

/* After so many looks without a result, the usual rhythm has to do. */
#define RESTLESS_MAX 10U
/* What is less is not worth a report. */
#define CONFIDENCE_STEP 0.05

int tracker_new(Tracker **ret) {
        Tracker *t;

        assert(ret);

        t = calloc(1, sizeof(*t));
        if (!t)
                return -ENOMEM;
        t->state.state = AGENT_UNKNOWN;

        *ret = t;
        return 0;
}

Tracker *tracker_free(Tracker *t) {
        if (!t)
                return NULL;

        free(t->evidence);
        free(t);
        return NULL;
}

const TrackerState *tracker_state(const Tracker *t) {
        assert(t);
        return &t->state;
}

void tracker_name(char ret[TRACKER_NAME_MAX], const char *name) {
        (void)snprintf(ret, TRACKER_NAME_MAX, "%s", name ?: "");
}

void look_count_add(LookCount *c, uint64_t now_usec) {
        if (c->n > 0 && now_usec - c->last_usec < DEBOUNCE_APART_USEC)
                return;
        if (c->n == 0)
                c->first_usec = now_usec;
        c->n++;
        c->last_usec = now_usec;
}

static void remember(Tracker *t, AgentState from, TrackerTime now) {
        Transition *h = &t->history[t->n_history++ % TRACKER_HISTORY_MAX];

        *h = (Transition){
                        .from = from,
                        .to = t->state.state,
                        .attention = t->state.attention,
                        .realtime_usec = now.realtime,
        };
        tracker_name(h->rule, t->state.rule);
}

void tracker_believe(Tracker *t, AgentState state, Attention attention, const char *rule,
                double confidence, TrackerTime now) {
        AgentState from = t->state.state;

        /* Who is gone comes back as a new agent only. */
        assert(!agent_state_is_gone(from) || state == from);

        t->state.confidence = confidence;
        tracker_name(t->state.rule, rule);
        if (state == from && attention == t->state.attention)
                return;

        t->state.state = state;
        t->state.attention = attention;
        if (state != from)
                t->state.since_usec = now.realtime;
        if (state == AGENT_WORKING)
                t->has_worked = true;
        if (state != AGENT_RATE_LIMITED)
                t->state.reset_usec = 0;
        if (state != AGENT_WORKING)
                stall_reset(&t->stall);
        if (agent_state_is_gone(state)) {
                t->state.attributes = 0;
                t->state.process = (TrackerProcess){};
                t->hook.standing = HOOK_WORD_NONE;
                t->newcomer = t->unseen = (LookCount){};
        }
        debounce_forget(&t->debounce);
        remember(t, from, now);
}

void tracker_begin(Tracker *t, const char *agent, TrackerProcess process, TrackerTime now) {
        Transition history[TRACKER_HISTORY_MAX];
        size_t n_history = t->n_history;
        uint64_t activity_usec = t->state.activity_usec;
        char name[TRACKER_NAME_MAX];

        tracker_name(name, agent); /* it may be the tracker's own */
        /* What was before is of another agent; for explaining, the pane's history goes on. */
        memcpy(history, t->history, sizeof(history));
        free(t->evidence);
        *t = (Tracker){
                        .state =
                                        {
                                                        .present = true,
                                                        .state = AGENT_UNKNOWN,
                                                        .since_usec = now.realtime,
                                                        .activity_usec = activity_usec,
                                                        .process = process,
                                        },
                        .last_process = process,
                        .process_seen = process.pid > 0,
                        .n_history = n_history,
        };
        memcpy(t->history, history, sizeof(history));
        tracker_name(t->state.agent, name);
}

static void compare(const TrackerState *old, const TrackerState *new, TrackerChange *ret) {
        bool replaced = strcmp(old->agent, new->agent) != 0 ||
                        (agent_state_is_gone(old->state) && !agent_state_is_gone(new->state));

        *ret = (TrackerChange){
                        .appeared = new->present && (!old->present || replaced),
                        .vanished = old->present && !new->present,
                        .state = old->state != new->state || old->attention != new->attention,
                        .detail = strcmp(old->version, new->version) != 0 ||
                                        old->attributes != new->attributes ||
                                        old->reset_usec != new->reset_usec ||
                                        strcmp(old->rule, new->rule) != 0 ||
                                        fabs(old->confidence - new->confidence) >=
                                                        CONFIDENCE_STEP ||
                                        old->process.pid != new->process.pid,
                        .old_state = old->state,
                        .old_attention = old->attention,
        };
}

/* Without memory the old one stays, which explains less, and that is all. */
static void keep_evidence(Tracker *t, const TrackerInput *in) {
        const Verdict *v = in->verdict;
        KeptEvidence *kept;

        if (!v)
                return;
        if (v->n_evidence > 0) {
                kept = reallocarray(t->evidence, v->n_evidence, sizeof(*kept));
                if (!kept)
                        return;
                t->evidence = kept;
        }

        t->verdict_usec = in->now.monotonic;
        t->n_evidence = v->n_evidence;
        for (size_t i = 0; i < v->n_evidence; i++) {
                t->evidence[i].evidence = v->evidence[i];
                tracker_name(t->evidence[i].rule, v->evidence[i].rule);
                t->evidence[i].evidence.rule = NULL;
        }
}

static void feed_stall(Tracker *t, const TrackerInput *in) {
        const StallLook look = {
                        .moved = in->screen_changed,
                        .words = in->words,
                        .cpu_usec = in->cpu_usec,
                        .read_bytes = in->read_bytes,
                        .processes = in->n_processes,
        };

        if (t->state.state != AGENT_WORKING)
                return;

        stall_feed(&t->stall, &look, in->now.monotonic);
        if (stall_is_stalled(&t->stall))
                t->state.attributes |= ATTRIBUTE_STALLED;
        else
                t->state.attributes &= ~(unsigned)ATTRIBUTE_STALLED;
}

static uint64_t next_look(const Tracker *t) {
        uint64_t next = MIN(debounce_next_look(&t->debounce), tracker_process_next_look(t));

        if (t->newcomer.n > 0)
                next = MIN(next, t->newcomer.last_usec + DEBOUNCE_LOOK_USEC);
        if (t->unseen.n > 0 && !t->process_seen)
                next = MIN(next, t->unseen.last_usec + DEBOUNCE_LOOK_USEC);
        return MIN(next, hook_word_next_look(&t->hook));
}

void tracker_update(Tracker *t, const TrackerInput *in, TrackerChange *ret) {
        TrackerInput look;
        TrackerState old;

        assert(t);
        assert(in);
        assert(ret);

        old = t->state;
        look = *in;
        /* A tree that was read a moment ago may still have it. */
        if (tracker_process_is_ended(t, in->process))
                look.process = (TrackerProcess){};
        if (look.screen_changed) {
                t->state.activity_usec = look.now.realtime;
                t->changed_usec = look.now.monotonic;
        }

        if (!tracker_process_follow(t, &look))
                tracker_judge(t, &look);
        else
                debounce_forget(&t->debounce);
        feed_stall(t, &look);
        keep_evidence(t, &look);

        t->look_usec = look.now.monotonic;
        t->look_wanted = false;
        if (next_look(t) == UINT64_MAX || t->state.state != old.state)
                t->restless = (LookCount){};
        else
                look_count_add(&t->restless, look.now.monotonic);
        compare(&old, &t->state, ret);
}

static void take_hook_state(Tracker *t, const HookEvent *event, TrackerTime now) {
        if (!hook_word_set(&t->hook, event, now.monotonic))
                return;

        t->goodbye_usec = 0;
        if (event->state == AGENT_WORKING)
                t->working_usec = now.monotonic;
        stall_reset(&t->stall);
        t->state.attributes &= ~(unsigned)ATTRIBUTE_STALLED;
        t->state.activity_usec = now.realtime;
        tracker_believe(t, event->state, event->attention, event->rule, 1.0, now);
}

static void take_goodbye(Tracker *t, const HookEvent *event, TrackerTime now) {
        t->goodbye_usec = now.monotonic;
        t->hook.standing = HOOK_WORD_NONE;
        /* Where its process is not to be seen, its word is all there will be. */
        if (!t->process_seen && t->state.present && !agent_state_is_gone(t->state.state))
                tracker_believe(t, AGENT_EXITED, ATTENTION_NONE, event->rule, 1.0, now);
}

static void take_hook(Tracker *t, const HookEvent *event, TrackerTime now) {
        switch (event->meaning) {
        case HOOK_STATE:
                take_hook_state(t, event, now);
                break;
        case HOOK_HINT:
                debounce_hint(&t->debounce, event->state, now.monotonic);
                break;
        case HOOK_BEGIN:
                t->goodbye_usec = 0;
                break;
        case HOOK_END:
                take_goodbye(t, event, now);
                break;
        case HOOK_NOTHING:
        default:
                break;
        }
}

/*
 * An agent may call another one as a tool, in its own pane. And the word of one that is gone is
 * late: a new one is seen by its process.
 */
static bool hook_counts(const Tracker *t, const char *source) {
        if (!t->state.present)
                return true;
        if (agent_state_is_gone(t->state.state))
                return !t->process_seen;
        return strcmp(source, t->state.agent) == 0;
}

void tracker_hook(Tracker *t, const char *source, const HookEvent *event, TrackerTime now,
                TrackerChange *ret) {
        TrackerState old;

        assert(t);
        assert(source);
        assert(event);
        assert(ret);

        old = t->state;
        if (hook_counts(t, source)) {
                bool is_new = !old.present || agent_state_is_gone(old.state);

                if (is_new && (event->meaning == HOOK_STATE || event->meaning == HOOK_BEGIN))
                        tracker_begin(t, source, (TrackerProcess){}, now);
                if (t->state.present)
                        take_hook(t, event, now);
        }
        t->look_wanted = true;
        t->restless = (LookCount){};
        compare(&old, &t->state, ret);
}

uint64_t tracker_needs_look(const Tracker *t, uint64_t now_monotonic) {
        uint64_t next;

        assert(t);

        if (t->look_wanted)
                return 0;
        next = next_look(t);
        if (next == UINT64_MAX || t->restless.n > RESTLESS_MAX)
                return UINT64_MAX;
        /* One that is nearer to the last would see the same. */
        next = MAX(next, t->look_usec + DEBOUNCE_APART_USEC);
        return next > now_monotonic ? next - now_monotonic : 0;
}
