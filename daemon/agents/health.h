/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * An agent's health
 *
 * What a look at an agent, or the failure to look, says of it. An agent that waits for a human is
 * healthy; one of which nothing can be said is yellow.
 */

#include <errno.h>
#include <stdbool.h>

#include "daemon/base/agent-state.h"

typedef enum Health {
        HEALTH_GREEN,
        HEALTH_YELLOW,
        HEALTH_RED,
        _HEALTH_MAX,
        _HEALTH_INVALID = -EINVAL,
} Health;

/* What a check sees. */
typedef struct HealthLook {
        bool alive; /* its process is there */
        AgentState state;
        const char *hash; /* of its screen; "" if there is none */
} HealthLook;

const char *health_to_string(Health h);

/* @ret_sentence goes on after the agent's name ("works") and is a constant. */
Health health_of_look(const HealthLook *look, const char **ret_sentence);
Health health_of_error(int error, const char **ret_sentence);
