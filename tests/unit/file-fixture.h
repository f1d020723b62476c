/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A folder of its own for each test, and the path of a file in it that is not there yet. */

#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct FileFixture {
        char folder[40];
        char path[64];
} FileFixture;

static inline int file_fixture_setup(void **state) {
        FileFixture *f = calloc(1, sizeof(*f));

        assert_non_null(f);
        strcpy(f->folder, "/tmp/test-file-XXXXXX");
        assert_non_null(mkdtemp(f->folder));
        (void)snprintf(f->path, sizeof(f->path), "%s/file", f->folder);
        *state = f;
        return 0;
}

static inline int file_fixture_teardown(void **state) {
        FileFixture *f = *state;

        (void)unlink(f->path);
        assert_int_equal(rmdir(f->folder), 0);
        free(f);
        return 0;
}
