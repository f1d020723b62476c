/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "daemon/agents/cache.h"
#include "daemon/base/clock.h"

#define LAYER CACHE_AGENT_STATUS

typedef struct Fixture {
        Cache *cache;
        CacheLimits limits;
} Fixture;

static int setup(void **state) {
        Fixture *f = calloc(1, sizeof(*f));

        assert_non_null(f);
        f->limits = cache_default_limits;
        f->limits.ttl_usec[LAYER] = 100;
        f->limits.max_entries = 3;
        assert_int_equal(cache_new(&f->limits, &f->cache), 0);
        *state = f;
        return 0;
}

static int teardown(void **state) {
        Fixture *f = *state;

        cache_free(f->cache);
        free(f);
        return 0;
}

static int put(Fixture *f, const char *key, const char *value, uint64_t now) {
        return cache_put_bytes(f->cache, LAYER, key, value, strlen(value), now);
}

static bool has(Fixture *f, const char *key, uint64_t now) {
        _cleanup_(cache_blob_unrefp) CacheBlob *blob = cache_get(f->cache, LAYER, key, now);

        return blob != NULL;
}

/* "ac": the keys of one letter that are there. Asking changes the orders: for the end of a test. */
static const char *keys(Fixture *f, uint64_t now) {
        static char found[27];
        size_t n = 0;

        for (char c = 'a'; c <= 'z'; c++)
                if (has(f, (char[]){c, '\0'}, now))
                        found[n++] = c;
        found[n] = '\0';
        return found;
}

static void set_eviction(Fixture *f, CacheEviction eviction) {
        f->limits.eviction = eviction;
        cache_set_limits(f->cache, &f->limits, 0);
}

static void what_was_put_is_got_until_it_expires(void **state) {
        Fixture *f = *state;
        _cleanup_(cache_blob_unrefp) CacheBlob *blob = NULL;

        assert_int_equal(put(f, "a", "x", 10), 0);
        blob = cache_get(f->cache, LAYER, "a", 109);
        assert_string_equal(blob->data, "x");
        assert_int_equal(blob->n_data, 1);
        assert_false(has(f, "a", 110));
        assert_false(has(f, "b", 10));
        /* Ours is ours still. */
        assert_string_equal(blob->data, "x");
}

static void layers_do_not_know_each_others_keys(void **state) {
        Fixture *f = *state;

        assert_int_equal(put(f, "a", "x", 0), 0);
        assert_null(cache_get(f->cache, CACHE_CONFIG, "a", 0));
        assert_int_equal(cache_clear(f->cache, CACHE_CONFIG), 0);
        assert_true(has(f, "a", 0));
}

static void the_fresh_installation_has_the_documented_times(void **state) {
        assert_int_equal(cache_default_limits.ttl_usec[CACHE_PANE_CONTENT], 10 * USEC_PER_SEC);
        assert_int_equal(cache_default_limits.ttl_usec[CACHE_AGENT_STATUS], 30 * USEC_PER_SEC);
        assert_int_equal(cache_default_limits.ttl_usec[CACHE_SESSION_INFO], 60 * USEC_PER_SEC);
        assert_int_equal(cache_default_limits.ttl_usec[CACHE_CONFIG], 300 * USEC_PER_SEC);
        assert_int_equal(cache_default_limits.ttl_usec[CACHE_CONTENT_HASH], 5 * USEC_PER_SEC);
        assert_int_equal(cache_default_limits.ttl_usec[CACHE_HEALTH_STATUS], 15 * USEC_PER_SEC);
}

static void names_go_both_ways(void **state) {
        for (CacheLayer i = 0; i < _CACHE_LAYER_MAX; i++)
                assert_int_equal(cache_layer_from_string(cache_layer_to_string(i)), i);
        for (CacheEviction i = 0; i < _CACHE_EVICTION_MAX; i++)
                assert_int_equal(cache_eviction_from_string(cache_eviction_to_string(i)), i);
        assert_int_equal(cache_layer_from_string("x"), -EINVAL);
        assert_int_equal(cache_eviction_from_string(NULL), -EINVAL);
}

/*
 * a, b, c are put in this order and fill the layer; then happens what @asked says (a capital: put
 * again), then d comes.
 */
static void a_full_layer_loses_what_its_strategy_says(void **state) {
        static const struct {
                CacheEviction eviction;
                const char *asked;
                const char *left;
        } rows[] = {
                        {CACHE_EVICT_TTL, "", "bcd"},
                        {CACHE_EVICT_TTL, "aaa", "bcd"}, /* asking makes nothing younger */
                        {CACHE_EVICT_TTL, "A", "acd"},   /* storing does */
                        {CACHE_EVICT_LRU, "", "bcd"},
                        {CACHE_EVICT_LRU, "a", "acd"},
                        {CACHE_EVICT_LRU, "ab", "abd"},
                        {CACHE_EVICT_LRU, "A", "acd"},
                        {CACHE_EVICT_LFU, "", "bcd"},
                        {CACHE_EVICT_LFU, "a", "acd"},
                        {CACHE_EVICT_LFU, "abbcc", "bcd"},
                        {CACHE_EVICT_LFU, "aabbc", "abd"},
                        {CACHE_EVICT_LFU, "cba", "abd"}, /* equal: who was there first */
                        {CACHE_EVICT_LFU, "aabcA", "acd"},
        };

        FOREACH_ELEMENT (row, rows) {
                Fixture *f = *state;

                (void)cache_clear(f->cache, LAYER);
                set_eviction(f, row->eviction);
                assert_int_equal(
                                put(f, "a", "1", 1) | put(f, "b", "1", 2) | put(f, "c", "1", 3), 0);
                for (const char *p = row->asked; *p; p++) {
                        char key[] = {(char)(*p | 0x20), '\0'};

                        if (*p == key[0])
                                assert_true(has(f, key, 4));
                        else
                                assert_int_equal(put(f, key, "2", 4), 0);
                }
                assert_int_equal(put(f, "d", "1", 5), 0);
                assert_string_equal(keys(f, 5), row->left);
        }
}

static void the_strategy_changes_at_run_time(void **state) {
        Fixture *f = *state;

        assert_int_equal(put(f, "a", "1", 1) | put(f, "b", "1", 2) | put(f, "c", "1", 3), 0);
        assert_true(has(f, "a", 4) && has(f, "a", 4) && has(f, "b", 4));
        set_eviction(f, CACHE_EVICT_LFU);
        assert_int_equal(put(f, "d", "1", 5), 0); /* c was asked least */
        set_eviction(f, CACHE_EVICT_TTL);
        assert_int_equal(put(f, "e", "1", 5), 0); /* a is oldest */
        assert_string_equal(keys(f, 5), "bde");
}

static void lower_limits_hold_at_once(void **state) {
        Fixture *f = *state;

        assert_int_equal(put(f, "a", "1", 1) | put(f, "b", "1", 2) | put(f, "c", "1", 3), 0);
        f->limits.max_entries = 2;
        cache_set_limits(f->cache, &f->limits, 4);
        assert_int_equal(cache_stats(f->cache, LAYER).entries, 2);
        f->limits.ttl_usec[LAYER] = 2;
        cache_set_limits(f->cache, &f->limits, 4);
        assert_string_equal(keys(f, 4), "c");
        f->limits.ttl_usec[LAYER] = 0;
        cache_set_limits(f->cache, &f->limits, 4);
        assert_int_equal(cache_stats(f->cache, LAYER).entries, 0);
        assert_int_equal(put(f, "a", "1", 4), 0);
        assert_string_equal(keys(f, 4), "");
}

static void bytes_are_bounded_too(void **state) {
        static const char big[600] = "";
        Fixture *f = *state;

        f->limits.max_entries = 1000;
        f->limits.max_bytes = 2000;
        cache_set_limits(f->cache, &f->limits, 0);
        for (char c = 'a'; c <= 'e'; c++) {
                char key[] = {c, '\0'};

                assert_int_equal(cache_put_bytes(f->cache, LAYER, key, big, sizeof(big), 1), 0);
                assert_true(cache_stats(f->cache, LAYER).bytes <= 2000);
        }
        assert_string_equal(keys(f, 1), "de");

        /* One that grows makes the others go, not itself. */
        assert_int_equal(cache_put_bytes(f->cache, LAYER, "d", big, 600, 1), 0);
        f->limits.max_bytes = 1600;
        cache_set_limits(f->cache, &f->limits, 1);
        assert_string_equal(keys(f, 1), "de");
}

static void what_is_too_large_is_refused_and_its_old_value_gone(void **state) {
        static const char big[5000] = "";
        Fixture *f = *state;
        char key[CACHE_KEY_MAX + 2];

        f->limits.max_bytes = 4096;
        cache_set_limits(f->cache, &f->limits, 0);
        assert_int_equal(put(f, "a", "old", 1), 0);
        assert_int_equal(put(f, "b", "old", 1), 0);
        assert_int_equal(cache_put_bytes(f->cache, LAYER, "a", big, sizeof(big), 1), -E2BIG);
        assert_string_equal(keys(f, 1), "b");

        memset(key, 'k', sizeof(key) - 1);
        key[sizeof(key) - 1] = '\0';
        assert_int_equal(put(f, key, "x", 1), -ENAMETOOLONG);
}

static void events_invalidate_by_key_and_by_prefix(void **state) {
        Fixture *f = *state;

        f->limits.max_entries = 10;
        cache_set_limits(f->cache, &f->limits, 0);
        assert_int_equal(put(f, "server1/a", "1", 1) | put(f, "server1/b", "1", 1), 0);
        assert_int_equal(put(f, "server2/a", "1", 1) | put(f, "server2/b", "1", 1), 0);

        assert_int_equal(cache_invalidate(f->cache, LAYER, "server2/a"), 1);
        assert_int_equal(cache_invalidate(f->cache, LAYER, "server2/a"), 0);
        assert_int_equal(cache_invalidate_prefix(f->cache, LAYER, "server1/"), 2);
        assert_false(has(f, "server1/a", 1));
        assert_true(has(f, "server2/b", 1));
        assert_int_equal(cache_clear(f->cache, LAYER), 1);
        assert_int_equal(cache_stats(f->cache, LAYER).bytes, 0);
}

static void the_counts_add_up(void **state) {
        Fixture *f = *state;
        CacheStats s;

        assert_int_equal(put(f, "a", "1", 1) | put(f, "b", "1", 2) | put(f, "c", "1", 3), 0);
        assert_int_equal(put(f, "d", "1", 4), 0);
        assert_true(has(f, "b", 5) && has(f, "b", 5));
        assert_false(has(f, "a", 5));
        assert_false(has(f, "c", 103)); /* expired, found by asking; b by the sweep */
        assert_int_equal(cache_expire(f->cache, 103), 1);

        s = cache_stats(f->cache, LAYER);
        assert_int_equal(s.entries, 1);
        assert_int_equal(s.hits, 2);
        assert_int_equal(s.misses, 2);
        assert_int_equal(s.evictions, 1);
        assert_int_equal(s.expired, 2);
        assert_true(s.bytes > 0);
}

/* The plainest cache that can be written, to compare with. */
#define MODEL_MAX 5
typedef struct Model {
        struct {
                char key; /* 0: free */
                char value;
                uint64_t stored, asked;
                unsigned stored_turn, used_turn, rank_turn;
        } slots[26];
        unsigned turn;
} Model;

static unsigned model_count(const Model *m) {
        unsigned n = 0;

        FOREACH_ELEMENT (slot, m->slots)
                n += slot->key != 0;
        return n;
}

static void model_expire(Model *m, uint64_t now, uint64_t ttl) {
        FOREACH_ELEMENT (slot, m->slots)
                if (slot->key && now - slot->stored >= ttl)
                        slot->key = 0;
}

static uint64_t model_worth(const Model *m, size_t i, CacheEviction eviction) {
        if (eviction == CACHE_EVICT_TTL)
                return m->slots[i].stored_turn;
        if (eviction == CACHE_EVICT_LRU)
                return m->slots[i].used_turn;
        return m->slots[i].asked << 32 | m->slots[i].rank_turn;
}

static void model_evict(Model *m, CacheEviction eviction, size_t except) {
        size_t worst = SIZE_MAX;

        for (size_t i = 0; i < 26; i++)
                if (m->slots[i].key && i != except &&
                                (worst == SIZE_MAX ||
                                                model_worth(m, i, eviction) <
                                                                model_worth(m, worst, eviction)))
                        worst = i;
        m->slots[worst].key = 0;
}

static void model_put(Model *m, size_t i, char value, uint64_t now, CacheEviction eviction) {
        bool is_new = m->slots[i].key == 0;

        m->turn++;
        if (is_new) {
                m->slots[i].asked = 0;
                m->slots[i].rank_turn = m->turn;
        }
        m->slots[i].key = (char)('a' + i);
        m->slots[i].value = value;
        m->slots[i].stored = now;
        m->slots[i].stored_turn = m->slots[i].used_turn = m->turn;
        while (model_count(m) > MODEL_MAX)
                model_evict(m, eviction, i);
}

static char model_get(Model *m, size_t i) {
        if (!m->slots[i].key)
                return 0;
        m->turn++;
        m->slots[i].asked++;
        m->slots[i].used_turn = m->slots[i].rank_turn = m->turn;
        return m->slots[i].value;
}

static void compare_one_step(Fixture *f, Model *m, uint64_t now) {
        size_t i = (size_t)(random() % 8);
        char key[] = {(char)('a' + i), '\0'}, value[] = {(char)('A' + random() % 26), '\0'};
        char got = 0;

        model_expire(m, now, f->limits.ttl_usec[LAYER]);
        switch (random() % 8) {
        case 0:
                (void)cache_expire(f->cache, now);
                assert_int_equal(cache_invalidate(f->cache, LAYER, key), m->slots[i].key != 0);
                m->slots[i].key = 0;
                break;
        case 1 ... 3:
                (void)cache_expire(f->cache, now);
                assert_int_equal(put(f, key, value, now), 0);
                model_put(m, i, value[0], now, f->limits.eviction);
                break;
        default: {
                _cleanup_(cache_blob_unrefp) CacheBlob *b = cache_get(f->cache, LAYER, key, now);

                got = b ? b->data[0] : 0;
                assert_int_equal(got, model_get(m, i));
        }
        }
        (void)cache_expire(f->cache, now);
        assert_int_equal(cache_stats(f->cache, LAYER).entries, model_count(m));
}

static void it_does_what_a_naive_model_does(void **state) {
        Fixture *f = *state;
        Model m = {};
        uint64_t now = 0;

        srandom(1);
        f->limits.max_entries = MODEL_MAX;
        f->limits.ttl_usec[LAYER] = 40;
        cache_set_limits(f->cache, &f->limits, 0);

        for (unsigned step = 0; step < 20000; step++) {
                if (step % 100 == 0)
                        set_eviction(f, (CacheEviction)(random() % _CACHE_EVICTION_MAX));
                now += (uint64_t)(random() % 4);
                compare_one_step(f, &m, now);
        }
        assert_true(cache_stats(f->cache, LAYER).evictions > 100);
        assert_true(cache_stats(f->cache, LAYER).expired > 100);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                        TEST(what_was_put_is_got_until_it_expires),
                        TEST(layers_do_not_know_each_others_keys),
                        TEST(the_fresh_installation_has_the_documented_times),
                        TEST(names_go_both_ways),
                        TEST(a_full_layer_loses_what_its_strategy_says),
                        TEST(the_strategy_changes_at_run_time),
                        TEST(lower_limits_hold_at_once),
                        TEST(bytes_are_bounded_too),
                        TEST(what_is_too_large_is_refused_and_its_old_value_gone),
                        TEST(events_invalidate_by_key_and_by_prefix),
                        TEST(the_counts_add_up),
                        TEST(it_does_what_a_naive_model_does),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
