/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <glob.h>
#include <string.h>
#include <sys/wait.h>

#include "daemon/base/json.h"
#include "daemon/base/read-file.h"
#include "daemon/base/state-dir.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/output.h"

#define FILE_MAX (1024U * 1024U)
#define FILE_DEPTH 8U

static const Column columns[] = {
                {"TYPE", "type"},
                {"WHERE", "session"},
                {"WINDOW", "window", .flags = COLUMN_FLEXIBLE},
                {"FOLDER", "folder", .flags = COLUMN_FLEXIBLE},
                {"COMMAND", "command", .flags = COLUMN_FLEXIBLE},
                {},
};

/* What a shell takes as it stands: the lists are ours, but files can be changed. */
static bool is_plain(const char *command) {
        return strspn(command,
                               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "-_./= ") == strlen(command);
}

static int run_tmux(const char *const *words) {
        pid_t pid = fork();
        int status;

        if (pid < 0)
                return -errno;
        if (pid == 0) {
                (void)execvp("tmux", (char *const *)words);
                _exit(127);
        }
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

/* A window of its name and folder, where its command runs, and a shell when that ends. */
static int bring_back(const char *socket, json_object *row) {
        const char *session = json_get_string(row, "session"),
                   *window = json_get_string(row, "window");
        const char *folder = json_get_string(row, "folder") ?: "/";
        const char *command = json_get_string(row, "command");
        _cleanup_free_ char *line = NULL, *target = NULL;
        const char *has[] = {"tmux", "-S", socket, "has-session", "-t", NULL, NULL};
        int r;

        if (!session || !window || !command || !is_plain(command))
                return -EOPNOTSUPP;
        if (asprintf(&line, "%s; exec \"${SHELL:-/bin/sh}\"", command) < 0)
                return -ENOMEM;
        if (asprintf(&target, "=%s", session) < 0)
                return -ENOMEM;
        has[5] = target;
        if (run_tmux(has) < 0)
                return run_tmux((const char *[]){"tmux", "-S", socket, "new-session", "-d", "-s",
                                session, "-n", window, "-c", folder, line, NULL});
        free(target);
        if (asprintf(&target, "=%s:", session) < 0) {
                target = NULL;
                return -ENOMEM;
        }
        r = run_tmux((const char *[]){"tmux", "-S", socket, "new-window", "-d", "-t", target, "-n",
                        window, "-c", folder, line, NULL});
        return r;
}

static CommandResult restore(Context *c, const char *path, const char *socket, json_object *list) {
        CommandResult result = COMMAND_OK;

        for (size_t i = 0; i < json_object_array_length(list); i++) {
                json_object *row = json_object_array_get_idx(list, i);
                const char *type = json_get_string(row, "type") ?: "?";
                int r = bring_back(socket, row);

                if (r == -EOPNOTSUPP)
                        context_error(c, "%s: it is not known how it is brought back", type);
                else if (r < 0)
                        context_error(c, "%s: tmux could not start it", type);
                else if (!c->quiet && !c->json)
                        (void)fprintf(c->out, "%s in %s: %s\n", type,
                                        json_get_string(row, "session"),
                                        json_get_string(row, "command"));
                if (r < 0)
                        result = COMMAND_FAILED;
        }
        /* Once: a second call is not to start them again. */
        if (result == COMMAND_OK && unlink(path) < 0)
                context_error(c, "cannot remove %s: %s", path, strerror(errno));
        return result;
}

static int read_list(const char *path, json_object **ret) {
        _cleanup_free_ char *text = NULL;
        size_t n;
        int r;

        r = read_regular_file(path, FILE_MAX, &text, &n);
        return r < 0 ? r : json_parse(text, n, FILE_DEPTH, ret);
}

static CommandResult recover(Context *c, const char *path, json_object *rows) {
        _cleanup_json_ json_object *o = NULL;
        json_object *list;
        const char *socket;

        if (read_list(path, &o) < 0) {
                context_error(c, "%s cannot be read", path);
                return COMMAND_FAILED;
        }
        socket = json_get_string(o, "socket");
        list = json_get_typed(o, "agents", json_type_array);
        if (!socket || !list || (c->n_operands > 0 && strcmp(c->operands[0], socket) != 0))
                return COMMAND_OK;
        for (size_t i = 0; i < json_object_array_length(list); i++)
                if (json_append(rows, json_object_get(json_object_array_get_idx(list, i))) < 0)
                        return output_failed(c, -ENOMEM);
        return context_has(c, "--dry-run") ? COMMAND_OK : restore(c, path, socket, list);
}

CommandResult command_recover(Context *c) {
        _cleanup_json_ json_object *rows = json_object_new_array();
        _cleanup_free_ char *folder = NULL, *pattern = NULL;
        CommandResult result = COMMAND_OK;
        glob_t found = {};
        int r = rows ? state_dir_find(true, &folder) : -ENOMEM;

        if (r >= 0 && asprintf(&pattern, "%s/lost-*.json", folder) < 0) {
                pattern = NULL;
                r = -ENOMEM;
        }
        if (r < 0)
                return output_failed(c, r);
        if (glob(pattern, 0, NULL, &found) == 0)
                for (size_t i = 0; i < found.gl_pathc && result == COMMAND_OK; i++)
                        result = recover(c, found.gl_pathv[i], rows);
        globfree(&found);
        if (result != COMMAND_OK || (!context_has(c, "--dry-run") && !c->json))
                return result;
        return output_rows(c, columns, rows);
}
