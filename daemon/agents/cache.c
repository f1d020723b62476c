/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/agents/cache.h"

#include <assert.h>
#include <string.h>

#include "daemon/agents/cache-entry.h"
#include "daemon/base/clock.h"
#include "daemon/base/text.h"

typedef struct Shelf {
        CacheEntry *by_key;
        CacheOrders orders;
        uint64_t ttl_usec;
        CacheStats stats;
} Shelf;

struct Cache {
        Shelf shelves[_CACHE_LAYER_MAX];
        size_t max_entries;
        size_t max_bytes;
        CacheEviction eviction;
};

const CacheLimits cache_default_limits = {
                .ttl_usec =
                                {
                                                [CACHE_PANE_CONTENT] = 10 * USEC_PER_SEC,
                                                [CACHE_AGENT_STATUS] = 30 * USEC_PER_SEC,
                                                [CACHE_SESSION_INFO] = 60 * USEC_PER_SEC,
                                                [CACHE_CONFIG] = 300 * USEC_PER_SEC,
                                                [CACHE_CONTENT_HASH] = 5 * USEC_PER_SEC,
                                                [CACHE_HEALTH_STATUS] = 15 * USEC_PER_SEC,
                                },
                .max_entries = 1000,
                .max_bytes = 16U << 20,
                .eviction = CACHE_EVICT_LRU,
};

static const char *const layer_names[_CACHE_LAYER_MAX] = {
                [CACHE_PANE_CONTENT] = "pane_content",
                [CACHE_AGENT_STATUS] = "agent_status",
                [CACHE_SESSION_INFO] = "session_info",
                [CACHE_CONFIG] = "config",
                [CACHE_CONTENT_HASH] = "content_hash",
                [CACHE_HEALTH_STATUS] = "health_status",
};

static const char *const eviction_names[_CACHE_EVICTION_MAX] = {
                [CACHE_EVICT_TTL] = "ttl",
                [CACHE_EVICT_LRU] = "lru",
                [CACHE_EVICT_LFU] = "lfu",
};

static int find_name(const char *const *names, int n, const char *s) {
        for (int i = 0; s && i < n; i++)
                if (strcmp(names[i], s) == 0)
                        return i;
        return -EINVAL;
}

const char *cache_layer_to_string(CacheLayer layer) {
        assert(layer >= 0 && layer < _CACHE_LAYER_MAX);
        return layer_names[layer];
}

CacheLayer cache_layer_from_string(const char *s) {
        return find_name(layer_names, _CACHE_LAYER_MAX, s);
}

const char *cache_eviction_to_string(CacheEviction eviction) {
        assert(eviction >= 0 && eviction < _CACHE_EVICTION_MAX);
        return eviction_names[eviction];
}

CacheEviction cache_eviction_from_string(const char *s) {
        return find_name(eviction_names, _CACHE_EVICTION_MAX, s);
}

static Shelf *shelf_of(Cache *cache, CacheLayer layer) {
        assert(cache);
        assert(layer >= 0 && layer < _CACHE_LAYER_MAX);
        return &cache->shelves[layer];
}

static size_t cost(const char *key, const CacheBlob *blob) {
        return sizeof(CacheEntry) + strlen(key) + 1 + sizeof(*blob) + blob->n_data + 1;
}

static void entry_free(CacheEntry *e) {
        cache_blob_unref(e->blob);
        free(e->key);
        free(e);
}

static void forget(Shelf *shelf, CacheEntry *e) {
        HASH_DELETE(hh, shelf->by_key, e);
        cache_orders_remove(&shelf->orders, e);
        shelf->stats.entries--;
        shelf->stats.bytes -= cost(e->key, e->blob);
        entry_free(e);
}

static CacheEntry *find(const Shelf *shelf, const char *key) {
        CacheEntry *e;

        HASH_FIND_STR(shelf->by_key, key, e);
        return e;
}

static uint64_t age(const CacheEntry *e, uint64_t now_usec) {
        return now_usec > e->stored_usec ? now_usec - e->stored_usec : 0;
}

static bool has_expired(const Shelf *shelf, const CacheEntry *e, uint64_t now_usec) {
        return age(e, now_usec) >= shelf->ttl_usec;
}

/* The oldest come first, so the first that lives ends it. */
static unsigned expire(Shelf *shelf, uint64_t now_usec) {
        unsigned n = 0;

        while (shelf->orders.by_age && has_expired(shelf, shelf->orders.by_age, now_usec)) {
                forget(shelf, shelf->orders.by_age);
                shelf->stats.expired++;
                n++;
        }
        return n;
}

/* What was just stored is last by age and by use, but least asked if it is new. */
static CacheEntry *victim(const Cache *cache, const Shelf *shelf, const CacheEntry *except) {
        switch (cache->eviction) {
        case CACHE_EVICT_TTL:
                return shelf->orders.by_age;
        case CACHE_EVICT_LFU:
                return cache_orders_least_asked(&shelf->orders, except);
        case CACHE_EVICT_LRU:
        case _CACHE_EVICTION_MAX:
        case _CACHE_EVICTION_INVALID:
                break;
        }
        return shelf->orders.by_use;
}

static bool is_too_full(const Cache *cache, const Shelf *shelf) {
        return shelf->stats.entries > cache->max_entries || shelf->stats.bytes > cache->max_bytes;
}

static void make_room(const Cache *cache, Shelf *shelf, const CacheEntry *except) {
        while (shelf->stats.entries > 0 && is_too_full(cache, shelf)) {
                forget(shelf, victim(cache, shelf, except));
                shelf->stats.evictions++;
        }
}

static void take_limits(Cache *cache, const CacheLimits *limits) {
        for (CacheLayer i = 0; i < _CACHE_LAYER_MAX; i++)
                cache->shelves[i].ttl_usec = limits->ttl_usec[i];
        cache->max_entries = limits->max_entries;
        cache->max_bytes = limits->max_bytes;
        cache->eviction = limits->eviction;
}

int cache_new(const CacheLimits *limits, Cache **ret) {
        Cache *cache;

        assert(limits && ret);

        cache = calloc(1, sizeof(*cache));
        if (!cache)
                return -ENOMEM;

        take_limits(cache, limits);
        *ret = cache;
        return 0;
}

Cache *cache_free(Cache *cache) {
        if (!cache)
                return NULL;

        for (CacheLayer i = 0; i < _CACHE_LAYER_MAX; i++)
                (void)cache_clear(cache, i);
        free(cache);
        return NULL;
}

void cache_set_limits(Cache *cache, const CacheLimits *limits, uint64_t now_usec) {
        assert(cache && limits);

        take_limits(cache, limits);
        FOREACH_ELEMENT (shelf, cache->shelves) {
                (void)expire(shelf, now_usec);
                make_room(cache, shelf, NULL);
        }
}

static void replace(Shelf *shelf, CacheEntry *e, CacheBlob *blob, uint64_t now_usec) {
        shelf->stats.bytes += cost(e->key, blob);
        shelf->stats.bytes -= cost(e->key, e->blob);
        cache_blob_ref(blob);
        cache_blob_unref(e->blob);
        e->blob = blob;
        e->stored_usec = now_usec;
        cache_orders_stored(&shelf->orders, e);
}

static int add(Shelf *shelf, const char *key, CacheBlob *blob, uint64_t now_usec,
                CacheEntry **ret) {
        CacheEntry *e = calloc(1, sizeof(*e));

        if (!e)
                return -ENOMEM;
        e->key = strdup(key);
        if (!e->key || cache_orders_add(&shelf->orders, e) < 0) {
                entry_free(e);
                return -ENOMEM;
        }

        e->blob = cache_blob_ref(blob);
        e->stored_usec = now_usec;
        HASH_ADD_KEYPTR(hh, shelf->by_key, e->key, strlen(e->key), e);
        shelf->stats.entries++;
        shelf->stats.bytes += cost(key, blob);
        *ret = e;
        return 0;
}

int cache_put(Cache *cache, CacheLayer layer, const char *key, CacheBlob *blob, uint64_t now_usec) {
        Shelf *shelf = shelf_of(cache, layer);
        CacheEntry *e;
        int r;

        assert(key && blob);

        if (strlen(key) > CACHE_KEY_MAX)
                return -ENAMETOOLONG;
        if (shelf->ttl_usec == 0 || cache->max_entries == 0)
                return 0;

        e = find(shelf, key);
        if (cost(key, blob) > cache->max_bytes) {
                /* The old value is not what it is any more. */
                if (e)
                        forget(shelf, e);
                return -E2BIG;
        }

        if (e)
                replace(shelf, e, blob, now_usec);
        else {
                r = add(shelf, key, blob, now_usec, &e);
                if (r < 0)
                        return r;
        }

        (void)expire(shelf, now_usec);
        make_room(cache, shelf, e);
        return 0;
}

int cache_put_bytes(Cache *cache, CacheLayer layer, const char *key, const void *data,
                size_t n_data, uint64_t now_usec) {
        _cleanup_(cache_blob_unrefp) CacheBlob *blob = NULL;
        int r;

        r = cache_blob_new(data, n_data, &blob);
        if (r < 0)
                return r;
        return cache_put(cache, layer, key, blob, now_usec);
}

CacheBlob *cache_get(Cache *cache, CacheLayer layer, const char *key, uint64_t now_usec) {
        Shelf *shelf = shelf_of(cache, layer);
        CacheEntry *e;

        assert(key);

        e = find(shelf, key);
        if (e && has_expired(shelf, e, now_usec)) {
                forget(shelf, e);
                shelf->stats.expired++;
                e = NULL;
        }
        if (!e) {
                shelf->stats.misses++;
                return NULL;
        }

        shelf->stats.hits++;
        cache_orders_asked(&shelf->orders, e);
        return cache_blob_ref(e->blob);
}

unsigned cache_invalidate(Cache *cache, CacheLayer layer, const char *key) {
        Shelf *shelf = shelf_of(cache, layer);
        CacheEntry *e;

        assert(key);

        e = find(shelf, key);
        if (!e)
                return 0;

        forget(shelf, e);
        return 1;
}

unsigned cache_invalidate_prefix(Cache *cache, CacheLayer layer, const char *prefix) {
        Shelf *shelf = shelf_of(cache, layer);
        CacheEntry *e, *next;
        unsigned n = 0;

        assert(prefix);

        HASH_ITER (hh, shelf->by_key, e, next) {
                if (!text_starts_with(e->key, prefix))
                        continue;
                forget(shelf, e);
                n++;
        }
        return n;
}

unsigned cache_clear(Cache *cache, CacheLayer layer) {
        return cache_invalidate_prefix(cache, layer, "");
}

unsigned cache_expire(Cache *cache, uint64_t now_usec) {
        unsigned n = 0;

        assert(cache);

        FOREACH_ELEMENT (shelf, cache->shelves)
                n += expire(shelf, now_usec);
        return n;
}

CacheStats cache_stats(const Cache *cache, CacheLayer layer) {
        assert(cache);
        assert(layer >= 0 && layer < _CACHE_LAYER_MAX);
        return cache->shelves[layer].stats;
}
