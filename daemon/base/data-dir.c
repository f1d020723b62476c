/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/base/data-dir.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/base/cleanup.h"

static bool is_folder(const char *path) {
        struct stat st;

        return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The folder of the running program; false if /proc does not tell. */
static bool own_folder(char *buffer, size_t size) {
        ssize_t n = readlink("/proc/self/exe", buffer, size - 1);
        char *slash;

        if (n <= 0)
                return false;
        buffer[n] = '\0';
        slash = strrchr(buffer, '/');
        if (!slash)
                return false;
        *slash = '\0';
        return true;
}

int data_dir_find(char **ret) {
        static const char *const relative[] = {"../share", "../../share"};
        const char *given = secure_getenv("TMUX_ORC_DATADIR");
        _cleanup_free_ char *path = NULL;
        char folder[PATH_MAX];

        if (given && is_folder(given)) {
                path = strdup(given);
                if (!path)
                        return -ENOMEM;
        } else if (own_folder(folder, sizeof(folder)))
                FOREACH_ELEMENT (up, relative) {
                        if (asprintf(&path, "%s/%s/tmux-orchestrator", folder, *up) < 0)
                                return -ENOMEM;
                        if (is_folder(path))
                                break;
                        free(TAKE_PTR(path));
                }

        if (!path) {
                path = strdup(PACKAGE_DATA_DIR);
                if (!path)
                        return -ENOMEM;
        }
        *ret = TAKE_PTR(path);
        return 0;
}
