/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>

#include "daemon/base/clock.h"
#include "daemon/watcher/proc/process-tree.h"
#include "tests/unit/child.h"

static bool has_command(const ProcessTree *tree, const char *text) {
        for (char *const *c = process_tree_commands(tree); *c; c++)
                if (strstr(*c, text))
                        return true;
        return false;
}

static void children_and_theirs_are_found_parents_first(void **state) {
        _cleanup_(process_tree_freep) ProcessTree *tree = NULL;
        char line[64];
        pid_t pid;

        pid = child_start("(sleep 1000.25 & echo ready; wait); :", line, sizeof(line));
        assert_int_equal(process_tree_new(pid, &tree), 0);

        assert_int_equal(process_tree_at(tree, 0)->stat.pid, pid);
        assert_true(has_command(tree, "sleep 1000.25"));
        for (size_t i = 1; i < process_tree_count(tree); i++) {
                const Process *p = process_tree_at(tree, i);
                const Process *parent = process_tree_find(tree, p->stat.ppid);

                assert_non_null(parent);
                assert_int_equal(p->depth, parent->depth + 1);
                assert_true(p->stat.start_ticks >= parent->stat.start_ticks);
        }
        assert_false(process_tree_is_cut(tree));
        child_stop(pid);
}

static void what_left_the_session_is_still_below(void **state) {
        _cleanup_(process_tree_freep) ProcessTree *tree = NULL;
        char line[64];
        pid_t pid, inner;

        /* As script(1) does: another session, another terminal. */
        pid = child_start("setsid sh -c 'echo $$; exec sleep 1000.5' & wait", line, sizeof(line));
        inner = (pid_t)strtol(line, NULL, 10);
        assert_int_equal(process_tree_new(pid, &tree), 0);

        assert_non_null(process_tree_find(tree, inner));
        assert_int_not_equal(process_tree_find(tree, inner)->stat.session,
                        process_tree_at(tree, 0)->stat.session);
        (void)kill(inner, SIGKILL);
        child_stop(pid);
}

static void arguments_are_cleaned_and_joined(void **state) {
        _cleanup_(process_tree_freep) ProcessTree *tree = NULL;
        char line[64];
        pid_t pid;

        pid = child_start("echo ready; : 'a\nb'; read -r x </dev/zero", line, sizeof(line));
        assert_int_equal(process_tree_new(pid, &tree), 0);

        assert_string_equal(process_tree_at(tree, 0)->command,
                        "sh -c echo ready; : 'a?b'; read -r x </dev/zero");
        assert_string_equal(process_tree_at(tree, 0)->comm, "sh");
        child_stop(pid);
}

static void an_unchanged_tree_is_not_walked_again_at_once(void **state) {
        _cleanup_(process_tree_freep) ProcessTree *tree = NULL;
        uint64_t now = now_monotonic();
        char line[64];
        pid_t pid, inner;
        ProcStat s;

        pid = child_start("sh -c 'echo $$; read -r x </dev/zero' & wait; sleep 1000", line,
                        sizeof(line));
        inner = (pid_t)strtol(line, NULL, 10);
        assert_int_equal(process_tree_new(pid, &tree), 0);
        assert_int_equal(process_tree_walk(tree, now), 0);

        (void)kill(inner, SIGKILL);
        while (proc_stat_read(inner, &s) >= 0 && s.state != 'Z')
                assert_true(now_monotonic() - now < 10 * USEC_PER_SEC);

        assert_int_equal(process_tree_update(tree, now + USEC_PER_SEC), 0);
        assert_int_equal(process_tree_update(tree, now + 3 * USEC_PER_SEC), 1);
        assert_null(process_tree_find(tree, inner));
        child_stop(pid);
}

static void a_root_that_is_gone_is_told_and_what_was_seen_stays(void **state) {
        _cleanup_(process_tree_freep) ProcessTree *tree = NULL;
        char line[64];
        pid_t pid;

        pid = child_start("echo ready; exec sleep 1000", line, sizeof(line));
        assert_int_equal(process_tree_new(pid, &tree), 0);
        child_stop(pid);

        assert_int_equal(process_tree_update(tree, UINT64_MAX / 2), -ESRCH);
        assert_int_equal(process_tree_count(tree), 1);
        assert_int_equal(process_tree_new(pid, &(ProcessTree *){NULL}), -ESRCH);
}

static void more_than_the_limit_is_cut_and_said(void **state) {
        _cleanup_(process_tree_freep) ProcessTree *tree = NULL;
        char line[64];
        pid_t pid;

        pid = child_start("i=0; while [ $i -lt 270 ]; do sleep 1000 & i=$((i+1)); done; "
                          "echo ready; wait",
                        line, sizeof(line));
        assert_int_equal(process_tree_new(pid, &tree), 0);

        assert_int_equal(process_tree_count(tree), PROCESS_TREE_MAX);
        assert_true(process_tree_is_cut(tree));
        child_stop(pid);
}

static void work_is_seen_in_the_ticks(void **state) {
        _cleanup_(process_tree_freep) ProcessTree *tree = NULL;
        uint64_t start = now_monotonic(), ticks;
        char line[64];
        pid_t pid;

        pid = child_start("echo ready; while :; do :; done", line, sizeof(line));
        assert_int_equal(process_tree_new(pid, &tree), 0);
        ticks = process_tree_cpu_ticks(tree);

        while (process_tree_cpu_ticks(tree) == ticks)
                if (process_tree_walk(tree, now_monotonic()) < 0 ||
                                now_monotonic() - start > 10 * USEC_PER_SEC)
                        fail_msg("no tick of CPU time in ten seconds");
        child_stop(pid);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(children_and_theirs_are_found_parents_first),
                        cmocka_unit_test(what_left_the_session_is_still_below),
                        cmocka_unit_test(arguments_are_cleaned_and_joined),
                        cmocka_unit_test(an_unchanged_tree_is_not_walked_again_at_once),
                        cmocka_unit_test(a_root_that_is_gone_is_told_and_what_was_seen_stays),
                        cmocka_unit_test(more_than_the_limit_is_cut_and_said),
                        cmocka_unit_test(work_is_seen_in_the_ticks),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
