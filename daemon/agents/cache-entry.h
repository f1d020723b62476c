/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One entry of a cache layer, and its three orders
 *
 * Every entry is always in all three orders, so that the strategy can change at any time. All
 * operations take the same time whatever the number of entries.
 */

#include <uthash.h>

#include "daemon/agents/cache-blob.h"

typedef struct CacheEntry CacheEntry;
typedef struct CacheRank CacheRank;

struct CacheEntry {
        char *key;
        CacheBlob *blob;
        uint64_t stored_usec;
        CacheEntry *age_prev, *age_next;   /* by the time it was stored, so by when it expires */
        CacheEntry *use_prev, *use_next;   /* by the time it was asked or stored */
        CacheEntry *rank_prev, *rank_next; /* within its rank, by the time it got there */
        CacheRank *rank;
        UT_hash_handle hh;
};

/* All entries that were asked equally often. */
struct CacheRank {
        uint64_t asked;
        CacheEntry *entries;
        CacheRank *prev, *next;
};

typedef struct CacheOrders {
        CacheEntry *by_age;
        CacheEntry *by_use;
        CacheRank *ranks; /* lowest first */
} CacheOrders;

/* Last in every order, and asked never. -ENOMEM. */
int cache_orders_add(CacheOrders *orders, CacheEntry *e);
void cache_orders_remove(CacheOrders *orders, CacheEntry *e);

void cache_orders_stored(CacheOrders *orders, CacheEntry *e);
/* Where memory is out it does not rise in rank. */
void cache_orders_asked(CacheOrders *orders, CacheEntry *e);

/* The entry asked least that is not @except, or NULL. */
CacheEntry *cache_orders_least_asked(const CacheOrders *orders, const CacheEntry *except);
