/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Look driver
 *
 * Looks at one tmux server in the ways that are compared. Each line of its input, "WAY COUNT", is
 * answered by one line of JSON: what each time took, and the CPU of the server and of ourselves
 * with our children for all of them together. "methods" names the ways. "redrawn N", how many panes
 * are, is not answered.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/bench/ways.h"

#define COUNT_MAX 100000U

static void __attribute__((noreturn)) die(const char *what, int r) {
        (void)fprintf(stderr, "%s: %s\n", what, strerror(-r));
        exit(EXIT_FAILURE);
}

static void print_methods(void) {
        char name[WAY_NAME_MAX];

        for (size_t i = 0; ways_name(i, name); i++)
                (void)printf("%s\"%s\"", i ? "," : "[", name);
        (void)printf("]\n");
}

static void measure(Ways *w, size_t way, unsigned count) {
        _cleanup_free_ double *usec = calloc(count, sizeof(*usec));
        WayCost cost;
        int r = usec ? ways_measure(w, way, count, usec, &cost) : -ENOMEM;

        if (r < 0)
                die("look", r);
        (void)printf("{\"wall_us\":[");
        for (unsigned i = 0; i < count; i++)
                (void)printf("%s%.1f", i ? "," : "", usec[i]);
        (void)printf("],\"server_us\":%.1f,\"own_us\":%" PRIu64 ",\"captured\":%u,\"panes\":%zu}\n",
                        cost.server_usec, cost.own_usec, cost.captured, ways_count_panes(w));
}

static void obey(Ways *w, const char *line) {
        char name[WAY_NAME_MAX];
        unsigned count;
        size_t way;

        if (strcmp(line, "methods\n") == 0)
                print_methods();
        else if (sscanf(line, "redrawn %u", &count) == 1)
                ways_set_redrawn(w, count);
        else if (sscanf(line, "%31s %u", name, &count) != 2 || count == 0 || count > COUNT_MAX ||
                        ways_find(name, &way) < 0)
                die(line, -EINVAL);
        else
                measure(w, way, count);
}

int main(int argc, char *argv[]) {
        _cleanup_(ways_freep) Ways *w = NULL;
        char line[64];
        int r;

        if (argc != 2) {
                (void)fprintf(stderr, "usage: %s SOCKET\n", argv[0]);
                return EXIT_FAILURE;
        }
        r = ways_open(argv[1], &w);
        if (r < 0)
                die(argv[1], r);

        while (fgets(line, sizeof(line), stdin)) {
                obey(w, line);
                (void)fflush(stdout);
        }
        return EXIT_SUCCESS;
}
