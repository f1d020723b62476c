/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/health.h"
#include "tools/tmux-orc/output.h"

static bool is_chosen(const Context *c, json_object *row) {
        const char *component = c->operands[0], *name = json_get_string(row, "component");
        const char *health = json_get_string(row, "health") ?: "";

        if (component && (!name || strcmp(name, component) != 0))
                return false;
        return !context_has(c, "--critical") || strcmp(health, "red") == 0;
}

static bool is_known(json_object *rows, const char *component) {
        for (size_t i = 0; i < json_object_array_length(rows); i++) {
                const char *name = json_get_string(json_object_array_get_idx(rows, i), "component");

                if (name && strcmp(name, component) == 0)
                        return true;
        }
        return false;
}

static int choose(const Context *c, json_object *rows, json_object **ret, bool *ret_green) {
        _cleanup_json_ json_object *chosen = json_object_new_array();

        if (!chosen)
                return -ENOMEM;
        *ret_green = true;
        for (size_t i = 0; i < json_object_array_length(rows); i++) {
                json_object *row = json_object_array_get_idx(rows, i);
                const char *health = json_get_string(row, "health");

                if (!is_chosen(c, row))
                        continue;
                *ret_green = *ret_green && health && strcmp(health, "green") == 0;
                if (json_append(chosen, json_object_get(row)) < 0)
                        return -ENOMEM;
        }
        *ret = TAKE_PTR(chosen);
        return 0;
}

CommandResult command_health(Context *c) {
        _cleanup_json_ json_object *rows = NULL, *chosen = NULL;
        CommandResult result;
        bool green;
        int r;

        result = health_fetch(c, &rows);
        if (result != COMMAND_OK)
                return result;
        if (c->operands[0] && !is_known(rows, c->operands[0])) {
                context_error(c, "there is no component '%s'", c->operands[0]);
                context_hint(c, "'tmux-orc health' names them.");
                return COMMAND_FAILED;
        }

        r = choose(c, rows, &chosen, &green);
        if (r < 0)
                return output_failed(c, r);
        if (json_object_array_length(chosen) == 0)
                context_hint(c, "No part is red.");
        /* One is told whole, however narrow the terminal is. */
        result = c->operands[0] && !c->json && json_object_array_length(chosen) == 1
                        ? output_facts(c, health_facts, json_object_array_get_idx(chosen, 0))
                        : output_rows(c, health_columns, chosen);
        return result == COMMAND_OK && !green ? COMMAND_FAILED : result;
}
