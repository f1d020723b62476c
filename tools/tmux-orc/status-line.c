/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/agent-state.h"
#include "daemon/base/json.h"
#include "tools/tmux-orc/agents.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/output.h"
#include "tools/tmux-orc/status-text.h"

typedef struct Format {
        const char *name;
        int (*print)(Context *c, json_object *counts);
} Format;

static int print_plain(Context *c, json_object *counts) {
        _cleanup_free_ char *text = status_text_plain(counts);

        if (!text)
                return -ENOMEM;
        (void)fprintf(c->out, "%s\n", text);
        return 0;
}

static int print_tmux(Context *c, json_object *counts) {
        _cleanup_free_ char *text = status_text_tmux(counts);

        if (!text)
                return -ENOMEM;
        (void)fprintf(c->out, "%s\n", text);
        return 0;
}

static int print_waybar(Context *c, json_object *counts) {
        _cleanup_free_ char *text = status_text_plain(counts);
        _cleanup_json_ json_object *o = json_object_new_object();
        const char *worst = status_text_worst(counts);
        int r;

        if (!text || !o)
                return -ENOMEM;
        r = json_set_string(o, "text", text);
        if (r >= 0)
                r = json_set_string(o, "alt", worst);
        if (r >= 0)
                r = json_set_string(o, "class", worst);
        if (r >= 0)
                r = json_set_string(o, "tooltip", "tmux-orc next shows who needs you");
        return r < 0 ? r : output_json(c->out, o, true);
}

static const Format formats[] = {
                {"plain", print_plain},
                {"tmux", print_tmux},
                {"waybar", print_waybar},
};

static const Format *find_format(const char *name) {
        FOREACH_ELEMENT (f, formats)
                if (strcmp(f->name, name) == 0)
                        return f;
        return NULL;
}

CommandResult command_status_line(Context *c) {
        _cleanup_json_ json_object *counts = NULL;
        const char *name = context_option(c, "--format") ?: "plain";
        const Format *format = find_format(name);
        CommandResult result;
        int r;

        if (!format)
                return context_usage(c, "there is no format '%s': tmux, waybar or plain", name);

        result = bus_call(c, BUS_ROOT, "org.freedesktop.DBus.Properties", "Get", &counts, "ss",
                        BUS_INTERFACE_MANAGER, "AgentCounts");
        if (result != COMMAND_OK)
                return result;

        r = c->json ? output_json(c->out, counts, true) : format->print(c, counts);
        return r < 0 ? output_failed(c, r) : COMMAND_OK;
}
