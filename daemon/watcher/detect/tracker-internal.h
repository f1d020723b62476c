/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the files of the tracker share. For them alone. */

#include "daemon/watcher/detect/debounce.h"
#include "daemon/watcher/detect/hook-word.h"
#include "daemon/watcher/detect/stall.h"
#include "daemon/watcher/detect/tracker.h"

#define TRACKER_TITLE_MAX 256
#define TRACKER_HISTORY_MAX 16U

/* Looks in a row that show something odd. */
typedef struct LookCount {
        unsigned n;
        uint64_t first_usec;
        uint64_t last_usec;
} LookCount;

/* As it was while the agent's process lived: an end is judged by what it left of that. */
typedef struct Traces {
        char title[TRACKER_TITLE_MAX];
        bool alternate_on;
        uint64_t at_usec; /* 0: it was never seen alive */
} Traces;

typedef struct Transition {
        AgentState from, to;
        Attention attention;
        uint64_t realtime_usec;
        char rule[TRACKER_NAME_MAX];
} Transition;

/* Its rules may be gone by the time that somebody asks for them. */
typedef struct KeptEvidence {
        Evidence evidence;
        char rule[TRACKER_NAME_MAX];
} KeptEvidence;

struct Tracker {
        TrackerState state;

        TrackerProcess last_process; /* the agent's own, also when it is gone */
        bool process_seen;
        bool ended; /* told of its end by the kernel, not for want of seeing it */
        TrackerEnd end;
        uint64_t ended_usec;
        LookCount missing; /* looks that did not find it */
        Traces traces;
        const char *end_why; /* constant; NULL while it lives */

        Debounce debounce;
        HookWord hook;
        uint64_t goodbye_usec; /* when a hook told of the end; 0: never */
        Stall stall;
        LookCount unseen;   /* looks that show no agent */
        LookCount newcomer; /* looks that show one where none, or another one, is believed */
        char newcomer_agent[TRACKER_NAME_MAX];
        uint64_t working_usec; /* when it was last seen to work; 0: never */
        bool has_worked;
        double screen_confidence;
        bool hidden; /* the last look could not tell its state */

        uint64_t look_usec; /* of the last look; 0: never */
        bool look_wanted;
        LookCount restless; /* that left something to confirm */

        /* For explaining only: what the verdict of the last look was made of. */
        KeptEvidence *evidence;
        size_t n_evidence;
        uint64_t verdict_usec;
        uint64_t changed_usec; /* when the screen last changed */

        Transition history[TRACKER_HISTORY_MAX];
        size_t n_history;
};

/* Counts looks that are far enough apart to be two. */
void look_count_add(LookCount *c, uint64_t now_usec);

/* The only way into a state. */
void tracker_believe(Tracker *t, AgentState state, Attention attention, const char *rule,
                double confidence, TrackerTime now);
/* Another agent, or the first one: nothing of before holds. */
void tracker_begin(Tracker *t, const char *agent, TrackerProcess process, TrackerTime now);
void tracker_name(char ret[TRACKER_NAME_MAX], const char *name);

/* tracker-process.c: returns true if the look is done with, for the agent is gone. */
bool tracker_process_follow(Tracker *t, const TrackerInput *in);
bool tracker_process_is_ended(const Tracker *t, TrackerProcess process);
/* When the next look should come to be sure of an end; UINT64_MAX if nothing is odd. */
uint64_t tracker_process_next_look(const Tracker *t);

/* tracker-judge.c */
void tracker_judge(Tracker *t, const TrackerInput *in);
