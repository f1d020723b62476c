/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/output.h"
#include "tools/tmux-orc/plugin.h"
#include "tools/tmux-orc/programs.h"

/* Where the service has it from, unless a folder is named. */
static CommandResult find_folder(Context *c, const char *name, char **ret) {
        _cleanup_json_ json_object *o = NULL;
        const char *folder;
        CommandResult result;

        if (strchr(name, '/'))
                return plugin_find_path(c, name, ret);

        result = plugin_get(c, name, &o);
        if (result != COMMAND_OK)
                return result;
        folder = json_get_string(o, "folder");
        *ret = folder ? strdup(folder) : NULL;
        return *ret ? COMMAND_OK : output_failed(c, -ENOMEM);
}

/* It has the inside of the service, which this program has not: see docs/ARCHITECTURE.md. */
static CommandResult become_kit(Context *c, const char *word, const char *folder,
                const char *option, const char *value) {
        _cleanup_free_ char *program = NULL;
        const char *argv[6] = {NULL, word, folder, option, value, NULL};
        int r = programs_find("plugin-kit", &program);

        if (r >= 0) {
                argv[0] = program;
                (void)execv(program, (char *const *)argv);
                r = -errno;
        }
        context_error(c, "cannot start plugin-kit: %s", strerror(-r));
        return COMMAND_FAILED;
}

CommandResult plugin_test(Context *c, const char *name) {
        _cleanup_free_ char *folder = NULL;
        CommandResult result = find_folder(c, name, &folder);

        if (result != COMMAND_OK)
                return result;
        return become_kit(
                        c, "test", folder, context_has(c, "--execute") ? "--execute" : NULL, NULL);
}

CommandResult plugin_docs(Context *c, const char *name) {
        const char *format = c->json ? "json" : context_option(c, "--format") ?: "markdown";
        _cleanup_free_ char *folder = NULL;
        CommandResult result;

        if (strcmp(format, "markdown") != 0 && strcmp(format, "man") != 0 && !c->json)
                return context_usage(c, "'%s' is no format: markdown or man", format);
        result = find_folder(c, name, &folder);
        if (result != COMMAND_OK)
                return result;
        return become_kit(c, "docs", folder, "--format", format);
}
