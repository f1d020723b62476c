/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Memory mind
 *
 * What the readings of one agent's control group mean: whether its memory is running out, and
 * whether its end was the work of the OOM killer. Pure: time is an argument.
 */

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/clock.h"
#include "daemon/watcher/detect/ending.h"
#include "daemon/watcher/proc/cgroup-text.h"
#include "daemon/watcher/proc/cgroup.h"

/* What is over must stay so for that long: a collector of garbage makes room, and not for long. */
#define MEMORY_CALM_USEC (10 * USEC_PER_SEC)
/* A kill so long before an end may have been it; the end of a big process takes its time. */
#define MEMORY_KILL_USEC (10 * USEC_PER_SEC)

/* From where on memory is running out. 0: never. */
typedef struct MemoryLimits {
        double used;     /* share of its limit that cannot be had back */
        double pressure; /* share of ten seconds in which something of it waited for memory */
} MemoryLimits;

typedef struct MemoryMind {
        bool is_own; /* the group is the agent's alone */
        bool known;  /* there was a reading */
        bool low;
        CgroupMemory last;
        uint64_t calm_usec;    /* since when nothing is wrong; 0: something is */
        uint64_t full_usec;    /* when its own limit was last seen to leave it none; 0: never */
        uint64_t killed_usec;  /* when a kill was last seen; 0: none was */
        bool killed_for_limit; /* by its own limit, and not for somebody else's want */
} MemoryMind;

/* Nothing of the group before counts. */
void memory_mind_begin(MemoryMind *m, bool is_own);

/* True if it is worth telling at once. */
bool memory_mind_feed(MemoryMind *m, const CgroupMemory *reading, const MemoryLimits *limits,
                uint64_t now_usec);
bool memory_mind_feed_events(MemoryMind *m, const CgroupEvents *events, uint64_t now_usec);

/* The share of its limit that is in use and cannot be had back; 0 if there is no limit. */
double memory_mind_used(const MemoryMind *m);

typedef struct MemoryEnd {
        bool has_status; /* how it ended is known: */
        int signal;      /* 0: none */
        bool group_lost; /* the group was removed before it could be read once more */
} MemoryEnd;

Oom memory_mind_end(const MemoryMind *m, const MemoryEnd *end, uint64_t now_usec);
