/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The same commands by both transports: the same bytes come back, whatever the panes do. */

#include "tests/tmux/fixture.h"

#include <errno.h>

#include "daemon/watcher/tmux/batch.h"
#include "tests/words-of.h"

typedef struct Answer {
        bool told;
        int error;
        bool failed;
        char *out;
        size_t n_out;
        char *err;
} Answer;

static void answer_done(Answer *a) {
        free(a->out);
        free(a->err);
        *a = (Answer){};
}

static void on_reply(void *userdata, const TmuxReply *reply) {
        Answer *a = userdata;

        *a = (Answer){
                        .told = true,
                        .error = reply->error,
                        .failed = reply->failed,
                        .out = malloc(reply->n_out + 1),
                        .n_out = reply->n_out,
                        .err = strdup(reply->err),
        };
        assert_int_equal(strlen(reply->err), reply->n_err);
        memcpy(a->out, reply->out, reply->n_out + 1);
}

static void ask(Fixture *f, TmuxTransport *transport, const TmuxRequest *request, Answer *ret) {
        _cleanup_(tmux_call_freep) TmuxCall *call = NULL;
        uint64_t start = now_monotonic();

        assert_int_equal(tmux_call_new(transport, request, on_reply, ret, &call), 0);
        while (!ret->told) {
                assert_true(sd_event_run(f->event, 20 * USEC_PER_MSEC) >= 0);
                assert_true(now_monotonic() - start < 30 * USEC_PER_SEC);
        }
}

static bool agree(Fixture *f, const TmuxRequest *request, Answer *source, Answer *native) {
        _cleanup_(tmux_transport_freep) TmuxTransport *s = NULL, *n = NULL;

        assert_int_equal(tmux_transport_source_new(f->event, &s), 0);
        assert_int_equal(tmux_transport_native_new(f->event, &n), 0);
        ask(f, s, request, source);
        ask(f, n, request, native);
        return source->error == native->error && source->failed == native->failed &&
                        source->n_out == native->n_out &&
                        memcmp(source->out, native->out, source->n_out) == 0 &&
                        strcmp(source->err, native->err) == 0;
}

static TmuxRequest request_of(Fixture *f, const TmuxWords *words) {
        return (TmuxRequest){
                        .socket = f->socket,
                        .words = words,
                        .answer_max = 16U * 1024U * 1024U,
                        .timeout_usec = 10 * USEC_PER_SEC,
        };
}

static void check_agree(Fixture *f, const TmuxWords *words, Answer *ret) {
        TmuxRequest request = request_of(f, words);
        Answer native = {};

        answer_done(ret);
        if (!agree(f, &request, ret, &native))
                fail_msg("%s ...\n-- source: %d %d\n%s%s-- native: %d %d\n%s%s", words->text.data,
                                ret->error, ret->failed, ret->out, ret->err, native.error,
                                native.failed, native.out, native.err);
        answer_done(&native);
}

static void check_words(Fixture *f, const char *const *list, Answer *ret) {
        _cleanup_(tmux_words_done) TmuxWords words = words_of(list);

        assert_int_equal(tmux_words_check(&words), 0);
        check_agree(f, &words, ret);
}

static void commands_of_every_kind_are_answered_alike(void **state) {
        const char *const *const cases[] = {
                        WORDS("list-panes", "-a", "-F", "#{pane_id} #{pane_pid} #{session_name}"),
                        WORDS("capture-pane", "-p", "-t", "%0"),
                        WORDS("capture-pane", "-p", "-e", "-t", "%0", ";", "capture-pane", "-p",
                                        "-S", "-", "-t", "%0"),
                        WORDS("capture-pane", "-p", "-t", "%0", ";", "capture-pane", "-p", "-t",
                                        "%99", ";", "list-panes"),
                        WORDS("capture-pane", "-p", "-t", "%98", ";", "list-panes"),
                        WORDS("display-message", "-p", "#{version} #{client_utf8} caf\303\251"),
                        WORDS("display-message", "-p", "-t", "%99", "of none: #{pane_id}"),
                        WORDS("no-such-command"),
                        WORDS("capture-pane", "-x"),
                        WORDS("display-message", "-p", ""),
                        WORDS("display-message", "-p", "a \"b\" $HOME {c} #d ~ \\e %"),
                        WORDS("display-message", "-p", "a \"b\" $HOME {c} #d ~ \\e %", ";",
                                        "list-panes"),
                        WORDS("set-option", "-gq", "@nothing", ""),
                        WORDS("list-keys", ";", "list-commands", ";", "show-options", "-g", ";",
                                        "show-options", "-gw"),
        };
        _cleanup_(answer_done) Answer answer = {};
        Fixture *f = *state;

        (void)fixture_pane_with(f, "ready");
        FOREACH_ELEMENT (c, cases)
                check_words(f, *c, &answer);
}

/* tmux takes no command at all for new-session. */
static void no_command_is_not_sent(void **state) {
        _cleanup_(tmux_transport_freep) TmuxTransport *s = NULL, *n = NULL;
        TmuxWords none = {};
        Fixture *f = *state;
        TmuxRequest request = request_of(f, &none);
        TmuxCall *call = NULL;

        assert_int_equal(tmux_transport_source_new(f->event, &s), 0);
        assert_int_equal(tmux_transport_native_new(f->event, &n), 0);
        assert_int_equal(tmux_call_new(s, &request, on_reply, NULL, &call), -EINVAL);
        assert_int_equal(tmux_call_new(n, &request, on_reply, NULL, &call), -EINVAL);
}

static void hostile_screens_are_answered_alike(void **state) {
        static const char *const scripts[] = {
                        "printf '\\303\\251\\342\\224\\200\\344\\270\\255\\360\\237\\231\\202'",
                        "printf '\\377\\376\\0\\001 \\033[31mred\\033[0m \\t'",
                        "printf '%%end 1 2 3\\n'",
                        "printf '\\033[?1049h\\033[2Jalternate '",
                        "seq 1 2000",
        };
        _cleanup_(answer_done) Answer answer = {};
        Fixture *f = *state;

        FOREACH_ELEMENT (s, scripts) {
                char script[128], end[16];

                (void)snprintf(end, sizeof(end), "end %zu", (size_t)(s - scripts));
                (void)snprintf(script, sizeof(script), "%s; echo %s; exec cat", *s, end);
                assert_int_equal(
                                fixture_tmux(f, "respawn-pane", "-k", "-t", "%0", script, NULL), 0);
                (void)fixture_pane_with(f, end);
                check_words(f,
                                WORDS("capture-pane", "-p", "-t", "%0", ";", "capture-pane", "-p",
                                                "-e", "-S", "-", "-t", "%0"),
                                &answer);
        }
}

static void full_batches_are_answered_alike(void **state) {
        static const unsigned count = 12;
        _cleanup_(answer_done) Answer answer = {};
        Fixture *f = *state;
        TmuxBatch batch;

        /* With a name, or tmux finds another one meanwhile. */
        for (unsigned i = 1; i < count; i++) {
                char script[64];

                (void)snprintf(script, sizeof(script), "seq 1 40; echo done %02u; exec cat", i);
                assert_int_equal(fixture_tmux(f, "new-window", "-d", "-n", "window", "-t",
                                                 "first:", script, NULL),
                                0);
        }
        for (unsigned i = 1; i < count; i++) {
                char end[16];

                (void)snprintf(end, sizeof(end), "done %02u", i);
                (void)fixture_pane_with(f, end);
        }
        assert_int_equal(fixture_tmux(f, "kill-pane", "-t", "%5", NULL), 0);

        for (TmuxBatchRows rows = TMUX_ROWS_ALL; rows <= TMUX_ROWS_OWN; rows++) {
                _cleanup_(tmux_words_done) TmuxWords words = {};

                tmux_batch_init(&batch, rows);
                for (uint32_t i = 0; i < TMUX_CHUNK_MAX; i++)
                        assert_true(tmux_batch_add(&batch, i));
                assert_int_equal(tmux_batch_to_words(&batch, &words), 0);
                check_agree(f, &words, &answer);
                assert_true(answer.failed);
                assert_non_null(strstr(answer.err, "%5"));
                assert_non_null(strstr(answer.out, "done"));
        }
}

/* Longer than one message, both ways. */
static void long_commands_and_answers_are_alike(void **state) {
        _cleanup_(answer_done) Answer answer = {};
        _cleanup_(tmux_words_done) TmuxWords words = {};
        Fixture *f = *state;

        (void)fixture_pane_with(f, "ready");
        for (unsigned n = 0; n < 300; n++) {
                tmux_words_command(&words, "display-message");
                tmux_words_add(&words, "-p");
                tmux_words_addf(&words, "line %u of an answer that is long", n);
        }
        for (unsigned n = 0; n < 4; n++)
                tmux_words_command(&words, "list-keys");
        check_agree(f, &words, &answer);
        assert_true(answer.n_out > 4 * 16384);
        assert_non_null(strstr(answer.out, "line 299 "));
}

static void an_answer_that_is_too_long_is_so_by_both(void **state) {
        _cleanup_(answer_done) Answer source = {}, native = {};
        Fixture *f = *state;
        _cleanup_(tmux_words_done) TmuxWords words = words_of(WORDS("list-keys"));
        TmuxRequest request = request_of(f, &words);

        request.answer_max = 1000;
        (void)agree(f, &request, &source, &native);
        assert_int_equal(source.error, -E2BIG);
        assert_int_equal(native.error, -E2BIG);
}

static void a_server_that_hangs_does_so_for_both(void **state) {
        _cleanup_(answer_done) Answer source = {}, native = {};
        Fixture *f = *state;
        _cleanup_(tmux_words_done) TmuxWords words = words_of(WORDS("list-panes"));
        TmuxRequest request = request_of(f, &words);
        pid_t pid = fixture_server_pid(f);

        request.timeout_usec = 200 * USEC_PER_MSEC;
        assert_int_equal(kill(pid, SIGSTOP), 0);
        assert_true(agree(f, &request, &source, &native));
        assert_int_equal(kill(pid, SIGCONT), 0);
        assert_int_equal(native.error, -ETIMEDOUT);
}

static void a_server_that_is_gone_is_so_for_both(void **state) {
        _cleanup_(answer_done) Answer refused = {}, missing = {};
        Fixture *f = *state;
        pid_t pid = fixture_server_pid(f);

        assert_int_equal(kill(pid, SIGKILL), 0);
        while (kill(pid, 0) == 0 && tmux_server_liveness(f->server) != LIVENESS_ABSENT)
                assert_true(sd_event_run(f->event, 20 * USEC_PER_MSEC) >= 0);
        check_words(f, WORDS("list-panes"), &refused);
        assert_true(refused.failed);
        (void)unlink(f->socket);
        check_words(f, WORDS("list-panes"), &missing);
        assert_true(missing.failed);
}

#define test(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                        test(commands_of_every_kind_are_answered_alike),
                        test(no_command_is_not_sent),
                        test(hostile_screens_are_answered_alike),
                        test(full_batches_are_answered_alike),
                        test(long_commands_and_answers_are_alike),
                        test(an_answer_that_is_too_long_is_so_by_both),
                        test(a_server_that_hangs_does_so_for_both),
                        test(a_server_that_is_gone_is_so_for_both),
        };

        return fixture_check() ?: cmocka_run_group_tests(tests, NULL, NULL);
}
