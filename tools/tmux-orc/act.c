/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "tools/tmux-orc/agents.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/output.h"

#define TEXT_MAX 8192U

/* One line for people, unless --quiet; for programs the agent and what was done. */
static CommandResult report(Context *c, json_object *row, const char *done) {
        _cleanup_json_ json_object *o = NULL;
        int r;

        if (!c->json) {
                if (!c->quiet)
                        (void)fprintf(c->out, "%s: %s\n", json_get_string(row, "id"), done);
                return COMMAND_OK;
        }
        o = json_object_new_object();
        r = o ? json_set_string(o, "id", json_get_string(row, "id")) : -ENOMEM;
        if (r >= 0)
                r = json_set_string(o, "done", done);
        if (r >= 0)
                r = output_json(c->out, o, false);
        return r < 0 ? output_failed(c, r) : COMMAND_OK;
}

/* "-": from standard input, without the newline at its end. */
static int read_text(const char *word, char **ret) {
        _cleanup_free_ char *text = calloc(1, TEXT_MAX + 2);
        size_t n;

        if (!text)
                return -ENOMEM;
        if (strcmp(word, "-") != 0)
                (void)snprintf(text, TEXT_MAX + 2, "%s", word);
        else {
                n = fread(text, 1, TEXT_MAX + 1, stdin);
                if (n > 0 && text[n - 1] == '\n')
                        text[n - 1] = '\0';
        }
        *ret = TAKE_PTR(text);
        return 0;
}

CommandResult command_send(Context *c) {
        _cleanup_json_ json_object *row = NULL;
        _cleanup_free_ char *text = NULL;
        bool enter = !context_has(c, "--no-enter");
        CommandResult result;
        int r;

        r = read_text(c->operands[1], &text);
        if (r < 0)
                return output_failed(c, r);
        result = agents_fetch_one(c, c->operands[0], &row);
        if (result != COMMAND_OK)
                return result;
        result = bus_call(c, json_get_string(row, "path"), BUS_INTERFACE_AGENT, "SendText", NULL,
                        "sa{sv}", text, 3, "enter", "b", (int)enter, "command", "b",
                        (int)context_has(c, "--command"), "token", "s",
                        context_option(c, "--token") ?: "");
        return result != COMMAND_OK ? result : report(c, row, enter ? "sent" : "typed");
}

static CommandResult answer(Context *c, const char *member, const char *done) {
        _cleanup_json_ json_object *row = NULL;
        CommandResult result;

        result = agents_fetch_one(c, c->operands[0], &row);
        if (result != COMMAND_OK)
                return result;
        result = bus_call(c, json_get_string(row, "path"), BUS_INTERFACE_AGENT, member, NULL,
                        "a{sv}", 1, "token", "s", context_option(c, "--token") ?: "");
        return result != COMMAND_OK ? result : report(c, row, done);
}

CommandResult command_approve(Context *c) {
        return answer(c, "Approve", "approved");
}

CommandResult command_deny(Context *c) {
        return answer(c, "Deny", "denied");
}

CommandResult command_restart(Context *c) {
        _cleanup_json_ json_object *row = NULL;
        CommandResult result;

        result = agents_fetch_one(c, c->operands[0], &row);
        if (result != COMMAND_OK)
                return result;
        result = bus_call(c, json_get_string(row, "path"), BUS_INTERFACE_AGENT, "Restart", NULL,
                        NULL);
        return result != COMMAND_OK ? result : report(c, row, "restarted");
}
