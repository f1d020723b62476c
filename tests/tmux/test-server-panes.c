/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is seen of the panes of a real server. */

#include "tests/tmux/fixture.h"

#include <errno.h>

#include "daemon/watcher/proc/process-tree.h"

static void a_pane_is_found_with_all_that_is_known_of_it(void **state) {
        Fixture *f = *state;
        TmuxPane *p;

        p = fixture_pane_with(f, "ready");
        /* The list came before the screen, and may be older. */
        assert_int_equal(fixture_look(f, TMUX_LOOK_NORMAL), 0);

        assert_int_equal(tmux_server_liveness(f->server), LIVENESS_ALIVE);
        assert_string_equal(tmux_server_reason(f->server), "");
        assert_true(tmux_server_pid(f->server) > 0);
        assert_true(tmux_server_start_usec(f->server) > 0);
        assert_string_not_equal(tmux_server_version(f->server), "");
        assert_string_equal(p->name, "%0");
        assert_true(p->row.pid > 0);
        assert_false(p->row.dead);
        assert_int_equal(p->row.dead_status, -1);
        assert_int_equal(p->row.width, 80);
        assert_int_equal(p->row.height, 24);
        assert_int_equal(p->row.cursor_x, 0);
        assert_int_equal(p->row.cursor_y, 1);
        assert_string_equal(p->row.session, "first");
        assert_ptr_equal(tmux_server_find(f->server, "%0"), p);
        assert_null(tmux_server_find(f->server, "%1"));
        assert_null(tmux_server_find(f->server, "first"));
}

static void what_does_not_change_is_not_captured_again(void **state) {
        Fixture *f = *state;
        uint64_t start = now_monotonic();

        (void)fixture_pane_with(f, "ready");
        /* Until the second of its last output is over. */
        do {
                assert_int_equal(fixture_look(f, TMUX_LOOK_NORMAL), 0);
                assert_true(now_monotonic() - start < 10 * USEC_PER_SEC);
        } while (f->stats.captured > 0);

        assert_int_equal(f->stats.panes, 1);
        assert_int_equal(f->stats.chunks, 1);
        f->changes = 0;
        assert_int_equal(fixture_look(f, TMUX_LOOK_NORMAL), 0);
        assert_int_equal(f->stats.captured, 0);
        assert_false(f->changes & TMUX_PANE_SCREEN);

        assert_int_equal(fixture_look(f, TMUX_LOOK_FULL), 0);
        assert_int_equal(f->stats.captured, 1);
        assert_false(f->changes & TMUX_PANE_SCREEN);

        tmux_pane_set_hot(tmux_server_find(f->server, "%0"), UINT64_MAX);
        assert_int_equal(fixture_look(f, TMUX_LOOK_NORMAL), 0);
        assert_int_equal(f->stats.captured, 1);
        assert_int_equal(f->stats.chunks, 1);
}

static bool has_name(Fixture *f, const void *name) {
        const TmuxPane *p = tmux_server_find(f->server, "%0");

        return p && strcmp(p->row.window_name, name) == 0;
}

/* Nothing in a quiet look's short list tells of it. */
static void a_new_name_of_a_quiet_window_is_seen(void **state) {
        Fixture *f = *state;

        (void)fixture_pane_with(f, "ready");
        assert_int_equal(fixture_tmux(f, "rename-window", "-t", "first", "renamed", NULL), 0);
        fixture_look_until(f, has_name, "renamed");
}

/* Only where a second begins between two of its changes does a look take two connections. */
static void a_pane_that_moves_all_the_time_comes_with_the_list(void **state) {
        Fixture *f = *state;
        unsigned n_chunks = 0, n_captured = 0;
        time_t start;

        assert_int_equal(fixture_tmux(f, "respawn-pane", "-k", "-t", "%0",
                                         "while :; do printf '\\rat work %s' $((i = i + 1)); "
                                         "sleep 0.01; done",
                                         NULL),
                        0);
        (void)fixture_pane_with(f, "at work");
        start = time(NULL);
        for (size_t i = 0; i < 20; i++) {
                assert_int_equal(fixture_look(f, TMUX_LOOK_NORMAL), 0);
                n_chunks += f->stats.chunks;
                n_captured += f->stats.captured;
        }
        assert_true(n_captured >= 10);
        assert_in_range(n_chunks, 20, 21 + time(NULL) - start);
}

static void a_line_drawn_over_is_seen(void **state) {
        Fixture *f = *state;
        TmuxPane *p;

        assert_int_equal(fixture_tmux(f, "respawn-pane", "-k", "-t", "%0",
                                         "stty -echo; printf 'aaaa'; while read -r x; do printf "
                                         "'\\r%s' \"$x\"; done",
                                         NULL),
                        0);
        p = fixture_pane_with(f, "aaaa");
        for (char c = 'b'; c < 'g'; c++) {
                char keys[] = {c, c, c, c, '\0'};

                f->changes = 0;
                assert_int_equal(fixture_tmux(f, "send-keys", "-t", "%0", keys, "Enter", NULL), 0);
                fixture_look_until(f, fixture_shows, keys);
                assert_true(f->changes & TMUX_PANE_SCREEN);
                assert_int_equal(p->change_usec, p->capture_usec);
        }
}

static void a_title_is_seen(void **state) {
        Fixture *f = *state;

        (void)fixture_pane_with(f, "ready");
        f->changes = 0;
        assert_int_equal(fixture_tmux(f, "select-pane", "-t", "%0", "-T", "✳ thinking", NULL), 0);
        fixture_look_until(f, fixture_titled, "✳ thinking");
        assert_true(f->changes & TMUX_PANE_META);
}

static void splits_and_windows_come_and_go(void **state) {
        static const unsigned one = 1, three = 3;
        Fixture *f = *state;
        TmuxPane *p;

        (void)fixture_pane_with(f, "ready");
        assert_int_equal(
                        fixture_tmux(f, "split-window", "-h", "-t", "%0", "echo beside; cat", NULL),
                        0);
        assert_int_equal(fixture_tmux(f, "new-window", "-d", "-n", "other", "echo behind; cat",
                                         NULL),
                        0);
        fixture_look_until(f, fixture_has_panes, &three);
        p = fixture_pane_with(f, "beside");
        assert_int_equal(p->row.pane_index, 1);
        p = fixture_pane_with(f, "behind");
        assert_string_equal(p->row.window_name, "other");
        assert_false(p->row.window_active);
        assert_int_equal(f->n_new, 3);

        assert_int_equal(fixture_tmux(f, "kill-pane", "-t", "%1", NULL), 0);
        assert_int_equal(fixture_tmux(f, "kill-window", "-t", "other", NULL), 0);
        fixture_look_until(f, fixture_has_panes, &one);
        assert_int_equal(f->n_gone, 2);
}

static bool is_wide(Fixture *f, const void *pane) {
        const TmuxPane *p = tmux_server_find(f->server, pane);

        return p && p->row.width == 120 && p->row.height == 40 && p->screen &&
                        strstr(p->screen, "ready");
}

static void a_new_size_is_seen(void **state) {
        Fixture *f = *state;

        (void)fixture_pane_with(f, "ready");
        assert_int_equal(fixture_tmux(f, "resize-window", "-t", "first", "-x", "120", "-y", "40",
                                         NULL),
                        0);
        fixture_look_until(f, is_wide, "%0");
}

static void a_pane_keeps_its_name_where_it_goes(void **state) {
        static const unsigned two = 2;
        Fixture *f = *state;
        TmuxPane *p;
        uint32_t window;

        assert_int_equal(
                        fixture_tmux(f, "split-window", "-t", "%0", "echo wanderer; cat", NULL), 0);
        p = fixture_pane_with(f, "wanderer");
        window = p->row.window;
        f->n_new = 0;
        assert_int_equal(fixture_tmux(f, "break-pane", "-d", "-s", "%1", NULL), 0);
        assert_int_equal(fixture_look(f, TMUX_LOOK_NORMAL), 0);

        assert_true(fixture_has_panes(f, &two));
        assert_ptr_equal(tmux_server_find(f->server, "%1"), p);
        assert_int_not_equal(p->row.window, window);
        assert_int_equal(f->n_new, 0);
        assert_int_equal(f->n_gone, 0);
}

/* One look: what tmux says of itself a moment later is all that it may go by. */
static void look_and_find(Fixture *f, const char *pane, uint32_t window, unsigned index) {
        const TmuxPane *p;

        assert_int_equal(fixture_look(f, TMUX_LOOK_NORMAL), 0);
        p = tmux_server_find(f->server, pane);
        assert_non_null(p);
        assert_int_equal(p->row.window, window);
        assert_int_equal(p->row.pane_index, index);
}

/* Neither sizes nor cursors nor the number of panes tell of it. */
static void panes_that_change_places_are_seen(void **state) {
        Fixture *f = *state;
        uint32_t first, second;

        first = fixture_pane_with(f, "ready")->row.window;
        assert_int_equal(fixture_tmux(f, "new-window", "-d", "echo other; cat", NULL), 0);
        second = fixture_pane_with(f, "other")->row.window;
        look_and_find(f, "%1", second, 0);
        assert_int_equal(fixture_tmux(f, "swap-pane", "-d", "-s", "%0", "-t", "%1", NULL), 0);
        look_and_find(f, "%0", second, 0);
        look_and_find(f, "%1", first, 0);
}

static void panes_that_change_places_behind_a_zoomed_one_are_seen(void **state) {
        Fixture *f = *state;
        uint32_t window = fixture_pane_with(f, "ready")->row.window;

        for (int i = 0; i < 2; i++)
                assert_int_equal(fixture_tmux(f, "split-window", "-d", "-t", "%0",
                                                 "echo beside; cat", NULL),
                                0);
        (void)fixture_pane_with(f, "beside");
        assert_int_equal(fixture_tmux(f, "resize-pane", "-Z", "-t", "%0", NULL), 0);
        look_and_find(f, "%1", window, 2);
        assert_int_equal(fixture_tmux(f, "swap-pane", "-dZ", "-s", "%1", "-t", "%2", NULL), 0);
        look_and_find(f, "%1", window, 1);
        look_and_find(f, "%2", window, 2);
}

static bool has_other_process(Fixture *f, const void *pid) {
        const TmuxPane *p = tmux_server_find(f->server, "%0");

        return p && p->row.pid != *(const pid_t *)pid && strstr(p->screen, "again");
}

static void a_respawned_pane_has_another_process(void **state) {
        Fixture *f = *state;
        pid_t pid = fixture_pane_with(f, "ready")->row.pid;

        f->changes = 0;
        assert_int_equal(fixture_tmux(f, "respawn-pane", "-k", "-t", "%0", "echo again; cat", NULL),
                        0);
        fixture_look_until(f, has_other_process, &pid);
        assert_true(f->changes & TMUX_PANE_META);
        assert_int_equal(f->n_gone, 0);
}

static void linked_windows_and_grouped_sessions_count_once(void **state) {
        static const unsigned two = 2;
        Fixture *f = *state;

        (void)fixture_pane_with(f, "ready");
        assert_int_equal(
                        fixture_tmux(f, "new-session", "-d", "-s", "alone", "echo lone; cat", NULL),
                        0);
        assert_int_equal(fixture_tmux(f, "link-window", "-s", "first:0", "-t", "alone:7", NULL), 0);
        assert_int_equal(fixture_tmux(f, "new-session", "-d", "-t", "first", "-s", "group", NULL),
                        0);
        fixture_look_until(f, fixture_has_panes, &two);
        assert_int_equal(fixture_look(f, TMUX_LOOK_FULL), 0);
        assert_true(fixture_has_panes(f, &two));
        assert_int_equal(f->n_new, 2);
        assert_int_equal(f->stats.captured, 2);
        /* link-window made it the current one of "alone". */
        assert_string_equal(tmux_server_find(f->server, "%0")->row.session, "alone");
}

static bool is_dead(Fixture *f, const void *pane) {
        const TmuxPane *p = tmux_server_find(f->server, pane);

        return p && p->row.dead;
}

static void a_dead_pane_that_stays_says_how_it_died(void **state) {
        Fixture *f = *state;

        assert_int_equal(fixture_tmux(f, "set-option", "-g", "remain-on-exit", "on", NULL), 0);
        assert_int_equal(fixture_tmux(f, "split-window", "-t", "%0",
                                         "echo; echo last words; read -r x; exit 7", NULL),
                        0);
        (void)fixture_pane_with(f, "last words");
        assert_int_equal(fixture_tmux(f, "send-keys", "-t", "%1", "Enter", NULL), 0);
        /* tmux may see the terminal close and never learn the status, so that much is not asked. */
        fixture_look_until(f, is_dead, "%1");
        assert_int_not_equal(tmux_server_find(f->server, "%1")->row.pid, 0);
        assert_int_equal(tmux_server_count(f->server), 2);
        if (tmux_server_find(f->server, "%1")->row.dead_status >= 0)
                assert_int_equal(tmux_server_find(f->server, "%1")->row.dead_status, 7);
        (void)fixture_pane_with(f, "last words");
}

static bool has_refreshed(Fixture *f, const void *unused) {
        return f->n_done > 0;
}

static void on_refresh(void *userdata, TmuxServer *s, int error, TmuxPane *pane) {
        Fixture *f = userdata;

        f->error = error;
        f->n_done++;
        assert_true((error < 0) == (pane == NULL));
        if (pane)
                assert_true(strstr(pane->screen, "ready"));
}

static void one_pane_can_be_looked_at_by_itself(void **state) {
        Fixture *f = *state;

        assert_int_equal(tmux_server_refresh_pane(f->server, "0", on_refresh, f), -EINVAL);
        (void)fixture_pane_with(f, "ready");

        f->n_done = 0;
        assert_int_equal(tmux_server_refresh_pane(f->server, "%0", on_refresh, f), 0);
        fixture_run_until(f, has_refreshed, NULL);
        assert_int_equal(f->error, 0);

        /* What names it is fresh, too: without a list, if one was had not long ago. */
        assert_int_equal(fixture_tmux(f, "rename-session", "-t", "first", "other", NULL), 0);
        f->n_done = 0;
        assert_int_equal(tmux_server_refresh_pane(f->server, "%0", on_refresh, f), 0);
        fixture_run_until(f, has_refreshed, NULL);
        assert_int_equal(f->error, 0);
        assert_string_equal(tmux_server_find(f->server, "%0")->row.session, "other");

        f->n_done = 0;
        assert_int_equal(tmux_server_refresh_pane(f->server, "%77", on_refresh, f), 0);
        fixture_run_until(f, has_refreshed, NULL);
        assert_int_equal(f->error, -ENXIO);
}

static bool all_told(Fixture *f, const void *count) {
        return f->n_done == *(const unsigned *)count;
}

static void on_look_count(void *userdata, TmuxServer *s, int error, const TmuxLookStats *stats) {
        Fixture *f = userdata;

        f->n_done++;
        f->stats.chunks += stats->chunks;
}

static void looks_at_one_time_are_one_look(void **state) {
        static const unsigned three = 3;
        Fixture *f = *state;

        for (unsigned i = 0; i < three; i++)
                assert_int_equal(
                                tmux_server_look(f->server, TMUX_LOOK_NORMAL, on_look_count, f), 0);
        fixture_run_until(f, all_told, &three);
        /* The list, the screen of the new pane, told three times. */
        assert_int_equal(f->stats.chunks, 6);
}

static bool runs(const ProcessTree *tree, const char *command) {
        for (char *const *c = process_tree_commands(tree); *c; c++)
                if (strcmp(*c, command) == 0)
                        return true;
        return false;
}

static void a_new_foreground_process_is_seen_though_the_time_is_not_up(void **state) {
        _cleanup_(process_tree_freep) ProcessTree *tree = NULL;
        uint64_t start = now_monotonic();
        Fixture *f = *state;

        assert_int_equal(
                        fixture_tmux(f, "respawn-pane", "-k", "-t", "%0", "PS1=prompt sh -i", NULL),
                        0);
        assert_int_equal(process_tree_new(fixture_pane_with(f, "prompt")->row.pid, &tree), 0);
        assert_int_equal(fixture_tmux(f, "send-keys", "-t", "%0", "cat", "Enter", NULL), 0);
        /* By the foreground group alone: for the tree no time passes. */
        while (!runs(tree, "cat") && process_tree_update(tree, 0) >= 0)
                assert_true(now_monotonic() - start < 20 * USEC_PER_SEC);

        assert_non_null(process_tree_foreground(tree));
        assert_string_equal(process_tree_foreground(tree)->command, "cat");
}

#define test(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                        test(a_pane_is_found_with_all_that_is_known_of_it),
                        test(what_does_not_change_is_not_captured_again),
                        test(a_new_name_of_a_quiet_window_is_seen),
                        test(a_pane_that_moves_all_the_time_comes_with_the_list),
                        test(a_line_drawn_over_is_seen),
                        test(a_title_is_seen),
                        test(splits_and_windows_come_and_go),
                        test(a_new_size_is_seen),
                        test(a_pane_keeps_its_name_where_it_goes),
                        test(panes_that_change_places_are_seen),
                        test(panes_that_change_places_behind_a_zoomed_one_are_seen),
                        test(a_respawned_pane_has_another_process),
                        test(linked_windows_and_grouped_sessions_count_once),
                        test(a_dead_pane_that_stays_says_how_it_died),
                        test(a_new_foreground_process_is_seen_though_the_time_is_not_up),
                        test(one_pane_can_be_looked_at_by_itself),
                        test(looks_at_one_time_are_one_look),
        };

        return fixture_check() ?: cmocka_run_group_tests(tests, NULL, NULL);
}
