/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>

#include "daemon/watcher/tmux/native-trust.h"

static int setup(void **state) {
        *state = native_trust_new();
        assert_non_null(*state);
        return 0;
}

static int teardown(void **state) {
        native_trust_free(*state);
        return 0;
}

static void a_program_is_a_file_as_it_is_now(void **state) {
        static const TmuxProgram program = {1, 2, 3, 4};
        static const TmuxProgram others[] = {
                        {9, 2, 3, 4}, {1, 9, 3, 4}, {1, 2, 9, 4}, {1, 2, 3, 9}};

        assert_int_equal(native_trust_get(*state, &program, 1), NATIVE_UNTRIED);
        native_trust_set(*state, &program, NATIVE_PASSED, UINT64_MAX);
        assert_int_equal(native_trust_get(*state, &program, 1), NATIVE_PASSED);
        for (size_t i = 0; i < ELEMENTSOF(others); i++)
                assert_int_equal(native_trust_get(*state, &others[i], 1), NATIVE_UNTRIED);
        native_trust_set(*state, &program, NATIVE_REFUSED, UINT64_MAX);
        assert_int_equal(native_trust_get(*state, &program, 1), NATIVE_REFUSED);
}

static void a_verdict_may_be_for_a_time(void **state) {
        static const TmuxProgram program = {1, 2, 3, 4};

        native_trust_set(*state, &program, NATIVE_REFUSED, 1000);
        assert_int_equal(native_trust_get(*state, &program, 999), NATIVE_REFUSED);
        assert_int_equal(native_trust_get(*state, &program, 1000), NATIVE_UNTRIED);
}

static void old_programs_make_room(void **state) {
        TmuxProgram program = {};

        for (program.inode = 1; program.inode <= 1000; program.inode++) {
                native_trust_set(*state, &program, NATIVE_PASSED, UINT64_MAX);
                assert_int_equal(native_trust_get(*state, &program, 1), NATIVE_PASSED);
        }
        program.inode = 1;
        assert_int_equal(native_trust_get(*state, &program, 1), NATIVE_UNTRIED);
}

static void one_server_is_off_and_no_other(void **state) {
        assert_false(native_trust_is_off(*state, "/a", 1));
        assert_true(native_trust_switch_off(*state, "/a", 1));
        assert_false(native_trust_switch_off(*state, "/a", 1));
        assert_true(native_trust_is_off(*state, "/a", 1));
        assert_false(native_trust_is_off(*state, "/a", 2));
        assert_false(native_trust_is_off(*state, "/b", 1));
        /* An answer does not bring it back. */
        assert_int_equal(native_trust_note(*state, "/a", 1, true), 0);
        assert_true(native_trust_is_off(*state, "/a", 1));
}

static void silence_counts_in_a_row(void **state) {
        assert_int_equal(native_trust_note(*state, "/a", 1, false), 1);
        assert_int_equal(native_trust_note(*state, "/a", 1, false), 2);
        assert_int_equal(native_trust_note(*state, "/a", 1, true), 0);
        assert_int_equal(native_trust_note(*state, "/a", 1, false), 1);
        assert_false(native_trust_is_off(*state, "/a", 1));
}

static void servers_are_remembered_within_bounds(void **state) {
        char socket[32];

        for (int i = 0; i < 2000; i++) {
                (void)snprintf(socket, sizeof(socket), "/%d", i);
                assert_true(native_trust_switch_off(*state, socket, 1));
                assert_true(native_trust_is_off(*state, socket, 1));
        }
        assert_false(native_trust_is_off(*state, "/0", 1));
}

static void a_process_has_a_program(void **state) {
        TmuxProgram a, b;

        assert_int_equal(tmux_program_of(getpid(), &a), 0);
        assert_int_equal(tmux_program_of(getpid(), &b), 0);
        assert_memory_equal(&a, &b, sizeof(a));
        assert_true(a.inode != 0 && a.size != 0 && a.modified_nsec != 0);
        assert_int_equal(tmux_program_of(INT32_MAX, &a), -ENOENT);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                        test(a_program_is_a_file_as_it_is_now),
                        test(a_verdict_may_be_for_a_time),
                        test(old_programs_make_room),
                        test(one_server_is_off_and_no_other),
                        test(silence_counts_in_a_row),
                        test(servers_are_remembered_within_bounds),
                        test(a_process_has_a_program),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
