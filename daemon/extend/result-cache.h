/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Results that are kept
 *
 * What a plugin answered to an input, for as long as the plugin's manifest says. Equal inputs have
 * one key, however they are written. Bounded in entries and bytes; what was asked for longest ago
 * goes first. Knows nothing of plugins but their names; time is an argument.
 */

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/json.h"

#define RESULT_INPUT_MAX 65536U /* larger inputs have no key */

typedef struct ResultCache ResultCache;

typedef struct ResultCacheStats {
        uint64_t entries;
        uint64_t bytes; /* with the keys and the cache's own books */
        uint64_t hits;
        uint64_t misses; /* also those on what had expired */
        uint64_t evictions;
        uint64_t expired;
} ResultCacheStats;

int result_cache_new(size_t max_entries, size_t max_bytes, ResultCache **ret);
ResultCache *result_cache_free(ResultCache *cache);
DEFINE_CLEANUP(ResultCache *, result_cache_free)

/* -EFBIG: the input is too large to be kept, or -ELOOP: too deep; then there is no key. */
int result_cache_key(const char *plugin, const json_object *input, char **ret);

/* Borrowed until the cache is used again; NULL if there is none. */
const char *result_cache_get(ResultCache *cache, const char *key, uint64_t now_usec);

/*
 * The same for the input as its caller wrote it, without reading it: found if what @key has was
 * last named by this very text. One that is not found is no miss; ask with its key then.
 */
void result_cache_name(ResultCache *cache, const char *key, const char *plugin, const char *text);
const char *result_cache_get_text(
                ResultCache *cache, const char *plugin, const char *text, uint64_t now_usec);

/* What @key had is replaced. -E2BIG: larger than the whole cache. @ttl_usec 0 keeps nothing. */
int result_cache_put(ResultCache *cache, const char *key, const char *output, uint64_t ttl_usec,
                uint64_t now_usec);

/* The plugin is another now, or NULL: all are. Return how many went. */
unsigned result_cache_forget(ResultCache *cache, const char *plugin);
/* Drops what has expired; nobody may ask for it again. */
unsigned result_cache_expire(ResultCache *cache, uint64_t now_usec);

ResultCacheStats result_cache_stats(const ResultCache *cache);
