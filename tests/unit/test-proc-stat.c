/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/cleanup.h"
#include "daemon/watcher/proc/proc-stat.h"
#include "tests/unit/child.h"

#define REST " 1 40 41 34816 42 4194304 1 0 0 0 7 5 0 0 20 0 1 0 991"

static void the_name_may_hold_anything(void **state) {
        static const struct {
                const char *line;
                const char *comm;
        } rows[] = {
                        {"42 (bash) S" REST " 1 2\n", "bash"},
                        {"42 (tmux: server) S" REST, "tmux: server"},
                        {"42 () S" REST, ""},
                        {"42 (a) S 2 (b) S" REST, "a) S 2 (b"},
                        {"42 ()))) S" REST, ")))"},
                        {"42 (\n\x1b[31m) S" REST, "\n\x1b[31m"},
                        {"42 (longer than it can be) S" REST, "longer than it "},
        };

        FOREACH_ELEMENT (row, rows) {
                ProcStat s;

                assert_int_equal(proc_stat_parse(row->line, strlen(row->line), &s), 0);
                assert_int_equal(s.pid, 42);
                assert_string_equal(s.comm, row->comm);
                assert_int_equal(s.state, 'S');
                assert_int_equal(s.ppid, 1);
                assert_int_equal(s.pgrp, 40);
                assert_int_equal(s.session, 41);
                assert_int_equal(s.tty, 34816);
                assert_int_equal(s.tpgid, 42);
                assert_int_equal(s.cpu_ticks, 12);
                assert_int_equal(s.start_ticks, 991);
        }
}

static void what_is_no_such_line_is_refused(void **state) {
        static const char *const lines[] = {
                        "",
                        "42",
                        "42 (bash",
                        "42 bash) S" REST,
                        ") S" REST " (",
                        "42 (bash)",
                        "42 (bash) S",
                        "42 (bash) S 1 2",
                        "42 (bash)S" REST,
                        "-42 (bash) S" REST,
                        "0 (bash) S" REST,
                        "99999999999 (bash) S" REST,
                        "x (bash) S" REST,
                        "42 (bash) S x 40 41 34816 42 4194304 1 0 0 0 7 5 0 0 20 0 1 0 991",
                        "42 (bash) S 99999999999999999999999 40 41 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 9",
        };

        FOREACH_ELEMENT (line, lines) {
                ProcStat s = {.pid = -7};

                assert_int_equal(proc_stat_parse(*line, strlen(*line), &s), -EBADMSG);
                assert_int_equal(s.pid, -7);
        }
}

static void our_own_process_can_be_read(void **state) {
        ProcStat s;

        assert_int_equal(proc_stat_read(getpid(), &s), 0);
        assert_int_equal(s.pid, getpid());
        assert_int_equal(s.ppid, getppid());
        assert_true(s.start_ticks > 0);
}

static void a_process_that_is_not_there_is_told(void **state) {
        ProcStat s;

        /* Above the highest pid that there can be. */
        assert_int_equal(proc_stat_read(1 << 22 | 1, &s), -ESRCH);
}

static void what_a_process_reads_is_counted(void **state) {
        uint64_t before, after;
        char byte[100];
        FILE *f;

        assert_int_equal(proc_read_bytes(getpid(), &before), 0);
        f = fopen("/dev/zero", "re");
        assert_non_null(f);
        setbuf(f, NULL);
        assert_int_equal(fread(byte, 1, sizeof(byte), f), sizeof(byte));
        fclose(f);
        assert_int_equal(proc_read_bytes(getpid(), &after), 0);
        assert_true(after >= before + sizeof(byte));
        assert_int_equal(proc_read_bytes(1 << 22 | 1, &after), -ESRCH);
}

static void a_process_is_told_from_strangers_by_its_ancestors(void **state) {
        char line[64];
        pid_t pid, inner;

        pid = child_start("sh -c 'echo $$; exec sleep 1000.75' & wait", line, sizeof(line));
        inner = (pid_t)strtol(line, NULL, 10);

        assert_int_equal(process_is_below(inner, pid), 1);
        assert_int_equal(process_is_below(inner, inner), 1);
        assert_int_equal(process_is_below(inner, getpid()), 1);
        assert_int_equal(process_is_below(pid, inner), 0);
        assert_int_equal(process_is_below(getpid(), inner), 0);
        assert_int_equal(process_is_below(1 << 22 | 1, inner), -ESRCH);
        (void)kill(inner, SIGKILL);
        child_stop(pid);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(the_name_may_hold_anything),
                        cmocka_unit_test(what_is_no_such_line_is_refused),
                        cmocka_unit_test(our_own_process_can_be_read),
                        cmocka_unit_test(a_process_that_is_not_there_is_told),
                        cmocka_unit_test(what_a_process_reads_is_counted),
                        cmocka_unit_test(a_process_is_told_from_strangers_by_its_ancestors),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
