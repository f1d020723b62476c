/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The transport with stand-ins for tmux: programs of that name that misbehave on purpose. */

#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "daemon/watcher/tmux/transport.h"
#include "tests/words-of.h"

typedef struct Fixture {
        char folder[64];
        sd_event *event;
        TmuxTransport *transport;
        bool told;
        int error;
        bool failed;
        char out[256];
        size_t n_out;
        char err[256];
} Fixture;

static int setup(void **state) {
        Fixture *f = calloc(1, sizeof(*f));

        assert_non_null(f);
        strcpy(f->folder, "/tmp/transport-XXXXXX");
        assert_non_null(mkdtemp(f->folder));
        assert_true(sd_event_new(&f->event) >= 0);
        *state = f;
        return 0;
}

static int teardown(void **state) {
        Fixture *f = *state;
        char path[96];

        tmux_transport_free(f->transport);
        sd_event_unref(f->event);
        (void)snprintf(path, sizeof(path), "%s/tmux", f->folder);
        (void)unlink(path);
        (void)rmdir(f->folder);
        free(f);
        /* All have been reaped. */
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
        return 0;
}

static void install(Fixture *f, const char *script) {
        char path[96];
        FILE *file;

        (void)snprintf(path, sizeof(path), "%s/tmux", f->folder);
        file = fopen(path, "we");
        assert_non_null(file);
        (void)fprintf(file, "#!/bin/sh\nPATH=/usr/bin:/bin\n%s\n", script);
        (void)fclose(file);
        assert_int_equal(chmod(path, 0700), 0);

        assert_int_equal(setenv("PATH", f->folder, 1), 0);
        assert_int_equal(setenv("TMUX", "/x,1,2", 1), 0);
        assert_int_equal(setenv("SECRET", "s", 1), 0);
        assert_int_equal(tmux_transport_source_new(f->event, &f->transport), 0);
}

static void on_reply(void *userdata, const TmuxReply *reply) {
        Fixture *f = userdata;

        assert_false(f->told);
        f->told = true;
        f->error = reply->error;
        f->failed = reply->failed;
        f->n_out = reply->n_out;
        (void)snprintf(f->out, sizeof(f->out), "%s", reply->out);
        (void)snprintf(f->err, sizeof(f->err), "%s", reply->err);
}

static TmuxCall *start(Fixture *f, const TmuxWords *words, size_t answer_max, uint64_t timeout) {
        TmuxRequest request = {
                        .socket = "/nowhere/socket",
                        .words = words,
                        .answer_max = answer_max,
                        .timeout_usec = timeout,
        };
        TmuxCall *call = NULL;

        assert_int_equal(tmux_call_new(f->transport, &request, on_reply, f, &call), 0);
        return call;
}

static void run_words(Fixture *f, const TmuxWords *words, size_t answer_max, uint64_t timeout) {
        _unused_ _cleanup_(tmux_call_freep) TmuxCall *call = start(f, words, answer_max, timeout);
        uint64_t begin = now_monotonic();

        while (!f->told) {
                assert_true(sd_event_run(f->event, 100 * USEC_PER_MSEC) >= 0);
                assert_true(now_monotonic() - begin < 20 * USEC_PER_SEC);
        }
}

static void run(Fixture *f, const char *const *list, size_t answer_max, uint64_t timeout) {
        _cleanup_(tmux_words_done) TmuxWords words = words_of(list);

        run_words(f, &words, answer_max, timeout);
}

static void one_command_is_arguments_and_both_streams_come_back(void **state) {
        Fixture *f = *state;

        install(f, "printf '<%s>' \"$@\"; cat; echo wrong >&2; exit 1");
        run(f, WORDS("one", "a  b$c", ""), 1000, 10 * USEC_PER_SEC);
        assert_int_equal(f->error, 0);
        assert_true(f->failed);
        assert_string_equal(f->out, "<-u><-S></nowhere/socket><one><a  b$c><>");
        assert_string_equal(f->err, "wrong\n");
}

static void many_commands_are_input(void **state) {
        Fixture *f = *state;

        install(f, "echo \"$@\"; cat");
        run(f, WORDS("one", "a  b$c", ";", "two"), 1000, 10 * USEC_PER_SEC);
        assert_false(f->failed);
        assert_string_equal(f->out, "-u -S /nowhere/socket source-file -\none 'a  b$c'\ntwo");
}

/* More than a pipe or a socket holds. */
static void fill(TmuxWords *words) {
        while (words->text.n < TMUX_COMMANDS_MAX - 2000) {
                tmux_words_command(words, "x");
                tmux_words_addf(words, "%01000d", 0);
        }
}

static void the_environment_is_only_what_tmux_needs(void **state) {
        Fixture *f = *state;

        install(f, "echo \"$LC_ALL,$TMUX,$SECRET\"");
        run(f, WORDS("x"), 1000, 10 * USEC_PER_SEC);
        assert_string_equal(f->out, "C.UTF-8,,\n");
        assert_false(f->failed);
}

static void no_descriptor_of_ours_is_inherited(void **state) {
        Fixture *f = *state;

        install(f,
                        "for i in 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$i ] && "
                        "[ \"$(readlink /proc/$$/fd/$i)\" != \"$0\" ] && echo $i; done; :");
        run(f, WORDS("x"), 1000, 10 * USEC_PER_SEC);
        assert_string_equal(f->out, "");
}

static void signals_are_as_a_shell_has_them(void **state) {
        Fixture *f = *state;
        sigset_t blocked, before;
        unsigned long blocks, ignores;

        (void)sigemptyset(&blocked);
        (void)sigaddset(&blocked, SIGTERM);
        (void)sigprocmask(SIG_BLOCK, &blocked, &before);
        (void)signal(SIGPIPE, SIG_IGN);
        install(f, "exec grep -E 'SigBlk|SigIgn' /proc/self/status");
        run(f, WORDS("x"), 1000, 10 * USEC_PER_SEC);
        (void)signal(SIGPIPE, SIG_DFL);
        (void)sigprocmask(SIG_SETMASK, &before, NULL);
        assert_int_equal(sscanf(f->out, "SigBlk: %lx SigIgn: %lx", &blocks, &ignores), 2);
        assert_int_equal(blocks, 0);
        /* Above are those of the C library itself. */
        assert_int_equal(ignores & 0x7fffffff, 0);
}

static void one_that_does_not_answer_is_killed_in_time(void **state) {
        Fixture *f = *state;
        uint64_t begin = now_monotonic();

        install(f, "trap '' TERM; exec sleep 1000");
        run(f, WORDS("x"), 1000, 100 * USEC_PER_MSEC);
        assert_int_equal(f->error, -ETIMEDOUT);
        assert_true(now_monotonic() - begin >= 100 * USEC_PER_MSEC);
}

static void one_that_says_too_much_is_stopped(void **state) {
        Fixture *f = *state;

        install(f, "exec yes");
        run(f, WORDS("x"), 100000, 10 * USEC_PER_SEC);
        assert_int_equal(f->error, -E2BIG);
        /* Not much more was read than was allowed. */
        assert_true(f->n_out < 100000 + 65536);
}

static void one_that_does_not_listen_does_not_kill_us(void **state) {
        _cleanup_(tmux_words_done) TmuxWords words = {};
        Fixture *f = *state;

        fill(&words);
        install(f, "exec <&-; echo deaf; exit 3");
        run_words(f, &words, 1000, 10 * USEC_PER_SEC);
        assert_int_equal(f->error, 0);
        assert_true(f->failed);
        assert_string_equal(f->out, "deaf\n");
}

static void long_commands_and_answers_pass_whole(void **state) {
        _cleanup_(tmux_words_done) TmuxWords words = {};
        Fixture *f = *state;

        fill(&words);
        install(f, "exec cat");
        run_words(f, &words, 2000000, 10 * USEC_PER_SEC);
        assert_int_equal(f->error, 0);
        assert_int_equal(f->n_out, words.text.n);
}

static void words_that_cannot_be_sent_are_refused(void **state) {
        TmuxWords bad = {};
        Fixture *f = *state;
        TmuxRequest request = {.socket = "/x", .words = &bad, .timeout_usec = 1};
        TmuxCall *call = NULL;

        install(f, "exit 0");
        assert_int_equal(tmux_call_new(f->transport, &request, on_reply, f, &call), -EINVAL);
        tmux_words_command(&bad, "kill-server;");
        assert_int_equal(tmux_call_new(f->transport, &request, on_reply, f, &call), -EINVAL);
        assert_null(call);
        tmux_words_done(&bad);
}

static void a_dropped_call_is_never_told(void **state) {
        _cleanup_(tmux_words_done) TmuxWords words = words_of(WORDS("x"));
        Fixture *f = *state;
        TmuxCall *call;

        install(f, "exec sleep 1000");
        call = start(f, &words, 1000, 50 * USEC_PER_MSEC);
        assert_true(sd_event_run(f->event, 0) >= 0);
        call = tmux_call_free(call);
        for (unsigned i = 0; i < 5; i++)
                assert_true(sd_event_run(f->event, 20 * USEC_PER_MSEC) >= 0);
        assert_false(f->told);
}

static void a_program_that_is_not_there_is_an_error(void **state) {
        Fixture *f = *state;
        _cleanup_(tmux_words_done) TmuxWords words = words_of(WORDS("x"));
        TmuxRequest request = {.socket = "/x", .words = &words, .timeout_usec = 1};
        TmuxCall *call = NULL;

        install(f, "");
        (void)unlink(strcat(strcpy(f->out, f->folder), "/tmux"));
        assert_int_equal(tmux_call_new(f->transport, &request, on_reply, f, &call), -ENOENT);
        assert_null(call);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                        test(one_command_is_arguments_and_both_streams_come_back),
                        test(many_commands_are_input),
                        test(the_environment_is_only_what_tmux_needs),
                        test(no_descriptor_of_ours_is_inherited),
                        test(signals_are_as_a_shell_has_them),
                        test(one_that_does_not_answer_is_killed_in_time),
                        test(one_that_says_too_much_is_stopped),
                        test(one_that_does_not_listen_does_not_kill_us),
                        test(long_commands_and_answers_pass_whole),
                        test(words_that_cannot_be_sent_are_refused),
                        test(a_dropped_call_is_never_told),
                        test(a_program_that_is_not_there_is_an_error),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
