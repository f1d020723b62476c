/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "tools/tmux-orc/bus-json.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/config-check.h"
#include "tools/tmux-orc/output.h"

static const Column list_columns[] = {
                {"KEY", "key"},
                {"VALUE", "value", .flags = COLUMN_FLEXIBLE},
                {"UNIT", "unit", .flags = COLUMN_IF_ANY},
                {"FROM", "source", .flags = COLUMN_FLEXIBLE},
                {},
};

static CommandResult list(Context *c) {
        _cleanup_json_ json_object *answer = NULL, *rows = NULL;
        CommandResult result;
        int r;

        result = bus_call_manager(c, "ListConfig", &answer, NULL);
        if (result != COMMAND_OK)
                return result;
        r = bus_json_name_tuples(answer, "key value unit source", &rows);
        return r < 0 ? output_failed(c, r) : output_rows(c, list_columns, rows);
}

static int print_value(Context *c, json_object *value) {
        _cleanup_free_ char *text = NULL;

        if (c->json)
                return output_json(c->out, value, true);

        text = terminal_text(json_object_get_string(value) ?: "");
        if (!text)
                return -ENOMEM;
        (void)fprintf(c->out, "%s\n", text);
        return 0;
}

static CommandResult get(Context *c, const char *key) {
        _cleanup_json_ json_object *value = NULL;
        CommandResult result = bus_call_manager(c, "GetConfig", &value, "s", key);
        int r;

        if (result != COMMAND_OK)
                return result;
        r = print_value(c, value);
        return r < 0 ? output_failed(c, r) : COMMAND_OK;
}

static CommandResult validate(Context *c, const char *name) {
        /* Root looks after the system's files, everybody else after their own. */
        bool user = c->bus_choice == BUS_USER || (c->bus_choice == BUS_AUTO && getuid() != 0);
        _cleanup_json_ json_object *verdict = NULL;
        int r;

        r = config_check(name, user, &verdict);
        if (r < 0) {
                context_error(c, "cannot read '%s': %s", name ?: "the configuration", strerror(-r));
                return COMMAND_FAILED;
        }

        r = c->json ? output_json(c->out, verdict, false)
                    : config_check_print(c->out, verdict, c->quiet);
        if (r < 0)
                return output_failed(c, r);
        return json_get_bool(verdict, "valid", false) ? COMMAND_OK : COMMAND_FAILED;
}

CommandResult command_config(Context *c) {
        const char *word = c->operands[0], *rest = c->operands[1];

        if (strcmp(word, "validate") == 0)
                return validate(c, rest);
        if (strcmp(word, "list") == 0)
                return rest ? context_usage(c, "'config list' takes nothing more") : list(c);
        if (strcmp(word, "get") == 0)
                return rest ? get(c, rest) : context_usage(c, "'config get' needs a key");
        return context_usage(c, "'config' does not know '%s'", word);
}
