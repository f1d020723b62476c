/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/json.h"
#include "daemon/base/text.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/hook-edit.h"
#include "tools/tmux-orc/hook-file.h"
#include "tools/tmux-orc/output.h"

static char *cell_told(json_object *row, const char *key) {
        uint64_t told = json_get_u64(row, "told", 0), of = json_get_u64(row, "of", 0);
        char *text = NULL;

        if (json_get_string(row, "error"))
                return strdup("cannot be read");
        if (told == 0)
                return strdup("no");
        if (told == of)
                return strdup("yes");
        return asprintf(&text, "%llu of %llu events", (unsigned long long)told,
                               (unsigned long long)of) < 0
                        ? NULL
                        : text;
}

static const Column columns[] = {
                {"PROGRAM", "program"},
                {"HOOKS", "told", cell_told},
                {"FILE", "path", .flags = COLUMN_FLEXIBLE},
                {},
};

static const char *describe(int error) {
        switch (error) {
        case -EBADMSG:
                return "it is not the JSON that was expected there";
        case -EFBIG:
                return "it is too large";
        case -ENOENT:
                return "HOME is not set";
        default:
                return strerror(-error);
        }
}

static int status_row(const HookProgram *program, json_object **ret) {
        _cleanup_json_ json_object *row = json_object_new_object();
        _cleanup_free_ char *path = NULL;
        unsigned told = 0, of = 0;
        int r, error;

        error = hook_program_path(program, &path);
        if (error >= 0)
                error = hook_file_status(program, path, &told, &of);
        if (error == -ENOMEM || !row)
                return -ENOMEM;

        r = json_set_string(row, "program", program->type);
        if (r >= 0)
                r = json_set_string(row, "path", path);
        if (r >= 0)
                r = json_set_u64(row, "told", told);
        if (r >= 0)
                r = json_set_u64(row, "of", of);
        if (r >= 0 && error < 0)
                r = json_set_string(row, "error", describe(error));
        if (r < 0)
                return r;

        *ret = TAKE_PTR(row);
        return 0;
}

static CommandResult show_status(Context *c, const HookProgram *only) {
        _cleanup_json_ json_object *rows = json_object_new_array();

        if (!rows)
                return output_failed(c, -ENOMEM);
        for (const HookProgram *p = hook_programs; p->type; p++) {
                json_object *row;
                int r;

                if (only && p != only)
                        continue;
                r = status_row(p, &row);
                if (r >= 0)
                        r = json_append(rows, row);
                if (r < 0)
                        return output_failed(c, r);
        }
        return output_rows(c, columns, rows);
}

/* By its bare name where that is this very program; else by its path. */
static int own_command(char **ret) {
        char exe[PATH_MAX], found[PATH_MAX];
        const char *path = getenv("PATH") ?: "";
        ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

        if (n < 0)
                return -errno;
        exe[n] = '\0';

        while (*path) {
                size_t n_folder = strcspn(path, ":");
                char candidate[PATH_MAX];

                (void)snprintf(candidate, sizeof(candidate), "%.*s/tmux-orc", (int)n_folder, path);
                if (realpath(candidate, found)) {
                        *ret = strdup(strcmp(found, exe) == 0 ? "tmux-orc" : exe);
                        return *ret ? 0 : -ENOMEM;
                }
                path += n_folder;
                path += *path == ':';
        }
        *ret = strdup(exe);
        return *ret ? 0 : -ENOMEM;
}

static const char *sentence(HookFileChange change, bool install) {
        switch (change) {
        case HOOK_FILE_AS_IT_WAS:
                return install ? "It tells already; nothing was changed"
                               : "There are no hooks of tmux-orc in it";
        case HOOK_FILE_ADDED:
                return "It tells from its next start on";
        case HOOK_FILE_RESTORED:
                return "It is byte for byte as it was before";
        case HOOK_FILE_REMOVED:
                return "The hooks are out; what else was changed since is still in it";
        }
        return "";
}

static CommandResult change(Context *c, const HookProgram *program, bool install) {
        _cleanup_free_ char *path = NULL, *command = NULL;
        HookFileChange done;
        int r;

        r = hook_program_path(program, &path);
        if (r >= 0)
                r = own_command(&command);
        if (r >= 0)
                r = (install ? hook_file_install : hook_file_remove)(program, path, command, &done);
        if (r < 0) {
                context_error(c, "cannot change %s: %s", path ?: program->type, describe(r));
                context_hint(c, "It was left as it is.");
                return COMMAND_FAILED;
        }

        if (c->json)
                return show_status(c, program);
        if (!c->quiet) {
                (void)fprintf(c->out, "%s: %s.\n", path, sentence(done, install));
                if (done == HOOK_FILE_ADDED && program->advice)
                        (void)fprintf(c->out, "%s\n", program->advice);
        }
        return COMMAND_OK;
}

CommandResult command_hooks(Context *c) {
        const char *verb = c->operands[0];
        const HookProgram *program = NULL;

        if (c->n_operands > 1) {
                program = hook_program_find(c->operands[1]);
                if (!program)
                        return context_usage(c,
                                        "no hooks are known of '%s': claude, codex, gemini, "
                                        "opencode",
                                        c->operands[1]);
        }
        if (strcmp(verb, "status") == 0)
                return show_status(c, program);
        if (strcmp(verb, "install") != 0 && strcmp(verb, "remove") != 0)
                return context_usage(c, "'%s' is not install, remove or status", verb);
        if (!program)
                return context_usage(c, "%s whose hooks? claude, codex, gemini, opencode", verb);
        return change(c, program, strcmp(verb, "install") == 0);
}
