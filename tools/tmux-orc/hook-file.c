/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/hook-file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/base/read-file.h"
#include "daemon/base/text.h"
#include "daemon/base/write-file.h"
#include "tools/tmux-orc/hook-edit.h"

#define BACKUP_SUFFIX ".before-tmux-orc"

/* NULL where there is no file. */
static int load(const char *path, char **ret) {
        size_t n;
        int r = read_regular_file(path, HOOK_FILE_MAX, ret, &n);

        if (r == -ENOENT) {
                *ret = NULL;
                return 0;
        }
        if (r >= 0 && memchr(*ret, '\0', n)) {
                free(TAKE_PTR(*ret));
                return -EBADMSG;
        }
        return r;
}

static mode_t mode_of(const char *path) {
        struct stat st;

        return stat(path, &st) == 0 ? st.st_mode & 0777 : 0600;
}

/* What may be a link, into a repository of settings say, stays one. */
static int save(const char *path, const char *text) {
        _cleanup_free_ char *real = realpath(path, NULL);
        const char *where = real ?: path;

        return write_file_atomically(where, text, strlen(text), mode_of(where));
}

static int make_parents(const char *path) {
        _cleanup_free_ char *folder = strdup(path);

        if (!folder)
                return -ENOMEM;
        for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
                *slash = '\0';
                if (mkdir(folder, 0700) < 0 && errno != EEXIST)
                        return -errno;
                *slash = '/';
        }
        return 0;
}

static int backup_path(const char *path, char **ret) {
        return asprintf(ret, "%s" BACKUP_SUFFIX, path) < 0 ? -ENOMEM : 0;
}

/* An empty copy says that there was no file. */
static int keep_copy(const char *path, const char *text) {
        _cleanup_free_ char *backup = NULL;
        int r = backup_path(path, &backup);

        if (r < 0)
                return r;
        return write_file_atomically(backup, text ?: "", text ? strlen(text) : 0, mode_of(path));
}

static int text_with_hooks(
                const HookProgram *program, const char *text, const char *command, char **ret) {
        if (!program->script)
                return hook_edit_add(text, program, command, ret);
        *ret = strdup(program->script);
        return *ret ? 0 : -ENOMEM;
}

int hook_file_status(
                const HookProgram *program, const char *path, unsigned *ret, unsigned *ret_of) {
        _cleanup_free_ char *text = NULL;
        int r = load(path, &text);

        if (r < 0)
                return r;

        *ret_of = 0;
        for (const char *const *event = program->events; *event; event++)
                (*ret_of)++;
        if (!program->script)
                return hook_edit_count(text, program, ret);
        *ret = text && strcmp(text, program->script) == 0;
        *ret_of = 1;
        return 0;
}

int hook_file_install(const HookProgram *program, const char *path, const char *command,
                HookFileChange *ret) {
        _cleanup_free_ char *text = NULL, *changed = NULL;
        unsigned n, of;
        int r;

        r = hook_file_status(program, path, &n, &of);
        if (r < 0)
                return r;
        *ret = HOOK_FILE_AS_IT_WAS;
        if (n == of)
                return 0;

        r = load(path, &text);
        if (r >= 0)
                r = text_with_hooks(program, text, command, &changed);
        if (r >= 0)
                r = make_parents(path);
        if (r >= 0 && n == 0) /* else the copy is older, and has none of ours */
                r = keep_copy(path, text);
        if (r >= 0)
                r = save(path, changed);
        if (r < 0)
                return r;

        *ret = HOOK_FILE_ADDED;
        return 0;
}

/* Whether the file is what adding made of the copy. */
static bool is_untouched(const HookProgram *program, const char *text, const char *copy,
                const char *command) {
        _cleanup_free_ char *added = NULL;

        return copy &&
                        text_with_hooks(program, text_is_empty(copy) ? NULL : copy, command,
                                        &added) >= 0 &&
                        strcmp(added, text) == 0;
}

static int put_back(const char *path, const char *copy) {
        if (!text_is_empty(copy))
                return save(path, copy);
        return remove(path) < 0 ? -errno : 0;
}

static int take_out(const HookProgram *program, const char *path, const char *text) {
        _cleanup_free_ char *changed = NULL;
        int r;

        if (program->script)
                return remove(path) < 0 ? -errno : 0;
        r = hook_edit_remove(text, program, &changed);
        return r < 0 ? r : save(path, changed);
}

int hook_file_remove(const HookProgram *program, const char *path, const char *command,
                HookFileChange *ret) {
        _cleanup_free_ char *text = NULL, *copy = NULL, *backup = NULL;
        unsigned n, of;
        int r;

        r = hook_file_status(program, path, &n, &of);
        if (r < 0)
                return r;
        *ret = HOOK_FILE_AS_IT_WAS;
        if (n == 0)
                return 0;

        r = load(path, &text);
        if (r >= 0)
                r = backup_path(path, &backup);
        if (r >= 0)
                r = load(backup, &copy);
        if (r < 0)
                return r;

        *ret = is_untouched(program, text, copy, command) ? HOOK_FILE_RESTORED : HOOK_FILE_REMOVED;
        r = *ret == HOOK_FILE_RESTORED ? put_back(path, copy) : take_out(program, path, text);
        if (r >= 0)
                (void)remove(backup); /* it would be put back for another file's */
        return r;
}
