/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "daemon/base/json.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/output.h"
#include "tools/tmux-orc/plugin.h"

static Style severity_style(json_object *row, const char *key) {
        const char *severity = json_get_string(row, key) ?: "";

        return strcmp(severity, "error") == 0              ? STYLE_RED
                        : strcmp(severity, "warning") == 0 ? STYLE_YELLOW
                                                           : STYLE_PLAIN;
}

static const Column columns[] = {
                {"", "severity", .style = severity_style},
                {"CODE", "code"},
                {"WHAT", "message"},
                {},
};

CommandResult plugin_find_path(Context *c, const char *name, char **ret) {
        char path[PATH_MAX];

        if (!strchr(name, '/')) {
                *ret = strdup(name);
                return *ret ? COMMAND_OK : output_failed(c, -ENOMEM);
        }
        if (!realpath(name, path)) {
                context_error(c, "%s: %s", name, strerror(errno));
                return COMMAND_FAILED;
        }
        *ret = strdup(path);
        return *ret ? COMMAND_OK : output_failed(c, -ENOMEM);
}

/* [[severity, code, message], …] as objects. */
static int name_members(json_object *findings, json_object **ret) {
        static const char *const keys[] = {"severity", "code", "message"};
        _cleanup_json_ json_object *rows = json_object_new_array();
        int r = rows ? 0 : -ENOMEM;

        for (size_t i = 0; r >= 0 && i < json_object_array_length(findings); i++) {
                json_object *from = json_object_array_get_idx(findings, i),
                            *row = json_object_new_object();

                r = json_append(rows, row);
                for (size_t k = 0; r >= 0 && k < ELEMENTSOF(keys); k++)
                        r = json_set_string(row, keys[k],
                                        json_object_get_string(json_object_array_get_idx(from, k)));
        }
        if (r < 0)
                return r;
        *ret = TAKE_PTR(rows);
        return 0;
}

static int show(Context *c, bool valid, json_object *rows) {
        _cleanup_json_ json_object *o = NULL;

        if (!c->json)
                return table_print(c->out, &c->terminal, columns, rows, true);
        o = json_object_new_object();
        if (!o || json_set_bool(o, "valid", valid) < 0 ||
                        json_set(o, "findings", json_object_get(rows)) < 0)
                return -ENOMEM;
        return output_json(c->out, o, false);
}

CommandResult plugin_validate(Context *c, const char *name) {
        _cleanup_json_ json_object *answer = NULL, *rows = NULL;
        _cleanup_free_ char *path = NULL;
        CommandResult result;
        bool valid;
        int r;

        result = plugin_find_path(c, name, &path);
        if (result == COMMAND_OK)
                result = bus_call_manager(c, "ValidatePlugin", &answer, "s", path);
        if (result != COMMAND_OK)
                return result;

        valid = json_object_get_boolean(json_object_array_get_idx(answer, 0));
        r = name_members(json_object_array_get_idx(answer, 1), &rows);
        if (r >= 0)
                r = show(c, valid, rows);
        if (r < 0)
                return output_failed(c, r);
        return valid ? COMMAND_OK : COMMAND_FAILED;
}
