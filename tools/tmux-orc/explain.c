/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/json.h"
#include "tools/tmux-orc/agents.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/outline.h"
#include "tools/tmux-orc/output.h"

#define EXPLAIN_DEPTH_MAX 16

/* "waiting: permission", as a list of agents has it. */
static int fold_state(json_object *row) {
        const char *state = json_get_string(row, "state"),
                   *what = json_get_string(row, "attention");
        _cleanup_free_ char *both = NULL;

        if (!state || !what || strcmp(what, "none") == 0) {
                json_object_object_del(row, "attention");
                return 0;
        }
        if (asprintf(&both, "%s: %s", state, what) < 0)
                return -ENOMEM;
        json_object_object_del(row, "attention");
        return json_set_string(row, "state", both);
}

static int fold_verdict(json_object *row) {
        const char *why = json_get_string(row, "why");
        _cleanup_free_ char *both = NULL;

        if (!json_object_get_boolean(json_object_object_get(row, "overruled")))
                return 0;
        if (asprintf(&both, "overruled%s%s", why ? ": " : "", why ?: "") < 0)
                return -ENOMEM;
        json_object_object_del(row, "overruled");
        return json_set_string(row, "why", both);
}

/* For people the nine facts of each piece of evidence become seven columns, which fit a terminal.
 */
static int fold_evidence(json_object *o) {
        json_object *list = json_get_typed(o, "evidence", json_type_array);
        size_t n = list ? json_object_array_length(list) : 0;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < n; i++) {
                json_object *row = json_object_array_get_idx(list, i);

                r = fold_state(row);
                if (r >= 0)
                        r = fold_verdict(row);
        }
        return r;
}

static int print(Context *c, json_object *o) {
        int r;

        if (c->json)
                return output_json(c->out, o, false);
        r = fold_evidence(o);
        return r < 0 ? r : outline_print(c->out, &c->terminal, o);
}

CommandResult command_explain(Context *c) {
        _cleanup_json_ json_object *row = NULL, *answer = NULL, *o = NULL;
        const char *text;
        CommandResult result;
        int r;

        result = agents_fetch_one(c, c->operands[0], &row);
        if (result != COMMAND_OK)
                return result;
        result = bus_call(c, json_get_string(row, "path"), BUS_INTERFACE_AGENT, "Explain", &answer,
                        NULL);
        if (result != COMMAND_OK)
                return result;

        text = json_object_get_string(answer) ?: "";
        r = json_parse(text, strlen(text), EXPLAIN_DEPTH_MAX, &o);
        if (r >= 0)
                r = print(c, o);
        return r < 0 ? output_failed(c, r) : COMMAND_OK;
}
