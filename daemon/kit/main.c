/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * plugin-kit: for those who write plugins
 *
 *     plugin-kit test FOLDER [--execute]
 *     plugin-kit docs FOLDER [--format markdown|man|json]
 *
 * People call it as "tmux-orc plugin test" and "tmux-orc plugin docs".
 */

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "daemon/extend/manifest-file.h"
#include "daemon/kit/docs.h"
#include "daemon/kit/trial.h"

static int usage(void) {
        (void)fputs("usage: plugin-kit test FOLDER [--execute]\n"
                    "       plugin-kit docs FOLDER [--format markdown|man|json]\n",
                        stderr);
        return 2;
}

static int print_docs(const char *folder, DocsFormat format) {
        _cleanup_(manifest_unrefp) Manifest *m = NULL;
        _cleanup_free_ char *sentence = NULL;
        struct stat seen;
        int r;

        r = manifest_file_read(folder, getuid(), &seen, &m, &sentence);
        if (r >= 0)
                r = docs_write(stdout, m, format);
        if (r >= 0 && fflush(stdout) == 0)
                return EXIT_SUCCESS;
        (void)fprintf(stderr, "plugin-kit: %s\n", sentence ?: strerror(r < 0 ? -r : errno));
        return EXIT_FAILURE;
}

int main(int argc, char **argv) {
        char folder[PATH_MAX];
        int format;

        if (argc < 3)
                return usage();
        if (!realpath(argv[2], folder)) {
                (void)fprintf(stderr, "plugin-kit: %s: %s\n", argv[2], strerror(errno));
                return EXIT_FAILURE;
        }

        if (strcmp(argv[1], "test") == 0) {
                if (argc > 4 || (argc == 4 && strcmp(argv[3], "--execute") != 0))
                        return usage();
                return trial_run(folder, argc == 4);
        }
        if (strcmp(argv[1], "docs") == 0 && (argc == 3 || argc == 5)) {
                format = docs_format_from_string(argc == 5 ? argv[4] : "markdown");
                if (format < 0 || (argc == 5 && strcmp(argv[3], "--format") != 0))
                        return usage();
                return print_docs(folder, (DocsFormat)format);
        }
        return usage();
}
