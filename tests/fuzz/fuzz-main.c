/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs the target once for every file of a corpus folder, where there is no fuzzing engine. */

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/read-file.h"
#include "tests/fuzz/fuzz.h"

static int run_file(const char *folder, const char *name) {
        _cleanup_free_ char *path = NULL, *data = NULL;
        size_t n;

        if (asprintf(&path, "%s/%s", folder, name) < 0 ||
                        read_regular_file(path, 64U << 20, &data, &n) < 0)
                return -1;

        return LLVMFuzzerTestOneInput((const uint8_t *)data, n);
}

int main(int argc, char **argv) {
        _cleanup_closedir_ DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
        unsigned n = 0;

        if (!folder) {
                (void)fprintf(stderr, "usage: %s CORPUS-FOLDER\n", argv[0]);
                return 2;
        }

        for (struct dirent *e = readdir(folder); e; e = readdir(folder)) {
                if (e->d_name[0] == '.')
                        continue;
                if (run_file(argv[1], e->d_name) < 0) {
                        (void)fprintf(stderr, "%s: cannot run it\n", e->d_name);
                        return 1;
                }
                n++;
        }

        (void)printf("%u files\n", n);
        return n > 0 ? 0 : 1; /* an empty corpus tests nothing */
}
