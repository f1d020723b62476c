/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The vocabulary
 *
 * The words that the watcher, the daemon and the command line share about an agent. Their strings
 * are public: D-Bus, JSON, journal fields and rule files use them.
 */

#include <errno.h>
#include <stdbool.h>

typedef enum AgentState {
        AGENT_STARTING,
        AGENT_WORKING,
        AGENT_IDLE,
        AGENT_WAITING,      /* for a human; Attention says what for */
        AGENT_RATE_LIMITED, /* a usage limit is shown, retrying or not */
        AGENT_ERROR,        /* stopped with an error of its API or network */
        AGENT_CRASHED,      /* its process is gone and no clean end was seen */
        AGENT_EXITED,       /* it ended cleanly */
        AGENT_UNKNOWN,
        _AGENT_STATE_MAX,
        _AGENT_STATE_INVALID = -EINVAL,
} AgentState;

typedef enum Attention {
        ATTENTION_NONE,
        ATTENTION_PERMISSION,
        ATTENTION_QUESTION,
        ATTENTION_PLAN,
        ATTENTION_TRUST,
        ATTENTION_LOGIN,
        _ATTENTION_MAX,
        _ATTENTION_INVALID = -EINVAL,
} Attention;

/* Bits of a mask. */
typedef enum AgentAttribute {
        ATTRIBUTE_FRESH = 1 << 0,       /* idle, and nobody has asked it anything yet */
        ATTRIBUTE_UNSUBMITTED = 1 << 1, /* text of a human stands in its input box */
        ATTRIBUTE_STALLED = 1 << 2,     /* says that it works, and nothing moves */
        ATTRIBUTE_BACKGROUND = 1 << 3,  /* something of it goes on in the background */
        ATTRIBUTE_LOW_MEMORY = 1 << 4,  /* near its limit, or waiting for memory */
        ATTRIBUTE_OOM_KILLED = 1 << 5,  /* crashed, for want of memory */
} AgentAttribute;
#define _ATTRIBUTE_COUNT 6

/* What an agent's figures of memory are of. */
typedef enum MemoryScope {
        MEMORY_UNKNOWN, /* its processes alone: it is in no control group that can be seen */
        MEMORY_SHARED,  /* its processes; limits and pressure of a group with others in it */
        MEMORY_OWN,     /* a control group that is its own */
        _MEMORY_SCOPE_MAX,
        _MEMORY_SCOPE_INVALID = -EINVAL,
} MemoryScope;

typedef enum Liveness {
        LIVENESS_ALIVE,
        LIVENESS_ABSENT,
        LIVENESS_UNKNOWN, /* does not answer: nothing can be said */
        _LIVENESS_MAX,
        _LIVENESS_INVALID = -EINVAL,
} Liveness;

const char *agent_state_to_string(AgentState s);
AgentState agent_state_from_string(const char *s);

const char *memory_scope_to_string(MemoryScope s);
MemoryScope memory_scope_from_string(const char *s);

const char *attention_to_string(Attention a);
Attention attention_from_string(const char *s);

const char *liveness_to_string(Liveness l);
Liveness liveness_from_string(const char *s);

/* @bit counts from 0 to _ATTRIBUTE_COUNT - 1. */
const char *attribute_name(unsigned bit);
/* Returns the bit's mask, or -EINVAL. */
int attribute_from_string(const char *s);

/* Gone: its process is not there any more. */
static inline bool agent_state_is_gone(AgentState s) {
        return s == AGENT_CRASHED || s == AGENT_EXITED;
}
