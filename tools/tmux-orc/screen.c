/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/base/text.h"
#include "tools/tmux-orc/agents.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/output.h"

#define LINES_MAX 100000

/* A screen is the most hostile text of all: each line is cleaned by itself. */
static int print_lines(FILE *out, const char *screen) {
        while (*screen) {
                size_t n = strcspn(screen, "\n");
                _cleanup_free_ char *raw = strndup(screen, n);
                _cleanup_free_ char *line = raw ? terminal_text(raw) : NULL;

                if (!line)
                        return -ENOMEM;
                (void)fprintf(out, "%s\n", line);
                screen += n + (screen[n] == '\n');
        }
        return 0;
}

static int print_screen(Context *c, json_object *row, json_object *answer) {
        const char *screen = json_object_get_string(answer);
        _cleanup_json_ json_object *o = NULL;
        int r;

        if (!c->json)
                return print_lines(c->out, screen ?: "");

        o = json_object_new_object();
        if (!o)
                return -ENOMEM;
        r = json_set_string(o, "id", json_get_string(row, "id"));
        if (r >= 0)
                r = json_set_string(o, "screen", screen);
        return r < 0 ? r : output_json(c->out, o, false);
}

CommandResult command_screen(Context *c) {
        _cleanup_json_ json_object *row = NULL, *answer = NULL;
        const char *lines = context_option(c, "--lines");
        CommandResult result;
        uint64_t n = 0;
        int r;

        if (lines && parse_u64(lines, 1, LINES_MAX, &n) < 0)
                return context_usage(c, "--lines must be a whole number from 1 to %d", LINES_MAX);

        result = agents_fetch_one(c, c->operands[0], &row);
        if (result != COMMAND_OK)
                return result;
        result = bus_call(c, json_get_string(row, "path"), BUS_INTERFACE_AGENT, "GetScreen",
                        &answer, "u", (uint32_t)n);
        if (result != COMMAND_OK)
                return result;

        r = print_screen(c, row, answer);
        return r < 0 ? output_failed(c, r) : COMMAND_OK;
}
