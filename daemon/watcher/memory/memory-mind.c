/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/memory/memory-mind.h"

#include <assert.h>
#include <signal.h>

/* It is over only well below the mark, lest it comes and goes. */
#define CALM_USED 0.95
#define CALM_PRESSURE 0.5
/* Who used so much of it when it was last looked at may well have used all of it. */
#define ALMOST_ALL 0.9

void memory_mind_begin(MemoryMind *m, bool is_own) {
        *m = (MemoryMind){.is_own = is_own};
}

double memory_mind_used(const MemoryMind *m) {
        uint64_t limit = MIN(m->last.high, m->last.max);

        if (!m->known || limit == CGROUP_NO_LIMIT)
                return 0;
        if (limit == 0)
                return 1;
        return (double)(m->last.current - m->last.cache) / (double)limit;
}

static bool is_above(double value, double mark) {
        return mark > 0 && value >= mark;
}

static bool is_wrong(const MemoryMind *m, const MemoryLimits *limits) {
        return is_above(memory_mind_used(m), limits->used) ||
                        is_above(m->last.pressure, limits->pressure);
}

static bool is_calm(const MemoryMind *m, const MemoryLimits *limits) {
        return !is_above(memory_mind_used(m), limits->used * CALM_USED) &&
                        !is_above(m->last.pressure, limits->pressure * CALM_PRESSURE);
}

static void judge_low(MemoryMind *m, const MemoryLimits *limits, uint64_t now_usec) {
        if (is_wrong(m, limits)) {
                m->low = true;
                m->calm_usec = 0;
                return;
        }
        if (!m->low || !is_calm(m, limits)) {
                m->calm_usec = 0;
                return;
        }
        if (m->calm_usec == 0)
                m->calm_usec = now_usec;
        m->low = now_usec - m->calm_usec < MEMORY_CALM_USEC;
}

static bool is_lately(uint64_t usec, uint64_t now_usec) {
        return usec > 0 && now_usec - usec <= MEMORY_KILL_USEC;
}

bool memory_mind_feed_events(MemoryMind *m, const CgroupEvents *events, uint64_t now_usec) {
        const CgroupEvents *before = &m->last.events;
        bool killed = m->known && events->oom_kill > before->oom_kill;

        if (m->known && events->oom > before->oom)
                m->full_usec = now_usec;
        if (killed) {
                m->killed_usec = now_usec;
                /* The kernel counts it first, and may be read in between. */
                m->killed_for_limit = is_lately(m->full_usec, now_usec);
        }
        m->last.events = *events;
        return killed;
}

bool memory_mind_feed(MemoryMind *m, const CgroupMemory *reading, const MemoryLimits *limits,
                uint64_t now_usec) {
        bool was_low = m->low, killed;

        assert(m && reading && limits);

        killed = memory_mind_feed_events(m, &reading->events, now_usec);
        m->last = *reading;
        m->known = true;
        /* Of a group that it shares it cannot be said whose memory it is. */
        if (m->is_own)
                judge_low(m, limits, now_usec);
        return killed || m->low != was_low;
}

Oom memory_mind_end(const MemoryMind *m, const MemoryEnd *end, uint64_t now_usec) {
        bool by_kill = end->has_status && end->signal == SIGKILL;

        if (!m->known || (end->has_status && !by_kill))
                return OOM_NO;
        if (is_lately(m->killed_usec, now_usec)) {
                if (m->is_own)
                        return by_kill ? OOM_SURELY : OOM_PROBABLY;
                return by_kill ? OOM_PROBABLY : OOM_NO;
        }
        if (by_kill && m->is_own && end->group_lost && memory_mind_used(m) >= ALMOST_ALL)
                return OOM_PROBABLY;
        return OOM_NO;
}
