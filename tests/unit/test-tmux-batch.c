/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "daemon/watcher/tmux/batch.h"
#include "daemon/watcher/tmux/imsg.h"

static char *text_of(const TmuxBatch *b) {
        _cleanup_(tmux_words_done) TmuxWords words = {};
        char *text;

        assert_int_equal(tmux_batch_to_words(b, &words), 0);
        text = strndup(words.text.data, words.text.n);
        assert_non_null(text);
        return text;
}

static void a_batch_is_a_list_closed_by_the_server_and_then_screens(void **state) {
        static const char end[] = "\ncapture-pane '-pt%3'";
        _cleanup_free_ char *text = NULL;
        TmuxBatch b;

        tmux_batch_init(&b, TMUX_ROWS_ALL);
        assert_true(tmux_batch_add(&b, 12));
        assert_true(tmux_batch_add(&b, 3));
        text = text_of(&b);
        assert_int_equal(strncmp(text, "list-panes '-a' '-F' '", 22), 0);
        assert_memory_equal(text + 22, b.word, strlen(b.word));
        assert_non_null(strstr(text, "\ndisplay-message '-p' '"));
        assert_null(strstr(text, "\ndisplay-message '-p' '-t'"));
        assert_non_null(strstr(text, "\ncapture-pane '-pt%12'\n"));
        assert_string_equal(text + strlen(text) - strlen(end), end);
        /* An empty line would detach, a comment has no answer. */
        assert_null(strstr(text, "\n\n"));
        assert_null(strstr(text, "\n#"));
}

static void a_brief_list_alone_is_one_command(void **state) {
        _cleanup_(tmux_words_done) TmuxWords words = {};
        TmuxBatch b;

        tmux_batch_init(&b, TMUX_ROWS_BRIEF);
        assert_false(tmux_batch_is_closed(&b));
        assert_int_equal(tmux_batch_to_words(&b, &words), 0);
        assert_int_equal(words.n_commands, 1);
        assert_int_equal(words.commands[0].n_words, 4);
}

static void a_list_of_panes_in_their_places_is_not_closed(void **state) {
        static const TmuxBatchRows rows[] = {TMUX_ROWS_LEAN, TMUX_ROWS_LIVE};

        FOREACH_ELEMENT (row, rows) {
                _cleanup_free_ char *text = NULL;
                TmuxBatch b;

                tmux_batch_init(&b, *row);
                assert_true(tmux_batch_add(&b, 12));
                assert_false(tmux_batch_is_closed(&b));
                text = text_of(&b);
                assert_null(strstr(text, "#{version}"));
                assert_non_null(strstr(text, "\ncapture-pane '-pt%12'"));
        }
}

static void beside_a_brief_list_each_screen_has_a_row_of_its_own(void **state) {
        _cleanup_free_ char *text = NULL;
        TmuxBatch b;

        tmux_batch_init(&b, TMUX_ROWS_BRIEF);
        assert_true(tmux_batch_add(&b, 12));
        text = text_of(&b);
        assert_non_null(strstr(text, "#{version}'\ndisplay-message '-p' '-t' '%12' '"));
        assert_non_null(strstr(text, "#{=256:pane_title}'\ncapture-pane '-pt%12'"));
}

static void screens_of_their_own_need_no_list(void **state) {
        _cleanup_free_ char *text = NULL;
        TmuxBatch b;

        tmux_batch_init(&b, TMUX_ROWS_NONE);
        assert_true(tmux_batch_add(&b, 5));
        text = text_of(&b);
        assert_int_equal(strncmp(text, "display-message '-p' '-t' '%5' '", 32), 0);
        assert_null(strstr(text, "list-panes"));
}

static void bare_screens_have_nothing_before_them(void **state) {
        _cleanup_free_ char *text = NULL;
        TmuxBatch b;

        tmux_batch_init(&b, TMUX_ROWS_HEIGHT);
        assert_true(tmux_batch_add(&b, 5));
        text = text_of(&b);
        assert_null(strstr(text, "pane_title"));
        assert_non_null(strstr(text, "#{version}'\ncapture-pane '-pt%5'"));
}

static void the_largest_batch_can_be_sent(void **state) {
        _cleanup_(tmux_words_done) TmuxWords words = {};
        _cleanup_free_ uint8_t *greeting = NULL;
        _cleanup_free_ char *text = NULL;
        TmuxBatch b;
        size_t n;

        tmux_batch_init(&b, TMUX_ROWS_BRIEF);
        for (uint32_t i = 0; i < TMUX_CHUNK_MAX; i++)
                assert_true(tmux_batch_add(&b, UINT32_MAX - i));
        text = text_of(&b);
        assert_non_null(strstr(text, "'-pt%4294967246'"));
        assert_int_equal(tmux_batch_to_words(&b, &words), 0);
        assert_int_equal(imsg_greeting(INT32_MAX, &words, &greeting, &n), 0);
}

static void each_batch_has_a_word_of_its_own(void **state) {
        TmuxBatch a, b;

        tmux_batch_init(&a, TMUX_ROWS_ALL);
        tmux_batch_init(&b, TMUX_ROWS_ALL);
        assert_int_equal(strlen(a.word), 16);
        assert_string_not_equal(a.word, b.word);
}

static void a_batch_takes_each_pane_once_and_no_more_than_a_chunk(void **state) {
        TmuxBatch b;

        tmux_batch_init(&b, TMUX_ROWS_HEIGHT);
        for (uint32_t i = 0; i < TMUX_CHUNK_MAX; i++)
                assert_true(tmux_batch_add(&b, i));
        assert_true(tmux_batch_add(&b, 7));
        assert_int_equal(b.n_panes, TMUX_CHUNK_MAX);
        assert_false(tmux_batch_add(&b, TMUX_CHUNK_MAX));
        assert_false(tmux_batch_has(&b, TMUX_CHUNK_MAX));
}

static void names_of_panes_are_read_and_written(void **state) {
        static const struct {
                const char *name;
                int r;
                uint32_t pane;
        } rows[] = {
                        {"%0", 0, 0},
                        {"%4294967295", 0, UINT32_MAX},
                        {"%4294967296", -ERANGE, 0},
                        {"0", -EINVAL, 0},
                        {"%", -EINVAL, 0},
                        {"%-1", -EINVAL, 0},
                        {"%1 ", -EINVAL, 0},
                        {"", -EINVAL, 0},
        };

        FOREACH_ELEMENT (row, rows) {
                char name[TMUX_PANE_NAME_MAX];
                uint32_t pane = 0;

                assert_int_equal(tmux_pane_parse(row->name, &pane), row->r);
                assert_int_equal(pane, row->pane);
                if (row->r < 0)
                        continue;
                tmux_pane_format(pane, name);
                assert_string_equal(name, row->name);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(a_batch_is_a_list_closed_by_the_server_and_then_screens),
                        cmocka_unit_test(a_brief_list_alone_is_one_command),
                        cmocka_unit_test(a_list_of_panes_in_their_places_is_not_closed),
                        cmocka_unit_test(beside_a_brief_list_each_screen_has_a_row_of_its_own),
                        cmocka_unit_test(screens_of_their_own_need_no_list),
                        cmocka_unit_test(bare_screens_have_nothing_before_them),
                        cmocka_unit_test(the_largest_batch_can_be_sent),
                        cmocka_unit_test(each_batch_has_a_word_of_its_own),
                        cmocka_unit_test(a_batch_takes_each_pane_once_and_no_more_than_a_chunk),
                        cmocka_unit_test(names_of_panes_are_read_and_written),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
