/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/output.h"

static CommandResult print_version(Context *c) {
        _cleanup_json_ json_object *o = NULL;
        int r;

        if (!c->json) {
                (void)fprintf(c->out, "tmux-orc %s\n", PROJECT_VERSION);
                return COMMAND_OK;
        }

        o = json_object_new_object();
        if (!o)
                return output_failed(c, -ENOMEM);
        r = json_set_string(o, "version", PROJECT_VERSION);
        if (r >= 0)
                r = output_json(c->out, o, false);
        return r < 0 ? output_failed(c, r) : COMMAND_OK;
}

static CommandResult dispatch(Context *c) {
        if (c->version)
                return print_version(c);
        if (c->help && c->command)
                return command_help(c);
        if (c->help || (!c->command && c->json)) {
                c->help = false;
                c->command = command_find("help");
                return command_help(c);
        }
        /* Called without a word: what most people want to know. */
        if (!c->command)
                c->command = command_find("status");
        return c->command->run(c);
}

int main(int argc, char **argv) {
        _cleanup_(context_done) Context c = {};
        CommandResult result;
        int r;

        terminal_set_locale();
        c.terminal = terminal_get();

        result = command_parse(&c, argc, argv);
        if (result != COMMAND_OK)
                return result;
        if (c.environment && !bus_environment_is_valid(c.environment))
                return context_usage(&c, "'%s' cannot be an environment", c.environment);
        bus_set_environment(&c, c.environment);

        r = output_open(&c);
        if (r < 0)
                return output_failed(&c, r);

        result = dispatch(&c);
        r = output_show(&c);
        /* Whoever reads from us may stop reading. */
        if (r < 0 && r != -EPIPE)
                return output_failed(&c, r);
        return result;
}
