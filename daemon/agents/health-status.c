/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/agents/health-status.h"

#include <assert.h>
#include <string.h>

/* The bytes of a CACHE_HEALTH_STATUS entry. */
typedef struct StatusRecord {
        HealthStatus status;
        char hash[HEALTH_HASH_MAX + 1];
} StatusRecord;

/* The bytes of a CACHE_CONTENT_HASH entry. */
typedef struct HashRecord {
        uint64_t seen_usec;
        char hash[HEALTH_HASH_MAX + 1];
} HashRecord;

static void copy_hash(char *to, const char *hash) {
        (void)snprintf(to, HEALTH_HASH_MAX + 1, "%s", hash);
}

static bool read_record(Cache *cache, CacheLayer layer, const char *agent_id, uint64_t now_usec,
                void *ret, size_t n_ret) {
        _cleanup_(cache_blob_unrefp) CacheBlob *blob = cache_get(cache, layer, agent_id, now_usec);

        if (!blob)
                return false;

        assert(blob->n_data == n_ret);
        memcpy(ret, blob->data, n_ret);
        return true;
}

static uint64_t last_seen(
                Cache *cache, const char *agent_id, const StatusRecord *r, uint64_t now_usec) {
        HashRecord h;

        if (r->hash[0] == '\0' ||
                        !read_record(cache, CACHE_CONTENT_HASH, agent_id, now_usec, &h, sizeof(h)))
                return r->status.seen_usec;
        return strcmp(h.hash, r->hash) == 0 ? MAX(h.seen_usec, r->status.seen_usec)
                                            : r->status.seen_usec;
}

bool health_status_get(Cache *cache, const char *agent_id, uint64_t max_age_usec, uint64_t now_usec,
                HealthStatus *ret) {
        StatusRecord r;

        if (max_age_usec == 0 ||
                        !read_record(cache, CACHE_HEALTH_STATUS, agent_id, now_usec, &r, sizeof(r)))
                return false;

        r.status.seen_usec = last_seen(cache, agent_id, &r, now_usec);
        if (now_usec - MIN(r.status.seen_usec, now_usec) > max_age_usec)
                return false;

        *ret = r.status;
        return true;
}

static void put_hash(Cache *cache, const char *agent_id, const char *hash, uint64_t now_usec) {
        HashRecord h = {.seen_usec = now_usec};

        copy_hash(h.hash, hash);
        (void)cache_put_bytes(cache, CACHE_CONTENT_HASH, agent_id, &h, sizeof(h), now_usec);
}

void health_status_put(Cache *cache, const char *agent_id, const HealthLook *look,
                const HealthStatus *status) {
        StatusRecord r = {.status = *status};

        copy_hash(r.hash, look->hash);
        if (look->hash[0] != '\0')
                put_hash(cache, agent_id, look->hash, status->seen_usec);
        (void)cache_put_bytes(
                        cache, CACHE_HEALTH_STATUS, agent_id, &r, sizeof(r), status->seen_usec);
}

void health_status_see(Cache *cache, const char *agent_id, const char *hash, uint64_t now_usec) {
        StatusRecord r;
        bool known = read_record(cache, CACHE_HEALTH_STATUS, agent_id, now_usec, &r, sizeof(r));

        if (known && strncmp(r.hash, hash, HEALTH_HASH_MAX) != 0)
                (void)cache_invalidate(cache, CACHE_HEALTH_STATUS, agent_id);
        put_hash(cache, agent_id, hash, now_usec);
}

void health_status_forget(Cache *cache, const char *agent_id) {
        (void)cache_invalidate(cache, CACHE_HEALTH_STATUS, agent_id);
        (void)cache_invalidate(cache, CACHE_CONTENT_HASH, agent_id);
}
