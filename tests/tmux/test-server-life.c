/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Alive, absent, unknown: what is said of a real server, and when. */

#include "tests/tmux/fixture.h"

#include <errno.h>

static const Liveness alive = LIVENESS_ALIVE, absent = LIVENESS_ABSENT, unknown = LIVENESS_UNKNOWN;

static void a_server_that_was_told_to_end_ends_cleanly(void **state) {
        Fixture *f = *state;

        (void)fixture_pane_with(f, "ready");
        assert_int_equal(fixture_tmux(f, "kill-server", NULL), 0);
        fixture_run_until(f, fixture_is, &absent);

        assert_int_equal(f->panes_at_absence, 1);
        assert_int_equal(tmux_server_count(f->server), 0);
        assert_int_equal(f->n_told, 2);
        /* Where neither the kernel nor the zombie tells, the socket may not either. */
        assert_int_not_equal(tmux_server_end(f->server), TMUX_SERVER_END_DIED);
        assert_string_not_equal(tmux_server_reason(f->server), "");
        assert_int_equal(fixture_look(f, TMUX_LOOK_NORMAL), -ENOTCONN);
}

static void a_server_that_was_killed_died(void **state) {
        Fixture *f = *state;

        (void)fixture_pane_with(f, "ready");
        assert_int_equal(kill(tmux_server_pid(f->server), SIGKILL), 0);
        fixture_run_until(f, fixture_is, &absent);

        assert_int_equal(f->panes_at_absence, 1);
        assert_int_not_equal(tmux_server_end(f->server), TMUX_SERVER_END_CLEAN);
        assert_int_equal(f->n_told, 2);
}

static void a_server_killed_in_the_middle_of_an_answer_died(void **state) {
        Fixture *f = *state;

        (void)fixture_pane_with(f, "ready");
        assert_int_equal(kill(tmux_server_pid(f->server), SIGSTOP), 0);
        assert_int_equal(tmux_server_look(f->server, TMUX_LOOK_FULL, NULL, NULL), 0);
        /* The question is under way. */
        assert_true(sd_event_run(f->event, 0) >= 0);
        assert_true(sd_event_run(f->event, USEC_PER_SEC) >= 0);
        assert_int_equal(kill(tmux_server_pid(f->server), SIGKILL), 0);
        fixture_run_until(f, fixture_is, &absent);
        assert_int_equal(f->n_told, 2);
}

static void a_stopped_server_is_unknown_and_comes_back_by_itself(void **state) {
        Fixture *f = *state;
        pid_t pid;

        (void)fixture_pane_with(f, "ready");
        pid = tmux_server_pid(f->server);
        assert_int_equal(kill(pid, SIGSTOP), 0);
        assert_int_equal(fixture_look(f, TMUX_LOOK_NORMAL), -ETIMEDOUT);

        assert_int_equal(tmux_server_liveness(f->server), LIVENESS_UNKNOWN);
        assert_string_equal(tmux_server_reason(f->server), "it does not answer");
        assert_int_equal(fixture_look(f, TMUX_LOOK_NORMAL), -EAGAIN);
        /* What was seen stays, with its age. */
        assert_int_equal(tmux_server_count(f->server), 1);
        assert_non_null(strstr(tmux_server_find(f->server, "%0")->screen, "ready"));

        assert_int_equal(kill(pid, SIGCONT), 0);
        fixture_run_until(f, fixture_is, &alive);
        assert_int_equal(tmux_server_pid(f->server), pid);
        assert_int_equal(f->n_replaced, 0);
        assert_int_equal(f->n_gone, 0);
        assert_int_equal(fixture_look(f, TMUX_LOOK_NORMAL), 0);
}

static void another_server_on_the_same_socket_is_told(void **state) {
        Fixture *f = *state;
        pid_t pid;

        (void)fixture_pane_with(f, "ready");
        pid = tmux_server_pid(f->server);
        assert_int_equal(kill(pid, SIGKILL), 0);
        fixture_run_until(f, fixture_is, &absent);
        assert_int_equal(f->n_replaced, 0);

        fixture_start_server(f);
        f->n_new = 0;
        (void)fixture_pane_with(f, "ready");
        assert_int_equal(f->n_replaced, 1);
        assert_int_equal(f->n_new, 1);
        assert_int_not_equal(tmux_server_pid(f->server), pid);
        assert_int_equal(tmux_server_liveness(f->server), LIVENESS_ALIVE);
}

/* Both live: the socket of the first one was taken away from below it. */
static void a_server_that_takes_the_socket_of_a_living_one_is_told(void **state) {
        Fixture *f = *state;
        pid_t first;

        (void)fixture_pane_with(f, "ready");
        first = tmux_server_pid(f->server);
        assert_int_equal(unlink(f->socket), 0);
        fixture_start_server(f);

        assert_int_equal(fixture_look(f, TMUX_LOOK_NORMAL), 0);
        assert_int_equal(f->n_replaced, 1);
        assert_int_not_equal(tmux_server_pid(f->server), first);
        assert_int_equal(tmux_server_liveness(f->server), LIVENESS_ALIVE);

        assert_int_equal(kill(first, SIGKILL), 0);
        assert_int_equal(fixture_look(f, TMUX_LOOK_NORMAL), 0);
        assert_int_equal(tmux_server_liveness(f->server), LIVENESS_ALIVE);
}

static void a_living_server_without_its_socket_is_unknown(void **state) {
        Fixture *f = *state;
        pid_t pid;

        (void)fixture_pane_with(f, "ready");
        pid = tmux_server_pid(f->server);
        assert_int_equal(unlink(f->socket), 0);
        assert_int_equal(fixture_look(f, TMUX_LOOK_NORMAL), -ENOTCONN);
        assert_int_equal(tmux_server_liveness(f->server), unknown);
        assert_int_equal(tmux_server_count(f->server), 1);

        /* tmux makes it again when it is asked to. */
        assert_int_equal(kill(pid, SIGUSR1), 0);
        fixture_run_until(f, fixture_is, &alive);
        assert_int_equal(tmux_server_pid(f->server), pid);
        assert_int_equal(f->n_replaced, 0);
}

static bool has_no_panes(Fixture *f, const void *unused) {
        return tmux_server_count(f->server) == 0;
}

static void a_server_without_sessions_is_alive(void **state) {
        Fixture *f = *state;

        (void)fixture_pane_with(f, "ready");
        assert_int_equal(fixture_tmux(f, "set-option", "-g", "exit-empty", "off", NULL), 0);
        assert_int_equal(fixture_tmux(f, "kill-session", "-t", "first", NULL), 0);
        fixture_look_until(f, has_no_panes, NULL);
        assert_int_equal(tmux_server_liveness(f->server), LIVENESS_ALIVE);
        assert_int_equal(f->n_gone, 1);
}

/* As after an upgrade of the package, or where tmux is not in our PATH. */
static void a_server_is_asked_with_its_own_program(void **state) {
        _cleanup_free_ char *path = strdup(getenv("PATH"));
        Fixture *f = *state;

        assert_non_null(path);
        assert_int_equal(setenv("PATH", f->folder, 1), 0);
        assert_int_equal(fixture_look(f, TMUX_LOOK_NORMAL), 0);
        assert_int_equal(setenv("PATH", path, 1), 0);
        assert_int_equal(tmux_server_liveness(f->server), LIVENESS_ALIVE);
}

static void on_look(void *userdata, TmuxServer *s, int error, const TmuxLookStats *stats) {
        *(int *)userdata = error;
}

static void who_waits_is_told_when_the_server_is_freed(void **state) {
        Fixture *f = *state;
        int error = 0;

        assert_int_equal(tmux_server_look(f->server, TMUX_LOOK_NORMAL, on_look, &error), 0);
        assert_true(sd_event_run(f->event, 0) >= 0);
        f->server = tmux_server_free(f->server);
        assert_int_equal(error, -ECANCELED);
}

#define test(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                        test(a_server_that_was_told_to_end_ends_cleanly),
                        test(a_server_that_was_killed_died),
                        test(a_server_killed_in_the_middle_of_an_answer_died),
                        test(a_stopped_server_is_unknown_and_comes_back_by_itself),
                        test(another_server_on_the_same_socket_is_told),
                        test(a_server_that_takes_the_socket_of_a_living_one_is_told),
                        test(a_living_server_without_its_socket_is_unknown),
                        test(a_server_without_sessions_is_alive),
                        test(a_server_is_asked_with_its_own_program),
                        test(who_waits_is_told_when_the_server_is_freed),
        };

        return fixture_check() ?: cmocka_run_group_tests(tests, NULL, NULL);
}
