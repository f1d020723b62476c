/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "tools/tmux-orc/bus-json.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/health.h"
#include "tools/tmux-orc/output.h"

Style health_style_of(const char *health) {
        if (health && strcmp(health, "green") == 0)
                return STYLE_GREEN;
        if (health && strcmp(health, "yellow") == 0)
                return STYLE_BRIGHT_YELLOW;
        return STYLE_BRIGHT_RED;
}

static Style style_health(json_object *row, const char *key) {
        return health_style_of(json_get_string(row, "health"));
}

char *health_cell(json_object *row, const char *key) {
        char *text = NULL;

        return asprintf(&text, "● %s", json_get_string(row, key) ?: "unknown") < 0 ? NULL : text;
}

const Column health_columns[] = {
                {"COMPONENT", "component"},
                {"HEALTH", "health", health_cell, style_health},
                {"WHAT IT SAYS", "text", .flags = COLUMN_FLEXIBLE | COLUMN_IF_ANY},
                {},
};

const Column health_facts[] = {
                {"Component", "component"},
                {"Health", "health", health_cell, style_health},
                {"What it says", "text", .flags = COLUMN_IF_ANY},
                {},
};

CommandResult health_fetch(Context *c, json_object **ret) {
        _cleanup_json_ json_object *answer = NULL;
        CommandResult result;
        int r;

        result = bus_call_manager(c, "GetHealth", &answer, NULL);
        if (result != COMMAND_OK)
                return result;
        if (!json_object_is_type(answer, json_type_array) || json_object_array_length(answer) != 2)
                return output_failed(c, -EBADMSG);

        r = bus_json_name_tuples(
                        json_object_array_get_idx(answer, 1), "component health text", ret);
        return r < 0 ? output_failed(c, r) : COMMAND_OK;
}
