/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/programs.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "daemon/base/cleanup.h"

static int own_folder(char *buffer, size_t size) {
        ssize_t n = readlink("/proc/self/exe", buffer, size - 1);
        char *slash;

        if (n <= 0)
                return -ENOENT;
        buffer[n] = '\0';
        slash = strrchr(buffer, '/');
        if (!slash)
                return -ENOENT;
        *slash = '\0';
        return 0;
}

static char *candidate(const char *folder, const char *below, const char *name) {
        char *path = NULL;

        return asprintf(&path, "%s/%s/%s", folder, below, name) < 0 ? NULL : path;
}

int programs_find(const char *name, char **ret) {
        static const char *const places[] = {
                        "../libexec/tmux-orchestrator", "../lib/tmux-orchestrator", "../daemon"};
        char folder[PATH_MAX];

        if (own_folder(folder, sizeof(folder)) >= 0)
                FOREACH_ELEMENT (place, places) {
                        _cleanup_free_ char *path = candidate(folder, *place, name);

                        if (path && access(path, X_OK) == 0) {
                                *ret = TAKE_PTR(path);
                                return 0;
                        }
                }

        *ret = candidate(PACKAGE_LIBEXEC_DIR, ".", name);
        if (!*ret)
                return -ENOMEM;
        if (access(*ret, X_OK) == 0)
                return 0;
        free(TAKE_PTR(*ret));
        return -ENOENT;
}
