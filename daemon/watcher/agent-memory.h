/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Agent memory
 *
 * What must be known of an agent's process while it lives, so that the agent can be brought back
 * when it is gone: its folder, and which conversation it had. From its arguments; where its type
 * keeps one, from a file in its user's home; and from what its hooks say, which knows best.
 */

#include <json-c/json.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/base/cleanup.h"
#include "daemon/watcher/detect/act-rules.h"

#define MEMORY_SESSION_MAX 64U

typedef struct AgentMemory {
        pid_t pid; /* 0: nobody was seen yet */
        uint64_t start_ticks;
        char session[MEMORY_SESSION_MAX + 1]; /* "": not known */
        bool told;                            /* by a hook */
        char *folder;                         /* NULL: not known */
        unsigned looks;                       /* at its file */
        char *screen; /* the last one while it ran: what of it is left when it is gone is no text
                         of a human; NULL: none */
} AgentMemory;

/* @command: the process's arguments, by blanks. Cheap when nothing is new. */
void agent_memory_update(AgentMemory *m, const ActRules *rules, pid_t pid, uint64_t start_ticks,
                const char *command);
/* What a hook of it handed over. */
void agent_memory_hear(AgentMemory *m, const ActRules *rules, const json_object *details);
/* Whether what a hook handed over names the session that it has. */
bool agent_memory_has(const AgentMemory *m, const ActRules *rules, const json_object *details);
/* Its screen while it runs; shared with the pane, of which it is the last one as a rule. */
void agent_memory_see(AgentMemory *m, const char *screen);
void agent_memory_done(AgentMemory *m);

/* The command that brings it back. -EOPNOTSUPP: there is none for its type; -ENOMEM. */
int agent_memory_resume(const AgentMemory *m, const ActRules *rules, char **ret);

/* Whether it can stand in a command as it is. */
bool agent_session_is_valid(const char *s);
