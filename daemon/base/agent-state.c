/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/base/agent-state.h"

#include <assert.h>
#include <string.h>

#include "daemon/base/cleanup.h"

static const char *const state_names[_AGENT_STATE_MAX] = {
                [AGENT_STARTING] = "starting",
                [AGENT_WORKING] = "working",
                [AGENT_IDLE] = "idle",
                [AGENT_WAITING] = "waiting",
                [AGENT_RATE_LIMITED] = "rate_limited",
                [AGENT_ERROR] = "error",
                [AGENT_CRASHED] = "crashed",
                [AGENT_EXITED] = "exited",
                [AGENT_UNKNOWN] = "unknown",
};

static const char *const attention_names[_ATTENTION_MAX] = {
                [ATTENTION_NONE] = "none",
                [ATTENTION_PERMISSION] = "permission",
                [ATTENTION_QUESTION] = "question",
                [ATTENTION_PLAN] = "plan",
                [ATTENTION_TRUST] = "trust",
                [ATTENTION_LOGIN] = "login",
};

static const char *const liveness_names[_LIVENESS_MAX] = {
                [LIVENESS_ALIVE] = "alive",
                [LIVENESS_ABSENT] = "absent",
                [LIVENESS_UNKNOWN] = "unknown",
};

static const char *const attribute_names[_ATTRIBUTE_COUNT] = {
                "fresh",
                "unsubmitted",
                "stalled",
                "background",
                "low_memory",
                "oom_killed",
};

static const char *const memory_scope_names[_MEMORY_SCOPE_MAX] = {
                [MEMORY_UNKNOWN] = "unknown",
                [MEMORY_SHARED] = "shared",
                [MEMORY_OWN] = "own",
};

static int name_index(const char *const *names, size_t n_names, const char *s) {
        if (s)
                for (size_t i = 0; i < n_names; i++)
                        if (strcmp(names[i], s) == 0)
                                return (int)i;

        return -EINVAL;
}

const char *agent_state_to_string(AgentState s) {
        assert(s >= 0 && s < _AGENT_STATE_MAX);
        return state_names[s];
}

AgentState agent_state_from_string(const char *s) {
        return (AgentState)name_index(state_names, ELEMENTSOF(state_names), s);
}

const char *memory_scope_to_string(MemoryScope s) {
        assert(s >= 0 && s < _MEMORY_SCOPE_MAX);
        return memory_scope_names[s];
}

MemoryScope memory_scope_from_string(const char *s) {
        return (MemoryScope)name_index(memory_scope_names, ELEMENTSOF(memory_scope_names), s);
}

const char *attention_to_string(Attention a) {
        assert(a >= 0 && a < _ATTENTION_MAX);
        return attention_names[a];
}

Attention attention_from_string(const char *s) {
        return (Attention)name_index(attention_names, ELEMENTSOF(attention_names), s);
}

const char *liveness_to_string(Liveness l) {
        assert(l >= 0 && l < _LIVENESS_MAX);
        return liveness_names[l];
}

Liveness liveness_from_string(const char *s) {
        return (Liveness)name_index(liveness_names, ELEMENTSOF(liveness_names), s);
}

const char *attribute_name(unsigned bit) {
        assert(bit < _ATTRIBUTE_COUNT);
        return attribute_names[bit];
}

int attribute_from_string(const char *s) {
        int bit = name_index(attribute_names, ELEMENTSOF(attribute_names), s);

        return bit < 0 ? bit : 1 << bit;
}
