/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/tmux/pool.h"

#include <assert.h>
#include <errno.h>
#include <utlist.h>

#include "daemon/base/clock.h"

#define WAITING_MAX 1024U
/* A slot above the minimum that nobody has needed for so long is one too many. */
#define IDLE_USEC (60 * USEC_PER_SEC)

struct PoolSlot {
        uint64_t born_usec;
        uint64_t idle_usec; /* since when; while it is free */
        PoolSlot *prev, *next;
};

struct Pool {
        PoolLimits limits;
        PoolSlot *free_slots;
        PoolRequest *line;
        PoolStats stats;     /* minimum and maximum are in @limits */
        unsigned n_recycled; /* since the last turn */
        uint64_t renew_usec; /* slots that were there at that time go; 0: there was none */
};

static int add_slot(Pool *p, uint64_t now, PoolSlot **ret) {
        PoolSlot *s = calloc(1, sizeof(*s));

        if (!s)
                return -ENOMEM;
        *s = (PoolSlot){.born_usec = now, .idle_usec = now};
        p->stats.slots++;
        p->stats.created++;
        *ret = s;
        return 0;
}

static void drop_slot(Pool *p, PoolSlot *s) {
        p->stats.slots--;
        p->n_recycled++;
        free(s);
}

static void fill_up(Pool *p, uint64_t now) {
        PoolSlot *s;

        while (p->stats.slots < p->limits.min && add_slot(p, now, &s) >= 0)
                DL_APPEND(p->free_slots, s);
}

int pool_new(const PoolLimits *limits, uint64_t now_usec, Pool **ret) {
        Pool *p = calloc(1, sizeof(*p));

        if (!p)
                return -ENOMEM;
        pool_set_limits(p, limits);
        fill_up(p, now_usec);
        *ret = p;
        return 0;
}

Pool *pool_free(Pool *p) {
        PoolSlot *s;

        if (!p)
                return NULL;

        assert(!p->line && p->stats.in_use == 0);
        while ((s = p->free_slots)) {
                DL_DELETE(p->free_slots, s);
                free(s);
        }
        free(p);
        return NULL;
}

void pool_set_limits(Pool *p, const PoolLimits *limits) {
        assert(limits->max > 0 && limits->min <= limits->max);

        p->limits = *limits;
}

/* The one that was used last: the others may come to be too many. */
static PoolSlot *find_slot(Pool *p, uint64_t now) {
        PoolSlot *s = p->free_slots ? p->free_slots->prev : NULL;

        if (p->stats.in_use >= p->limits.max)
                return NULL;
        if (s)
                DL_DELETE(p->free_slots, s);
        else if (p->stats.slots >= p->limits.max || add_slot(p, now, &s) < 0)
                return NULL;
        return s;
}

static void hand_over(Pool *p, PoolRequest *request, PoolSlot *s) {
        request->slot = s;
        p->stats.in_use++;
        p->stats.taken++;
}

int pool_take(Pool *p, PoolRequest *request, uint64_t now_usec) {
        PoolSlot *s;

        assert(!request->slot && !request->waiting && request->answer);

        s = p->line ? NULL : find_slot(p, now_usec);
        if (s) {
                hand_over(p, request, s);
                return 1;
        }
        if (p->stats.waiting >= WAITING_MAX)
                return -EBUSY;

        request->waiting = true;
        request->since_usec = now_usec;
        DL_APPEND(p->line, request);
        p->stats.waiting++;
        p->stats.queued++;
        return 0;
}

static void leave_line(Pool *p, PoolRequest *request, uint64_t now) {
        DL_DELETE(p->line, request);
        request->waiting = false;
        p->stats.waiting--;
        p->stats.wait_usec += now - request->since_usec;
}

static bool is_old(const Pool *p, const PoolSlot *s) {
        return s->born_usec < p->renew_usec;
}

void pool_give(Pool *p, PoolRequest *request, bool healthy, uint64_t now_usec) {
        PoolSlot *s = TAKE_PTR(request->slot);

        if (request->waiting)
                leave_line(p, request, now_usec);
        if (!s)
                return;

        p->stats.in_use--;
        if (healthy && !is_old(p, s)) {
                s->idle_usec = now_usec;
                DL_APPEND(p->free_slots, s);
                return;
        }
        if (healthy)
                p->stats.recycled++;
        else
                p->stats.failed++;
        drop_slot(p, s);
}

static bool is_due(const Pool *p, const PoolSlot *s, uint64_t now) {
        if (is_old(p, s) || p->stats.slots > p->limits.max ||
                        now - s->born_usec >= p->limits.max_age_usec)
                return true;
        return p->stats.slots > p->limits.min && now - s->idle_usec >= IDLE_USEC;
}

static void recycle(Pool *p, uint64_t now) {
        PoolSlot *s, *next;

        DL_FOREACH_SAFE (p->free_slots, s, next) {
                if (!is_due(p, s, now))
                        continue;
                DL_DELETE(p->free_slots, s);
                p->stats.recycled++;
                drop_slot(p, s);
        }
        fill_up(p, now);
}

void pool_renew(Pool *p, uint64_t now_usec) {
        p->renew_usec = now_usec;
        recycle(p, now_usec);
}

/* An answer may lead to whatever, also to the end of others that wait: begin anew after each. */
static bool answer_one(Pool *p, uint64_t now) {
        PoolRequest *first = p->line;
        PoolSlot *s;

        if (!first)
                return false;
        if (now - first->since_usec >= p->limits.wait_usec) {
                leave_line(p, first, now);
                p->stats.timed_out++;
                first->answer(first, -ETIMEDOUT);
                return true;
        }
        s = find_slot(p, now);
        if (!s)
                return false;
        leave_line(p, first, now);
        hand_over(p, first, s);
        first->answer(first, 0);
        return true;
}

static uint64_t next_turn(const Pool *p) {
        uint64_t next = p->line ? p->line->since_usec + p->limits.wait_usec : UINT64_MAX;
        const PoolSlot *s;

        DL_FOREACH (p->free_slots, s) {
                next = MIN(next, s->born_usec + p->limits.max_age_usec);
                if (p->stats.slots > p->limits.min)
                        next = MIN(next, s->idle_usec + IDLE_USEC);
        }
        return next;
}

uint64_t pool_turn(Pool *p, uint64_t now_usec, unsigned *ret_recycled) {
        while (answer_one(p, now_usec))
                ;
        recycle(p, now_usec);
        if (ret_recycled)
                *ret_recycled = p->n_recycled;
        p->n_recycled = 0;
        return next_turn(p);
}

PoolStats pool_stats(const Pool *p) {
        PoolStats stats = p->stats;

        stats.minimum = p->limits.min;
        stats.maximum = p->limits.max;
        return stats;
}
