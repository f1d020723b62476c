/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One row is one command: its name, its function, what it is for. */

#include <stdio.h>
#include <string.h>

#include "daemon/base/cleanup.h"
#include "tools/tmux-orc/classify.h"

typedef struct Command {
        const char *name;
        int (*run)(int argc, char **argv);
        const char *summary;
} Command;

static const Command commands[] = {
                {"classify", classify_main, "say which agent a saved screen shows"},
};

static void usage(FILE *to) {
        (void)fputs("tmux-orc COMMAND [OPTION…]\n\n", to);
        FOREACH_ELEMENT (command, commands)
                (void)fprintf(to, "  %-12s %s\n", command->name, command->summary);
}

int main(int argc, char **argv) {
        const char *name = argc > 1 ? argv[1] : NULL;

        if (name && strcmp(name, "--help") == 0) {
                usage(stdout);
                return 0;
        }
        FOREACH_ELEMENT (command, commands)
                if (name && strcmp(name, command->name) == 0)
                        return command->run(argc - 1, argv + 1);

        usage(stderr);
        return 2;
}
