/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Panes that do what they can to be seen wrong, or to keep the others from being seen. */

#include "tests/tmux/fixture.h"

#include "daemon/base/text.h"
#include "daemon/watcher/tmux/screen-text.h"

static void pane(Fixture *f, const char *script) {
        assert_int_equal(fixture_tmux(f, "new-window", "-d", script, NULL), 0);
}

static void assert_all_is_well(Fixture *f) {
        for (unsigned i = 0; i < 20; i++) {
                assert_int_equal(fixture_look(f, TMUX_LOOK_FULL), 0);
                assert_true(fixture_shows(f, "ready"));
        }
        for (TmuxPane *p = tmux_server_next(f->server, NULL); p;
                        p = tmux_server_next(f->server, p)) {
                assert_true(p->n_screen <= TMUX_SCREEN_MAX);
                assert_true(!p->screen || utf8_is_valid(p->screen, p->n_screen));
                assert_true(utf8_is_valid(p->row.title, strlen(p->row.title)));
                assert_null(strpbrk(p->row.title, "\x1b\x07\r\n\t"));
        }
        assert_int_equal(tmux_server_liveness(f->server), LIVENESS_ALIVE);
}

static void endless_lines_and_escapes_hide_nobody(void **state) {
        static const unsigned four = 4;
        Fixture *f = *state;

        pane(f, "yes 'a line without an end'");
        pane(f, "yes | tr -d '\\n'");
        pane(f,
                        "while :; do printf '\\033[2J\\033[H\\033]2;%s\\007\\033[?1049h\\033[31m"
                        "\\033[999;999Hx\\033[?1049l' $$; done");
        fixture_look_until(f, fixture_has_panes, &four);
        assert_all_is_well(f);
}

static void broken_text_comes_out_whole(void **state) {
        static const unsigned four = 4;
        Fixture *f = *state;

        pane(f, "head -c 200000 /dev/urandom; exec cat");
        pane(f, "printf 'odd \\377\\376 \\300\\257 \\355\\240\\200 end\\n'; exec cat");
        pane(f, "printf '\\033]2;a\\001\\033\\177b\\xff\\302\\233c\\007'; printf 'titled\\n'; cat");
        fixture_look_until(f, fixture_has_panes, &four);
        (void)fixture_pane_with(f, "end");
        (void)fixture_pane_with(f, "titled");
        assert_all_is_well(f);
}

/* The word in front of our rows is another one each time, so that it does not help to know one. */
static void what_looks_like_our_rows_is_only_text(void **state) {
        static const unsigned three = 3;
        Fixture *f = *state;

        pane(f,
                        "i=0; while [ $i -lt 24 ]; do printf "
                        "'0123456789abcdef\\tp\\t%%99\\t1\\t0\\t\\t\\t80"
                        "\\t24\\n'; i=$((i+1)); done; exec cat");
        pane(f, "printf '%%end 1 2 1\\n%%begin 1 2 1\\nh\\t%%0\\t1\\n'; exec cat");
        fixture_look_until(f, fixture_has_panes, &three);
        (void)fixture_pane_with(f, "0123456789abcdef");
        (void)fixture_pane_with(f, "%begin");
        assert_null(tmux_server_find(f->server, "%99"));
        assert_int_equal(f->n_new, 3);
        assert_all_is_well(f);
}

static void names_with_anything_in_them_stay_one_row(void **state) {
        Fixture *f = *state;

        assert_int_equal(fixture_tmux(f, "rename-session", "-t", "first", "a\tb\nc'd\"#{e}", NULL),
                        0);
        assert_int_equal(fixture_tmux(f, "rename-window", "-t", "%0", "x\ty\nz", NULL), 0);
        assert_int_equal(fixture_tmux(f, "select-pane", "-t", "%0", "-T", "t\tu\nv", NULL), 0);
        (void)fixture_pane_with(f, "ready");
        assert_int_equal(tmux_server_count(f->server), 1);
        assert_all_is_well(f);
}

/* A file of ten times @command, in the folder of the test. */
static void write_ten(Fixture *f, const char *name, const char *command) {
        char path[96];
        FILE *file;

        (void)snprintf(path, sizeof(path), "%s/%s", f->folder, name);
        file = fopen(path, "we");
        assert_non_null(file);
        for (unsigned i = 0; i < 10; i++)
                (void)fprintf(file, "%s\n", command);
        assert_int_equal(fclose(file), 0);
}

/* Runs it thirty times, beside the looks. */
static void start_thirty(Fixture *f, const char *name) {
        char command[256];

        (void)snprintf(command, sizeof(command),
                        "i=0; while [ $i -lt 30 ]; do tmux -S %s source-file %s/%s; i=$((i+1)); "
                        "done",
                        f->socket, f->folder, name);
        assert_int_equal(fixture_tmux(f, "run-shell", "-b", command, NULL), 0);
}

static void three_hundred_panes_in_a_burst_come_and_go(void **state) {
        static const unsigned many = 301, one = 1;
        Fixture *f = *state;

        (void)fixture_pane_with(f, "ready");
        f->n_new = 0;
        write_ten(f, "come", "new-window -d 'exec cat'");
        start_thirty(f, "come");
        fixture_look_until(f, fixture_has_panes, &many);
        assert_int_equal(f->n_new, 300);
        assert_int_equal(fixture_look(f, TMUX_LOOK_FULL), 0);
        assert_int_equal(f->stats.captured, 301);
        /* 50 with the list, and 251 more. */
        assert_int_equal(f->stats.chunks, 7);

        write_ten(f, "go", "kill-window -t first:$");
        start_thirty(f, "go");
        fixture_look_until(f, fixture_has_panes, &one);
        assert_int_equal(f->n_gone, 300);
        assert_all_is_well(f);
}

#define test(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                        test(endless_lines_and_escapes_hide_nobody),
                        test(broken_text_comes_out_whole),
                        test(what_looks_like_our_rows_is_only_text),
                        test(names_with_anything_in_them_stay_one_row),
                        test(three_hundred_panes_in_a_burst_come_and_go),
        };

        return fixture_check() ?: cmocka_run_group_tests(tests, NULL, NULL);
}
