/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/output.h"

#define COLUMN_SUMMARY 30

static void print_row(FILE *out, const char *left, const char *argument, const char *summary) {
        int n = fprintf(out, "  %s%s%s", left, argument[0] ? " " : "", argument);

        if (n >= COLUMN_SUMMARY) {
                (void)fputc('\n', out);
                n = 0;
        }
        (void)fprintf(out, "%*s%s\n", COLUMN_SUMMARY - n, "", summary);
}

static void print_options(Context *c, const char *heading, const Option *options) {
        if (!options->name)
                return;
        (void)fprintf(c->out, "\n%s%s%s\n", style_begin(&c->terminal, STYLE_BOLD), heading,
                        style_end(&c->terminal, STYLE_BOLD));
        for (const Option *o = options; o->name; o++)
                print_row(c->out, o->name, o->argument ?: "", o->summary);
}

static void print_all(Context *c) {
        const char *group = "";

        (void)fputs("tmux-orc [OPTION…] COMMAND …\n\nWhich of your agents needs you?\n", c->out);
        for (const Command *k = commands; k->name; k++) {
                if (strcmp(k->group, group) != 0)
                        (void)fprintf(c->out, "\n%s%s%s\n", style_begin(&c->terminal, STYLE_BOLD),
                                        k->group, style_end(&c->terminal, STYLE_BOLD));
                group = k->group;
                print_row(c->out, k->name, k->arguments, k->summary);
        }
        print_options(c, "Options of all commands", command_globals);
        (void)fputs("\nAn AGENT is an id or the beginning of one, a pane such as %12, or "
                    "session:window.pane.\nSee tmux-orc(1).\n",
                        c->out);
}

static void print_one(Context *c, const Command *k) {
        (void)fprintf(c->out, "tmux-orc [OPTION…] %s%s%s\n\n%s.\n", k->name,
                        k->arguments[0] ? " " : "", k->arguments, k->summary);
        if (k->text)
                (void)fprintf(c->out, "%s\n", k->text);
        print_options(c, "Options", k->options);
        print_options(c, "Options of all commands", command_globals);
}

static int options_to_json(json_object *o, const Option *options) {
        json_object *array = json_object_new_array();
        int r = json_set(o, "options", array);

        for (const Option *k = options; k->name && r >= 0; k++) {
                json_object *option = json_object_new_object();

                r = json_append(array, option);
                if (r >= 0)
                        r = json_set_string(option, "name", k->name);
                if (r >= 0)
                        r = json_set_string(option, "argument", k->argument);
                if (r >= 0)
                        r = json_set_string(option, "summary", k->summary);
        }
        return r;
}

static int command_to_json(const Command *k, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();

        if (!o || json_set_string(o, "name", k->name) < 0 ||
                        json_set_string(o, "arguments", k->arguments) < 0 ||
                        json_set_string(o, "words", k->words) < 0 ||
                        json_set_string(o, "summary", k->summary) < 0 ||
                        options_to_json(o, k->options) < 0)
                return -ENOMEM;
        *ret = TAKE_PTR(o);
        return 0;
}

static int all_to_json(json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();
        json_object *array = json_object_new_array();

        if (!o || json_set(o, "commands", array) < 0 || options_to_json(o, command_globals) < 0)
                return -ENOMEM;
        for (const Command *k = commands; k->name; k++) {
                json_object *command;

                if (command_to_json(k, &command) < 0 || json_append(array, command) < 0)
                        return -ENOMEM;
        }
        *ret = TAKE_PTR(o);
        return 0;
}

CommandResult command_help(Context *c) {
        const char *name = c->help ? c->command->name : c->operands[0];
        const Command *k = name ? command_find(name) : NULL;
        _cleanup_json_ json_object *o = NULL;
        int r;

        if (name && !k)
                return context_usage(c, "there is no command '%s'", name);

        if (c->json) {
                r = k ? command_to_json(k, &o) : all_to_json(&o);
                if (r >= 0)
                        r = output_json(c->out, o, false);
                return r < 0 ? output_failed(c, r) : COMMAND_OK;
        }

        if (k)
                print_one(c, k);
        else
                print_all(c);
        return COMMAND_OK;
}
