/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/watcher/backlog.h"

static uint64_t told[BACKLOG_REPORTS_MAX];
static unsigned n_told;

static int tell(void *userdata, const char *method, json_object *params) {
        assert_string_equal(method, "agent");
        told[n_told++] = json_get_u64(params, "number", 0);
        assert_true(json_get_bool(params, "here", false));
        json_object_put(params);
        return userdata ? -EIO : 0;
}

static void add(Backlog *b, unsigned n) {
        for (unsigned i = 0; i < n; i++) {
                _cleanup_json_ json_object *params = json_object_new_object();

                assert_int_equal(json_set_bool(params, "here", true), 0);
                assert_int_equal(backlog_add(b, "agent", params), 0);
                assert_int_equal(json_get_u64(params, "number", 0), b->last);
        }
}

static int reset(void **state) {
        n_told = 0;
        return 0;
}

static void what_came_later_is_told_in_order(void **state) {
        Backlog b = {};

        add(&b, 5);
        assert_int_equal(backlog_replay(&b, 2, tell, NULL), 0);
        assert_int_equal(n_told, 3);
        for (unsigned i = 0; i < n_told; i++)
                assert_int_equal(told[i], 3 + i);
        backlog_done(&b);
}

static void who_heard_all_is_told_nothing(void **state) {
        Backlog b = {};

        assert_int_equal(backlog_replay(&b, 0, tell, NULL), 0);
        add(&b, 2);
        assert_int_equal(backlog_replay(&b, 2, tell, NULL), 0);
        assert_int_equal(backlog_replay(&b, UINT64_MAX, tell, NULL), 0);
        assert_int_equal(n_told, 0);
        backlog_done(&b);
}

static void the_oldest_are_forgotten_and_counted(void **state) {
        Backlog b = {};

        add(&b, BACKLOG_REPORTS_MAX + 7);
        assert_int_equal(b.n_entries, BACKLOG_REPORTS_MAX);
        assert_int_equal(backlog_replay(&b, 0, tell, NULL), 7);
        assert_int_equal(n_told, BACKLOG_REPORTS_MAX);
        assert_int_equal(told[0], 8);
        backlog_done(&b);
}

static void its_bytes_are_bounded(void **state) {
        char large[16 * 1024] = {};
        Backlog b = {};

        memset(large, 'x', sizeof(large) - 1);
        for (unsigned i = 0; i < 100; i++) {
                _cleanup_json_ json_object *params = json_object_new_object();

                assert_int_equal(json_set_string(params, "text", large), 0);
                assert_int_equal(backlog_add(&b, "agent", params), 0);
        }
        assert_true(b.n_bytes <= BACKLOG_BYTES_MAX);
        assert_true(b.n_entries > 0 && b.n_entries < 20);
        backlog_done(&b);
}

static void a_failure_ends_the_replay(void **state) {
        Backlog b = {};

        add(&b, 3);
        assert_int_equal(backlog_replay(&b, 0, tell, &b), -EIO);
        assert_int_equal(n_told, 1);
        backlog_done(&b);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test_setup(what_came_later_is_told_in_order, reset),
                        cmocka_unit_test_setup(who_heard_all_is_told_nothing, reset),
                        cmocka_unit_test_setup(the_oldest_are_forgotten_and_counted, reset),
                        cmocka_unit_test_setup(its_bytes_are_bounded, reset),
                        cmocka_unit_test_setup(a_failure_ends_the_replay, reset),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
