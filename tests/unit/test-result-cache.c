/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "daemon/extend/result-cache.h"

static ResultCache *make(size_t entries, size_t bytes) {
        ResultCache *cache = NULL;

        assert_int_equal(result_cache_new(entries, bytes, &cache), 0);
        return cache;
}

static char *key_of(const char *plugin, const char *input) {
        _cleanup_json_ json_object *o = NULL;
        char *key = NULL;

        assert_int_equal(json_parse(input, strlen(input), 10, &o), 0);
        assert_int_equal(result_cache_key(plugin, o, &key), 0);
        return key;
}

static void equal_inputs_have_one_key(void **state) {
        _cleanup_free_ char *a = key_of("p", "{\"x\": 1, \"y\": [2]}");
        _cleanup_free_ char *b = key_of("p", "{\"y\":[2.0],\"x\":1.0}");
        _cleanup_free_ char *c = key_of("q", "{\"x\": 1, \"y\": [2]}");
        _cleanup_free_ char *d = key_of("p", "{\"x\": \"1\", \"y\": [2]}");

        assert_string_equal(a, b);
        assert_string_not_equal(a, c);
        assert_string_not_equal(a, d);
}

static void huge_inputs_have_none(void **state) {
        _cleanup_free_ char *text = calloc(1, RESULT_INPUT_MAX + 1);
        _cleanup_json_ json_object *o = NULL;
        char *key = NULL;

        memset(text, 'a', RESULT_INPUT_MAX);
        o = json_object_new_string(text);
        assert_int_equal(result_cache_key("p", o, &key), -EFBIG);
        assert_null(key);
}

static void a_result_lives_for_its_time(void **state) {
        _cleanup_(result_cache_freep) ResultCache *cache = make(10, 10000);

        assert_null(result_cache_get(cache, "k", 100));
        assert_int_equal(result_cache_put(cache, "k", "one", 50, 100), 0);
        assert_string_equal(result_cache_get(cache, "k", 149), "one");
        assert_null(result_cache_get(cache, "k", 150));
        assert_int_equal(result_cache_put(cache, "k", "two", UINT64_MAX, 200), 0);
        assert_string_equal(result_cache_get(cache, "k", UINT64_MAX - 1), "two");
        assert_int_equal(result_cache_put(cache, "k", "three", 10, 300), 0);
        assert_string_equal(result_cache_get(cache, "k", 301), "three");
        assert_int_equal(result_cache_put(cache, "k", "four", 0, 302), 0);
        assert_null(result_cache_get(cache, "k", 302)); /* and the old one is gone */

        ResultCacheStats stats = result_cache_stats(cache);
        assert_true(stats.hits == 3 && stats.misses == 3 && stats.expired == 1);
        assert_true(stats.entries == 0 && stats.bytes == 0);
}

static void what_was_named_is_found_by_its_text(void **state) {
        _cleanup_(result_cache_freep) ResultCache *cache = make(10, 10000);

        assert_null(result_cache_get_text(cache, "p", "{ }", 0));
        result_cache_name(cache, "p\n{}", "p", "{ }"); /* not there: nothing happens */
        assert_int_equal(result_cache_put(cache, "p\n{}", "one", 50, 100), 0);
        assert_null(result_cache_get_text(cache, "p", "{ }", 100));
        result_cache_name(cache, "p\n{}", "p", "{ }");
        assert_string_equal(result_cache_get_text(cache, "p", "{ }", 149), "one");
        assert_null(result_cache_get_text(cache, "q", "{ }", 149));
        assert_null(result_cache_get_text(cache, "p", "{}", 149));
        result_cache_name(cache, "p\n{}", "p", "{}");
        assert_null(result_cache_get_text(cache, "p", "{ }", 149));
        assert_string_equal(result_cache_get_text(cache, "p", "{}", 149), "one");

        /* A new answer to the same has the same name, as long as it is good. */
        assert_int_equal(result_cache_put(cache, "p\n{}", "two", 50, 100), 0);
        assert_string_equal(result_cache_get_text(cache, "p", "{}", 149), "two");
        assert_null(result_cache_get_text(cache, "p", "{}", 150));

        ResultCacheStats stats = result_cache_stats(cache);
        assert_true(stats.hits == 3 && stats.misses == 0 && stats.expired == 1);
        assert_true(stats.entries == 0 && stats.bytes == 0);
}

static void a_text_counts_as_use_and_as_bytes(void **state) {
        _cleanup_(result_cache_freep) ResultCache *cache = make(2, 10000);
        uint64_t bytes;

        assert_int_equal(result_cache_put(cache, "p\n1", "a", 100, 0), 0);
        bytes = result_cache_stats(cache).bytes;
        result_cache_name(cache, "p\n1", "p", "1");
        assert_true(result_cache_stats(cache).bytes == bytes + sizeof("p\n1"));
        assert_int_equal(result_cache_put(cache, "p\n2", "b", 100, 0), 0);
        assert_non_null(result_cache_get_text(cache, "p", "1", 1));
        assert_int_equal(result_cache_put(cache, "p\n3", "c", 100, 0), 0);
        assert_non_null(result_cache_get_text(cache, "p", "1", 1));
        assert_null(result_cache_get(cache, "p\n2", 1));
        assert_int_equal(result_cache_forget(cache, "p"), 2);
        assert_null(result_cache_get_text(cache, "p", "1", 1));
        assert_true(result_cache_stats(cache).bytes == 0);
}

static void a_huge_text_names_nothing(void **state) {
        _cleanup_(result_cache_freep) ResultCache *cache = make(2, 1000000);
        _cleanup_free_ char *text = calloc(1, RESULT_INPUT_MAX + 1);

        memset(text, ' ', RESULT_INPUT_MAX);
        assert_int_equal(result_cache_put(cache, "p\n1", "a", 100, 0), 0);
        result_cache_name(cache, "p\n1", "p", text);
        assert_null(result_cache_get_text(cache, "p", text, 1));
        assert_non_null(result_cache_get(cache, "p\n1", 1));
}

static void what_was_asked_longest_ago_goes_first(void **state) {
        _cleanup_(result_cache_freep) ResultCache *cache = make(3, 10000);

        assert_int_equal(result_cache_put(cache, "a", "1", 100, 0), 0);
        assert_int_equal(result_cache_put(cache, "b", "2", 100, 0), 0);
        assert_int_equal(result_cache_put(cache, "c", "3", 100, 0), 0);
        assert_non_null(result_cache_get(cache, "a", 1));
        assert_int_equal(result_cache_put(cache, "d", "4", 100, 1), 0);

        assert_null(result_cache_get(cache, "b", 2));
        assert_non_null(result_cache_get(cache, "a", 2));
        assert_non_null(result_cache_get(cache, "c", 2));
        assert_non_null(result_cache_get(cache, "d", 2));
        assert_true(result_cache_stats(cache).evictions == 1);
}

static void bytes_are_bounded(void **state) {
        _cleanup_(result_cache_freep) ResultCache *cache = make(1000, 4000);
        char output[1000];

        memset(output, 'x', sizeof(output) - 1);
        output[sizeof(output) - 1] = '\0';
        for (unsigned i = 0; i < 100; i++) {
                char key[16];

                (void)snprintf(key, sizeof(key), "%u", i);
                assert_int_equal(result_cache_put(cache, key, output, 100, i), 0);
                assert_true(result_cache_stats(cache).bytes <= 4000);
        }
        assert_true(result_cache_stats(cache).entries == 3);
        assert_non_null(result_cache_get(cache, "99", 99));
}

static void a_result_larger_than_all_is_not_kept(void **state) {
        _cleanup_(result_cache_freep) ResultCache *cache = make(10, 300);
        char output[400] = "";

        memset(output, 'x', sizeof(output) - 1);
        assert_int_equal(result_cache_put(cache, "k", "old", 100, 0), 0);
        assert_int_equal(result_cache_put(cache, "k", output, 100, 0), -E2BIG);
        assert_null(result_cache_get(cache, "k", 1));
}

static void a_plugin_is_forgotten_alone(void **state) {
        _cleanup_(result_cache_freep) ResultCache *cache = make(10, 10000);
        _cleanup_free_ char *a = key_of("price", "1"), *b = key_of("price", "2");
        _cleanup_free_ char *c = key_of("prices", "1");

        assert_int_equal(result_cache_put(cache, a, "x", 100, 0), 0);
        assert_int_equal(result_cache_put(cache, b, "x", 100, 0), 0);
        assert_int_equal(result_cache_put(cache, c, "x", 100, 0), 0);
        assert_int_equal(result_cache_forget(cache, "price"), 2);
        assert_non_null(result_cache_get(cache, c, 1));
        assert_int_equal(result_cache_forget(cache, NULL), 1);
}

static void what_nobody_asks_for_goes_too(void **state) {
        _cleanup_(result_cache_freep) ResultCache *cache = make(10, 10000);

        assert_int_equal(result_cache_put(cache, "a", "x", 10, 0), 0);
        assert_int_equal(result_cache_put(cache, "b", "x", 20, 0), 0);
        assert_int_equal(result_cache_expire(cache, 9), 0);
        assert_int_equal(result_cache_expire(cache, 10), 1);
        assert_true(result_cache_stats(cache).entries == 1);
        assert_true(result_cache_stats(cache).expired == 1);
}

static void a_cache_of_nothing_keeps_nothing(void **state) {
        _cleanup_(result_cache_freep) ResultCache *cache = make(0, 1000);

        assert_int_equal(result_cache_put(cache, "a", "x", 10, 0), 0);
        assert_null(result_cache_get(cache, "a", 1));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(equal_inputs_have_one_key),
                        cmocka_unit_test(huge_inputs_have_none),
                        cmocka_unit_test(a_result_lives_for_its_time),
                        cmocka_unit_test(what_was_named_is_found_by_its_text),
                        cmocka_unit_test(a_text_counts_as_use_and_as_bytes),
                        cmocka_unit_test(a_huge_text_names_nothing),
                        cmocka_unit_test(what_was_asked_longest_ago_goes_first),
                        cmocka_unit_test(bytes_are_bounded),
                        cmocka_unit_test(a_result_larger_than_all_is_not_kept),
                        cmocka_unit_test(a_plugin_is_forgotten_alone),
                        cmocka_unit_test(what_nobody_asks_for_goes_too),
                        cmocka_unit_test(a_cache_of_nothing_keeps_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
