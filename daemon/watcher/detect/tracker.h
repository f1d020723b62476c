/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Tracker
 *
 * The history of one pane: fuses what each look says by itself with the agent's processes, its
 * hooks and what was believed before into the state that is believed now. Pure: time is an
 * argument, and it sees what it is shown. It knows neither tmux nor /proc.
 *
 * A state is believed as its kind demands: working at once, waiting after a second look, idle after
 * a third, crashed only when the agent's own process is gone and left no sign of a clean end. What
 * is gone stays gone until a new agent is in the pane.
 */

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/base/agent-state.h"
#include "daemon/base/cleanup.h"
#include "daemon/watcher/detect/ending.h"
#include "daemon/watcher/detect/hook-event.h"
#include "daemon/watcher/detect/verdict.h"

#define TRACKER_NAME_MAX 64

typedef struct Tracker Tracker;

typedef struct TrackerProcess {
        pid_t pid;            /* 0: none */
        uint64_t start_ticks; /* with the pid, its identity */
} TrackerProcess;

/* Two clocks, both in microseconds. */
typedef struct TrackerTime {
        uint64_t monotonic;
        uint64_t realtime;
} TrackerTime;

/* One look. What was not looked at is as the comment says. */
typedef struct TrackerInput {
        TrackerTime now;

        const Verdict *verdict; /* NULL: the screen was not read */
        bool screen_changed;    /* since the look before */
        const char *title;      /* of the pane; NULL: not known */
        bool alternate_on;

        bool pane_dead;
        int dead_status; /* -1: not known */
        int dead_signal; /* 0: none or not known */

        /*
         * The agent's own process: the one that tracker_state() names while that is below the pane,
         * else the one that the verdict's agent was found by.
         */
        bool processes_known; /* the tree was read: what is not in it is gone */
        TrackerProcess process;
        uint64_t process_age_usec; /* UINT64_MAX: not known */
        bool in_foreground;        /* it has the terminal */
        uint64_t cpu_usec;         /* of it and its children */
        uint64_t read_bytes;       /* by itself, ever; 0: not known */
        unsigned n_processes;      /* below the pane */
        uint64_t words;            /* of the screen: stall_words() */
} TrackerInput;

typedef struct TrackerState {
        bool present; /* there is an agent, or there was one that is not replaced */
        char agent[TRACKER_NAME_MAX];
        char version[32];
        AgentState state;
        Attention attention;
        unsigned attributes;
        uint64_t reset_usec; /* CLOCK_REALTIME; 0: none */
        char rule[TRACKER_NAME_MAX];
        double confidence;
        uint64_t since_usec;    /* CLOCK_REALTIME: since when it is in this state */
        uint64_t activity_usec; /* CLOCK_REALTIME: when something was last seen to move; 0: never */
        TrackerProcess process; /* pid 0: gone, or never seen */
} TrackerState;

typedef struct TrackerChange {
        bool appeared; /* an agent is there that was not there before; also one that replaces
                          another */
        bool vanished; /* there is no agent any more, nor a trace of one that is worth telling */
        bool state;    /* state or attention changed: @old says what was */
        bool detail;   /* anything else that a report tells */
        AgentState old_state;
        Attention old_attention;
} TrackerChange;

/* How a process ended, as far as is known. */
typedef struct TrackerEnd {
        TrackerProcess process;
        bool has_status;
        int status; /* exit status */
        int signal; /* 0: none */
        Oom oom;
} TrackerEnd;

int tracker_new(Tracker **ret);
Tracker *tracker_free(Tracker *t);
DEFINE_CLEANUP(Tracker *, tracker_free)

void tracker_update(Tracker *t, const TrackerInput *in, TrackerChange *ret);

/* Seen at once, between looks. Another process than the agent's own is ignored. */
void tracker_process_ended(Tracker *t, const TrackerEnd *end, TrackerTime now, TrackerChange *ret);

/* The agent said something of itself. @source, its type, is who is there if nobody was seen yet. */
void tracker_hook(Tracker *t, const char *source, const HookEvent *event, TrackerTime now,
                TrackerChange *ret);

/* Microseconds until a look is wanted for a confirmation; UINT64_MAX if none is. */
uint64_t tracker_needs_look(const Tracker *t, uint64_t now_monotonic);

/* Borrowed; as of the last call of the above. */
const TrackerState *tracker_state(const Tracker *t);

/* Why its end is thought to be what it is, a constant; "" while it lives. */
const char *tracker_end_reason(const Tracker *t);

/* All that is known and why it is believed, for people. */
int tracker_explain(const Tracker *t, TrackerTime now, json_object **ret);
