/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Registry
 *
 * Owns every tmux server and every agent that watchers reported. The only place where they appear,
 * change and go, and so the only one that tells observers about it. It knows neither tmux nor D-Bus
 * nor sockets: reports come in, observers hear of what changed.
 */

#include <stdint.h>
#include <sys/types.h>

#include "daemon/base/agent-state.h"
#include "daemon/wire/report.h"

typedef struct Registry Registry;
typedef struct Server Server;
typedef struct Agent Agent;

/* What a change touched: bits of a mask that is good while observers are told of it. */
typedef enum ServerChange {
        SERVER_CHANGED_LIVENESS = 1 << 0,
        SERVER_CHANGED_REASON = 1 << 1,
        SERVER_CHANGED_VERSION = 1 << 2,
        SERVER_CHANGED_PID = 1 << 3,
        SERVER_CHANGED_PANES = 1 << 4,
        SERVER_CHANGED_SINCE = 1 << 5,
        SERVER_CHANGED_LOST = 1 << 6,
} ServerChange;

typedef enum AgentChange {
        AGENT_CHANGED_TYPE = 1 << 0,
        AGENT_CHANGED_VERSION = 1 << 1,
        AGENT_CHANGED_STATE = 1 << 2,
        AGENT_CHANGED_ATTENTION = 1 << 3,
        AGENT_CHANGED_ATTRIBUTES = 1 << 4,
        AGENT_CHANGED_RESET = 1 << 5,
        AGENT_CHANGED_RULE = 1 << 6,
        AGENT_CHANGED_CONFIDENCE = 1 << 7,
        AGENT_CHANGED_SINCE = 1 << 8,
        AGENT_CHANGED_SESSION = 1 << 9,
        AGENT_CHANGED_WINDOW = 1 << 10,
        AGENT_CHANGED_TARGET = 1 << 11,
        AGENT_CHANGED_PID = 1 << 12,
        AGENT_CHANGED_COMMAND = 1 << 13,
        AGENT_CHANGED_TITLE = 1 << 14,
        AGENT_CHANGED_FAILURES = 1 << 15,
        AGENT_CHANGED_MEMORY = 1 << 16, /* what it is of and how far it may go, not how much */
        AGENT_CHANGED_END = 1 << 17,    /* why it ended, and what can be done */
} AgentChange;

/* Fields are read-only for everybody else. Strings are never NULL. */
struct Server {
        char *id; /* "1000-default"; unique, [A-Za-z0-9_-] only */
        uid_t uid;
        ServerReport last;   /* as reported */
        uint64_t since_usec; /* CLOCK_REALTIME: since when its liveness is what it is */
        char **lost;         /* "claude in work:1.0 was working": what its death took along */
        unsigned changed;    /* mask of ServerChange */
};

struct Agent {
        char *id; /* "1000-default-12": server and pane number */
        Server *server;
        AgentReport last;    /* as reported; its state is that of the agent */
        char *target;        /* "session:window.pane", by index */
        uint64_t since_usec; /* CLOCK_REALTIME: since when it is in this state */
        uint64_t in_state_usec[_AGENT_STATE_MAX]; /* time spent in states that it has left */
        unsigned failures;                        /* crashes since it was first seen */
        unsigned changed;                         /* mask of AgentChange */
};

typedef struct RegistryLimits {
        unsigned servers_per_user; /* 0: the default, 64 */
        unsigned agents_per_user;  /* 0: the default, 1000 */
        unsigned agents;           /* of all users together; 0: as many as the users may have */
} RegistryLimits;

/*
 * What the outside may learn. Called after the fact, with the registry already consistent; an
 * observer may read the registry but not change it. Any member may be NULL.
 */
typedef struct RegistryObserver {
        void (*server_added)(void *userdata, const Server *s);
        void (*server_changed)(void *userdata, const Server *s, Liveness old);
        void (*server_removed)(void *userdata, const Server *s); /* its last moment */
        void (*agent_added)(void *userdata, const Agent *a);
        /* @old is the state before, which may be the state now: then something else changed. */
        void (*agent_changed)(void *userdata, const Agent *a, AgentState old);
        void (*agent_removed)(void *userdata, const Agent *a);
} RegistryObserver;

int registry_new(const RegistryLimits *limits, Registry **ret);
/* Of those that come from now on: who is there stays. */
void registry_set_limits(Registry *registry, const RegistryLimits *limits);
Registry *registry_free(Registry *registry);
DEFINE_CLEANUP(Registry *, registry_free)

/* Observers are called in the order in which they came. */
int registry_add_observer(Registry *registry, const RegistryObserver *observer, void *userdata);
void registry_remove_observer(Registry *registry, const void *userdata);

/*
 * Take over what the report holds (it is empty afterwards, also on failure).
 * -EDQUOT: this user has as many as allowed; -EBADE: there is no such edge between the states, or
 * its server is absent and it is said to live (the agent stays as it was); -ENXIO: an agent of a
 * server that was not reported. -EINVAL for a pane or a socket that cannot be one.
 *
 * A server that turns absent takes its agents along: they become exited if its reason begins with
 * "ended", else crashed. They stay listed until they expire, or until another server lives there.
 */
int registry_report_server(Registry *registry, uid_t uid, ServerReport *report);
int registry_report_agent(Registry *registry, uid_t uid, AgentReport *report);

/* The pane was closed or holds no agent any more. -ENXIO: not known. */
int registry_remove_agent(Registry *registry, uid_t uid, const char *socket, const char *pane);

/* Its watcher is gone: nothing can be said of that user's servers until one is back. */
void registry_lose_user(Registry *registry, uid_t uid, const char *reason);

/* Forgets what is absent for longer than 10 minutes, or unknown for longer than a day. */
void registry_expire(Registry *registry, uint64_t now_usec);

/* Borrowed: valid until the next report. NULL if there is none. */
const Agent *registry_find_agent(const Registry *registry, const char *id);
const Server *registry_find_server(const Registry *registry, const char *id);
/*
 * By "%12" or "session:window.pane" (index or name of the window) among the agents of @uid, or of
 * all users if @uid is UID_INVALID. -ENXIO: none; -ENOTUNIQ: more than one server has it.
 */
#define UID_INVALID ((uid_t)-1)
int registry_find_by_pane(const Registry *registry, uid_t uid, const char *pane, const Agent **ret);

/* In order of id; start with NULL. */
const Agent *registry_next_agent(const Registry *registry, const Agent *previous);
const Server *registry_next_server(const Registry *registry, const Server *previous);

unsigned registry_count_agents(const Registry *registry);
/* Reports on agents that were not taken over. */
uint64_t registry_count_refused(const Registry *registry);
unsigned registry_count_state(const Registry *registry, AgentState state);

/* Whether an agent may go from one state to the other: the table of edges. */
bool agent_state_may_become(AgentState from, AgentState to);
