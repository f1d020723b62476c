/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Hook events
 *
 * What the events that agents report by themselves say about their state: a table of all that were
 * observed. An event that is not in it says nothing.
 */

#include <json-c/json.h>
#include <stdbool.h>

#include "daemon/base/agent-state.h"

typedef enum HookMeaning {
        HOOK_NOTHING, /* known, and says nothing of the state */
        HOOK_STATE,   /* the agent is in this state now */
        HOOK_HINT,    /* probably: worth a look, and as much as one */
        HOOK_BEGIN,   /* it runs */
        HOOK_END,     /* it is about to end, cleanly */
} HookMeaning;

typedef struct HookEvent {
        HookMeaning meaning;
        AgentState state; /* of HOOK_STATE and HOOK_HINT */
        Attention attention;
        const char *rule; /* "hook.claude.Stop": constant */
} HookEvent;

/*
 * @source is the agent's type. @event may be NULL or "": then the payload tells it. @payload is
 * what the agent handed over, or NULL. -ENXIO: no such source or event.
 */
int hook_event_parse(
                const char *source, const char *event, const json_object *payload, HookEvent *ret);
