/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "daemon/watcher/tmux/words.h"

static void expect_text(const TmuxWords *w, const char *text) {
        assert_int_equal(w->text.n, strlen(text));
        assert_memory_equal(w->text.data, text, strlen(text));
}

static void commands_are_lines_and_words(void **state) {
        static const char words[] = "list-panes\0-a\0capture-pane\0-t\0%7";
        _cleanup_(tmux_words_done) TmuxWords w = {};

        tmux_words_command(&w, "list-panes");
        tmux_words_add(&w, "-a");
        expect_text(&w, "list-panes '-a'");
        tmux_words_command(&w, "capture-pane");
        tmux_words_add(&w, "-t");
        tmux_words_addf(&w, "%%%d", 7);
        assert_int_equal(tmux_words_check(&w), 0);
        assert_int_equal(w.n_commands, 2);
        assert_int_equal(w.commands[0].n_words, 2);
        assert_int_equal(w.commands[0].n_bytes, 14);
        assert_int_equal(w.commands[1].n_words, 3);
        assert_int_equal(w.words.n, sizeof(words));
        assert_memory_equal(w.words.data, words, sizeof(words));
        expect_text(&w, "list-panes '-a'\ncapture-pane '-t' '%7'");
}

static void a_word_that_would_not_come_through_is_refused(void **state) {
        static const char *const words[] = {";", "x;", "x\\;", "it's", "two\nlines"};

        FOREACH_ELEMENT (word, words) {
                _cleanup_(tmux_words_done) TmuxWords w = {};

                tmux_words_command(&w, "display-message");
                tmux_words_add(&w, *word);
                assert_int_equal(tmux_words_check(&w), -EINVAL);
        }
}

static void words_are_walked_one_by_one(void **state) {
        _cleanup_(tmux_words_done) TmuxWords w = {}, copy = {};
        const char *word;

        assert_null(tmux_words_next(&w, NULL));
        assert_int_equal(tmux_words_check(&w), -EINVAL);
        assert_int_equal(tmux_words_copy(&w, &copy), -EINVAL);
        tmux_words_command(&w, "a");
        tmux_words_add(&w, "");
        tmux_words_add(&w, "b c");
        assert_int_equal(tmux_words_copy(&w, &copy), 0);
        word = tmux_words_next(&copy, NULL);
        assert_string_equal(word, "a");
        word = tmux_words_next(&copy, word);
        assert_string_equal(word, "");
        word = tmux_words_next(&copy, word);
        assert_string_equal(word, "b c");
        assert_null(tmux_words_next(&copy, word));
        tmux_words_command(&copy, "of another command");
        assert_null(tmux_words_next(&copy, word));
        expect_text(&w, "a '' 'b c'");
}

static void too_many_words_are_refused_and_stay_so(void **state) {
        _cleanup_(tmux_words_done) TmuxWords w = {};

        tmux_words_command(&w, "x");
        while (w.error == 0)
                tmux_words_add(&w, "a word");
        assert_true(w.words.n <= TMUX_WORDS_MAX && w.words.n > TMUX_WORDS_MAX - 10);
        tmux_words_command(&w, "y");
        assert_int_equal(tmux_words_check(&w), -E2BIG);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(commands_are_lines_and_words),
                        cmocka_unit_test(a_word_that_would_not_come_through_is_refused),
                        cmocka_unit_test(words_are_walked_one_by_one),
                        cmocka_unit_test(too_many_words_are_refused_and_stay_so),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
