/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/config/config-files.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/base/strv.h"
#include "daemon/base/text.h"

#define SYSTEM_FILE "/etc/tmux-orchestrator/config.yaml"

static int compare_names(const void *a, const void *b) {
        return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_dropin(const char *name) {
        return name[0] != '.' && text_ends_with(name, ".yaml");
}

static int list_dropins(DIR *folder, const char *path, char ***ret) {
        _cleanup_strv_free_ char **names = NULL;
        size_t n = 0;
        int r;

        for (struct dirent *e = readdir(folder); e; e = readdir(folder)) {
                _cleanup_free_ char *file = NULL;

                if (!is_dropin(e->d_name))
                        continue;
                if (n++ >= CONFIG_DROPINS_MAX)
                        return -E2BIG;
                if (asprintf(&file, "%s/%s", path, e->d_name) < 0)
                        return -ENOMEM;
                r = strv_extend(&names, file);
                if (r < 0)
                        return r;
        }

        if (n > 0)
                qsort(names, n, sizeof(*names), compare_names);
        *ret = TAKE_PTR(names);
        return 0;
}

static int find_dropins(const char *file, char ***ret, ConfigProblems *problems) {
        _cleanup_free_ char *path = NULL;
        _cleanup_closedir_ DIR *folder = NULL;
        int r;

        if (asprintf(&path, "%s.d", file) < 0)
                return -ENOMEM;

        folder = opendir(path);
        if (!folder && (errno == ENOENT || errno == ENOTDIR))
                return 0;

        r = folder ? list_dropins(folder, path, ret) : -errno;
        if (r == -ENOMEM || r >= 0)
                return r;
        if (r == -E2BIG)
                return config_problems_add(problems, CONFIG_ERROR, path, 0, "",
                                "more than %u files", CONFIG_DROPINS_MAX);
        return config_problems_add(
                        problems, CONFIG_ERROR, path, 0, "", "cannot read: %s", strerror(-r));
}

/* A file that is there but cannot be read stays in the list: reading it tells why. */
static int add_with_dropins(char ***files, const char *file, ConfigProblems *problems) {
        _cleanup_strv_free_ char **dropins = NULL;
        int r;

        if (access(file, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR)) {
                r = strv_extend(files, file);
                if (r < 0)
                        return r;
        }

        r = find_dropins(file, &dropins, problems);
        if (r < 0)
                return r;

        STRV_FOREACH (dropin, dropins) {
                r = strv_extend(files, *dropin);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int add_in(char ***files, const char *folder, const char *name, ConfigProblems *problems) {
        _cleanup_free_ char *path = NULL;

        if (asprintf(&path, "%s/%s", folder, name) < 0)
                return -ENOMEM;
        return add_with_dropins(files, path, problems);
}

static int add_user_files(char ***files, const ConfigPlaces *p, ConfigProblems *problems) {
        int r;

        if (p->home) {
                r = add_in(files, p->home, ".tmux-orchestrator/config.yaml", problems);
                if (r < 0)
                        return r;
        }

        if (!text_is_empty(p->xdg_config_home))
                return add_in(files, p->xdg_config_home, "tmux-orchestrator/config.yaml", problems);
        if (p->home)
                return add_in(files, p->home, ".config/tmux-orchestrator/config.yaml", problems);
        return 0;
}

/* That the file is missing is for who reads it to say. */
static int add_named_file(char ***files, const ConfigPlaces *p, ConfigProblems *problems) {
        if (access(p->file, F_OK) < 0)
                return strv_extend(files, p->file);
        return add_with_dropins(files, p->file, problems);
}

int config_files_find(const ConfigPlaces *places, char ***ret, ConfigProblems *problems) {
        _cleanup_strv_free_ char **files = NULL;
        unsigned n_errors = problems->n_errors;
        int r;

        assert(places && ret);

        if (places->vendor) {
                r = add_in(&files, places->vendor, "config.yaml", problems);
                if (r < 0)
                        return r;
        }

        if (places->file)
                r = add_named_file(&files, places, problems);
        else if (places->user)
                r = add_user_files(&files, places, problems);
        else
                r = add_with_dropins(&files, SYSTEM_FILE, problems);
        if (r < 0)
                return r;
        if (problems->n_errors > n_errors)
                return -EBADMSG;

        *ret = TAKE_PTR(files);
        return 0;
}
