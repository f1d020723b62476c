/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/config/kept-config.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/base/clock.h"
#include "daemon/base/read-file.h"
#include "daemon/base/text.h"
#include "daemon/base/write-file.h"
#include "daemon/base/yaml-node.h"

#define FOLDER "config.yaml.d"
#define FILE_NAME FOLDER "/set.yaml"
#define VERSIONS "config-versions"
#define WHAT_MAX 400U
/* What comes before the settings: who did what, and whose file this is. */
#define HEADING_MAX 1024U
#define NUMBER_MAX 99999999U

void kept_versions_done(KeptVersions *versions) {
        for (size_t i = 0; i < versions->n_items; i++)
                free(versions->items[i].what);
        free(versions->items);
        *versions = (KeptVersions){};
}

static char *below(const char *state, const char *name) {
        char *path;

        return asprintf(&path, "%s/%s", state, name) < 0 ? NULL : path;
}

char *kept_config_path(const char *state) {
        return below(state, FILE_NAME);
}

static char *version_path(const char *state, unsigned number) {
        char *path;

        return asprintf(&path, "%s/" VERSIONS "/%08u.yaml", state, number) < 0 ? NULL : path;
}

static int read_document(const char *path, char **ret) {
        size_t n;
        int r;

        r = read_regular_file(path, YAML_SIZE_MAX, ret, &n);
        if (r >= 0 && strlen(*ret) != n) {
                free(*ret);
                *ret = NULL;
                return -EILSEQ;
        }
        return r;
}

int kept_config_read(const char *state, char **ret) {
        _cleanup_free_ char *path = kept_config_path(state);
        int r;

        assert(ret);

        if (!path)
                return -ENOMEM;
        *ret = NULL;
        r = read_document(path, ret);
        return r == -ENOENT ? 0 : r;
}

int kept_config_read_version(const char *state, unsigned number, char **ret) {
        _cleanup_free_ char *path = version_path(state, number);

        assert(ret);

        return path ? read_document(path, ret) : -ENOMEM;
}

/* The file's own name tells: "00000012.yaml". */
static unsigned number_of(const char *name) {
        uint64_t number;
        char digits[9];

        if (strlen(name) != strlen("00000000.yaml") || strcmp(name + 8, ".yaml") != 0)
                return 0;
        memcpy(digits, name, 8);
        digits[8] = '\0';
        return parse_u64(digits, 1, NUMBER_MAX, &number) < 0 ? 0 : (unsigned)number;
}

static char *first_line(const char *text) {
        const char *p = text[0] == '#' && text[1] == ' ' ? text + 2 : "";

        return text_clean(p, strcspn(p, "\n"), WHAT_MAX);
}

static int add_version(KeptVersions *versions, const char *state, unsigned number) {
        _cleanup_free_ char *path = version_path(state, number), *text = NULL;
        KeptVersion v = {.number = number};
        KeptVersion *longer;
        struct stat st;

        if (!path)
                return -ENOMEM;
        /* One that cannot be read cannot be gone back to. */
        if (stat(path, &st) < 0 || read_document(path, &text) < 0)
                return 0;

        v.when_usec = (uint64_t)st.st_mtim.tv_sec * USEC_PER_SEC +
                        (uint64_t)st.st_mtim.tv_nsec / 1000;
        longer = reallocarray(versions->items, versions->n_items + 1, sizeof(*longer));
        if (!longer)
                return -ENOMEM;
        versions->items = longer;
        v.what = first_line(text);
        if (!v.what)
                return -ENOMEM;
        versions->items[versions->n_items++] = v;
        return 0;
}

static int newest_first(const void *a, const void *b) {
        unsigned x = ((const KeptVersion *)a)->number, y = ((const KeptVersion *)b)->number;

        return (x < y) - (x > y);
}

static int list_numbers(const char *state, unsigned **ret, size_t *ret_n) {
        _cleanup_free_ char *path = below(state, VERSIONS);
        _cleanup_closedir_ DIR *folder = NULL;
        _cleanup_free_ unsigned *numbers = NULL;
        size_t n = 0;

        *ret = NULL;
        *ret_n = 0;
        if (!path)
                return -ENOMEM;
        folder = opendir(path);
        if (!folder)
                return errno == ENOENT ? 0 : -errno;

        for (struct dirent *e = readdir(folder); e; e = readdir(folder)) {
                unsigned number = number_of(e->d_name);
                unsigned *longer;

                if (number == 0)
                        continue;
                longer = reallocarray(numbers, n + 1, sizeof(*numbers));
                if (!longer)
                        return -ENOMEM;
                numbers = longer;
                numbers[n++] = number;
        }

        *ret = TAKE_PTR(numbers);
        *ret_n = n;
        return 0;
}

int kept_config_list(const char *state, KeptVersions *ret) {
        _cleanup_(kept_versions_done) KeptVersions versions = {};
        _cleanup_free_ unsigned *numbers = NULL;
        size_t n;
        int r;

        assert(state && ret);

        r = list_numbers(state, &numbers, &n);
        for (size_t i = 0; r >= 0 && i < n; i++)
                r = add_version(&versions, state, numbers[i]);
        if (r < 0)
                return r;

        if (versions.n_items > 0)
                qsort(versions.items, versions.n_items, sizeof(*versions.items), newest_first);
        *ret = versions;
        versions = (KeptVersions){};
        return 0;
}

static int make_folder(const char *state, const char *name) {
        _cleanup_free_ char *path = below(state, name);

        if (!path)
                return -ENOMEM;
        return mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

/* What cannot be removed is removed the next time. */
static void remove_old_versions(
                const char *state, const unsigned *numbers, size_t n, unsigned newest) {
        for (size_t i = 0; i < n; i++) {
                _cleanup_free_ char *path = NULL;

                if (numbers[i] + KEPT_VERSIONS_MAX > newest)
                        continue;
                path = version_path(state, numbers[i]);
                if (path)
                        (void)unlink(path);
        }
}

static unsigned newest_of(const unsigned *numbers, size_t n) {
        unsigned newest = 0;

        for (size_t i = 0; i < n; i++)
                newest = MAX(newest, numbers[i]);
        return newest;
}

/* So that the first change can be taken back too. */
static int write_beginning(const char *state, unsigned *number) {
        static const char text[] = "# nothing was set\n";
        _cleanup_free_ char *path = NULL;
        int r;

        if (*number > 0)
                return 0;
        path = version_path(state, 1);
        r = path ? write_file_atomically(path, text, strlen(text), 0644) : -ENOMEM;
        if (r >= 0)
                *number = 1;
        return r;
}

/* The newest version is the one in force: both, or neither. */
static int put_in_force(const char *state, unsigned number, const char *path, const char *text) {
        _cleanup_free_ char *version = version_path(state, number);
        int r;

        if (!version)
                return -ENOMEM;
        r = write_file_atomically(version, text, strlen(text), 0644);
        if (r < 0)
                return r;
        r = write_file_atomically(path, text, strlen(text), 0644);
        if (r < 0)
                (void)unlink(version);
        return r;
}

int kept_config_write(const char *state, const char *yaml, const char *what) {
        _cleanup_free_ char *path = kept_config_path(state), *text = NULL, *clean = NULL;
        _cleanup_free_ unsigned *numbers = NULL;
        unsigned number;
        size_t n;
        int r;

        assert(state && yaml && what);

        if (strlen(yaml) > YAML_SIZE_MAX - HEADING_MAX)
                return -EFBIG;
        clean = text_clean(what, strlen(what), WHAT_MAX);
        if (!path || !clean ||
                        asprintf(&text,
                                        "# %s\n# Written by tmux-orchestrator; change it with "
                                        "\"tmux-orc config set\".\n%s",
                                        clean, yaml) < 0) {
                text = NULL;
                return -ENOMEM;
        }

        r = make_folder(state, FOLDER);
        if (r >= 0)
                r = make_folder(state, VERSIONS);
        if (r >= 0)
                r = list_numbers(state, &numbers, &n);
        if (r < 0)
                return r;

        number = newest_of(numbers, n);
        r = write_beginning(state, &number);
        if (r >= 0)
                r = put_in_force(state, number + 1, path, text);
        if (r < 0)
                return r;

        remove_old_versions(state, numbers, n, number + 1);
        return 0;
}
