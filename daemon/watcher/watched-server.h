/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Watched server
 *
 * One tmux server with the agents in its panes. Every look goes through here: what it found is
 * judged, tracked, reported, and looked at again when it is time: see look-timer.h.
 */

#include <systemd/sd-event.h>

#include "daemon/watcher/ledger.h"
#include "daemon/watcher/pane-agent.h"
#include "daemon/watcher/rule-store.h"
#include "daemon/watcher/tmux/server.h"
#include "daemon/watcher/uplink.h"

typedef struct WatchedServer WatchedServer;

/* What all servers share; borrowed. */
typedef struct WatchContext {
        sd_event *event;
        TmuxTransport *transport;
        RuleStore *rules;
        Uplink *uplink;
        Ledger *ledger;
        const MemorySource *memory;
} WatchContext;

/* What a look found, added up over those that took part. */
typedef struct LookSum {
        unsigned servers;
        unsigned panes;
        unsigned captured;
        unsigned agents;
} LookSum;

int watched_server_new(const WatchContext *context, const char *socket, WatchedServer **ret);
/* Whoever waits for a look is told. */
WatchedServer *watched_server_free(WatchedServer *server);
DEFINE_CLEANUP(WatchedServer *, watched_server_free)

const char *watched_server_socket(const WatchedServer *server);
TmuxServer *watched_server_tmux(const WatchedServer *server);
Liveness watched_server_liveness(const WatchedServer *server);

/* Looks now, or joins the look that runs. @done may be NULL; else it is called once, from the loop
 * or from here. */
typedef void (*WatchedLookDone)(void *userdata, const LookSum *sum);
void watched_server_look(WatchedServer *server, WatchedLookDone done, void *userdata);

/* One call to the server begins or is over; @pid 0: not known. */
void watched_server_call_began(WatchedServer *server, pid_t pid);
void watched_server_call_ended(WatchedServer *server);
/* From one look to the next where nothing changes, and why it is that. */
uint64_t watched_server_interval(const WatchedServer *server, PaceReason *ret_reason);
/* Whether each pane tells when it is written to, and is looked at then. */
bool watched_server_is_told(const WatchedServer *server);
/* The pace was set anew. */
void watched_server_plan(WatchedServer *server);

/* Says again all that is known: the daemon is new. */
void watched_server_report_all(WatchedServer *server);
/* An agent was found and not told of yet, because its state waits for a confirmation. */
bool watched_server_is_undecided(const WatchedServer *server);
/* Other rules are in force. */
void watched_server_rejudge(WatchedServer *server);

/* Captures one pane now. @error as of tmux_server_refresh_pane(); @agent is NULL on error. */
typedef void (*WatchedPaneFunc)(
                void *userdata, int error, const TmuxPane *pane, const PaneAgent *agent);
int watched_server_refresh(
                WatchedServer *server, const char *pane, WatchedPaneFunc func, void *userdata);
/* What whoever types must know of it; after such a capture, with what it gave. */
int watched_server_sight(
                WatchedServer *server, const TmuxPane *pane, PaneAgent *agent, PaneSight *ret);
/* Commands that are no look: see tmux_server_run(). */
int watched_server_run(
                WatchedServer *server, const TmuxWords *words, TmuxReplyFunc func, void *userdata);
/* CLOCK_REALTIME of the tmux server's start: tells one server from the next. */
uint64_t watched_server_start(const WatchedServer *server);
/* Borrowed; NULL if there is no such pane. */
PaneAgent *watched_server_find_agent(WatchedServer *server, const char *pane);
/* How agents of that type are acted on; NULL: nothing is known of it. */
const ActRules *watched_server_act_rules(WatchedServer *server, const char *type);
/* How many agents of that type run. */
unsigned watched_server_count_running(const WatchedServer *server, const char *type);
/* A hook that is a process of that agent's pane handed this over. */
void watched_server_hear(WatchedServer *server, PaneAgent *agent, const json_object *details);
/* After something reached an agent between two looks. */
void watched_server_note(WatchedServer *server, const char *pane, const TrackerChange *change);
