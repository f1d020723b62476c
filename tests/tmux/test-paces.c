/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * tmux notes activity by the second, and looks come ten times in one or every other one: what is
 * drawn right after a capture, without a trace but that second, is seen by the next look.
 */

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "daemon/base/cleanup.h"
#include "tests/tmux/oracle.h"

#define TRIES 50

/* Four letters over four others, and the cursor is where it was. */
static void draw_over(const OraclePane *p, unsigned serial) {
        _cleanup_close_ int fd = open(p->tty, O_WRONLY | O_NOCTTY | O_CLOEXEC);
        char text[16];
        int n = snprintf(text, sizeof(text), "\0337\r%04u\0338", serial % 10000);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, text, (size_t)n), n);
}

static void wait_usec(Fixture *f, uint64_t usec) {
        uint64_t end = now_monotonic() + usec;

        for (uint64_t now; (now = now_monotonic()) < end;)
                assert_true(sd_event_run(f->event, end - now) >= 0);
}

/* What stood still from before the look until after it must have been seen; false if it did not. */
static bool look_sees_it(Fixture *f) {
        const char *what;
        Oracle before, after;
        bool still;

        oracle_ask(f, &before);
        assert_int_equal(fixture_look(f, TMUX_LOOK_NORMAL), 0);
        oracle_ask(f, &after);
        still = oracle_equal(&before, &after);
        what = oracle_differs(&after.panes[0], tmux_server_find(f->server, "%0"));
        if (what && still)
                fail_msg("missed: %s", what);
        oracle_done(&before);
        oracle_done(&after);
        return still;
}

static void everything_is_seen(Fixture *f, uint64_t pace_usec, unsigned n) {
        static unsigned serial;
        Oracle known;

        (void)fixture_pane_with(f, "ready");
        oracle_ask(f, &known);
        for (unsigned i = 0; i < n; i++) {
                unsigned tries = 0;

                assert_int_equal(fixture_look(f, TMUX_LOOK_NORMAL), 0);
                draw_over(&known.panes[0], serial++);
                wait_usec(f, pace_usec);
                while (!look_sees_it(f))
                        assert_true(++tries < TRIES);
        }
        oracle_done(&known);
}

static void nothing_is_missed_by_ten_looks_a_second(void **state) {
        everything_is_seen(*state, 100 * USEC_PER_MSEC, 60);
}

static void nothing_is_missed_by_a_look_every_two_seconds(void **state) {
        everything_is_seen(*state, 2 * USEC_PER_SEC, 3);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                        cmocka_unit_test_setup_teardown(nothing_is_missed_by_ten_looks_a_second,
                                        fixture_setup, fixture_teardown),
                        cmocka_unit_test_setup_teardown(
                                        nothing_is_missed_by_a_look_every_two_seconds,
                                        fixture_setup, fixture_teardown),
        };

        return fixture_check() ?: cmocka_run_group_tests(tests, NULL, NULL);
}
