/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Learned
 *
 * What is learned of one agent from its changes of state: how often they come, when it last needed
 * somebody, and from how long it stayed in which state, when the next is to be expected. Pure: time
 * is an argument, CLOCK_MONOTONIC.
 */

#include "daemon/base/agent-state.h"
#include "daemon/plan/dwell.h"

/* How long agents stay in each state. */
typedef struct Stays {
        Dwell of[_AGENT_STATE_MAX];
} Stays;

typedef struct Learned {
        Stays stays;
        uint64_t since_usec;  /* in its state */
        uint64_t needed_usec; /* 0: it never did */
        double changes;       /* per minute, as of rate_usec */
        uint64_t rate_usec;
} Learned;

void learned_init(Learned *p, uint64_t since_usec, uint64_t now_usec);
/* @all: of all agents, which learn with it. */
void learned_note_change(
                Learned *p, Stays *all, AgentState old, AgentState state, uint64_t now_usec);

/* Changes per minute, a mean that forgets in ten minutes. */
double learned_changes(const Learned *p, uint64_t now_usec);
/* Until its next change; UINT64_MAX: not known. */
uint64_t learned_expect(const Learned *p, const Stays *all, AgentState state, uint64_t now_usec);
