/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/config-change.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/text.h"
#include "tools/tmux-orc/bus-json.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/output.h"

#define VERSION_MAX 99999999U

static char *shown(json_object *value) {
        char number[32];

        if (!json_object_is_type(value, json_type_double))
                return terminal_text(json_object_get_string(value) ?: "");
        (void)snprintf(number, sizeof(number), "%.12g", json_object_get_double(value));
        return strdup(number);
}

/* Shows what holds now, for the service may say it in another way: 5m is 300. */
static CommandResult show_setting(Context *c, const char *key) {
        _cleanup_json_ json_object *value = NULL;
        _cleanup_free_ char *text = NULL, *name = NULL;
        CommandResult result;

        if (c->quiet || c->json)
                return COMMAND_OK;

        result = bus_call_manager(c, "GetConfig", &value, "s", key);
        if (result != COMMAND_OK)
                return result;
        text = shown(value);
        name = terminal_text(key);
        if (!text || !name)
                return output_failed(c, -ENOMEM);
        (void)fprintf(c->out, "%s is %s now.\n", name, text);
        return COMMAND_OK;
}

CommandResult config_change_set(Context *c) {
        const char *key = c->operands[1];
        int persist = !context_has(c, "--runtime");
        /* The service knows what each setting takes: a text will do for all of them. */
        CommandResult result = bus_call_manager(
                        c, "SetConfig", NULL, "svb", key, "s", c->operands[2], persist);

        return result == COMMAND_OK ? show_setting(c, key) : result;
}

CommandResult config_change_reset(Context *c) {
        const char *key = c->operands[1];
        CommandResult result = bus_call_manager(c, "ResetConfig", NULL, "s", key);

        return result == COMMAND_OK ? show_setting(c, key) : result;
}

static char *cell_date(json_object *row, const char *key) {
        time_t when = (time_t)(json_get_u64(row, key, 0) / USEC_PER_SEC);
        char buffer[32] = "";
        struct tm local;

        if (localtime_r(&when, &local))
                (void)strftime(buffer, sizeof(buffer), "%F %T", &local);
        return strdup(buffer);
}

static const Column version_columns[] = {
                {"VERSION", "version"},
                {"WHEN", "when", cell_date},
                {"WHAT", "what", .flags = COLUMN_FLEXIBLE},
                {},
};

CommandResult config_change_versions(Context *c) {
        _cleanup_json_ json_object *rows = NULL;
        CommandResult result =
                        bus_fetch_tuples(c, "ListConfigVersions", "version when what", &rows);

        if (result != COMMAND_OK)
                return result;
        if (!c->json && json_object_array_length(rows) == 0) {
                (void)fputs("Nothing was set at run time so far.\n", c->out);
                return COMMAND_OK;
        }
        return output_rows(c, version_columns, rows);
}

CommandResult config_change_roll_back(Context *c) {
        const char *word = c->operands[1];
        uint64_t version = 0;
        CommandResult result;

        if (word && parse_u64(word, 1, VERSION_MAX, &version) < 0)
                return context_usage(c, "'%s' is not the number of a version", word);

        result = bus_call_manager(c, "RollBackConfig", NULL, "u", (uint32_t)version);
        if (result == COMMAND_OK && !c->quiet && !c->json)
                (void)fputs("What was set before holds again.\n", c->out);
        return result;
}
