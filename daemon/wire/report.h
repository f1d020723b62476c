/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a watcher reports
 *
 * The facts that cross the watch socket, and their JSON. A report carries no screen. Strings are
 * valid UTF-8 without control characters and not longer than the limits below: reading enforces
 * it, for the watcher is no more trusted than its user.
 */

#include <json-c/json.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/base/agent-state.h"
#include "daemon/base/cleanup.h"

#define REPORT_NAME_MAX 64  /* types, versions, rules, pane ids */
#define REPORT_TEXT_MAX 256 /* titles, commands, session and window names, reasons */
#define REPORT_PATH_MAX 512 /* sockets */

typedef struct ServerReport {
        char *socket; /* absolute path: the server's name within its user */
        Liveness liveness;
        char *reason;        /* a sentence; "" when alive */
        char *version;       /* "3.3a"; "" if not known */
        pid_t pid;           /* 0: not known */
        uint64_t start_usec; /* CLOCK_REALTIME; 0: not known */
        unsigned n_panes;
        uint64_t look_usec; /* how long the last look took */
} ServerReport;

typedef struct AgentReport {
        char *socket;
        char *pane; /* "%12" */
        char *type; /* "claude" */
        char *version;
        AgentState state;
        Attention attention;
        unsigned attributes;
        uint64_t reset_usec; /* CLOCK_REALTIME; 0: none */
        char *rule;
        double confidence;
        uint64_t since_usec;    /* CLOCK_REALTIME of the change to this state */
        uint64_t activity_usec; /* CLOCK_REALTIME of the last change that was seen; 0: none */
        char *session;
        char *window;
        unsigned window_index;
        unsigned pane_index;
        char *command;
        char *title;
        pid_t pid; /* the agent's own process; 0: gone or not known */
        char *control_group;
        MemoryScope memory_scope; /* what the figures are of */
        uint64_t memory_bytes;    /* 0: not known */
        uint64_t memory_high;     /* 0: no limit, or not known */
        uint64_t memory_max;
        double memory_pressure; /* -1: not known, else 0 to 1 */
        uint64_t oom_kills;     /* in its control group */
        char *end_reason;       /* a sentence without its subject; "" while it lives */
        char *advice;           /* what can be done about it */
} AgentReport;

void server_report_done(ServerReport *r);
void agent_report_done(AgentReport *r);

int server_report_to_json(const ServerReport *r, json_object **ret);
int agent_report_to_json(const AgentReport *r, json_object **ret);

/* Return -EBADMSG if a member is missing, of the wrong type, too long or out of range. */
int server_report_from_json(json_object *o, ServerReport *ret);
int agent_report_from_json(json_object *o, AgentReport *ret);
