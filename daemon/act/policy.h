/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Policy
 *
 * What may be done to an agent that nobody asked for. The default does nothing. Exceptions are
 * words such as "type:claude=act"; of those that fit, the one that names the agent most closely
 * counts: agent, target, role, type, user. Pure.
 */

#include "daemon/agents/registry.h"

typedef enum ActPolicy {
        ACT_POLICY_OBSERVE,
        ACT_POLICY_NOTIFY, /* say what would be done */
        ACT_POLICY_ACT,
        _ACT_POLICY_MAX,
        _ACT_POLICY_INVALID = -22, /* -EINVAL */
} ActPolicy;

const char *act_policy_to_string(ActPolicy p);
ActPolicy act_policy_from_string(const char *s);

typedef struct PolicyRules {
        ActPolicy fallback;
        char *const *exceptions; /* ended by NULL; words that make no sense are passed over */
        char *const *pm_windows; /* windows with such a name hold the project manager */
} PolicyRules;

bool policy_is_pm(const PolicyRules *rules, const Agent *agent);
ActPolicy policy_of(const PolicyRules *rules, const Agent *agent);
