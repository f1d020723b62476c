/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Panes that are written to between two looks. */

#include "tests/tmux/fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "daemon/base/cleanup.h"
#include "daemon/watcher/proc/proc-stat.h"

/* All have been, for so long that what comes next is a beginning. */
static bool is_still(Fixture *f, const void *argument) {
        uint64_t now = now_monotonic();

        /* A server that is at rest is not asked by a look. */
        if (tmux_server_wants(f->server) != TMUX_WANTS_NOTHING)
                assert_int_equal(fixture_glance(f), 0);
        for (TmuxPane *p = tmux_server_next(f->server, NULL); p; p = tmux_server_next(f->server, p))
                if (!p->screen || p->wanted || now - p->change_usec < 3 * USEC_PER_SEC / 2)
                        return false;
        return tmux_server_is_covered(f->server);
}

static bool was_written(Fixture *f, const void *times) {
        return f->n_written >= *(const unsigned *)times;
}

/* Whatever it began with is over, and the kernel is asked to tell of more. */
static TmuxPane *pane_at_rest(Fixture *f) {
        TmuxPane *pane = fixture_pane_with(f, "ready");

        fixture_look_until(f, is_still, NULL);
        f->changes = f->n_written = f->n_stirs = 0;
        return pane;
}

static void write_to(const TmuxPane *pane, const char *text) {
        _cleanup_close_ int fd = -1;
        char path[32];
        ProcStat stat;

        assert_int_equal(proc_stat_read(pane->row.pid, &stat), 0);
        (void)snprintf(path, sizeof(path), "/dev/pts/%u", (unsigned)(stat.tty & 0xff));
        fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

/* @n: how often one was told of, with this. */
static void write_and_be_told(Fixture *f, const TmuxPane *pane, const char *text, unsigned n) {
        write_to(pane, text);
        fixture_run_until(f, was_written, &n);
}

/* tmux reads what was written when it comes to it: a glance may be too early. */
static bool glance_shows(Fixture *f, const void *text) {
        TmuxPane *pane = tmux_server_next(f->server, NULL);

        tmux_pane_want(pane, true);
        assert_int_equal(fixture_glance(f), 0);
        return pane->screen && strstr(pane->screen, text);
}

static void what_is_written_is_told_and_a_glance_shows_it(void **state) {
        Fixture *f = *state;
        TmuxPane *pane = pane_at_rest(f);

        write_and_be_told(f, pane, "\033]2;a new title\007something new", 1);
        assert_int_equal(tmux_server_wants(f->server), TMUX_WANTS_URGENTLY);
        assert_false(tmux_pane_is_as_captured(pane));
        fixture_run_until(f, glance_shows, "something new");
        assert_int_equal(f->changes, TMUX_PANE_SCREEN | TMUX_PANE_CURSOR | TMUX_PANE_META);
        assert_string_equal(pane->row.title, "a new title");
        assert_int_equal(f->stats.captured, 1);
        assert_true(tmux_pane_is_as_captured(pane));
}

/* tmux may not have read it yet, so it is looked for once more, and then no more. */
static void what_was_written_and_is_not_seen_is_looked_for_once_more(void **state) {
        Fixture *f = *state;
        TmuxPane *pane = pane_at_rest(f);

        write_and_be_told(f, pane, "\0337\0338", 1);
        assert_int_equal(fixture_glance(f), 0);
        assert_int_equal(tmux_server_wants(f->server), TMUX_WANTS);
        assert_false(tmux_pane_is_as_captured(pane));
        assert_int_equal(fixture_glance(f), 0);
        assert_int_equal(tmux_server_wants(f->server), TMUX_WANTS_NOTHING);
        assert_true(tmux_pane_is_as_captured(pane));
        assert_int_equal(f->n_written, 1);
}

static void a_glance_lists_nothing_and_captures_no_other(void **state) {
        Fixture *f = *state;
        TmuxPane *pane;
        uint64_t other;

        assert_int_equal(fixture_tmux(f, "new-window", "-d", "echo second; exec cat", NULL), 0);
        (void)fixture_pane_with(f, "second");
        pane = pane_at_rest(f);
        other = fixture_pane_with(f, "second")->capture_usec;
        f->stats = (TmuxLookStats){};
        write_and_be_told(f, pane, "mine", 1);
        assert_int_equal(fixture_glance(f), 0);
        assert_int_equal(f->stats.captured, 1);
        assert_int_equal(f->stats.chunks, 1);
        assert_int_equal(fixture_pane_with(f, "second")->capture_usec, other);
}

static void where_nothing_was_written_there_is_no_glance(void **state) {
        Fixture *f = *state;

        (void)pane_at_rest(f);
        assert_int_equal(fixture_glance(f), 1);
        assert_false(tmux_server_wants(f->server));
}

/* Between two captures once, however often it writes; and only the first time it stirs. */
static void who_writes_without_end_is_not_told_of_each_time(void **state) {
        Fixture *f = *state;
        TmuxPane *pane = pane_at_rest(f);

        for (unsigned i = 1; i <= 5; i++) {
                for (unsigned j = 0; j < 100; j++)
                        write_to(pane, "more ");
                fixture_run_until(f, was_written, &i);
                fixture_run_until(f, glance_shows, "more");
                assert_int_equal(f->n_written, i);
        }
        assert_in_range(f->n_stirs, 1, 2);
}

static void what_moves_all_the_time_is_in_no_urgent_glance(void **state) {
        Fixture *f = *state;
        TmuxPane *pane = pane_at_rest(f);

        write_and_be_told(f, pane, "first", 1);
        fixture_run_until(f, glance_shows, "first");
        write_and_be_told(f, pane, "second", 2);
        assert_int_equal(tmux_server_wants(f->server), TMUX_WANTS);
        assert_int_equal(tmux_server_glance(f->server, true, NULL, NULL), 0);
        fixture_run_until(f, glance_shows, "second");
}

static bool is_gone(Fixture *f, const void *argument) {
        if (tmux_server_wants(f->server))
                assert_int_equal(fixture_glance(f), 0);
        return f->n_gone > 0;
}

static void a_pane_that_is_closed_tells_so(void **state) {
        Fixture *f = *state;

        assert_int_equal(fixture_tmux(f, "new-window", "-d", "echo second; exec cat", NULL), 0);
        (void)fixture_pane_with(f, "second");
        (void)pane_at_rest(f);
        assert_int_equal(fixture_tmux(f, "kill-pane", "-t", "%1", NULL), 0);
        fixture_run_until(f, is_gone, NULL);
        assert_int_equal(f->n_gone, 1);
        assert_int_equal(tmux_server_count(f->server), 1);
}

static void a_look_takes_what_a_glance_was_wanted_for(void **state) {
        Fixture *f = *state;
        TmuxPane *pane = pane_at_rest(f);

        tmux_pane_want(pane, true);
        assert_int_equal(fixture_look(f, TMUX_LOOK_FULL), 0);
        assert_false(tmux_server_wants(f->server));
        assert_int_equal(fixture_glance(f), 1);
}

/* More than go in one connection. */
static void many_are_captured_in_turn(void **state) {
        Fixture *f = *state;
        const unsigned n = TMUX_CHUNK_MAX + 10;
        TmuxPane *pane = NULL;
        uint64_t start;

        for (unsigned i = 1; i < n; i++)
                assert_int_equal(fixture_tmux(f, "new-window", "-d", "exec cat", NULL), 0);
        fixture_look_until(f, fixture_has_panes, &n);
        start = now_monotonic();
        while ((pane = tmux_server_next(f->server, pane)))
                tmux_pane_want(pane, true);
        assert_int_equal(fixture_glance(f), 0);
        assert_false(tmux_server_wants(f->server));
        while ((pane = tmux_server_next(f->server, pane)))
                assert_true(pane->capture_usec >= start);
}

static void a_server_that_is_gone_is_no_glance(void **state) {
        Fixture *f = *state;
        TmuxPane *pane = pane_at_rest(f);
        const Liveness absent = LIVENESS_ABSENT;

        tmux_pane_want(pane, true);
        assert_int_equal(fixture_tmux(f, "kill-server", NULL), 0);
        fixture_run_until(f, fixture_is, &absent);
        assert_true(fixture_glance(f) != 0);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                        cmocka_unit_test_setup_teardown(
                                        what_is_written_is_told_and_a_glance_shows_it,
                                        fixture_setup, fixture_teardown),
                        cmocka_unit_test_setup_teardown(
                                        a_glance_lists_nothing_and_captures_no_other, fixture_setup,
                                        fixture_teardown),
                        cmocka_unit_test_setup_teardown(
                                        where_nothing_was_written_there_is_no_glance, fixture_setup,
                                        fixture_teardown),
                        cmocka_unit_test_setup_teardown(
                                        who_writes_without_end_is_not_told_of_each_time,
                                        fixture_setup, fixture_teardown),
                        cmocka_unit_test_setup_teardown(
                                        what_was_written_and_is_not_seen_is_looked_for_once_more,
                                        fixture_setup, fixture_teardown),
                        cmocka_unit_test_setup_teardown(
                                        what_moves_all_the_time_is_in_no_urgent_glance,
                                        fixture_setup, fixture_teardown),
                        cmocka_unit_test_setup_teardown(a_pane_that_is_closed_tells_so,
                                        fixture_setup, fixture_teardown),
                        cmocka_unit_test_setup_teardown(a_look_takes_what_a_glance_was_wanted_for,
                                        fixture_setup, fixture_teardown),
                        cmocka_unit_test_setup_teardown(
                                        many_are_captured_in_turn, fixture_setup, fixture_teardown),
                        cmocka_unit_test_setup_teardown(a_server_that_is_gone_is_no_glance,
                                        fixture_setup, fixture_teardown),
        };

        return fixture_check() ?: cmocka_run_group_tests(tests, NULL, NULL);
}
