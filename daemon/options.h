/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What tmux-orchestratord was asked to do, from its command line alone. */

#include <stdbool.h>

typedef enum OptionsTask {
        OPTIONS_RUN,
        OPTIONS_HELP,
        OPTIONS_VERSION,
        OPTIONS_INTROSPECT,
} OptionsTask;

typedef struct Options {
        OptionsTask task;
        bool user;               /* session bus, one user */
        const char *config;      /* borrowed; NULL: the usual places */
        const char *environment; /* borrowed; NULL: what the configuration says */
} Options;

/* -EINVAL: standard error has been told why. */
int options_parse(int argc, char **argv, Options *ret);

/* Not a further instance beside another one. */
bool options_is_main(const Options *options);

void options_print_help(void);
