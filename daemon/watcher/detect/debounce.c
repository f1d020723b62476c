/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/detect/debounce.h"

#include <assert.h>

#include "daemon/base/cleanup.h"

unsigned debounce_looks_needed(AgentState state) {
        switch (state) {
        case AGENT_STARTING:
        case AGENT_WORKING:
                return 1;
        case AGENT_WAITING:
        case AGENT_RATE_LIMITED:
        case AGENT_ERROR:
        case AGENT_CRASHED:
        case AGENT_EXITED:
                return 2;
        case AGENT_IDLE:
        case AGENT_UNKNOWN:
        case _AGENT_STATE_MAX:
        case _AGENT_STATE_INVALID:
        default:
                return 3;
        }
}

void debounce_forget(Debounce *d) {
        assert(d);

        d->pending = false;
        d->seen = 0;
}

static bool says_the_same(const Debounce *d, AgentState state, Attention attention) {
        return d->pending && d->state == state && d->attention == attention;
}

static void begin(Debounce *d, AgentState state, Attention attention, uint64_t now_usec) {
        d->pending = true;
        d->state = state;
        d->attention = attention;
        d->seen = 1;
        d->since_usec = d->last_usec = now_usec;
}

static unsigned looks_seen(const Debounce *d, uint64_t now_usec) {
        bool hinted = d->hint_usec > 0 && d->hint == d->state &&
                        now_usec - d->hint_usec < DEBOUNCE_HINT_USEC;

        return d->seen + (hinted ? 1 : 0);
}

bool debounce_feed(Debounce *d, AgentState state, Attention attention, uint64_t not_before_usec,
                uint64_t now_usec) {
        assert(d);

        if (!says_the_same(d, state, attention))
                begin(d, state, attention, now_usec);
        else if (now_usec - d->last_usec >= DEBOUNCE_APART_USEC) {
                d->seen++;
                d->last_usec = now_usec;
        }

        d->not_before_usec = not_before_usec;
        if (looks_seen(d, now_usec) < debounce_looks_needed(state) || now_usec < d->not_before_usec)
                return false;

        debounce_forget(d);
        return true;
}

void debounce_hint(Debounce *d, AgentState state, uint64_t now_usec) {
        assert(d);

        d->hint = state;
        d->hint_usec = now_usec;
}

uint64_t debounce_next_look(const Debounce *d) {
        assert(d);

        return d->pending ? MAX(d->last_usec + DEBOUNCE_LOOK_USEC, d->not_before_usec) : UINT64_MAX;
}
