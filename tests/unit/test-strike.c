/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "daemon/watcher/act/strike.h"

#define NOW (1000 * 1000000ULL)

static Strike strike = {.word = "0123456789abcdef", .pane = "%3", .buffer = "tmux-orc-x"};

static TmuxReply reply_of(const char *out, bool failed, const char *err) {
        return (TmuxReply){.out = out,
                        .n_out = strlen(out),
                        .err = err,
                        .n_err = strlen(err),
                        .failed = failed};
}

static void what_tmux_says_of_a_pane_is_read(void **state) {
        const TmuxReply good =
                        reply_of("0123456789abcdef\t%3\t42\t1\t999\t0\tobserve\tnode\n", false, "");
        const TmuxReply other =
                        reply_of("0123456789abcdef\t%4\t42\t1\t999\t0\t\tnode\n", false, "");
        const TmuxReply torn = reply_of("0123456789abcdef\t%3\t42", false, "");
        const TmuxReply gone = reply_of("", true, "can't find pane: %3");
        PaneProbe p;

        assert_int_equal(strike_take_probe(&strike, &good, &p), 0);
        assert_int_equal(p.pid, 42);
        assert_true(p.viewed && !p.synchronized);
        assert_int_equal(p.key_usec, 999 * 1000000ULL);
        assert_string_equal(p.policy, "observe");
        assert_string_equal(p.command, "node");
        assert_int_equal(strike_take_probe(&strike, &other, &p), -ENXIO);
        assert_int_equal(strike_take_probe(&strike, &torn, &p), -EBADMSG);
        assert_int_equal(strike_take_probe(&strike, &gone, &p), -ENXIO);
}

static void why_tmux_did_not_is_told(void **state) {
        static const struct {
                const char *values;
                ActRefusal refusal;
        } rows[] = {
                        {"yes", ACT_DONE},
                        {"no\t42\t0\t0\t0\t0\t1\t1/2/0\tnode", ACT_MOVED},
                        {"no\t43\t0\t0\t0\t0\t1\t1/2/0\tnode", ACT_OTHER_PROGRAM},
                        {"no\t42\t1\t0\t0\t0\t1\t1/2/0\tnode", ACT_NO_AGENT},
                        {"no\t42\t0\t1\t0\t0\t1\t1/2/0\tnode", ACT_COPY_MODE},
                        {"no\t42\t0\t0\t1\t0\t1\t1/2/0\tnode", ACT_SYNCHRONIZED},
                        {"no\t42\t0\t0\t0\t1\t1000\t1/2/0\tnode", ACT_HUMAN},
                        {"no\t42\t0\t0\t0\t0\t1000\t1/2/0\tbash", ACT_OTHER_PROGRAM},
                        {"no\t42", ACT_TMUX},
                        {"maybe", ACT_TMUX},
        };
        const TmuxRow row = {};
        const PaneProbe probe = {.pid = 42, .command = "node"};
        const StrikeGuard guard = {.row = &row, .probe = &probe, .now_usec = NOW};
        TmuxReply gone = reply_of("", true, "can't find pane: %3"), late = {.error = -ETIMEDOUT};

        FOREACH_ELEMENT (r, rows) {
                char out[256];
                TmuxReply reply;

                (void)snprintf(out, sizeof(out), "\n0123456789abcdef\t%s\n", r->values);
                reply = reply_of(out, false, "");
                assert_int_equal(strike_take(&strike, &guard, &reply), r->refusal);
        }
        assert_int_equal(strike_take(&strike, &guard, &gone), ACT_NO_AGENT);
        late.out = late.err = "";
        assert_int_equal(strike_take(&strike, &guard, &late), ACT_TMUX);
}

static void no_text_gets_out_of_its_word(void **state) {
        static const char text[] = "'\";$(x)#{pane_id}\n~\\";
        const TmuxRow row = {.cursor_x = 2};
        const PaneProbe probe = {.pid = 42, .command = "a#{b}"};
        const StrikeGuard guard = {.row = &row, .probe = &probe, .now_usec = NOW};
        _cleanup_(tmux_words_done) TmuxWords w = {};
        _cleanup_free_ char *sent = NULL;
        char *line;

        assert_int_equal(strike_paste(&strike, &guard, text, &w), 0);
        sent = strndup(w.text.data, w.text.n);
        line = strstr(sent, "set-buffer");
        assert_non_null(line);
        line[strcspn(line, "\n")] = '\0';
        assert_string_equal(line,
                        "set-buffer '-b' 'tmux-orc-x' '--' \"\\047\\042\\073\\044\\050x"
                        "\\051\\043\\173pane_id\\175\\012\\176\\134\"");
        /* What means something to formats is not compared. */
        assert_null(strstr(line + strlen(line) + 1, "a#{b}"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(what_tmux_says_of_a_pane_is_read),
                        cmocka_unit_test(why_tmux_did_not_is_told),
                        cmocka_unit_test(no_text_gets_out_of_its_word),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
