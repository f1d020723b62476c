/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "daemon/watcher/tmux/answer.h"
#include "daemon/watcher/tmux/pane.h"

#define W "0123456789abcdef"
#define LAYOUT "a1b2,80x2,0,0,1"
#define SERVER W "\ts\t9084\t1795222895\t3.3a\n"
/* What comes before a screen of @height lines. */
#define SCREEN(id, height) W "\tc\t%" id "\t" height "\t7\t1\t1\t0\ta\ttitle\n"
#define NO_SCREEN W "\tc\t\t\t\t\t\t\t\n"
/* A pane of two lines in the session @s, seen by somebody if @attached. */
#define PANE(id, attached, active, s) \
        W "\tp\t%" id "\t100\t0\t\t\t80\t2\t7\t1\t0\t0\t1795222890\t@3\t4\t1\t" active \
          "\t" attached "\t0\t" LAYOUT "\t" s "\twin dow\ta title\n"

#define BRIEF(id) W "\tb\t%" id "\t100\t0\t80\t2\t5\t6\t1795222890\t@3\n"
/* Of the pane in that place. */
#define LEAN(activity, layout) W "\tn\t5\t6\t" activity "\t" layout "\n"
#define LIVE(alternate, layout) W "\tl\t5\t6\t1795222890\t" alternate "\t" layout "\ta\ttitle\n"

static TmuxBatch batch(TmuxBatchRows rows, size_t n_panes, const uint32_t *panes) {
        TmuxBatch b = {.word = W, .rows = rows};

        for (size_t i = 0; i < n_panes; i++)
                assert_true(tmux_batch_add(&b, panes[i]));
        return b;
}

static int parse(const TmuxBatch *b, const char *text, TmuxAnswer *ret) {
        return tmux_answer_parse(b, text, strlen(text), ret);
}

static void assert_screen(const TmuxScreen *s, uint32_t pane, const char *text) {
        assert_int_equal(s->pane, pane);
        assert_int_equal(s->n_text, strlen(text));
        assert_memory_equal(s->text, text, s->n_text);
}

static void rows_and_screens_are_read(void **state) {
        _cleanup_(tmux_answer_done) TmuxAnswer a = {};
        TmuxBatch b = batch(TMUX_ROWS_ALL, 2, (uint32_t[]){1, 0});
        const TmuxRow *row;

        assert_int_equal(parse(&b,
                                         PANE("0", "0", "1", "main") PANE("1", "0", "0", "main")
                                                         SERVER "c\nd\na\n\n",
                                         &a),
                        0);
        assert_int_equal(a.server_pid, 9084);
        assert_int_equal(a.server_start_usec, 1795222895000000);
        assert_string_equal(a.version, "3.3a");
        assert_int_equal(a.n_rows, 2);
        assert_false(a.torn);

        row = tmux_answer_find(&a, 1);
        assert_int_equal(row->pid, 100);
        assert_int_equal(row->dead_status, -1);
        assert_int_equal(row->width, 80);
        assert_int_equal(row->height, 2);
        assert_int_equal(row->cursor_x, 7);
        assert_int_equal(row->cursor_y, 1);
        assert_int_equal(row->window_activity, 1795222890);
        assert_int_equal(row->window, 3);
        assert_int_equal(row->window_index, 4);
        assert_int_equal(row->pane_index, 1);
        assert_false(row->window_active);
        assert_string_equal(row->session, "main");
        assert_string_equal(row->window_name, "win dow");
        assert_string_equal(row->title, "a title");

        assert_int_equal(a.n_screens, 2);
        assert_screen(&a.screens[0], 1, "c\nd\n");
        assert_screen(&a.screens[1], 0, "a\n\n");
        assert_int_equal(a.screens[1].cursor_x, 7);
        assert_int_equal(a.screens[1].cursor_y, 1);
        assert_string_equal(a.screens[1].title, "a title");
}

static void a_screen_may_have_a_row_of_its_own(void **state) {
        _cleanup_(tmux_answer_done) TmuxAnswer a = {};
        TmuxBatch b = batch(TMUX_ROWS_BRIEF, 1, (uint32_t[]){0});

        assert_int_equal(parse(&b, BRIEF("0") SERVER SCREEN("0", "2") "a\n\n", &a), 0);
        assert_int_equal(a.n_screens, 1);
        assert_screen(&a.screens[0], 0, "a\n\n");
        assert_int_equal(a.screens[0].cursor_x, 7);
        assert_true(a.screens[0].alternate_on);
        assert_false(a.screens[0].in_mode);
        assert_string_equal(a.screens[0].title, "a?title");
}

/* As whole rows would give them. */
static const TmuxPlace *places(void) {
        static TmuxPlace p[2];
        TmuxBatch b = batch(TMUX_ROWS_ALL, 0, NULL);
        _cleanup_(tmux_answer_done) TmuxAnswer a = {};

        assert_int_equal(
                        parse(&b, PANE("8", "0", "1", "a") PANE("7", "0", "1", "b") SERVER, &a), 0);
        assert_int_equal(a.n_places, 2);
        memcpy(p, a.places, sizeof(p));
        return p;
}

static TmuxBatch placed(TmuxBatchRows rows, size_t n_panes, const uint32_t *panes) {
        TmuxBatch b = batch(rows, n_panes, panes);

        b.places = places();
        b.n_places = 2;
        return b;
}

static void live_rows_have_what_changes_with_a_screen(void **state) {
        static const char rows[] = LIVE("0", LAYOUT) LIVE("1", LAYOUT) "a\nb\n";
        _cleanup_(tmux_answer_done) TmuxAnswer a = {}, bad = {};
        _cleanup_(tmux_pane_freep) TmuxPane *pane = NULL;
        TmuxBatch b = placed(TMUX_ROWS_LIVE, 1, (uint32_t[]){7});

        assert_int_equal(parse(&b, rows, &a), 0);
        assert_int_equal(a.n_rows, 2);
        assert_int_equal(a.rows[0].pane, 7);
        assert_false(a.moved);
        assert_int_equal(a.n_screens, 1);
        assert_screen(&a.screens[0], 7, "a\nb\n");
        assert_int_equal(a.screens[0].cursor_y, 6);
        assert_true(a.screens[0].alternate_on);
        assert_string_equal(a.screens[0].title, "a?title");

        assert_int_equal(tmux_pane_new(7, &pane), 0);
        pane->row = a.rows[0];
        pane->row.alternate_on = false;
        pane->row.in_mode = true;
        pane->row.title = strdup("another");
        assert_int_equal(tmux_pane_set_lean(pane, &a.rows[0]), TMUX_PANE_META);
        assert_string_equal(pane->row.title, "a?title");
        assert_true(pane->row.alternate_on);
        assert_true(pane->row.in_mode);
        assert_null(a.rows[0].title);

        assert_int_equal(parse(&b, BRIEF("7") "a\nb\n", &bad), -EBADMSG);
}

static void lean_rows_are_of_the_panes_whose_places_they_have(void **state) {
        _cleanup_(tmux_answer_done) TmuxAnswer a = {}, bad = {};
        TmuxBatch b = placed(TMUX_ROWS_LEAN, 0, NULL);

        assert_int_equal(parse(&b, LEAN("12", LAYOUT) LEAN("34", LAYOUT), &a), 0);
        assert_false(a.moved);
        assert_int_equal(tmux_answer_find(&a, 8)->window_activity, 12);
        assert_int_equal(tmux_answer_find(&a, 7)->window_activity, 34);
        assert_int_equal(tmux_answer_find(&a, 7)->cursor_y, 6);

        assert_int_equal(parse(&b, W "\tn\t5\t6\t1\n", &bad), -EBADMSG);
        assert_int_equal(parse(&b, W "\tn\tx\t6\t1\t" LAYOUT "\n", &bad), -EBADMSG);
}

static void after_lean_rows_each_screen_has_its_own(void **state) {
        _cleanup_(tmux_answer_done) TmuxAnswer a = {}, gone = {};
        TmuxBatch b = placed(TMUX_ROWS_LEAN, 2, (uint32_t[]){7, 8});

        assert_int_equal(parse(&b,
                                         LEAN("12", LAYOUT) LEAN("34", LAYOUT) SCREEN(
                                                         "7", "2") "a\nb\n" SCREEN("8", "1") "c\n",
                                         &a),
                        0);
        assert_false(a.moved || a.torn || a.has_server);
        assert_int_equal(a.n_screens, 2);
        assert_screen(&a.screens[0], 7, "a\nb\n");
        assert_screen(&a.screens[1], 8, "c\n");

        assert_int_equal(parse(&b, LEAN("12", LAYOUT) SCREEN("7", "2") "a\nb\n" NO_SCREEN, &gone),
                        0);
        assert_true(gone.moved);
        assert_int_equal(gone.n_screens, 0);
}

static void a_row_of_its_own_may_have_all_that_is_known(void **state) {
        static const char *const bad[] = {
                        PANE("1", "0", "1", "main") "a\nb\n",
                        SCREEN("0", "2") "a\nb\n",
                        PANE("0", "0", "1", "main") "a\n",
                        "a\nb\n",
        };
        _cleanup_(tmux_answer_done) TmuxAnswer a = {};
        TmuxBatch b = batch(TMUX_ROWS_OWN, 2, (uint32_t[]){0, 5});

        assert_int_equal(parse(&b, PANE("0", "0", "1", "main") "a\nb\n" W "\tp\t\t\t\t\n", &a), 0);
        assert_false(a.torn || a.moved || a.has_server);
        assert_int_equal(a.n_rows, 1);
        assert_string_equal(tmux_answer_find(&a, 0)->session, "main");
        assert_int_equal(a.n_screens, 1);
        assert_screen(&a.screens[0], 0, "a\nb\n");
        assert_non_null(a.screens[0].title);

        b.n_panes = 1;
        FOREACH_ELEMENT (text, bad) {
                _cleanup_(tmux_answer_done) TmuxAnswer torn = {};

                assert_int_equal(parse(&b, *text, &torn), 0);
                assert_true(torn.torn);
                assert_int_equal(torn.n_screens, 0);
        }
}

static void rows_in_other_places_are_noticed(void **state) {
        static const char *const texts[] = {
                        LEAN("1", LAYOUT) LEAN("2", "c3d4,80x2,0,0,1"),
                        LEAN("1", LAYOUT) LEAN("2", ""),
                        LEAN("1", LAYOUT),
                        LEAN("1", LAYOUT) LEAN("2", LAYOUT) LEAN("3", LAYOUT),
                        "",
        };
        TmuxBatch with = placed(TMUX_ROWS_LIVE, 1, (uint32_t[]){7});
        _cleanup_(tmux_answer_done) TmuxAnswer a = {};

        FOREACH_ELEMENT (text, texts) {
                _cleanup_(tmux_answer_done) TmuxAnswer moved = {};
                TmuxBatch b = placed(TMUX_ROWS_LEAN, 0, NULL);

                assert_int_equal(parse(&b, *text, &moved), 0);
                assert_true(moved.moved);
        }

        /* How high the screen is, is not known then. */
        assert_int_equal(parse(&with, LIVE("0", LAYOUT) LIVE("0", "x") "a\nb\n", &a), 0);
        assert_true(a.moved);
        assert_int_equal(a.n_screens, 0);
}

static void a_pane_in_many_sessions_is_named_after_the_one_that_is_looked_at(void **state) {
        static const struct {
                const char *text;
                const char *session;
        } rows[] = {
                        {PANE("0", "0", "0", "b") PANE("0", "0", "0", "a") SERVER, "a"},
                        {PANE("0", "0", "0", "a") PANE("0", "0", "1", "b") SERVER, "b"},
                        {PANE("0", "1", "0", "b") PANE("0", "0", "1", "a") SERVER, "b"},
                        {PANE("0", "1", "1", "b") PANE("0", "1", "0", "a") SERVER, "b"},
        };

        FOREACH_ELEMENT (row, rows) {
                _cleanup_(tmux_answer_done) TmuxAnswer a = {};
                TmuxBatch b = batch(TMUX_ROWS_ALL, 0, NULL);

                assert_int_equal(parse(&b, row->text, &a), 0);
                assert_int_equal(a.n_rows, 1);
                assert_string_equal(a.rows[0].session, row->session);
        }
}

static void brief_rows_say_what_a_pane_is_compared_by(void **state) {
        static const char row[] = W "\tb\t%7\t100\t0\t80\t24\t5\t6\t1795222890\t@3\n" SERVER;
        _cleanup_(tmux_answer_done) TmuxAnswer a = {}, bad = {};
        _cleanup_(tmux_pane_freep) TmuxPane *pane = NULL;
        TmuxBatch b = batch(TMUX_ROWS_BRIEF, 0, NULL);

        assert_int_equal(parse(&b, row, &a), 0);
        assert_int_equal(a.n_rows, 1);
        assert_true(a.has_server);
        assert_int_equal(tmux_pane_new(7, &pane), 0);
        pane->row = a.rows[0];
        assert_int_equal(tmux_pane_set_brief(pane, &a.rows[0]), 0);
        a.rows[0].cursor_x++;
        a.rows[0].window_activity++;
        assert_int_equal(tmux_pane_set_brief(pane, &a.rows[0]), TMUX_PANE_CURSOR);
        assert_int_equal(pane->row.cursor_x, 6);
        assert_int_equal(pane->row.window_activity, 1795222891);
        a.rows[0].width++;
        assert_int_equal(tmux_pane_set_brief(pane, &a.rows[0]), -ESTALE);
        assert_int_equal(pane->row.width, 80);

        assert_int_equal(parse(&b, PANE("7", "0", "0", "s") SERVER, &bad), -EBADMSG);
        assert_int_equal(parse(&b, W "\tb\t%7\t100\n" SERVER, &bad), -EBADMSG);
}

static void a_pane_that_vanished_leaves_the_others_theirs(void **state) {
        static const struct {
                TmuxBatchRows rows;
                const char *text;
        } cases[] = {
                        {TMUX_ROWS_NONE,
                                        SCREEN("0", "1") "x\n" NO_SCREEN SCREEN("2", "2") "y\nz\n"},
                        {TMUX_ROWS_HEIGHT, W "\th\t%0\t1\n" W "\th\t%2\t2\n" SERVER "x\ny\nz\n"},
        };

        FOREACH_ELEMENT (c, cases) {
                _cleanup_(tmux_answer_done) TmuxAnswer a = {};
                TmuxBatch b = batch(c->rows, 3, (uint32_t[]){0, 1, 2});

                assert_int_equal(parse(&b, c->text, &a), 0);
                assert_false(a.torn);
                assert_int_equal(a.n_screens, 2);
                assert_screen(&a.screens[0], 0, "x\n");
                assert_screen(&a.screens[1], 2, "y\nz\n");
        }
}

static void a_brief_list_alone_ends_where_the_answer_ends(void **state) {
        static const char row[] = W "\tb\t%7\t100\t0\t80\t24\t5\t6\t1795222890\t@3\n";
        _cleanup_(tmux_answer_done) TmuxAnswer a = {}, bad = {};
        TmuxBatch b = batch(TMUX_ROWS_BRIEF, 0, NULL),
                  with = batch(TMUX_ROWS_BRIEF, 1, (uint32_t[]){7});

        assert_int_equal(parse(&b, row, &a), 0);
        assert_int_equal(a.n_rows, 1);
        assert_false(a.has_server);
        assert_int_equal(parse(&with, row, &bad), -EBADMSG);
}

static void lines_that_do_not_add_up_give_no_screen_at_all(void **state) {
        static const struct {
                TmuxBatchRows rows;
                const char *text;
        } cases[] = {
                        {TMUX_ROWS_HEIGHT, W "\th\t%0\t1\n" W "\th\t%1\t2\n" SERVER "x\ny\n"},
                        {TMUX_ROWS_HEIGHT, W "\th\t%0\t1\n" W "\th\t%1\t2\n" SERVER "x\ny\nz\nw\n"},
                        {TMUX_ROWS_HEIGHT, W "\th\t%0\t1\n" W "\th\t%1\t2\n" SERVER},
                        {TMUX_ROWS_HEIGHT, W "\th\t%0\t1\n" SERVER "x\ny\n"},
                        {TMUX_ROWS_HEIGHT, SERVER "x\n"},
                        {TMUX_ROWS_NONE, "x\n"},
                        {TMUX_ROWS_NONE, SCREEN("0", "1") "x\n"},
                        {TMUX_ROWS_NONE, SCREEN("0", "2") "x\n"},
                        {TMUX_ROWS_NONE, SCREEN("1", "1") "x\n"},
                        {TMUX_ROWS_NONE, SCREEN("0", "1") "x\ny\n" SCREEN("1", "1") "x\n"},
                        {TMUX_ROWS_NONE, SCREEN("0", "1") "x\n" SCREEN("1", "1") "x\ny\n"},
                        {TMUX_ROWS_NONE, W "\tc\t%0\t1\nx\n"},
        };

        FOREACH_ELEMENT (c, cases) {
                _cleanup_(tmux_answer_done) TmuxAnswer a = {};
                TmuxBatch b = batch(c->rows, 2, (uint32_t[]){0, 1});

                assert_int_equal(parse(&b, c->text, &a), 0);
                if (!a.torn || a.n_screens > 0)
                        fail_msg("not torn: %s", c->text);
        }
}

static void text_that_looks_like_rows_stays_text(void **state) {
        _cleanup_(tmux_answer_done) TmuxAnswer a = {};
        TmuxBatch b = batch(TMUX_ROWS_HEIGHT, 1, (uint32_t[]){0});

        /* Even with the right word: the server's row has closed them. */
        assert_int_equal(parse(&b,
                                         W "\th\t%0\t3\n" SERVER PANE("7", "0", "1", "main")
                                                         SERVER SCREEN("0", "9"),
                                         &a),
                        0);
        assert_int_equal(a.n_rows, 1);
        assert_int_equal(a.n_screens, 1);
        assert_null(tmux_answer_find(&a, 7));
}

static void dead_panes_say_how(void **state) {
        static const struct {
                const char *fields;
                bool dead;
                int status, signal;
        } rows[] = {
                        {"0\t\t", false, -1, 0},
                        {"1\t7\t", true, 7, 0},
                        {"1\t\t9", true, -1, 9},
                        {"1\t\t", true, -1, 0},
                        {"\t\t", false, -1, 0},
        };

        FOREACH_ELEMENT (row, rows) {
                _cleanup_(tmux_answer_done) TmuxAnswer a = {};
                TmuxBatch b = batch(TMUX_ROWS_ALL, 0, NULL);
                char text[256];

                (void)snprintf(text, sizeof(text),
                                W
                                "\tp\t%%0\t1\t%s\t80\t2\t0\t0\t0\t0\t0\t@0\t0\t0\t1\t0\t0\t" LAYOUT
                                "\ts\tw\t"
                                "t\n" SERVER,
                                row->fields);
                assert_int_equal(parse(&b, text, &a), 0);
                assert_int_equal(a.rows[0].dead, row->dead);
                assert_int_equal(a.rows[0].dead_status, row->status);
                assert_int_equal(a.rows[0].dead_signal, row->signal);
        }
}

static void names_are_cleaned_and_bounded(void **state) {
        _cleanup_(tmux_answer_done) TmuxAnswer a = {};
        TmuxBatch b = batch(TMUX_ROWS_ALL, 0, NULL);
        char text[1024], title[401];

        memset(title, 'x', sizeof(title) - 1);
        title[sizeof(title) - 1] = '\0';
        (void)snprintf(text, sizeof(text),
                        W "\tp\t%%0\t1\t0\t\t\t80\t2\t0\t0\t0\t0\t0\t@0\t0\t0\t1\t0\t0\t" LAYOUT
                          "\ta\x1b"
                          "b\tw\xff\tt\tu%s\n" SERVER,
                        title);
        assert_int_equal(parse(&b, text, &a), 0);
        assert_string_equal(a.rows[0].session, "a?b");
        assert_string_equal(a.rows[0].window_name, "w?");
        assert_int_equal(strncmp(a.rows[0].title, "t?ux", 4), 0);
        assert_int_equal(strlen(a.rows[0].title), TMUX_NAME_MAX);
}

static void what_is_no_answer_is_refused(void **state) {
        static const char *const texts[] = {
                        "",
                        "no server running on /x\n",
                        PANE("0", "0", "1", "main"), /* cut off before the server's row */
                        W "\ts\t0\t1\t3.3a\n",
                        W "\ts\tx\t1\t3.3a\n",
                        W "\ts\t1\t3.3a\n",
                        W "\ts\t1\t99999999999999999999\t3.3a\n",
                        W "\tx\t1\n" SERVER,
                        W "\th\t%0\t1\n" SERVER,
                        W "\tp\t%0\t1\n" SERVER,
                        PANE("x", "0", "1", "main") SERVER,
                        PANE("99999999999", "0", "1", "main") SERVER,
                        PANE("0", "-1", "1", "main") SERVER,
                        PANE("0", "0", "2", "main") SERVER,
        };

        FOREACH_ELEMENT (text, texts) {
                _cleanup_(tmux_answer_done) TmuxAnswer a = {};
                TmuxBatch b = batch(TMUX_ROWS_ALL, 0, NULL);

                assert_int_equal(parse(&b, *text, &a), -EBADMSG);
                assert_null(a.rows);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(rows_and_screens_are_read),
                        cmocka_unit_test(a_screen_may_have_a_row_of_its_own),
                        cmocka_unit_test(live_rows_have_what_changes_with_a_screen),
                        cmocka_unit_test(lean_rows_are_of_the_panes_whose_places_they_have),
                        cmocka_unit_test(after_lean_rows_each_screen_has_its_own),
                        cmocka_unit_test(a_row_of_its_own_may_have_all_that_is_known),
                        cmocka_unit_test(rows_in_other_places_are_noticed),
                        cmocka_unit_test(
                                        a_pane_in_many_sessions_is_named_after_the_one_that_is_looked_at),
                        cmocka_unit_test(brief_rows_say_what_a_pane_is_compared_by),
                        cmocka_unit_test(a_pane_that_vanished_leaves_the_others_theirs),
                        cmocka_unit_test(a_brief_list_alone_ends_where_the_answer_ends),
                        cmocka_unit_test(lines_that_do_not_add_up_give_no_screen_at_all),
                        cmocka_unit_test(text_that_looks_like_rows_stays_text),
                        cmocka_unit_test(dead_panes_say_how),
                        cmocka_unit_test(names_are_cleaned_and_bounded),
                        cmocka_unit_test(what_is_no_answer_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
