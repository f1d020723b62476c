/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>

#include "daemon/base/clock.h"
#include "daemon/watcher/proc/process-watch.h"
#include "tests/unit/child.h"

static inline void event_unrefp(sd_event **e) {
        sd_event_unref(*e);
}

static void on_end(void *userdata, const ProcessEnd *end) {
        *(ProcessEnd *)userdata = *end;
}

static void run_until_told(sd_event *event, const ProcessEnd *end) {
        uint64_t start = now_monotonic();

        while (end->pid == 0 && now_monotonic() - start < 10 * USEC_PER_SEC)
                assert_true(sd_event_run(event, 100 * USEC_PER_MSEC) >= 0);
        assert_int_not_equal(end->pid, 0);
}

static void an_end_is_told_with_how_it_was(void **state) {
        static const struct {
                const char *script;
                int signal;
                ProcessEndKind kind;
                int status;
        } rows[] = {
                        {"trap 'exit 0' TERM; echo; while :; do sleep 0.02; done", SIGTERM,
                                        PROCESS_END_EXITED, 0},
                        {"trap 'exit 7' TERM; echo; while :; do sleep 0.02; done", SIGTERM,
                                        PROCESS_END_EXITED, 7},
                        {"echo; exec sleep 1000", SIGKILL, PROCESS_END_KILLED, SIGKILL},
        };

        FOREACH_ELEMENT (row, rows) {
                _cleanup_(event_unrefp) sd_event *event = NULL;
                _cleanup_(process_watch_freep) ProcessWatch *watch = NULL;
                ProcessEnd end = {};
                char line[16];
                pid_t pid;

                assert_true(sd_event_new(&event) >= 0);
                pid = child_start(row->script, line, sizeof(line));
                assert_int_equal(process_watch_new(event, pid, 0, on_end, &end, &watch), 0);
                assert_true(sd_event_run(event, 0) == 0);

                (void)kill(pid, row->signal);
                run_until_told(event, &end);

                assert_int_equal(end.pid, pid);
                assert_int_equal(end.kind, row->kind);
                assert_int_equal(end.status, row->status);
                child_stop(pid);
        }
}

/* What a parent that is quicker than we are leaves of it. */
static void an_end_already_reaped_is_told_all_the_same(void **state) {
        _cleanup_(event_unrefp) sd_event *event = NULL;
        _cleanup_(process_watch_freep) ProcessWatch *watch = NULL;
        ProcessEnd end = {};
        char line[16];
        pid_t pid;

        assert_true(sd_event_new(&event) >= 0);
        pid = child_start("echo; exec sleep 1000", line, sizeof(line));
        assert_int_equal(process_watch_new(event, pid, 0, on_end, &end, &watch), 0);
        child_stop(pid);
        run_until_told(event, &end);

        /* Kernels before 6.15 do not say how. */
        assert_true(end.kind == PROCESS_END_UNKNOWN ||
                        (end.kind == PROCESS_END_KILLED && end.status == SIGKILL));
}

static void a_pid_that_is_somebody_elses_is_not_watched(void **state) {
        _cleanup_(event_unrefp) sd_event *event = NULL;
        ProcessWatch *watch = NULL;
        ProcessEnd end = {};

        assert_true(sd_event_new(&event) >= 0);
        assert_int_equal(process_watch_new(event, getpid(), 1, on_end, &end, &watch), -ESRCH);
        assert_int_equal(process_watch_new(event, 0, 0, on_end, &end, &watch), -ESRCH);
        assert_int_equal(process_watch_new(event, 1 << 22 | 1, 0, on_end, &end, &watch), -ESRCH);
        assert_null(watch);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(an_end_is_told_with_how_it_was),
                        cmocka_unit_test(an_end_already_reaped_is_told_all_the_same),
                        cmocka_unit_test(a_pid_that_is_somebody_elses_is_not_watched),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
