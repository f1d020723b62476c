/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is believed of a pane and why, as JSON for people. Changes nothing. */

#include <assert.h>
#include <errno.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/watcher/detect/tracker-internal.h"

static uint64_t age(uint64_t then_usec, uint64_t now_usec) {
        return now_usec - MIN(then_usec, now_usec);
}

static int set_state(json_object *o, AgentState state, Attention attention) {
        int r = json_set_string(o, "state", agent_state_to_string(state));

        return r < 0 ? r : json_set_string(o, "attention", attention_to_string(attention));
}

static int add_attributes(json_object *o, unsigned attributes) {
        _cleanup_json_ json_object *list = json_object_new_array();
        int r;

        if (!list)
                return -ENOMEM;
        for (unsigned bit = 0; bit < _ATTRIBUTE_COUNT; bit++) {
                r = attributes & (1U << bit) ? json_append_string(list, attribute_name(bit)) : 0;
                if (r < 0)
                        return r;
        }
        return json_set(o, "attributes", TAKE_PTR(list));
}

static int add_belief(json_object *o, const TrackerState *s, uint64_t now_realtime_usec) {
        int r;

        r = json_set_string(o, "agent", s->present ? s->agent : "none");
        if (r >= 0)
                r = json_set_string(o, "version", s->version);
        if (r >= 0)
                r = set_state(o, s->state, s->attention);
        if (r >= 0)
                r = add_attributes(o, s->attributes);
        if (r >= 0)
                r = json_set_string(o, "rule", s->rule);
        if (r >= 0)
                r = json_set_double(o, "confidence", s->confidence);
        if (r >= 0)
                r = json_set_u64(o, "in_state_usec", age(s->since_usec, now_realtime_usec));
        if (r >= 0 && s->reset_usec > 0)
                r = json_set_u64(o, "reset_usec", s->reset_usec);
        return r;
}

typedef struct Piece {
        EvidenceSource source;
        const char *rule;
        AgentState state;
        Attention attention;
        double weight;
        uint64_t at_usec;
        const char *quote;
        bool overruled;
        const char *why; /* NULL: nothing to add */
} Piece;

static int add_piece(json_object *list, const Piece *p, uint64_t now_usec) {
        _cleanup_json_ json_object *o = json_object_new_object();
        int r;

        if (!o)
                return -ENOMEM;
        r = json_set_string(o, "source", evidence_source_to_string(p->source));
        if (r >= 0)
                r = json_set_string(o, "rule", p->rule);
        if (r >= 0)
                r = set_state(o, p->state, p->attention);
        if (r >= 0)
                r = json_set_double(o, "weight", p->weight);
        if (r >= 0)
                r = json_set_u64(o, "age_usec", age(p->at_usec, now_usec));
        if (r >= 0 && p->quote && p->quote[0] != '\0')
                r = json_set_string(o, "quote", p->quote);
        if (r >= 0)
                r = json_set_bool(o, "overruled", p->overruled);
        if (r >= 0)
                r = json_set_string(o, "why", p->why);
        if (r < 0)
                return r;
        return json_append(list, TAKE_PTR(o));
}

static int add_hook(json_object *list, const Tracker *t, uint64_t now_usec) {
        static const char *const whys[] = {
                        [HOOK_WORD_NONE] = NULL,
                        [HOOK_WORD_STANDS] = "the agent said so, and it holds",
                        [HOOK_WORD_SPENT] = "the screen has said the same since",
                        [HOOK_WORD_OVERRULED] = "the screen said otherwise again and again",
                        [HOOK_WORD_FADED] = "it is old, and the screen says otherwise",
        };
        const HookWord *w = &t->hook;
        Piece p = {
                        .source = EVIDENCE_HOOK,
                        .rule = w->event.rule,
                        .state = w->event.state,
                        .attention = w->event.attention,
                        .weight = MAX(0.0, 1.0 - w->contradiction / HOOK_WORD_WEIGHT),
                        .at_usec = w->at_usec,
                        .overruled = w->standing != HOOK_WORD_STANDS,
                        .why = whys[w->standing],
        };

        return w->standing == HOOK_WORD_NONE ? 0 : add_piece(list, &p, now_usec);
}

static int add_process(json_object *list, const Tracker *t, uint64_t now_usec) {
        const char *why = "its process is there";
        Piece p = {
                        .source = EVIDENCE_PROCESS,
                        .state = AGENT_UNKNOWN,
                        .weight = 1.0,
                        .at_usec = t->traces.at_usec,
        };

        if (!t->process_seen && !t->end_why)
                return 0;
        if (t->end_why) {
                p.state = t->state.state;
                why = t->end_why;
        } else if (t->ended)
                why = "its process has ended; one more look tells how";
        else if (t->missing.n > 0)
                why = "its process was not found; one more look makes sure";
        p.why = why;
        return add_piece(list, &p, now_usec);
}

static int add_verdict(json_object *list, const Tracker *t, uint64_t now_usec) {
        for (size_t i = 0; i < t->n_evidence; i++) {
                const Evidence *e = &t->evidence[i].evidence;
                Piece p = {
                                .source = e->source,
                                .rule = t->evidence[i].rule,
                                .state = e->state,
                                .attention = e->attention,
                                .weight = e->weight,
                                .at_usec = t->verdict_usec,
                                .quote = e->quote,
                                .overruled = e->overruled || t->end_why ||
                                                (t->hook.standing == HOOK_WORD_STANDS &&
                                                                e->state != t->state.state),
                };
                int r = add_piece(list, &p, now_usec);

                if (r < 0)
                        return r;
        }
        return 0;
}

static int add_change(json_object *list, const Tracker *t, uint64_t now_usec) {
        Piece p = {
                        .source = EVIDENCE_CHANGE,
                        .state = AGENT_UNKNOWN,
                        .weight = 0.1,
                        .at_usec = t->changed_usec,
                        .why = t->state.attributes & ATTRIBUTE_STALLED
                                        ? "nothing moved for several windows of time"
                                        : "when the screen last changed",
        };

        return t->changed_usec == 0 ? 0 : add_piece(list, &p, now_usec);
}

static int add_evidence(json_object *o, const Tracker *t, uint64_t now_usec) {
        _cleanup_json_ json_object *list = json_object_new_array();
        int r;

        if (!list)
                return -ENOMEM;
        r = add_hook(list, t, now_usec);
        if (r >= 0)
                r = add_process(list, t, now_usec);
        if (r >= 0)
                r = add_verdict(list, t, now_usec);
        if (r >= 0)
                r = add_change(list, t, now_usec);
        if (r < 0)
                return r;
        return json_set(o, "evidence", TAKE_PTR(list));
}

static int add_pending(json_object *o, const Tracker *t, uint64_t now_usec) {
        _cleanup_json_ json_object *p = NULL;
        const Debounce *d = &t->debounce;
        unsigned needed;
        int r;

        if (!d->pending)
                return 0;

        p = json_object_new_object();
        if (!p)
                return -ENOMEM;
        needed = debounce_looks_needed(d->state);
        r = set_state(p, d->state, d->attention);
        if (r >= 0)
                r = json_set_u64(p, "looks_seen", d->seen);
        if (r >= 0)
                r = json_set_u64(p, "looks_missing", needed - MIN(d->seen, needed));
        if (r >= 0)
                r = json_set_u64(p, "age_usec", age(d->since_usec, now_usec));
        if (r >= 0 && d->not_before_usec > now_usec)
                r = json_set_string(p, "why", "it worked a moment ago");
        if (r < 0)
                return r;
        return json_set(o, "pending", TAKE_PTR(p));
}

static int add_transition(json_object *list, const Transition *h) {
        _cleanup_json_ json_object *o = json_object_new_object();
        int r;

        if (!o)
                return -ENOMEM;
        r = json_set_string(o, "from", agent_state_to_string(h->from));
        if (r >= 0)
                r = set_state(o, h->to, h->attention);
        if (r >= 0)
                r = json_set_string(o, "rule", h->rule);
        if (r >= 0)
                r = json_set_u64(o, "realtime_usec", h->realtime_usec);
        if (r < 0)
                return r;
        return json_append(list, TAKE_PTR(o));
}

static int add_history(json_object *o, const Tracker *t) {
        _cleanup_json_ json_object *list = json_object_new_array();
        size_t n = MIN(t->n_history, (size_t)TRACKER_HISTORY_MAX);

        if (!list)
                return -ENOMEM;
        for (size_t i = t->n_history - n; i < t->n_history; i++) {
                int r = add_transition(list, &t->history[i % TRACKER_HISTORY_MAX]);

                if (r < 0)
                        return r;
        }
        return json_set(o, "history", TAKE_PTR(list));
}

int tracker_explain(const Tracker *t, TrackerTime now, json_object **ret) {
        _cleanup_json_ json_object *o = NULL;
        int r;

        assert(t);
        assert(ret);

        o = json_object_new_object();
        if (!o)
                return -ENOMEM;

        r = add_belief(o, &t->state, now.realtime);
        if (r >= 0)
                r = add_evidence(o, t, now.monotonic);
        if (r >= 0)
                r = add_pending(o, t, now.monotonic);
        if (r >= 0)
                r = json_set_u64(o, "quiet_windows",
                                t->stall.quiet_windows + t->stall.moving_windows);
        if (r >= 0 && t->hidden)
                r = json_set_string(o, "note",
                                "the last look could not tell the state: it is as it was");
        if (r >= 0)
                r = add_history(o, t);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(o);
        return 0;
}
