/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Command
 *
 * What a command of tmux-orc is: a row of a const table with its words, its options and its
 * function. Help, completion and man page are compared with this table. A command writes its
 * output to context->out and answers with an exit status; what goes wrong it has told by then.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <systemd/sd-bus.h>

#include "daemon/base/cleanup.h"
#include "tools/tmux-orc/terminal.h"

/* The exit status: public. */
typedef enum CommandResult {
        COMMAND_OK = 0,
        COMMAND_FAILED = 1, /* or what was asked about is not healthy */
        COMMAND_USAGE = 2,
        COMMAND_UNREACHABLE = 3,
        COMMAND_DENIED = 4,
} CommandResult;

#define BUS_DESTINATION_MAX 128U
#define COMMAND_OPTIONS_MAX 20

typedef struct Option {
        const char *name;     /* "--state" */
        const char *argument; /* "STATE"; NULL: it takes none */
        const char *summary;
} Option;

typedef struct Context Context;

typedef struct Command {
        const char *name;
        const char *group;     /* heading in the help */
        const char *arguments; /* "AGENT", "[LAYER]"; "" */
        const char *words;     /* words that the first argument can be, by blanks; NULL */
        const char *summary;
        const char *text; /* the rest of what --help says; NULL */
        Option options[COMMAND_OPTIONS_MAX];
        unsigned operands_min, operands_max;
        CommandResult (*run)(Context *c);
        bool runs_command; /* the first operand is a command: what follows is its own */
} Command;

typedef enum BusChoice {
        BUS_AUTO, /* the user's where the service is there, else the system's */
        BUS_USER,
        BUS_SYSTEM,
        BUS_HOST,
} BusChoice;

struct Context {
        const Command *command;
        BusChoice bus_choice;
        const char *host;
        const char *environment;
        bool json;
        bool quiet;
        bool no_pager;
        bool help;
        bool version;
        const char *values[COMMAND_OPTIONS_MAX]; /* borrowed from argv; by index of the options */
        char **operands;                         /* borrowed strings, ended by NULL */
        unsigned n_operands;
        Terminal terminal;
        FILE *out;      /* shown at the end, by a pager if it is long; see output.h */
        char *gathered; /* what was written to it */
        size_t n_gathered;
        sd_bus *bus;                           /* opened by the first call */
        char destination[BUS_DESTINATION_MAX]; /* "": the name of the service */
        const char *bus_name;                  /* "user", "system", or the host */
};

/* Options that every command takes. */
extern const Option command_globals[];

/* Ended by a NULL name; groups stand together. */
extern const Command commands[];
const Command *command_find(const char *name);

/* Tells what is wrong with the arguments itself: COMMAND_OK or COMMAND_USAGE. */
CommandResult command_parse(Context *c, int argc, char **argv);
void context_done(Context *c);

/* NULL if the option was not given, "" if it was and takes no argument. */
const char *context_option(const Context *c, const char *name);
static inline bool context_has(const Context *c, const char *name) {
        return context_option(c, name) != NULL;
}

/* Tell what went wrong on standard error; the second what can be done, unless --quiet. */
void context_error(const Context *c, const char *format, ...) _printf_(2, 3);
void context_hint(const Context *c, const char *format, ...) _printf_(2, 3);
/* Tells both that the command was not called rightly and how its help is called. */
CommandResult context_usage(const Context *c, const char *format, ...) _printf_(2, 3);
