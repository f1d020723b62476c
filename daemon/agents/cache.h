/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The layered cache
 *
 * Keeps answers for a while, to be given again. Each layer has its own time to live and its own
 * room, in entries and in bytes; what a full layer loses is a strategy that can be changed at any
 * time. It knows nothing of what it keeps, and no clock: the time is an argument, and must not go
 * back.
 */

#include <errno.h>
#include <stdbool.h>

#include "daemon/agents/cache-blob.h"

#define CACHE_KEY_MAX 512U

typedef enum CacheLayer {
        CACHE_PANE_CONTENT,
        CACHE_AGENT_STATUS,
        CACHE_SESSION_INFO,
        CACHE_CONFIG,
        CACHE_CONTENT_HASH,  /* of health checks */
        CACHE_HEALTH_STATUS, /* the same */
        _CACHE_LAYER_MAX,
        _CACHE_LAYER_INVALID = -EINVAL,
} CacheLayer;

typedef enum CacheEviction {
        CACHE_EVICT_TTL, /* what expires first */
        CACHE_EVICT_LRU, /* what was asked longest ago */
        CACHE_EVICT_LFU, /* what was asked least, and of those what was so longest */
        _CACHE_EVICTION_MAX,
        _CACHE_EVICTION_INVALID = -EINVAL,
} CacheEviction;

typedef struct CacheLimits {
        uint64_t ttl_usec[_CACHE_LAYER_MAX]; /* 0: the layer keeps nothing */
        size_t max_entries;                  /* of each layer */
        size_t max_bytes; /* of each layer, with the keys and the cache's own books */
        CacheEviction eviction;
} CacheLimits;

typedef struct CacheStats {
        uint64_t entries;
        uint64_t bytes;
        uint64_t hits;
        uint64_t misses; /* also those on what had expired */
        uint64_t evictions;
        uint64_t expired;
} CacheStats;

typedef struct Cache Cache;

/* The times of a fresh installation, 1000 entries and 16 MiB per layer, lru. */
extern const CacheLimits cache_default_limits;

const char *cache_layer_to_string(CacheLayer layer);
CacheLayer cache_layer_from_string(const char *s);
const char *cache_eviction_to_string(CacheEviction eviction);
CacheEviction cache_eviction_from_string(const char *s);

int cache_new(const CacheLimits *limits, Cache **ret);
Cache *cache_free(Cache *cache);
DEFINE_CLEANUP(Cache *, cache_free)

/* Holds at once, also for what is there. */
void cache_set_limits(Cache *cache, const CacheLimits *limits, uint64_t now_usec);

/*
 * Keeps a reference of its own; what @key had before is forgotten. A layer that is switched off
 * takes it and keeps nothing. -E2BIG: larger than the layer; -ENAMETOOLONG.
 */
int cache_put(Cache *cache, CacheLayer layer, const char *key, CacheBlob *blob, uint64_t now_usec);
/* The same, from bytes. */
int cache_put_bytes(Cache *cache, CacheLayer layer, const char *key, const void *data,
                size_t n_data, uint64_t now_usec);

/* A reference for the caller, or NULL. */
CacheBlob *cache_get(Cache *cache, CacheLayer layer, const char *key, uint64_t now_usec);

/* Something happened: what is kept of it is wrong now. Return how many entries went. */
unsigned cache_invalidate(Cache *cache, CacheLayer layer, const char *key);
unsigned cache_invalidate_prefix(Cache *cache, CacheLayer layer, const char *prefix);
unsigned cache_clear(Cache *cache, CacheLayer layer);

/* Drops what has expired; worth calling now and then, as nobody may ask for it again. */
unsigned cache_expire(Cache *cache, uint64_t now_usec);

CacheStats cache_stats(const Cache *cache, CacheLayer layer);
