/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/command.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "daemon/base/text.h"

const Option command_globals[] = {
                {"--user", NULL, "Talk to the service of the user, on the session bus"},
                {"--system", NULL, "Talk to the service of the system"},
                {"--host", "USER@HOST", "Talk to the system service of another host, by ssh"},
                {"--environment", "NAME", "Talk to this instance of the service, such as green"},
                {"--json", NULL, "Print JSON"},
                {"--quiet", NULL, "No headings and no hints"},
                {"--no-pager", NULL, "Never start a pager"},
                {"--help", NULL, "Say how it is used"},
                {"--version", NULL, "Print the version"},
                {},
};

const Command *command_find(const char *name) {
        for (const Command *k = commands; k->name; k++)
                if (strcmp(k->name, name) == 0)
                        return k;
        return NULL;
}

const char *context_option(const Context *c, const char *name) {
        for (size_t i = 0; i < COMMAND_OPTIONS_MAX && c->command->options[i].name; i++)
                if (strcmp(c->command->options[i].name, name) == 0)
                        return c->values[i];

        assert(!"the command's row has this option");
        return NULL;
}

_printf_(2, 0) static void say(const char *prefix, const char *format, va_list arguments) {
        (void)fflush(stdout);
        (void)fputs(prefix, stderr);
        (void)vfprintf(stderr, format, arguments);
        (void)fputc('\n', stderr);
}

void context_error(const Context *c, const char *format, ...) {
        va_list arguments;

        va_start(arguments, format);
        say("tmux-orc: ", format, arguments);
        va_end(arguments);
}

void context_hint(const Context *c, const char *format, ...) {
        va_list arguments;

        if (c->quiet)
                return;
        va_start(arguments, format);
        say("  ", format, arguments);
        va_end(arguments);
}

CommandResult context_usage(const Context *c, const char *format, ...) {
        va_list arguments;

        va_start(arguments, format);
        say("tmux-orc: ", format, arguments);
        va_end(arguments);
        if (c->command)
                context_hint(c, "See 'tmux-orc %s --help'.", c->command->name);
        else
                context_hint(c, "See 'tmux-orc help'.");
        return COMMAND_USAGE;
}

static void set_global(Context *c, const char *name, const char *value) {
        if (strcmp(name, "--user") == 0)
                c->bus_choice = BUS_USER;
        else if (strcmp(name, "--system") == 0)
                c->bus_choice = BUS_SYSTEM;
        else if (strcmp(name, "--environment") == 0)
                c->environment = value;
        else if (strcmp(name, "--json") == 0)
                c->json = true;
        else if (strcmp(name, "--quiet") == 0)
                c->quiet = true;
        else if (strcmp(name, "--no-pager") == 0)
                c->no_pager = true;
        else if (strcmp(name, "--help") == 0)
                c->help = true;
        else if (strcmp(name, "--version") == 0)
                c->version = true;
        else {
                c->bus_choice = BUS_HOST;
                c->host = value;
        }
}

/* @n_name: without "=value". */
static const Option *find_option(const Option *options, const char *name, size_t n_name) {
        for (const Option *o = options; o->name; o++)
                if (strlen(o->name) == n_name && memcmp(o->name, name, n_name) == 0)
                        return o;
        return NULL;
}

static const char *short_name(const char *word) {
        static const char *const names[][2] = {
                        {"-h", "--help"}, {"-H", "--host"}, {"-q", "--quiet"}, {"-j", "--json"}};

        FOREACH_ELEMENT (row, names)
                if (strcmp((*row)[0], word) == 0)
                        return (*row)[1];
        return word;
}

/* Sets one option; @i is moved over its argument. */
static CommandResult take_option(Context *c, char **argv, int *i) {
        const char *word = short_name(argv[*i]);
        const char *equals = strchr(word, '=');
        size_t n_name = equals ? (size_t)(equals - word) : strlen(word);
        const Option *own = c->command ? find_option(c->command->options, word, n_name) : NULL;
        const Option *o = own ?: find_option(command_globals, word, n_name);
        const char *value = equals ? equals + 1 : NULL;

        if (!o)
                return context_usage(c, "there is no option '%s'", argv[*i]);
        if (!o->argument && value)
                return context_usage(c, "%s takes no argument", o->name);
        if (o->argument && !value)
                value = argv[*i + 1] ? argv[++*i] : NULL;
        if (o->argument && text_is_empty(value))
                return context_usage(c, "%s needs an argument: %s", o->name, o->argument);

        if (own)
                c->values[own - c->command->options] = value ?: "";
        else
                set_global(c, o->name, value);
        return COMMAND_OK;
}

static CommandResult take_operand(Context *c, char *word) {
        if (c->command) {
                c->operands[c->n_operands++] = word;
                return COMMAND_OK;
        }

        c->command = command_find(word);
        if (c->command)
                return COMMAND_OK;
        return context_usage(c, "there is no command '%s'", word);
}

static CommandResult check_operands(const Context *c) {
        if (c->help || c->version || !c->command)
                return COMMAND_OK;
        if (c->n_operands < c->command->operands_min)
                return context_usage(
                                c, "'%s' needs more: %s", c->command->name, c->command->arguments);
        if (c->n_operands > c->command->operands_max)
                return context_usage(c, "'%s' does not take '%s'", c->command->name,
                                c->operands[c->command->operands_max]);
        return COMMAND_OK;
}

CommandResult command_parse(Context *c, int argc, char **argv) {
        bool only_operands = false;

        c->operands = calloc((size_t)argc + 1, sizeof(*c->operands));
        if (!c->operands) {
                context_error(c, "out of memory");
                return COMMAND_FAILED;
        }

        for (int i = 1; i < argc; i++) {
                bool is_option = argv[i][0] == '-' && argv[i][1] != '\0' && !only_operands;
                CommandResult r = COMMAND_OK;

                if (is_option && strcmp(argv[i], "--") == 0)
                        only_operands = true;
                else
                        r = is_option ? take_option(c, argv, &i) : take_operand(c, argv[i]);
                if (r != COMMAND_OK)
                        return r;
                if (c->command && c->command->runs_command && c->n_operands > 0)
                        only_operands = true;
        }

        return check_operands(c);
}

void context_done(Context *c) {
        free(c->operands);
        if (c->out)
                (void)fclose(c->out);
        free(c->gathered);
        if (c->bus)
                sd_bus_flush_close_unref(c->bus);
        *c = (Context){};
}
