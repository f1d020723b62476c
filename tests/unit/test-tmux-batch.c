/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "daemon/watcher/tmux/batch.h"

static void a_batch_is_one_command_a_line_and_the_server_closes_the_rows(void **state) {
        _cleanup_free_ char *text = NULL;
        TmuxBatch b;
        size_t n;

        tmux_batch_init(&b, TMUX_ROWS_ALL);
        assert_true(tmux_batch_add(&b, 12));
        assert_true(tmux_batch_add(&b, 3));
        assert_int_equal(tmux_batch_to_commands(&b, &text, &n), 0);

        assert_int_equal(n, strlen(text));
        assert_int_equal(strncmp(text, "list-panes -a -F '", 18), 0);
        assert_memory_equal(text + 18, b.word, strlen(b.word));
        assert_non_null(strstr(text, "\ndisplay-message -p '"));
        assert_non_null(strstr(text, "\ncapture-pane -p -t %12\ncapture-pane -p -t %3\n"));
        /* An empty line would detach, a comment has no answer. */
        assert_null(strstr(text, "\n\n"));
        assert_null(strstr(text, "\n#"));
}

static void heights_of_one_pane_are_asked_of_its_window_alone(void **state) {
        _cleanup_free_ char *one = NULL, *two = NULL;
        TmuxBatch b;
        size_t n;

        tmux_batch_init(&b, TMUX_ROWS_HEIGHT);
        assert_true(tmux_batch_add(&b, 5));
        assert_int_equal(tmux_batch_to_commands(&b, &one, &n), 0);
        assert_int_equal(strncmp(one, "list-panes -t %5 -F '", 21), 0);

        assert_true(tmux_batch_add(&b, 6));
        assert_int_equal(tmux_batch_to_commands(&b, &two, &n), 0);
        assert_int_equal(strncmp(two, "list-panes -a -F '", 18), 0);
        assert_null(strstr(two, "pane_title"));
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
                        cmocka_unit_test(
                                        a_batch_is_one_command_a_line_and_the_server_closes_the_rows),
                        cmocka_unit_test(heights_of_one_pane_are_asked_of_its_window_alone),
                        cmocka_unit_test(each_batch_has_a_word_of_its_own),
                        cmocka_unit_test(a_batch_takes_each_pane_once_and_no_more_than_a_chunk),
                        cmocka_unit_test(names_of_panes_are_read_and_written),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
