/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/agents/cache-entry.h"

#include <assert.h>
#include <errno.h>
#include <utlist.h>

static CacheRank *rank_new(uint64_t asked) {
        CacheRank *rank = calloc(1, sizeof(*rank));

        if (rank)
                rank->asked = asked;
        return rank;
}

static void enter_rank(CacheRank *rank, CacheEntry *e) {
        DL_APPEND2(rank->entries, e, rank_prev, rank_next);
        e->rank = rank;
}

static void leave_rank(CacheOrders *orders, CacheEntry *e) {
        CacheRank *rank = e->rank;

        DL_DELETE2(rank->entries, e, rank_prev, rank_next);
        e->rank = NULL;
        if (rank->entries)
                return;

        DL_DELETE(orders->ranks, rank);
        free(rank);
}

int cache_orders_add(CacheOrders *orders, CacheEntry *e) {
        if (!orders->ranks || orders->ranks->asked > 0) {
                CacheRank *rank = rank_new(0);

                if (!rank)
                        return -ENOMEM;
                DL_PREPEND(orders->ranks, rank);
        }

        enter_rank(orders->ranks, e);
        DL_APPEND2(orders->by_age, e, age_prev, age_next);
        DL_APPEND2(orders->by_use, e, use_prev, use_next);
        return 0;
}

void cache_orders_remove(CacheOrders *orders, CacheEntry *e) {
        leave_rank(orders, e);
        DL_DELETE2(orders->by_age, e, age_prev, age_next);
        DL_DELETE2(orders->by_use, e, use_prev, use_next);
}

static void move_to_last_use(CacheOrders *orders, CacheEntry *e) {
        DL_DELETE2(orders->by_use, e, use_prev, use_next);
        DL_APPEND2(orders->by_use, e, use_prev, use_next);
}

void cache_orders_stored(CacheOrders *orders, CacheEntry *e) {
        DL_DELETE2(orders->by_age, e, age_prev, age_next);
        DL_APPEND2(orders->by_age, e, age_prev, age_next);
        move_to_last_use(orders, e);
}

void cache_orders_asked(CacheOrders *orders, CacheEntry *e) {
        CacheRank *rank = e->rank, *above = rank->next;

        move_to_last_use(orders, e);

        if (!above || above->asked > rank->asked + 1) {
                above = rank_new(rank->asked + 1);
                if (!above)
                        return;
                DL_APPEND_ELEM(orders->ranks, rank, above);
        }

        leave_rank(orders, e);
        enter_rank(above, e);
}

CacheEntry *cache_orders_least_asked(const CacheOrders *orders, const CacheEntry *except) {
        for (const CacheRank *rank = orders->ranks; rank; rank = rank->next)
                for (CacheEntry *e = rank->entries; e; e = e->rank_next)
                        if (e != except)
                                return e;
        return NULL;
}
