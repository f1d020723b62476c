/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/cleanup.h"
#include "daemon/extend/plugin-file.h"

typedef struct Place {
        char folder[64], inner[128], file[192];
} Place;

static int setup(void **state) {
        Place *p = calloc(1, sizeof(*p));
        FILE *f;

        (void)strcpy(p->folder, "/tmp/plugin-file-XXXXXX");
        assert_non_null(mkdtemp(p->folder));
        (void)snprintf(p->inner, sizeof(p->inner), "%s/inner", p->folder);
        (void)snprintf(p->file, sizeof(p->file), "%s/file", p->inner);
        assert_int_equal(mkdir(p->inner, 0755), 0);
        f = fopen(p->file, "w");
        (void)fputs("content", f);
        (void)fclose(f);
        assert_int_equal(chmod(p->file, 0644), 0);
        *state = p;
        return 0;
}

static int teardown(void **state) {
        Place *p = *state;
        char link[256];

        (void)snprintf(link, sizeof(link), "%s/link", p->inner);
        (void)unlink(link);
        (void)unlink(p->file);
        (void)rmdir(p->inner);
        (void)rmdir(p->folder);
        free(p);
        return 0;
}

/* The words of the refusal, or "" if it is opened. */
static void expect(const Place *p, const char *words) {
        _cleanup_free_ char *sentence = NULL;
        _cleanup_close_ int fd = -1;
        int r = plugin_file_open(p->file, getuid(), &fd, &sentence);

        if (words[0] == '\0') {
                assert_int_equal(r, 0);
                return;
        }
        assert_int_equal(r, -EACCES);
        assert_non_null(sentence);
        if (!strstr(sentence, words))
                fail_msg("%s", sentence);
}

static void files_that_others_can_write_are_refused(void **state) {
        Place *p = *state;

        expect(p, "");
        assert_int_equal(chmod(p->file, 0664), 0);
        expect(p, "can be written to by others");
        assert_int_equal(chmod(p->file, 0646), 0);
        expect(p, "can be written to by others");
        assert_int_equal(chmod(p->file, 0600), 0);
        expect(p, "");
}

static void folders_that_others_can_write_are_refused(void **state) {
        Place *p = *state;

        assert_int_equal(chmod(p->inner, 0777), 0);
        expect(p, "/inner' can be written to by others");
        /* In a sticky one nobody can take the place of what is another's. */
        assert_int_equal(chmod(p->inner, 01777), 0);
        expect(p, "");
        assert_int_equal(chmod(p->folder, 0775), 0);
        expect(p, "can be written to by others");
}

static void what_is_anothers_is_refused(void **state) {
        Place *p = *state;

        if (getuid() != 0)
                skip();
        assert_int_equal(chown(p->file, 4711, 0), 0);
        expect(p, "belongs to another user");
        assert_int_equal(chown(p->file, 0, 0), 0);
        assert_int_equal(chown(p->inner, 4711, 0), 0);
        expect(p, "/inner' belongs to another user");
}

static void a_second_name_is_refused(void **state) {
        Place *p = *state;
        char other[256];

        (void)snprintf(other, sizeof(other), "%s/link", p->inner);
        assert_int_equal(link(p->file, other), 0);
        expect(p, "a hard link");
}

static void what_is_no_file_is_refused(void **state) {
        _cleanup_free_ char *sentence = NULL;
        Place *p = *state;
        int fd = -1;

        assert_int_equal(plugin_file_open(p->inner, getuid(), &fd, &sentence), -EBADF);
        assert_int_equal(unlink(p->file), 0);
        assert_int_equal(plugin_file_open(p->file, getuid(), &fd, &sentence), -ENOENT);
        assert_int_equal(mkfifo(p->file, 0600), 0);
        assert_int_equal(plugin_file_open(p->file, getuid(), &fd, &sentence), -EBADF);
}

static void a_sealed_copy_cannot_be_changed(void **state) {
        _cleanup_free_ char *sentence = NULL;
        _cleanup_close_ int fd = -1, memory = -1;
        Place *p = *state;
        char text[16] = "";

        assert_int_equal(plugin_file_open(p->file, getuid(), &fd, &sentence), 0);
        assert_int_equal(plugin_file_seal(fd, "x", 7, &memory), 0);
        assert_int_equal(pread(memory, text, sizeof(text), 0), 7);
        assert_string_equal(text, "content");
        assert_int_equal(pwrite(memory, "x", 1, 0), -1);
        assert_int_equal(ftruncate(memory, 0), -1);
        assert_int_equal(fcntl(memory, F_ADD_SEALS, 0), -1);
}

static void a_file_that_is_too_large_is_refused(void **state) {
        _cleanup_free_ char *sentence = NULL, *text = NULL;
        _cleanup_close_ int fd = -1, memory = -1;
        Place *p = *state;
        size_t n;

        assert_int_equal(plugin_file_open(p->file, getuid(), &fd, &sentence), 0);
        assert_int_equal(plugin_file_seal(fd, "x", 6, &memory), -EFBIG);
        assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
        assert_int_equal(plugin_file_read(fd, 6, &text, &n), -EFBIG);
        assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
        assert_int_equal(plugin_file_read(fd, 7, &text, &n), 0);
        assert_string_equal(text, "content");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                        CASE(files_that_others_can_write_are_refused),
                        CASE(folders_that_others_can_write_are_refused),
                        CASE(what_is_anothers_is_refused),
                        CASE(a_second_name_is_refused),
                        CASE(what_is_no_file_is_refused),
                        CASE(a_sealed_copy_cannot_be_changed),
                        CASE(a_file_that_is_too_large_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
