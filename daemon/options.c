/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/options.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define ENVIRONMENT_MAX 64U

enum { OPTION_CONFIG = 256, OPTION_ENVIRONMENT };

void options_print_help(void) {
        (void)printf("tmux-orchestratord [OPTION…]\n\n"
                     "Watches the agents that work in tmux panes, and offers what it knows on "
                     "D-Bus.\n\n"
                     "  --system            on the system bus, for all users (default)\n"
                     "  --user              on the session bus, for the user who runs it\n"
                     "  --config=FILE       instead of the usual configuration files\n"
                     "  --environment=NAME  as a further instance, such as green, beside the one "
                     "that\n"
                     "                      has the name on the bus\n"
                     "  --bus-introspect    print the D-Bus interfaces as XML\n"
                     "  --version\n"
                     "  --help\n");
}

/* It becomes a part of names on the bus and of paths. */
static bool environment_is_valid(const char *s) {
        size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

        return n > 0 && n <= ENVIRONMENT_MAX && s[n] == '\0' && (s[0] < '0' || s[0] > '9') &&
                        s[0] != '-';
}

bool options_is_main(const Options *options) {
        return !options->environment || strcmp(options->environment, "blue") == 0;
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

        if (o.environment && !environment_is_valid(o.environment)) {
                (void)fprintf(stderr,
                                "tmux-orchestratord: '%s' cannot be the name of an environment: "
                                "letters, digits, '_' and '-', and no digit first\n",
                                o.environment);
                return -EINVAL;
        }
        if (optind < argc) {
                (void)fprintf(stderr, "tmux-orchestratord: '%s' is not an option\n", argv[optind]);
                return -EINVAL;
        }

        *ret = o;
        return 0;
}
