/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/act/policy.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const policies[_ACT_POLICY_MAX] = {
                [ACT_POLICY_OBSERVE] = "observe",
                [ACT_POLICY_NOTIFY] = "notify",
                [ACT_POLICY_ACT] = "act",
};

const char *act_policy_to_string(ActPolicy p) {
        return policies[p];
}

ActPolicy act_policy_from_string(const char *s) {
        for (ActPolicy p = 0; p < _ACT_POLICY_MAX; p++)
                if (strcmp(policies[p], s) == 0)
                        return p;
        return _ACT_POLICY_INVALID;
}

bool policy_is_pm(const PolicyRules *rules, const Agent *a) {
        for (char *const *w = rules->pm_windows; w && *w; w++)
                if (fnmatch(*w, a->last.window, FNM_CASEFOLD) == 0)
                        return true;
        return false;
}

/* How closely "type:claude" names the agent; 0: not at all. */
static int names(const PolicyRules *rules, const Agent *a, const char *who) {
        char uid[16];

        (void)snprintf(uid, sizeof(uid), "%u", (unsigned)a->server->uid);
        if (strncmp(who, "agent:", 6) == 0)
                return strcmp(who + 6, a->id) == 0 ? 5 : 0;
        if (strncmp(who, "target:", 7) == 0)
                return fnmatch(who + 7, a->target, 0) == 0 ? 4 : 0;
        if (strcmp(who, "role:pm") == 0)
                return policy_is_pm(rules, a) ? 3 : 0;
        if (strncmp(who, "type:", 5) == 0)
                return strcmp(who + 5, a->last.type) == 0 ? 2 : 0;
        if (strncmp(who, "user:", 5) == 0)
                return strcmp(who + 5, uid) == 0 ? 1 : 0;
        return 0;
}

ActPolicy policy_of(const PolicyRules *rules, const Agent *a) {
        ActPolicy found = rules->fallback;
        int best = 0;

        for (char *const *e = rules->exceptions; e && *e; e++) {
                const char *sign = strrchr(*e, '=');
                ActPolicy policy = sign ? act_policy_from_string(sign + 1) : _ACT_POLICY_INVALID;
                _cleanup_free_ char *who = sign ? strndup(*e, (size_t)(sign - *e)) : NULL;
                int close = who && (int)policy >= 0 ? names(rules, a, who) : 0;

                if (close > best) {
                        best = close;
                        found = policy;
                }
        }
        return found;
}
