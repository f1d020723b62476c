/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A server at rest is not asked, and nothing that ends its rest is missed. */

#include "tests/tmux/fixture.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "daemon/watcher/tmux/stillness.h"

static void run_for(Fixture *f, uint64_t usec) {
        uint64_t until = now_monotonic() + usec;

        while (now_monotonic() < until)
                assert_true(sd_event_run(f->event, USEC_PER_MSEC) >= 0);
}

/* Until a look needs no connection. */
static void come_to_rest(Fixture *f) {
        uint64_t start = now_monotonic();

        do {
                run_for(f, 20 * USEC_PER_MSEC);
                assert_int_equal(fixture_look(f, TMUX_LOOK_NORMAL), 0);
                assert_true(now_monotonic() - start < 20 * USEC_PER_SEC);
        } while (f->stats.chunks > 0);
        assert_int_equal(f->stats.panes, 1);
}

static void a_server_at_rest_is_not_asked(void **state) {
        Fixture *f = *state;

        (void)fixture_pane_with(f, "ready");
        come_to_rest(f);
        /* But it is all the same if all of it is wanted. */
        assert_int_equal(fixture_look(f, TMUX_LOOK_FULL), 0);
        assert_int_equal(f->stats.captured, 1);
}

static void what_a_pane_prints_ends_the_rest(void **state) {
        Fixture *f = *state;

        assert_int_equal(fixture_tmux(f, "respawn-pane", "-k", "-t", "%0",
                                         "trap 'echo woken' USR1; echo trapped; while :; do read "
                                         "x; done",
                                         NULL),
                        0);
        (void)fixture_pane_with(f, "trapped");
        for (unsigned i = 0; i < 5; i++) {
                TmuxPane *p = tmux_server_find(f->server, "%0");

                come_to_rest(f);
                f->changes = 0;
                assert_int_equal(kill(p->row.pid, SIGUSR1), 0);
                while (!(f->changes & TMUX_PANE_SCREEN))
                        assert_int_equal(fixture_look(f, TMUX_LOOK_NORMAL), 0);
        }
}

/* Nothing is printed by these: the very next look sees them. */
static void commands_of_others_end_the_rest(void **state) {
        Fixture *f = *state;

        (void)fixture_pane_with(f, "ready");
        come_to_rest(f);
        f->changes = 0;
        assert_int_equal(fixture_tmux(f, "send-keys", "-R", "-t", "%0", NULL), 0);
        assert_int_equal(fixture_look(f, TMUX_LOOK_NORMAL), 0);
        assert_true(f->changes & TMUX_PANE_SCREEN);

        come_to_rest(f);
        assert_int_equal(fixture_tmux(f, "split-window", "-d", "-t", "%0", "exec sleep 1000", NULL),
                        0);
        assert_int_equal(fixture_look(f, TMUX_LOOK_NORMAL), 0);
        assert_int_equal(f->stats.panes, 2);
}

/* For what comes in just when it ends a look, and is seen by nothing. */
static void a_server_at_rest_is_asked_now_and_then(void **state) {
        uint64_t start = now_monotonic();
        Fixture *f = *state;

        (void)fixture_pane_with(f, "ready");
        come_to_rest(f);
        do {
                run_for(f, 50 * USEC_PER_MSEC);
                assert_int_equal(fixture_look(f, TMUX_LOOK_NORMAL), 0);
                assert_true(now_monotonic() - start < 20 * USEC_PER_SEC);
        } while (f->stats.chunks == 0);
}

static void a_process_that_is_gone_is_never_still(void **state) {
        _cleanup_(stillness_freep) Stillness *s = NULL;
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0) {
                (void)pause();
                _exit(0);
        }
        assert_int_equal(stillness_new(pid, &s), 0);
        assert_false(stillness_holds(s));
        stillness_ask(s);
        assert_false(stillness_holds(s));
        (void)kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
        assert_false(stillness_settle(s));
        assert_false(stillness_holds(s));
}

static void who_still_runs_is_not_done(void **state) {
        _cleanup_(stillness_freep) Stillness *s = NULL;
        unsigned n_settles = 0;
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0)
                (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        while (pid == 0)
                ;
        assert_int_equal(stillness_new(pid, &s), 0);
        stillness_ask(s);
        for (unsigned i = 0; i < 5; i++) {
                struct timespec a_while = {.tv_nsec = 20 * USEC_PER_MSEC * 1000};

                n_settles += stillness_settle(s);
                (void)nanosleep(&a_while, NULL);
        }
        assert_int_equal(n_settles, 0);
        (void)kill(pid, SIGSTOP);
        assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
        (void)stillness_settle(s);
        assert_true(stillness_settle(s));
        assert_true(stillness_holds(s));
        (void)kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
}

#define test(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                        test(a_server_at_rest_is_not_asked),
                        test(what_a_pane_prints_ends_the_rest),
                        test(commands_of_others_end_the_rest),
                        test(a_server_at_rest_is_asked_now_and_then),
                        cmocka_unit_test(a_process_that_is_gone_is_never_still),
                        cmocka_unit_test(who_still_runs_is_not_done),
        };

        return fixture_check() ?: cmocka_run_group_tests(tests, NULL, NULL);
}
