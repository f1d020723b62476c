/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "tools/tmux-orc/bus-json.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/config-change.h"
#include "tools/tmux-orc/config-check.h"
#include "tools/tmux-orc/config-recommend.h"
#include "tools/tmux-orc/output.h"

static const Column list_columns[] = {
                {"KEY", "key"},
                {"VALUE", "value", .flags = COLUMN_FLEXIBLE},
                {"UNIT", "unit", .flags = COLUMN_IF_ANY},
                {"FROM", "source", .flags = COLUMN_FLEXIBLE},
                {},
};

static CommandResult list(Context *c) {
        _cleanup_json_ json_object *rows = NULL;
        CommandResult result;

        result = bus_fetch_tuples(c, "ListConfig", "key value unit source", &rows);
        return result == COMMAND_OK ? output_rows(c, list_columns, rows) : result;
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

static CommandResult run_get(Context *c) {
        return get(c, c->operands[1]);
}

static CommandResult run_validate(Context *c) {
        return validate(c, c->operands[1]);
}

static const struct {
        const char *word;
        unsigned min, max; /* what follows */
        CommandResult (*run)(Context *c);
} verbs[] = {
                {"get", 1, 1, run_get},
                {"set", 2, 2, config_change_set},
                {"reset", 1, 1, config_change_reset},
                {"list", 0, 0, list},
                {"versions", 0, 0, config_change_versions},
                {"rollback", 0, 1, config_change_roll_back},
                {"recommend", 0, 0, config_recommend},
                {"backup", 1, 1, config_backup},
                {"restore", 1, 1, config_restore},
                {"validate", 0, 1, run_validate},
};

CommandResult command_config(Context *c) {
        unsigned n = c->n_operands;

        if (context_has(c, "--validate"))
                return n <= 1 ? validate(c, c->operands[0])
                              : context_usage(c, "'config --validate' takes one file");
        if (n == 0)
                return context_usage(c, "'config' needs more: %s", c->command->arguments);

        FOREACH_ELEMENT (v, verbs) {
                if (strcmp(v->word, c->operands[0]) != 0)
                        continue;
                if (context_has(c, "--runtime") && strcmp(v->word, "set") != 0)
                        return context_usage(c, "--runtime is for 'config set'");
                if (n - 1 < v->min)
                        return context_usage(c, "'config %s' needs more", v->word);
                if (n - 1 > v->max)
                        return context_usage(c, "'config %s' does not take '%s'", v->word,
                                        c->operands[1 + v->max]);
                return v->run(c);
        }

        return context_usage(c, "'config' does not know '%s'", c->operands[0]);
}
