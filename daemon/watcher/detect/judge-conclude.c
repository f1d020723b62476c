/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/detect/judge-private.h"

#include <string.h>

#include "daemon/watcher/detect/reset-time.h"

/* What is looked through for the end of a limit. */
#define RESET_TEXT_MAX 8192U

static double confidence(const Judge *j) {
        const Verdict *v = &j->verdict;
        double c = j->winner->weight;

        /* Another source that agrees makes surer, any that contradicts less sure. */
        for (size_t i = 0; i < v->n_evidence; i++) {
                const Evidence *e = &v->evidence[i];

                if (e->overruled)
                        c *= 1 - 0.3 * e->weight;
                else if (e->state == v->state && e->source != j->winner->source)
                        c += (1 - c) * 0.5 * e->weight;
        }
        return c;
}

static void add_attributes(Judge *j) {
        Verdict *v = &j->verdict;

        for (size_t i = 0; i < v->n_evidence; i++) {
                const Rule *rule = j->held[i];

                if (!rule || (rule->state != AGENT_UNKNOWN && rule->state != v->state))
                        continue;
                if (rule->only == 0 || (rule->only & 1U << v->state))
                        v->attributes |= rule->attributes;
        }
}

static uint64_t find_reset(Judge *j, const Rule *rule) {
        _cleanup_free_ char *when = NULL;
        PatternMatch match = {};
        TextSpan span;
        uint64_t usec;
        const char *text;
        size_t n;

        if (!region_get(&j->scope, rule->region, &span))
                return 0;

        text = text_span_flow(&span, &n);
        if (rule->reset) {
                if (!pattern_match(rule->reset, j->matcher, text, n, &match))
                        return 0;
                text += match.group_start;
                n = match.group_end - match.group_start;
        }
        when = strndup(text, MIN(n, RESET_TEXT_MAX));
        return when && reset_time_parse(when, j->o->now_usec, &usec) >= 0 ? usec : 0;
}

static void conclude_state(Judge *j) {
        Verdict *v = &j->verdict;

        v->state = j->winner->state;
        v->attention = j->winner->attention;
        v->rule = j->winner->id;
        for (size_t i = 0; i < v->n_evidence; i++) {
                Evidence *e = &v->evidence[i];

                e->overruled = e->state != AGENT_UNKNOWN && e->state != v->state;
                if (v->state == AGENT_RATE_LIMITED && v->reset_usec == 0 && j->held[i] &&
                                !e->overruled)
                        v->reset_usec = find_reset(j, j->held[i]);
        }
        v->confidence = confidence(j);
}

void judge_conclude(Judge *j) {
        Verdict *v = &j->verdict;

        if (!j->file)
                return;
        /* A shell may explain why there is no agent; it is none. */
        if (!j->file->is_agent) {
                v->rule = j->winner ? j->winner->id : "";
                v->process = -1;
                return;
        }

        v->agent = j->file->name;
        if (j->winner)
                conclude_state(j);
        if (j->overlay) {
                v->keep_state = true;
                if (!j->winner) {
                        v->state = j->overlay->state;
                        v->attention = j->overlay->attention;
                }
                v->rule = j->overlay->id;
                v->confidence = j->overlay->weight;
        }
        add_attributes(j);
}
