/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/config-archive.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/base/strv.h"
#include "daemon/base/text.h"
#include "daemon/base/write-file.h"
#include "daemon/base/yaml-node.h"

#define BYTES_MAX ((size_t)256 << 20)
#define ENTRIES_MAX 10000U
#define DEPTH_MAX 16
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789-_"

static int join(const char *a, const char *b, char **ret) {
        if (asprintf(ret, "%s/%s", a, b) >= 0)
                return 0;
        *ret = NULL;
        return -ENOMEM;
}

static int run_tar(char *const *arguments, const char *input) {
        posix_spawn_file_actions_t actions;
        int r, status;
        pid_t pid;

        (void)posix_spawn_file_actions_init(&actions);
        if (input)
                (void)posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input, O_RDONLY, 0);
        r = posix_spawnp(&pid, arguments[0], &actions, NULL, arguments, environ);
        (void)posix_spawn_file_actions_destroy(&actions);
        if (r != 0)
                return -r;
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;

        return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EPIPE;
}

static int make_temporary(const char *parent, char **ret) {
        int r = join(parent, ".tmux-orc-XXXXXX", ret);

        if (r < 0)
                return r;
        return mkdtemp(*ret) ? 0 : -errno;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw) {
        (void)remove(path);
        return 0;
}

void archive_clean(const char *stage) {
        (void)nftw(stage, remove_one, DEPTH_MAX, FTW_DEPTH | FTW_PHYS);
}

static int pack(const char *folder, const char *file, const char *parent) {
        _cleanup_free_ char *plugins = NULL;
        int r = join(parent, ARCHIVE_PLUGINS, &plugins);
        bool has_plugins = r >= 0 && access(plugins, R_OK | X_OK) == 0;
        char *arguments[] = {(char *)"tar", (char *)"--create", (char *)"--file", (char *)file,
                        (char *)"--directory", (char *)folder, (char *)ARCHIVE_CONFIG,
                        has_plugins ? (char *)"--directory" : NULL, (char *)parent,
                        (char *)ARCHIVE_PLUGINS, NULL};

        return r < 0 ? r : run_tar(arguments, NULL);
}

int archive_write(const char *file, const char *yaml, const char *parent) {
        _cleanup_free_ char *folder = NULL, *config = NULL, *new = NULL;
        const char *temporary = getenv("TMPDIR");
        int r;

        assert(file && yaml && parent);

        r = make_temporary(text_is_empty(temporary) ? "/tmp" : temporary, &folder);
        if (r < 0)
                return r;
        r = join(folder, ARCHIVE_CONFIG, &config);
        if (r >= 0)
                r = write_file_atomically(config, yaml, strlen(yaml), 0600);
        if (r >= 0 && asprintf(&new, "%s.new", file) < 0) {
                new = NULL;
                r = -ENOMEM;
        }
        if (r >= 0)
                r = pack(folder, new, parent);
        if (r >= 0 && rename(new, file) < 0)
                r = -errno;
        if (r < 0 && new)
                (void)unlink(new);
        archive_clean(folder);
        return r;
}

/* nftw() has no argument of ours. */
static struct {
        size_t n_stage;
        size_t n_entries, n_bytes;
        char *error;
} look;

static int refuse(const char *path, const char *why) {
        if (asprintf(&look.error, "%s: %s", path, why) < 0)
                look.error = NULL;
        return 1;
}

static int look_at_one(const char *path, const struct stat *st, int type, struct FTW *ftw) {
        const char *name = path + look.n_stage + (path[look.n_stage] == '/');

        if (type == FTW_DNR || type == FTW_NS)
                return refuse(name, "cannot be read");
        if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode))
                return refuse(name, "is neither a file nor a folder");
        if (ftw->level > DEPTH_MAX || ++look.n_entries > ENTRIES_MAX)
                return refuse(name, "is one too many, or too deep");
        look.n_bytes += S_ISREG(st->st_mode) ? (size_t)st->st_size : 0;
        if (look.n_bytes > BYTES_MAX)
                return refuse(name, "is too large");
        if (ftw->level == 1 && strcmp(name, ARCHIVE_CONFIG) != 0 &&
                        strcmp(name, ARCHIVE_PLUGINS) != 0)
                return refuse(name, "does not belong into a backup");
        return 0;
}

static bool is_plugin_name(const char *name) {
        size_t n = strspn(name, NAME_CHARACTERS);

        return n > 0 && n <= 64 && name[n] == '\0';
}

static int look_at_plugin(const char *plugins, const char *name, char **reterr) {
        _cleanup_free_ char *folder = NULL, *manifest = NULL;
        _cleanup_(yaml_node_freep) YamlNode *root = NULL;
        const char *claimed;
        YamlError why = {};
        int r;

        r = join(plugins, name, &folder);
        if (r >= 0)
                r = join(folder, "plugin.yaml", &manifest);
        if (r < 0)
                return r;
        r = is_plugin_name(name) ? yaml_parse_file(manifest, &root, &why) : -EBADMSG;
        claimed = r >= 0 ? yaml_node_get_scalar(root, "name") : NULL;
        if (claimed && strcmp(claimed, name) == 0)
                return 0;

        if (asprintf(reterr, "plugins/%s: %s", name,
                            r < 0 && why.message[0] ? why.message
                                            : r < 0 ? "there is no plugin.yaml that can be read"
                                                    : "its plugin.yaml has another name") < 0)
                *reterr = NULL;
        return -EBADMSG;
}

int archive_plugins(const char *stage, char ***ret) {
        _cleanup_strv_free_ char **names = NULL;
        _cleanup_free_ char *plugins = NULL;
        _cleanup_closedir_ DIR *folder = NULL;
        int r = join(stage, ARCHIVE_PLUGINS, &plugins);

        if (r < 0)
                return r;
        folder = opendir(plugins);
        for (struct dirent *e = folder ? readdir(folder) : NULL; e; e = readdir(folder)) {
                if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
                        continue;
                r = strv_extend(&names, e->d_name);
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(names);
        return 0;
}

static int look_through(const char *stage, char **reterr) {
        _cleanup_free_ char *plugins = NULL, *config = NULL;
        _cleanup_strv_free_ char **names = NULL;
        int r;

        look = (typeof(look)){.n_stage = strlen(stage)};
        if (nftw(stage, look_at_one, DEPTH_MAX, FTW_PHYS) != 0) {
                *reterr = look.error;
                return -EBADMSG;
        }

        r = join(stage, ARCHIVE_CONFIG, &config);
        if (r >= 0)
                r = join(stage, ARCHIVE_PLUGINS, &plugins);
        if (r >= 0)
                r = archive_plugins(stage, &names);
        if (r < 0)
                return r;
        if (access(config, F_OK) < 0) {
                *reterr = strdup("there is no config.yaml in it");
                return -EBADMSG;
        }
        STRV_FOREACH (name, names) {
                r = look_at_plugin(plugins, *name, reterr);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* No file of it may be larger than all of it may be. */
static void bound_files(void) {
        struct rlimit limit;

        if (getrlimit(RLIMIT_FSIZE, &limit) < 0)
                return;
        limit.rlim_cur = MIN(limit.rlim_cur, (rlim_t)BYTES_MAX);
        (void)setrlimit(RLIMIT_FSIZE, &limit);
}

int archive_unpack(const char *file, const char *parent, char **ret_stage, char **reterr) {
        _cleanup_free_ char *stage = NULL;
        struct stat st;
        int r;

        assert(file && parent && ret_stage && reterr);

        if (stat(file, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode) || (size_t)st.st_size > BYTES_MAX)
                return S_ISREG(st.st_mode) ? -EFBIG : -EBADF;
        r = make_temporary(parent, &stage);
        if (r < 0)
                return r;

        bound_files();
        /* From standard input: then tar does not run what would unpack a compressed one. */
        r = run_tar((char *const[]){(char *)"tar", (char *)"--extract", (char *)"--file",
                                    (char *)"-", (char *)"--directory", stage,
                                    (char *)"--no-same-owner", (char *)"--no-same-permissions",
                                    NULL},
                        file);
        if (r >= 0)
                r = look_through(stage, reterr);
        if (r < 0) {
                archive_clean(stage);
                return r;
        }

        *ret_stage = TAKE_PTR(stage);
        return 0;
}

/* Both change places, so that doing it once more takes it back. */
static int change_places(const char *stage, const char *parent, const char *name) {
        _cleanup_free_ char *ours = NULL, *theirs = NULL;

        if (asprintf(&ours, "%s/" ARCHIVE_PLUGINS "/%s", stage, name) < 0) {
                ours = NULL;
                return -ENOMEM;
        }
        if (asprintf(&theirs, "%s/" ARCHIVE_PLUGINS "/%s", parent, name) < 0) {
                theirs = NULL;
                return -ENOMEM;
        }

        if (renameat2(AT_FDCWD, ours, AT_FDCWD, theirs, RENAME_EXCHANGE) == 0)
                return 0;
        if (errno != ENOENT)
                return -errno;
        if (access(ours, F_OK) == 0)
                return rename(ours, theirs) < 0 ? -errno : 0;
        return rename(theirs, ours) < 0 ? -errno : 0;
}

int archive_put_in_place(const char *stage, const char *parent, char *const *plugins) {
        _cleanup_free_ char *folder = NULL;
        size_t n = 0;
        int r;

        r = join(parent, ARCHIVE_PLUGINS, &folder);
        if (r < 0)
                return r;
        if (plugins && mkdir(folder, 0755) < 0 && errno != EEXIST)
                return -errno;

        for (; r >= 0 && plugins && plugins[n]; n++)
                r = change_places(stage, parent, plugins[n]);
        if (r >= 0)
                return 0;

        /* The one that failed is where it was. */
        for (n--; n > 0; n--)
                (void)change_places(stage, parent, plugins[n - 1]);
        return r;
}
