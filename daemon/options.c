/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/options.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>

enum { OPTION_CONFIG = 256, OPTION_ENVIRONMENT };

void options_print_help(void) {
        (void)printf("tmux-orchestratord [OPTION…]\n\n"
                     "Watches the agents that work in tmux panes, and offers what it knows on "
                     "D-Bus.\n\n"
                     "  --system            on the system bus, for all users (default)\n"
                     "  --user              on the session bus, for the user who runs it\n"
                     "  --config=FILE       instead of the usual configuration files\n"
                     "  --environment=NAME  the environment it runs as, such as green\n"
                     "  --bus-introspect    print the D-Bus interfaces as XML\n"
                     "  --version\n"
                     "  --help\n");
}

int options_parse(int argc, char **argv, Options *ret) {
        static const struct option known[] = {
                        {"system", no_argument, NULL, 's'},
                        {"user", no_argument, NULL, 'u'},
                        {"config", required_argument, NULL, OPTION_CONFIG},
                        {"environment", required_argument, NULL, OPTION_ENVIRONMENT},
                        {"bus-introspect", no_argument, NULL, 'i'},
                        {"version", no_argument, NULL, 'v'},
                        {"help", no_argument, NULL, 'h'},
                        {},
        };
        Options o = {};
        int c;

        assert(ret);

        optind = 0;
        while ((c = getopt_long(argc, argv, "", known, NULL)) >= 0) {
                if (c == '?')
                        return -EINVAL;
                if (c == 's' || c == 'u')
                        o.user = c == 'u';
                else if (c == OPTION_CONFIG)
                        o.config = optarg;
                else if (c == OPTION_ENVIRONMENT)
                        o.environment = optarg;
                else
                        o.task = c == 'i'          ? OPTIONS_INTROSPECT
                                        : c == 'v' ? OPTIONS_VERSION
                                                   : OPTIONS_HELP;
        }

        if (optind < argc) {
                (void)fprintf(stderr, "tmux-orchestratord: '%s' is not an option\n", argv[optind]);
                return -EINVAL;
        }

        *ret = o;
        return 0;
}
