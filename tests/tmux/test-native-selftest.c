/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who passes the self-test, who does not, and that nothing is left of it. */

#include "tests/tmux/native-scene.h"

#include <errno.h>
#include <glob.h>
#include <sys/wait.h>

#include "daemon/watcher/tmux/native-selftest.h"
#include "daemon/watcher/tmux/socket-probe.h"
#include "daemon/watcher/tmux/throwaway.h"

static void on_tested(void *userdata, int error, const char *reason) {
        Scene *s = userdata;

        s->told = true;
        s->error = error;
        (void)snprintf(s->out, sizeof(s->out), "%s", reason);
}

static int selftest(Scene *s, const char *executable) {
        _cleanup_(tmux_transport_freep) TmuxTransport *source = NULL, *native = NULL;
        _cleanup_(native_selftest_freep) NativeSelftest *test = NULL;

        assert_int_equal(tmux_transport_source_new(s->f->event, &source), 0);
        assert_int_equal(tmux_transport_native_new(s->f->event, &native), 0);
        s->told = false;
        assert_int_equal(native_selftest_new(s->f->event, source, native, executable, on_tested, s,
                                         &test),
                        0);
        scene_run_until(s, &s->told);
        return s->error;
}

static void one_that_answers_otherwise_does_not_pass(void **state) {
        static const char *const modes[] = {"garbage", "version", "differs", "twice", "flags",
                        "silent", "short", "half", "long"};
        Scene *s = *state;
        char path[128];

        scene_copy_fake(s, "good", path, sizeof(path));
        assert_int_equal(selftest(s, path), 0);
        FOREACH_ELEMENT (mode, modes) {
                scene_copy_fake(s, *mode, path, sizeof(path));
                if (selftest(s, path) != -EPROTO)
                        fail_msg("%s: %d, %s", *mode, s->error, s->out);
        }
        scene_expect_nothing_left(s);
}

static void what_is_no_tmux_does_not_pass(void **state) {
        Scene *s = *state;

        assert_int_not_equal(selftest(s, "/bin/true"), 0);
        scene_expect_nothing_left(s);
}

/* Runs a self-test in this process, and is killed after so many turns of its loop. */
static _Noreturn void die_in_a_selftest(Scene *s, unsigned n_turns) {
        TmuxTransport *source, *native;
        NativeSelftest *test;
        char executable[32];
        sd_event *event;

        (void)snprintf(executable, sizeof(executable), "/proc/%d/exe",
                        tmux_server_pid(s->f->server));
        if (sd_event_new(&event) < 0 || tmux_transport_source_new(event, &source) < 0 ||
                        tmux_transport_native_new(event, &native) < 0 ||
                        native_selftest_new(
                                        event, source, native, executable, on_tested, s, &test) < 0)
                _exit(1);
        while (n_turns-- > 0 && !s->told)
                (void)sd_event_run(event, UINT64_MAX);
        (void)raise(SIGKILL);
        _exit(1);
}

/* Without any help: the kernel ends it. */
static void wait_for_its_end(Scene *s) {
        uint64_t start = now_monotonic();
        char pattern[128];
        glob_t found = {};
        pid_t pid;

        (void)snprintf(pattern, sizeof(pattern), "%s/tmux-orc-throwaway-*/socket", s->f->folder);
        if (glob(pattern, 0, NULL, &found) == 0)
                while (socket_probe(found.gl_pathv[0], &pid) >= 0) {
                        assert_true(now_monotonic() - start < SCENE_LIMIT_USEC);
                        (void)usleep(1000);
                }
        globfree(&found);
}

static void nothing_is_left_of_a_test_that_was_killed(void **state) {
        Scene *s = *state;

        (void)fixture_server_pid(s->f);
        for (unsigned n_turns = 0; n_turns < 60; n_turns += 4) {
                uint64_t start = now_monotonic();
                int status;
                pid_t pid = fork();

                assert_true(pid >= 0);
                if (pid == 0)
                        die_in_a_selftest(s, n_turns);
                assert_int_equal(waitpid(pid, &status, 0), pid);
                assert_true(WIFSIGNALED(status));
                wait_for_its_end(s);
                do {
                        assert_true(now_monotonic() - start < SCENE_LIMIT_USEC);
                        throwaway_sweep();
                } while (scene_count_throwaways(s) > 0);
        }
}

#define test(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                        test(one_that_answers_otherwise_does_not_pass),
                        test(what_is_no_tmux_does_not_pass),
                        test(nothing_is_left_of_a_test_that_was_killed),
        };

        return fixture_check() ?: cmocka_run_group_tests(tests, NULL, NULL);
}
