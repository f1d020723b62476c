/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/file-fixture.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/read-file.h"
#include "daemon/base/state-dir.h"
#include "daemon/base/write-file.h"

static void assert_holds(const FileFixture *f, const char *expected) {
        _cleanup_free_ char *text = NULL;
        size_t n;

        assert_int_equal(read_regular_file(f->path, 100, &text, &n), 0);
        assert_string_equal(text, expected);
}

static void a_file_is_made_and_replaced_with_its_mode(void **state) {
        FileFixture *f = *state;
        struct stat st;

        assert_int_equal(write_file_atomically(f->path, "one", 3, 0600), 0);
        assert_holds(f, "one");
        assert_int_equal(write_file_atomically(f->path, "two", 3, 0644), 0);
        assert_holds(f, "two");
        assert_int_equal(stat(f->path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0644);
}

static void what_was_there_stays_if_it_cannot_be_replaced(void **state) {
        FileFixture *f = *state;
        char beside[80];

        assert_int_equal(write_file_atomically(f->path, "one", 3, 0600), 0);
        (void)snprintf(beside, sizeof(beside), "%s.new", f->path);
        assert_int_equal(mkdir(beside, 0700), 0);
        assert_int_equal(write_file_atomically(f->path, "two", 3, 0600), -EEXIST);
        assert_int_equal(rmdir(beside), 0);
        assert_holds(f, "one");
}

static void a_left_over_of_a_broken_attempt_does_no_harm(void **state) {
        FileFixture *f = *state;
        char beside[80];

        (void)snprintf(beside, sizeof(beside), "%s.new", f->path);
        assert_int_equal(symlink("/etc/passwd", beside), 0);
        assert_int_equal(write_file_atomically(f->path, "two", 3, 0600), 0);
        assert_holds(f, "two");
}

static void the_state_folder_is_where_it_is_said_to_be(void **state) {
        FileFixture *f = *state;
        char expected[96], made[80];
        _cleanup_free_ char *path = NULL, *given = NULL;

        assert_int_equal(unsetenv("STATE_DIRECTORY"), 0);
        assert_int_equal(setenv("XDG_STATE_HOME", f->path, 1), 0);
        assert_int_equal(state_dir_find(true, &path), 0);
        (void)snprintf(expected, sizeof(expected), "%s/tmux-orchestrator", f->path);
        assert_string_equal(path, expected);
        assert_int_equal(rmdir(path), 0);
        assert_int_equal(rmdir(f->path), 0);

        (void)snprintf(made, sizeof(made), "%s:/elsewhere", f->path);
        assert_int_equal(setenv("STATE_DIRECTORY", made, 1), 0);
        assert_int_equal(state_dir_find(true, &given), 0);
        assert_string_equal(given, f->path);
        assert_int_equal(rmdir(f->path), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test_setup_teardown(a_file_is_made_and_replaced_with_its_mode,
                                        file_fixture_setup, file_fixture_teardown),
                        cmocka_unit_test_setup_teardown(
                                        what_was_there_stays_if_it_cannot_be_replaced,
                                        file_fixture_setup, file_fixture_teardown),
                        cmocka_unit_test_setup_teardown(
                                        a_left_over_of_a_broken_attempt_does_no_harm,
                                        file_fixture_setup, file_fixture_teardown),
                        cmocka_unit_test_setup_teardown(the_state_folder_is_where_it_is_said_to_be,
                                        file_fixture_setup, file_fixture_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
