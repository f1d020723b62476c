/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/agents/health.h"

#include <assert.h>

#include "daemon/base/cleanup.h"

static const char *const health_names[_HEALTH_MAX] = {
                [HEALTH_GREEN] = "green",
                [HEALTH_YELLOW] = "yellow",
                [HEALTH_RED] = "red",
};

static const struct {
        Health health;
        const char *sentence;
} states[_AGENT_STATE_MAX] = {
                [AGENT_STARTING] = {HEALTH_GREEN, "is starting"},
                [AGENT_WORKING] = {HEALTH_GREEN, "works"},
                [AGENT_IDLE] = {HEALTH_GREEN, "is idle"},
                [AGENT_WAITING] = {HEALTH_GREEN, "waits for a human"},
                [AGENT_RATE_LIMITED] = {HEALTH_YELLOW, "has reached a usage limit"},
                [AGENT_ERROR] = {HEALTH_RED, "stopped with an error"},
                [AGENT_CRASHED] = {HEALTH_RED, "crashed"},
                [AGENT_EXITED] = {HEALTH_GREEN, "has ended"},
                [AGENT_UNKNOWN] = {HEALTH_YELLOW, "is in a state that is not known"},
};

static const struct {
        int error;
        Health health;
        const char *sentence;
} errors[] = {
                {-ENXIO, HEALTH_RED, "is not in its pane any more"},
                {-ETIMEDOUT, HEALTH_YELLOW, "could not be looked at in time"},
                {-ENOTCONN, HEALTH_YELLOW, "cannot be looked at: its user has no watcher"},
};

const char *health_to_string(Health h) {
        assert(h >= 0 && h < _HEALTH_MAX);
        return health_names[h];
}

Health health_of_look(const HealthLook *look, const char **ret_sentence) {
        assert(look->state >= 0 && look->state < _AGENT_STATE_MAX);

        if (!look->alive && !agent_state_is_gone(look->state)) {
                *ret_sentence = "has lost its process";
                return HEALTH_RED;
        }

        *ret_sentence = states[look->state].sentence;
        return states[look->state].health;
}

Health health_of_error(int error, const char **ret_sentence) {
        FOREACH_ELEMENT (e, errors)
                if (e->error == error) {
                        *ret_sentence = e->sentence;
                        return e->health;
                }

        *ret_sentence = "could not be looked at";
        return HEALTH_YELLOW;
}
