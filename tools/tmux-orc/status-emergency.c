/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "tools/tmux-orc/agents.h"
#include "tools/tmux-orc/alerts.h"
#include "tools/tmux-orc/health.h"
#include "tools/tmux-orc/output.h"
#include "tools/tmux-orc/status.h"

static bool is_red(json_object *component) {
        const char *health = json_get_string(component, "health");

        return health && strcmp(health, "red") == 0;
}

static bool is_broken(json_object *agent) {
        const char *state = json_get_string(agent, "state");

        return state && (strcmp(state, "crashed") == 0 || strcmp(state, "error") == 0);
}

static int choose(json_object *rows, bool (*takes)(json_object *row), json_object *to,
                const char *name) {
        _cleanup_json_ json_object *chosen = json_object_new_array();

        if (!chosen)
                return -ENOMEM;
        for (size_t i = 0; i < json_object_array_length(rows); i++) {
                json_object *row = json_object_array_get_idx(rows, i);

                if (takes(row) && json_append(chosen, json_object_get(row)) < 0)
                        return -ENOMEM;
        }
        return json_set(to, name, TAKE_PTR(chosen));
}

static CommandResult gather(Context *c, json_object *to) {
        _cleanup_json_ json_object *components = NULL, *alerts = NULL, *agents = NULL;
        CommandResult result;

        result = health_fetch(c, &components);
        if (result == COMMAND_OK)
                result = alerts_fetch(c, &alerts);
        if (result == COMMAND_OK)
                result = agents_fetch(c, &agents);
        if (result != COMMAND_OK)
                return result;

        if (choose(components, is_red, to, "components") < 0 ||
                        choose(alerts, alerts_is_critical, to, "alerts") < 0 ||
                        choose(agents, is_broken, to, "agents") < 0)
                return output_failed(c, -ENOMEM);
        return COMMAND_OK;
}

static const struct {
        const char *name, *heading;
        const Column *columns;
} sections[] = {
                {"components", "Components that are red", health_columns},
                {"alerts", "Critical alerts", alerts_columns},
                {"agents", "Agents that crashed or stopped with an error", agents_columns},
};

static int print(Context *c, json_object *found) {
        size_t n = 0;

        FOREACH_ELEMENT (s, sections) {
                json_object *rows = json_get(found, s->name);
                int r;

                if (json_object_array_length(rows) == 0)
                        continue;
                (void)fprintf(c->out, "%s%s%s%s\n", n++ > 0 ? "\n" : "",
                                style_begin(&c->terminal, STYLE_BOLD), s->heading,
                                style_end(&c->terminal, STYLE_BOLD));
                r = table_print(c->out, &c->terminal, s->columns, rows, !c->quiet);
                if (r < 0)
                        return r;
        }
        if (n == 0)
                (void)fputs("Nothing is broken.\n", c->out);
        return 0;
}

CommandResult status_emergency(Context *c) {
        _cleanup_json_ json_object *found = json_object_new_object();
        CommandResult result;
        size_t n = 0;
        int r;

        if (!found)
                return output_failed(c, -ENOMEM);
        result = gather(c, found);
        if (result != COMMAND_OK)
                return result;

        FOREACH_ELEMENT (s, sections)
                n += json_object_array_length(json_get(found, s->name));
        r = c->json ? output_json(c->out, found, false) : print(c, found);
        if (r < 0)
                return output_failed(c, r);
        return n > 0 ? COMMAND_FAILED : COMMAND_OK;
}
