/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/file-fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/read-file.h"

static void fill(const FileFixture *f, const char *data, size_t n) {
        _cleanup_fclose_ FILE *file = fopen(f->path, "we");

        assert_non_null(file);
        assert_int_equal(fwrite(data, 1, n, file), n);
}

static void a_file_is_read_as_it_is(void **state) {
        FileFixture *f = *state;
        _cleanup_free_ char *text = NULL;
        size_t n = 0;

        fill(f, "a\0b\n", 4);
        assert_int_equal(read_regular_file(f->path, 4, &text, &n), 0);
        assert_int_equal(n, 4);
        assert_memory_equal(text, "a\0b\n", 5);
}

static void an_empty_file_is_an_empty_text(void **state) {
        FileFixture *f = *state;
        _cleanup_free_ char *text = NULL;
        size_t n = 1;

        fill(f, "", 0);
        assert_int_equal(read_regular_file(f->path, 0, &text, &n), 0);
        assert_int_equal(n, 0);
        assert_string_equal(text, "");
}

static void a_file_may_not_be_larger_than_allowed(void **state) {
        FileFixture *f = *state;
        char *text = NULL;
        size_t n;

        fill(f, "12345", 5);
        assert_int_equal(read_regular_file(f->path, 4, &text, &n), -EFBIG);
        assert_null(text);
}

/* Half of a file is worse than none. Files of /proc have no size, so they seem to grow. */
static void a_file_that_grows_is_not_cut(void **state) {
        char *text = NULL;
        size_t n;

        assert_int_equal(read_regular_file("/proc/self/status", 1 << 20, &text, &n), -EAGAIN);
        assert_null(text);
}

static void only_regular_files_are_read(void **state) {
        FileFixture *f = *state;
        char *text = NULL;
        size_t n;

        assert_int_equal(mkfifo(f->path, 0600), 0); /* and none of them blocks */
        assert_int_equal(read_regular_file(f->path, 100, &text, &n), -EBADF);
        assert_int_equal(read_regular_file(f->folder, 100, &text, &n), -EBADF);
        assert_int_equal(read_regular_file("/dev/null", 100, &text, &n), -EBADF);
        assert_int_equal(read_regular_file("/nonexistent", 100, &text, &n), -ENOENT);
        assert_null(text);
}

static void a_file_of_proc_is_read_up_to_the_limit(void **state) {
        _cleanup_close_ int self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
        _cleanup_free_ char *all = NULL, *some = NULL;
        size_t n;

        assert_int_equal(read_proc_file(self, "status", 1 << 20, &all, &n), 0);
        assert_int_equal(strlen(all), n);
        assert_non_null(strstr(all, "\nPid:"));
        assert_int_equal(read_proc_file(self, "status", 5, &some, &n), 0);
        assert_string_equal(some, "Name:");
        assert_int_equal(read_proc_file(self, "nothing", 5, &some, &n), -ENOENT);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, file_fixture_setup, file_fixture_teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                        TEST(a_file_is_read_as_it_is),
                        TEST(an_empty_file_is_an_empty_text),
                        TEST(a_file_may_not_be_larger_than_allowed),
                        TEST(a_file_that_grows_is_not_cut),
                        TEST(only_regular_files_are_read),
                        TEST(a_file_of_proc_is_read_up_to_the_limit),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
