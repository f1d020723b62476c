/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/extend/result-cache.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <uthash.h>

#include "daemon/base/json-canonical.h"
#include "daemon/base/text.h"

#define INPUT_DEPTH_MAX 64U

typedef struct Result {
        char *key;
        char *output;
        char *text_key; /* the input as it was last written; NULL: asked for but once */
        uint64_t end_usec;
        UT_hash_handle hh; /* in the order of use: the table keeps what was added last at its end */
        UT_hash_handle by_text;
} Result;

struct ResultCache {
        Result *results;
        Result *texts; /* those that have a text */
        size_t max_entries;
        size_t max_bytes;
        ResultCacheStats stats;
};

int result_cache_new(size_t max_entries, size_t max_bytes, ResultCache **ret) {
        ResultCache *cache;

        assert(ret);

        cache = calloc(1, sizeof(*cache));
        if (!cache)
                return -ENOMEM;
        cache->max_entries = max_entries;
        cache->max_bytes = max_bytes;
        *ret = cache;
        return 0;
}

ResultCache *result_cache_free(ResultCache *cache) {
        if (!cache)
                return NULL;

        (void)result_cache_forget(cache, NULL);
        free(cache);
        return NULL;
}

/* A name has no line break in it. */
int result_cache_key(const char *plugin, const json_object *input, char **ret) {
        _cleanup_free_ char *text = NULL;
        int r;

        assert(plugin && ret);

        r = json_canonical(input, INPUT_DEPTH_MAX, RESULT_INPUT_MAX, &text, NULL);
        if (r < 0)
                return r;
        return asprintf(ret, "%s\n%s", plugin, text) < 0 ? -ENOMEM : 0;
}

/* Has no way to be equal to a text of another plugin. */
static char *text_key(const char *plugin, const char *text) {
        char *key;

        if (strnlen(text, RESULT_INPUT_MAX) == RESULT_INPUT_MAX)
                return NULL;
        return asprintf(&key, "%s\n%s", plugin, text) < 0 ? NULL : key;
}

static size_t cost(const char *key, const char *output) {
        return sizeof(Result) + strlen(key) + strlen(output) + 2;
}

static char *take_text(ResultCache *cache, Result *result) {
        if (!result->text_key)
                return NULL;
        HASH_DELETE(by_text, cache->texts, result);
        cache->stats.bytes -= strlen(result->text_key) + 1;
        return TAKE_PTR(result->text_key);
}

static void result_free(Result *result) {
        free(result->key);
        free(result->output);
        free(result);
}

static void forget(ResultCache *cache, Result *result) {
        free(take_text(cache, result));
        HASH_DELETE(hh, cache->results, result);
        cache->stats.entries--;
        cache->stats.bytes -= cost(result->key, result->output);
        result_free(result);
}

static void add(ResultCache *cache, Result *result) {
        HASH_ADD_KEYPTR(hh, cache->results, result->key, strlen(result->key), result);
        cache->stats.entries++;
        cache->stats.bytes += cost(result->key, result->output);
}

static Result *find(const ResultCache *cache, const char *key) {
        Result *result;

        HASH_FIND_STR(cache->results, key, result);
        return result;
}

static void make_room(ResultCache *cache) {
        while (cache->results &&
                        (cache->stats.entries > cache->max_entries ||
                                        cache->stats.bytes > cache->max_bytes)) {
                forget(cache, cache->results);
                cache->stats.evictions++;
        }
}

/* NULL once its time is over. */
static Result *still_good(ResultCache *cache, Result *result, uint64_t now_usec) {
        if (!result || now_usec < result->end_usec)
                return result;
        forget(cache, result);
        cache->stats.expired++;
        return NULL;
}

static const char *use(ResultCache *cache, Result *result) {
        cache->stats.hits++;
        HASH_DELETE(hh, cache->results, result);
        HASH_ADD_KEYPTR(hh, cache->results, result->key, strlen(result->key), result);
        return result->output;
}

const char *result_cache_get(ResultCache *cache, const char *key, uint64_t now_usec) {
        Result *result;

        assert(cache && key);

        result = still_good(cache, find(cache, key), now_usec);
        if (result)
                return use(cache, result);
        cache->stats.misses++;
        return NULL;
}

/* Takes @text_key over. */
static void set_text(ResultCache *cache, Result *result, char *text_key) {
        free(take_text(cache, result));
        result->text_key = text_key;
        if (!text_key)
                return;
        HASH_ADD_KEYPTR(by_text, cache->texts, text_key, strlen(text_key), result);
        cache->stats.bytes += strlen(text_key) + 1;
}

void result_cache_name(ResultCache *cache, const char *key, const char *plugin, const char *text) {
        Result *result;

        assert(cache && key && plugin && text);

        result = find(cache, key);
        if (!result)
                return;
        set_text(cache, result, text_key(plugin, text));
        make_room(cache);
}

const char *result_cache_get_text(
                ResultCache *cache, const char *plugin, const char *text, uint64_t now_usec) {
        _cleanup_free_ char *key = NULL;
        Result *result = NULL;

        assert(cache && plugin && text);

        key = cache->texts ? text_key(plugin, text) : NULL;
        if (!key)
                return NULL;
        HASH_FIND(by_text, cache->texts, key, strlen(key), result);
        result = still_good(cache, result, now_usec);
        return result ? use(cache, result) : NULL;
}

static int make(const char *key, const char *output, uint64_t end_usec, Result **ret) {
        Result *result = calloc(1, sizeof(*result));

        if (!result)
                return -ENOMEM;
        result->key = strdup(key);
        result->output = strdup(output);
        result->end_usec = end_usec;
        if (!result->key || !result->output) {
                result_free(result);
                return -ENOMEM;
        }
        *ret = result;
        return 0;
}

int result_cache_put(ResultCache *cache, const char *key, const char *output, uint64_t ttl_usec,
                uint64_t now_usec) {
        _cleanup_free_ char *text = NULL;
        Result *old, *result;
        int r;

        assert(cache && key && output);

        old = find(cache, key);
        if (old) {
                text = take_text(cache, old);
                forget(cache, old);
        }
        if (ttl_usec == 0 || cache->max_entries == 0)
                return 0;
        if (cost(key, output) > cache->max_bytes)
                return -E2BIG;

        r = make(key, output, ttl_usec > UINT64_MAX - now_usec ? UINT64_MAX : now_usec + ttl_usec,
                        &result);
        if (r < 0)
                return r;
        add(cache, result);
        set_text(cache, result, TAKE_PTR(text));
        make_room(cache);
        return 0;
}

static bool is_of(const Result *result, const char *plugin) {
        return !plugin ||
                        (text_starts_with(result->key, plugin) &&
                                        result->key[strlen(plugin)] == '\n');
}

unsigned result_cache_forget(ResultCache *cache, const char *plugin) {
        Result *result, *next;
        unsigned n = 0;

        assert(cache);

        HASH_ITER (hh, cache->results, result, next) {
                if (!is_of(result, plugin))
                        continue;
                forget(cache, result);
                n++;
        }
        return n;
}

unsigned result_cache_expire(ResultCache *cache, uint64_t now_usec) {
        Result *result, *next;
        unsigned n = 0;

        assert(cache);

        HASH_ITER (hh, cache->results, result, next) {
                if (now_usec < result->end_usec)
                        continue;
                forget(cache, result);
                n++;
        }
        cache->stats.expired += n;
        return n;
}

ResultCacheStats result_cache_stats(const ResultCache *cache) {
        assert(cache);
        return cache->stats;
}
