/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Native or not: what the self-test lets pass, and what happens when a server is not what it was.
 */

#include "tests/tmux/native-scene.h"
#include "tests/words-of.h"

#include <errno.h>
#include <sys/prctl.h>

#include "daemon/watcher/tmux/socket-probe.h"

static void on_notice(void *userdata, const char *socket, bool native, const char *text) {
        Scene *s = userdata;

        s->n_notices++;
        s->native = native;
}

static void choose(Scene *s, TmuxTransportMode mode) {
        assert_int_equal(tmux_transport_choice_new(s->f->event, mode, on_notice, s, &s->choice), 0);
}

static void on_reply(void *userdata, const TmuxReply *reply) {
        Scene *s = userdata;

        s->told = true;
        s->error = reply->error;
        (void)snprintf(s->out, sizeof(s->out), "%s", reply->out);
}

/* Returns the error of the call. */
static int ask(Scene *s, const char *socket, pid_t pid, uint64_t timeout_usec) {
        _cleanup_(tmux_call_freep) TmuxCall *call = NULL;
        _cleanup_(tmux_words_done) TmuxWords words =
                        words_of(WORDS("list-sessions", "-F", "#{session_name}"));
        TmuxRequest request = {
                        .socket = socket,
                        .server_pid = pid,
                        .words = &words,
                        .answer_max = 100000,
                        .timeout_usec = timeout_usec,
        };

        s->told = false;
        assert_int_equal(tmux_call_new(s->choice, &request, on_reply, s, &call), 0);
        scene_run_until(s, &s->told);
        return s->error;
}

static void a_tmux_is_asked_natively_once_it_has_passed(void **state) {
        Scene *s = *state;
        pid_t pid = fixture_server_pid(s->f);
        uint64_t start = now_monotonic();
        TmuxTransportStats stats;

        choose(s, TMUX_TRANSPORT_AUTO);
        do {
                assert_int_equal(ask(s, s->f->socket, pid, SCENE_LIMIT_USEC), 0);
                assert_string_equal(s->out, "first\n");
                assert_true(now_monotonic() - start < SCENE_LIMIT_USEC);
        } while (s->n_notices == 0);

        assert_true(s->native);
        stats = tmux_transport_choice_stats(s->choice);
        assert_int_equal(stats.n_native, 0);
        assert_int_equal(ask(s, s->f->socket, pid, SCENE_LIMIT_USEC), 0);
        assert_string_equal(s->out, "first\n");
        stats = tmux_transport_choice_stats(s->choice);
        assert_int_equal(stats.n_native, 1);
        assert_int_equal(stats.n_tests, 1);
        scene_expect_nothing_left(s);
}

static void by_setting_there_is_no_native_way_and_no_test(void **state) {
        Scene *s = *state;
        TmuxTransportStats stats;

        choose(s, TMUX_TRANSPORT_SOURCE);
        assert_int_equal(ask(s, s->f->socket, fixture_server_pid(s->f), SCENE_LIMIT_USEC), 0);
        stats = tmux_transport_choice_stats(s->choice);
        assert_int_equal(stats.n_native + stats.n_tests, 0);
        assert_int_equal(stats.n_source, 1);
}

static void a_server_without_a_known_process_is_not_asked_natively(void **state) {
        Scene *s = *state;
        TmuxTransportStats stats;

        choose(s, TMUX_TRANSPORT_AUTO);
        assert_int_equal(ask(s, s->f->socket, 0, SCENE_LIMIT_USEC), 0);
        stats = tmux_transport_choice_stats(s->choice);
        assert_int_equal(stats.n_native + stats.n_tests, 0);
}

static void what_is_known_of_one_process_is_not_used_on_another(void **state) {
        Scene *s = *state;
        char command[256], socket[128];
        TmuxTransportStats stats;
        pid_t other = 0;

        (void)snprintf(socket, sizeof(socket), "%s/other", s->f->folder);
        (void)snprintf(command, sizeof(command), "tmux -f /dev/null -S %s new-session -d cat",
                        socket);
        assert_int_equal(system(command), 0);
        assert_int_equal(socket_probe(socket, &other), 0);

        choose(s, TMUX_TRANSPORT_NATIVE);
        assert_int_equal(ask(s, s->f->socket, other, SCENE_LIMIT_USEC), 0);
        assert_int_equal(kill(other, SIGKILL), 0);
        assert_string_equal(s->out, "first\n");
        stats = tmux_transport_choice_stats(s->choice);
        assert_int_equal(stats.n_repeated, 1);
        assert_int_equal(s->n_notices, 0);
}

static void start_fake(Scene *s) {
        char path[128];
        pid_t pid = 0;

        scene_copy_fake(s, "good", path, sizeof(path));
        (void)snprintf(s->fake_socket, sizeof(s->fake_socket), "%s/fake", s->f->folder);
        s->fake = fork();
        assert_true(s->fake >= 0);
        if (s->fake == 0) {
                (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
                (void)execl(path, "tmux", "-D", "-S", s->fake_socket, NULL);
                _exit(127);
        }
        while (socket_probe(s->fake_socket, &pid) < 0)
                (void)usleep(5000);
        assert_int_equal(pid, s->fake);
}

static void set_mode(Scene *s, const char *mode) {
        char path[128];
        FILE *file;

        (void)snprintf(path, sizeof(path), "%s.mode", s->fake_socket);
        file = fopen(path, "we");
        assert_non_null(file);
        (void)fputs(mode, file);
        assert_int_equal(fclose(file), 0);
}

static void start_fake_with_session(Scene *s) {
        char command[256];

        start_fake(s);
        (void)snprintf(command, sizeof(command), "tmux -S %s.real new-session -d -s fake cat",
                        s->fake_socket);
        assert_int_equal(system(command), 0);
}

static void a_wrong_answer_switches_native_off_and_is_not_seen(void **state) {
        static const char *const modes[] = {
                        "garbage", "version", "twice", "flags", "short", "half", "long"};
        Scene *s = *state;
        unsigned n = 0;

        start_fake_with_session(s);
        FOREACH_ELEMENT (mode, modes) {
                TmuxTransportStats stats;

                s->choice = tmux_transport_free(s->choice);
                choose(s, TMUX_TRANSPORT_NATIVE);
                set_mode(s, "good");
                assert_int_equal(ask(s, s->fake_socket, s->fake, SCENE_LIMIT_USEC), 0);
                assert_string_equal(s->out, "fake\n");
                assert_int_equal(s->n_notices, n);

                set_mode(s, *mode);
                for (unsigned i = 0; i < 3; i++) {
                        assert_int_equal(ask(s, s->fake_socket, s->fake, SCENE_LIMIT_USEC), 0);
                        assert_string_equal(s->out, "fake\n");
                }
                n++;
                assert_int_equal(s->n_notices, n);
                assert_false(s->native);
                stats = tmux_transport_choice_stats(s->choice);
                assert_int_equal(stats.n_native, 2);
                assert_int_equal(stats.n_source, 3);
        }
}

static void one_that_is_silent_only_natively_is_asked_the_other_way(void **state) {
        Scene *s = *state;

        start_fake_with_session(s);
        choose(s, TMUX_TRANSPORT_NATIVE);
        set_mode(s, "silent");
        for (unsigned i = 0; i < 3; i++) {
                assert_int_equal(s->n_notices, 0);
                assert_int_equal(ask(s, s->fake_socket, s->fake, 100 * USEC_PER_MSEC), -ETIMEDOUT);
        }
        assert_int_equal(s->n_notices, 1);
        assert_int_equal(ask(s, s->fake_socket, s->fake, SCENE_LIMIT_USEC), 0);
        assert_string_equal(s->out, "fake\n");
}

static void an_answer_without_sense_switches_native_off(void **state) {
        Scene *s = *state;
        pid_t pid = fixture_server_pid(s->f);

        choose(s, TMUX_TRANSPORT_NATIVE);
        tmux_transport_doubt(s->choice, s->f->socket, pid);
        tmux_transport_doubt(s->choice, s->f->socket, pid);
        assert_int_equal(s->n_notices, 1);
        assert_int_equal(ask(s, s->f->socket, pid, SCENE_LIMIT_USEC), 0);
        assert_int_equal(tmux_transport_choice_stats(s->choice).n_native, 0);
}

#define test(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                        test(a_tmux_is_asked_natively_once_it_has_passed),
                        test(by_setting_there_is_no_native_way_and_no_test),
                        test(a_server_without_a_known_process_is_not_asked_natively),
                        test(what_is_known_of_one_process_is_not_used_on_another),
                        test(a_wrong_answer_switches_native_off_and_is_not_seen),
                        test(one_that_is_silent_only_natively_is_asked_the_other_way),
                        test(an_answer_without_sense_switches_native_off),
        };

        return fixture_check() ?: cmocka_run_group_tests(tests, NULL, NULL);
}
