/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Pool
 *
 * How many calls may be under way at once. A slot is the permission for one; the connection itself
 * is new for each call, so that nothing of us stays in tmux. Who finds no slot waits in line, first
 * come, first served, and not for ever. A slot is recycled when it is old or nobody has needed it
 * for long, and given up when its call failed. Pure: time is an argument, and nobody is called but
 * from pool_turn().
 */

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/cleanup.h"
#include "daemon/wire/watching.h"

typedef struct Pool Pool;
typedef struct PoolSlot PoolSlot;

typedef struct PoolLimits {
        unsigned min, max;     /* slots */
        uint64_t wait_usec;    /* in line */
        uint64_t max_age_usec; /* of a slot */
} PoolLimits;

/* Embedded in what waits; the pool's own but for the first two. */
typedef struct PoolRequest {
        /* It has a slot now (0), or waited too long (-ETIMEDOUT). */
        void (*answer)(struct PoolRequest *request, int error);
        PoolSlot *slot; /* NULL: it has none */
        bool waiting;
        uint64_t since_usec;
        struct PoolRequest *prev, *next;
} PoolRequest;

int pool_new(const PoolLimits *limits, uint64_t now_usec, Pool **ret);
/* Nobody may hold a slot or wait. */
Pool *pool_free(Pool *pool);
DEFINE_CLEANUP(Pool *, pool_free)

/* Slots that are too many now go when they are free. */
void pool_set_limits(Pool *pool, const PoolLimits *limits);

/* 1: it has a slot; 0: it waits, and will be answered; -EBUSY: too many wait; -ENOMEM. */
int pool_take(Pool *pool, PoolRequest *request, uint64_t now_usec);
/* Gives back the slot, or leaves the line; does nothing if it has neither. */
void pool_give(Pool *pool, PoolRequest *request, bool healthy, uint64_t now_usec);

/* Gives up every slot that there is now: free ones at once, the others when they are given back. */
void pool_renew(Pool *pool, uint64_t now_usec);

/*
 * Answers those whose turn it is, and looks after the slots. Returns when it must be called again,
 * unless something is given back before; UINT64_MAX: never. @ret_recycled may be NULL: how many
 * slots were given up, with what they held.
 */
uint64_t pool_turn(Pool *pool, uint64_t now_usec, unsigned *ret_recycled);

PoolStats pool_stats(const Pool *pool);
