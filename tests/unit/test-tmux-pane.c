/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <string.h>

#include "daemon/watcher/tmux/pane.h"
#include "daemon/watcher/tmux/screen-text.h"

static void a_screen_is_clean_and_cut_at_a_line(void **state) {
        _cleanup_(screen_text_unrefp) char *text = NULL;
        _cleanup_free_ char *large = malloc(TMUX_SCREEN_MAX + 100);
        char *mine;
        size_t n;

        assert_int_equal(screen_text_new("a\tb\n\x1b[1m\xff\xc3\xa9\0x\x7f\xc2\x9b\n", 17, &text,
                                         &n),
                        0);
        assert_string_equal(text, "a\tb\n?[1m?\xc3\xa9?x??\n");
        assert_int_equal(n, strlen(text));
        mine = screen_text_ref(text);
        assert_ptr_equal(mine, text);
        text = screen_text_unref(text);
        assert_string_equal(mine, "a\tb\n?[1m?\xc3\xa9?x??\n");
        screen_text_unref(mine);

        assert_non_null(large);
        memset(large, 'x', TMUX_SCREEN_MAX + 100);
        large[1000] = '\n';
        assert_int_equal(screen_text_new(large, TMUX_SCREEN_MAX + 100, &text, &n), 0);
        assert_int_equal(n, 1001);
        screen_text_unref(text);
        assert_int_equal(screen_text_new(large, TMUX_SCREEN_MAX, &text, &n), 0);
        assert_int_equal(n, TMUX_SCREEN_MAX);
}

static TmuxRow row_at(uint64_t activity) {
        return (TmuxRow){
                        .window_activity = activity,
                        .session = strdup("s"),
                        .window_name = strdup("w"),
                        .title = strdup("t"),
        };
}

/* tmux notes activity by the second: a capture is proof only of the seconds before it. */
static void a_screen_is_stale_until_a_second_without_output_was_captured(void **state) {
        static const struct {
                uint64_t activity, later_activity, capture_usec;
                bool stale;
        } rows[] = {
                        {100, 100, 99900000, true},
                        {100, 100, 100000000, true},
                        {100, 100, 100999999, true},
                        {100, 100, 101000000, false},
                        {100, 101, 101000000, true},
                        {100, 102, 101000000, true},
        };

        FOREACH_ELEMENT (row, rows) {
                _cleanup_(tmux_pane_freep) TmuxPane *p = NULL;
                TmuxRow before = row_at(row->activity), later = row_at(row->later_activity);
                TmuxScreen screen = {.text = "x\n", .n_text = 2, .title = strdup("t")};

                assert_int_equal(tmux_pane_new(0, &p), 0);
                (void)tmux_pane_set_row(p, &before);
                assert_true(tmux_pane_is_stale(p, 1));
                assert_int_equal(tmux_pane_set_screen(p, &screen, row->capture_usec, 1),
                                TMUX_PANE_SCREEN);
                assert_true(tmux_pane_shows(p, &screen));
                (void)tmux_pane_set_row(p, &later);
                assert_int_equal(tmux_pane_is_stale(p, 2), row->stale);
                /* One in this very look has to do, unless the rows say otherwise. */
                assert_int_equal(tmux_pane_is_stale(p, 1), row->activity != row->later_activity);
                free(screen.title);
        }
}

static void a_screen_brings_its_cursor_and_title(void **state) {
        _cleanup_(tmux_pane_freep) TmuxPane *p = NULL;
        TmuxRow row = row_at(1);
        TmuxScreen screen = {.text = "x\n",
                        .n_text = 2,
                        .cursor_x = 3,
                        .alternate_on = true,
                        .title = strdup("new")};

        assert_int_equal(tmux_pane_new(0, &p), 0);
        (void)tmux_pane_set_row(p, &row);
        assert_int_equal(tmux_pane_set_screen(p, &screen, 1, 1),
                        TMUX_PANE_SCREEN | TMUX_PANE_CURSOR | TMUX_PANE_META);
        assert_string_equal(p->row.title, "new");
        assert_null(screen.title);
        assert_true(p->row.alternate_on);
        assert_int_equal(p->row.cursor_x, 3);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                        cmocka_unit_test(a_screen_is_clean_and_cut_at_a_line),
                        cmocka_unit_test(
                                        a_screen_is_stale_until_a_second_without_output_was_captured),
                        cmocka_unit_test(a_screen_brings_its_cursor_and_title),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
