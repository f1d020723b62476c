/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/plan/learned.h"

#include <math.h>

#include "daemon/base/clock.h"

#define FORGET_USEC (10.0 * USEC_PER_MINUTE)

void learned_init(Learned *p, uint64_t since_usec, uint64_t now_usec) {
        *p = (Learned){.since_usec = since_usec, .rate_usec = now_usec};
}

double learned_changes(const Learned *p, uint64_t now_usec) {
        return p->changes * exp(-(double)(now_usec - p->rate_usec) / FORGET_USEC);
}

void learned_note_change(
                Learned *p, Stays *all, AgentState old, AgentState state, uint64_t now_usec) {
        dwell_note(&p->stays.of[old], now_usec - p->since_usec);
        dwell_note(&all->of[old], now_usec - p->since_usec);
        if (old == AGENT_WAITING || state == AGENT_WAITING)
                p->needed_usec = now_usec;
        p->changes = learned_changes(p, now_usec) + USEC_PER_MINUTE / FORGET_USEC;
        p->rate_usec = p->since_usec = now_usec;
}

uint64_t learned_expect(const Learned *p, const Stays *all, AgentState state, uint64_t now_usec) {
        return dwell_remaining(&p->stays.of[state], &all->of[state],
                        now_usec > p->since_usec ? now_usec - p->since_usec : 0);
}
