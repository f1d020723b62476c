/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/programs.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/read-file.h"

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

/* @process: its folder below /proc. */
static bool is_program(int proc, const char *process, const struct stat *program) {
        _cleanup_free_ char *exe = NULL, *cmdline = NULL, *text = NULL;
        struct stat st;
        size_t n;

        if (fstatat(proc, process, &st, 0) < 0 || st.st_uid != getuid() ||
                        asprintf(&exe, "%s/exe", process) < 0)
                return false;
        if (fstatat(proc, exe, &st, 0) < 0 || st.st_dev != program->st_dev ||
                        st.st_ino != program->st_ino)
                return false;
        if (asprintf(&cmdline, "%s/cmdline", process) < 0 ||
                        read_proc_file(proc, cmdline, PATH_MAX, &text, &n) < 0)
                return false;
        return strlen(text) + 1 == n;
}

bool programs_is_running(const char *path) {
        _cleanup_closedir_ DIR *proc = opendir("/proc");
        struct stat program;

        if (!proc || stat(path, &program) < 0)
                return false;
        for (struct dirent *e; (e = readdir(proc));)
                if (e->d_name[0] >= '1' && e->d_name[0] <= '9' &&
                                is_program(dirfd(proc), e->d_name, &program))
                        return true;
        return false;
}
