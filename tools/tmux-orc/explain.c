/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "tools/tmux-orc/agents.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/outline.h"
#include "tools/tmux-orc/output.h"

#define EXPLAIN_DEPTH_MAX 16

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
                r = c->json ? output_json(c->out, o, false)
                            : outline_print(c->out, &c->terminal, o);
        return r < 0 ? output_failed(c, r) : COMMAND_OK;
}
