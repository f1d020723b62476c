/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include "daemon/watcher/detect/stall.h"

static void a_runtime_that_only_wakes_up_makes_no_progress(void **state) {
        Stall s = {};
        uint64_t cpu = 0;

        for (unsigned i = 0; i <= 91; i++) {
                stall_feed(&s, false, cpu, (1000 + i) * USEC_PER_SEC);
                cpu += 5 * USEC_PER_MSEC;
        }
        assert_true(stall_is_stalled(&s));
}

static void a_process_that_computes_makes_progress(void **state) {
        Stall s = {};
        uint64_t cpu = 0;

        for (unsigned i = 0; i <= 200; i++) {
                stall_feed(&s, false, cpu, (1000 + i) * USEC_PER_SEC);
                assert_false(stall_is_stalled(&s));
                cpu += 50 * USEC_PER_MSEC;
        }
}

static void a_child_that_ended_is_progress(void **state) {
        Stall s = {};

        for (unsigned i = 0; i <= 91; i++)
                stall_feed(&s, false, USEC_PER_HOUR, (1000 + i) * USEC_PER_SEC);
        assert_true(stall_is_stalled(&s));
        stall_feed(&s, false, USEC_PER_SEC, 1092 * USEC_PER_SEC);
        assert_false(stall_is_stalled(&s));
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                        cmocka_unit_test(a_runtime_that_only_wakes_up_makes_no_progress),
                        cmocka_unit_test(a_process_that_computes_makes_progress),
                        cmocka_unit_test(a_child_that_ended_is_progress),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
