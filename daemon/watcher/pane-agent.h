/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Pane agent
 *
 * What is in one pane: its processes, what the rules say of its screen, and the history of both.
 * Most panes hold no agent; then it is little more than the processes.
 */

#include <json-c/json.h>
#include <systemd/sd-event.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/clock.h"
#include "daemon/watcher/detect/detector.h"
#include "daemon/watcher/detect/tracker.h"
#include "daemon/watcher/memory/memory-watch.h"
#include "daemon/watcher/tmux/answer.h"
#include "daemon/wire/report.h"

typedef struct PaneAgent PaneAgent;

/* What tracking is given as now: it reads no clock itself. */
static inline TrackerTime pane_time_now(void) {
        return (TrackerTime){.monotonic = now_monotonic(), .realtime = now_realtime()};
}

typedef void (*PaneAgentEvent)(void *userdata, PaneAgent *agent, const TrackerChange *change);

/* What happens between two looks. */
typedef struct PaneAgentEvents {
        PaneAgentEvent ended;  /* the agent's own process */
        PaneAgentEvent memory; /* what is known of its memory is something else */
} PaneAgentEvents;

/* One pane as a look found it; borrowed. */
typedef struct PaneView {
        const TmuxRow *row;
        const char *screen; /* by screen_text_new(); NULL: was never captured */
        size_t n_screen;
        bool changed; /* title, cursor, size, modes, process, death; or it is new */
        bool screen_changed;
} PaneView;

/* @events and @memory are borrowed. */
int pane_agent_new(sd_event *event, const MemorySource *memory, const PaneAgentEvents *events,
                void *userdata, PaneAgent **ret);
PaneAgent *pane_agent_free(PaneAgent *agent);
DEFINE_CLEANUP(PaneAgent *, pane_agent_free)

/* After every look, also one that changed nothing: a state may wait for its confirmation. */
int pane_agent_look(PaneAgent *agent, const DetectorSet *rules, const PaneView *view,
                TrackerTime now, TrackerChange *ret);
/* Other rules are in force; the next look judges anew. */
void pane_agent_forget_verdict(PaneAgent *agent);

/* Whether this process is the pane's, or came from it: 1 or 0; -ESRCH if there is none. */
int pane_agent_holds(const PaneAgent *agent, pid_t pid);

/* What whoever types must know of it, and of nobody's memory. Borrowed until the next look. */
typedef struct PaneSight {
        const Verdict *verdict; /* of the screen alone; NULL: there is no agent */
        ActWays ways;
        TrackerProcess process; /* pid 0: it is gone */
        bool in_foreground;     /* it has the terminal that it runs in */
        bool shell_waits;       /* the pane's own process is a shell, and nothing runs below it */
        const struct AgentMemory *memory; /* of the agent that is there or was last */
} PaneSight;

/* After a look at the same screen: reads the processes anew. */
int pane_agent_sight(PaneAgent *agent, const DetectorSet *rules, const PaneView *view,
                TrackerTime now, PaneSight *ret);

/* What is known of the agent that is there or was last. */
const struct AgentMemory *pane_agent_memory(const PaneAgent *agent);

/* What such a hook handed over, if it is a process of that pane. */
void pane_agent_hear(PaneAgent *agent, const DetectorSet *rules, const json_object *details);
void pane_agent_hook(PaneAgent *agent, const char *source, const HookEvent *event, TrackerTime now,
                TrackerChange *ret);

/* See memory-watch.h. */
MemoryFigures pane_agent_figures(const PaneAgent *agent);
/* Why it ended, and what can be done about that; "" while it lives, and where nothing is known. */
const char *pane_agent_end_reason(const PaneAgent *agent);
const char *pane_agent_end_advice(const PaneAgent *agent);

/* See tracker.h. */
const TrackerState *pane_agent_state(const PaneAgent *agent);
/* Name of the program in the foreground; "" if it is not known. */
const char *pane_agent_command(const PaneAgent *agent);
uint64_t pane_agent_needs_look(const PaneAgent *agent, uint64_t now_monotonic);
int pane_agent_explain(const PaneAgent *agent, TrackerTime now, json_object **ret);
