/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/config/kept-config.h"

static char folder[32];

static int setup(void **state) {
        (void)strcpy(folder, "/tmp/test-kept-XXXXXX");
        assert_non_null(mkdtemp(folder));
        return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw) {
        return remove(path);
}

static int teardown(void **state) {
        return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void nothing_is_kept_at_first(void **state) {
        _cleanup_(kept_versions_done) KeptVersions versions = {};
        _cleanup_free_ char *text = NULL;

        assert_int_equal(kept_config_read(folder, &text), 0);
        assert_null(text);
        assert_int_equal(kept_config_list(folder, &versions), 0);
        assert_int_equal(versions.n_items, 0);
        assert_int_equal(kept_config_read_version(folder, 1, &text), -ENOENT);
}

static void changes_are_kept_and_so_are_those_before(void **state) {
        _cleanup_(kept_versions_done) KeptVersions versions = {};
        _cleanup_free_ char *text = NULL, *first = NULL;

        assert_int_equal(kept_config_write(folder, "a: 1\n", "set a to 1,\nby me"), 0);
        assert_int_equal(kept_config_write(folder, "a: 2\n", "set a to 2"), 0);
        assert_int_equal(kept_config_read(folder, &text), 0);
        assert_non_null(strstr(text, "a: 2\n"));

        assert_int_equal(kept_config_list(folder, &versions), 0);
        assert_int_equal(versions.n_items, 3);
        assert_int_equal(versions.items[0].number, 3);
        assert_string_equal(versions.items[0].what, "set a to 2");
        assert_string_equal(versions.items[1].what, "set a to 1,?by me");
        assert_string_equal(versions.items[2].what, "nothing was set");
        assert_true(versions.items[0].when_usec >= versions.items[1].when_usec);
        assert_int_equal(kept_config_read_version(folder, 2, &first), 0);
        assert_non_null(strstr(first, "a: 1\n"));
}

static void old_versions_go_and_strange_files_stay(void **state) {
        _cleanup_(kept_versions_done) KeptVersions versions = {};
        char strange[80];
        FILE *file;

        for (unsigned i = 0; i < KEPT_VERSIONS_MAX + 5; i++)
                assert_int_equal(kept_config_write(folder, "a: 1\n", "again"), 0);
        (void)snprintf(strange, sizeof(strange), "%s/config-versions/readme.txt", folder);
        file = fopen(strange, "we");
        assert_non_null(file);
        (void)fclose(file);

        assert_int_equal(kept_config_list(folder, &versions), 0);
        assert_int_equal(versions.n_items, KEPT_VERSIONS_MAX);
        assert_int_equal(versions.items[0].number, KEPT_VERSIONS_MAX + 6);
        assert_int_equal(access(strange, F_OK), 0);
}

/* The file in force cannot be replaced: then there is no version of it either. */
static void a_change_that_cannot_be_written_leaves_no_trace(void **state) {
        _cleanup_(kept_versions_done) KeptVersions versions = {};
        _cleanup_free_ char *path = kept_config_path(folder);
        _cleanup_free_ char *parent = strdup(path);

        *strrchr(parent, '/') = '\0';
        assert_int_equal(mkdir(parent, 0755), 0);
        assert_int_equal(mkdir(path, 0755), 0);
        assert_true(kept_config_write(folder, "a: 1\n", "set a") < 0);
        assert_int_equal(kept_config_list(folder, &versions), 0);
        assert_int_equal(versions.n_items, 1);
        assert_string_equal(versions.items[0].what, "nothing was set");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test_setup_teardown(nothing_is_kept_at_first, setup, teardown),
                        cmocka_unit_test_setup_teardown(
                                        changes_are_kept_and_so_are_those_before, setup, teardown),
                        cmocka_unit_test_setup_teardown(
                                        old_versions_go_and_strange_files_stay, setup, teardown),
                        cmocka_unit_test_setup_teardown(
                                        a_change_that_cannot_be_written_leaves_no_trace, setup,
                                        teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
