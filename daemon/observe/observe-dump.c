/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Writes what documents say of the metrics; tools/observe-docs keeps them true. */

#include <string.h>

#include "daemon/observe/metrics.h"

static void dump_metric(const MetricSpec *spec) {
        (void)printf("| `%s` | %s | ", spec->name, metric_type_to_string(spec->type));
        for (size_t i = 0; i < metric_spec_n_labels(spec); i++)
                (void)printf("%s`%s`", i == 0 ? "" : ", ", spec->labels[i]);
        (void)printf(" | %s |\n", spec->help);
}

static void dump_metrics(void) {
        (void)puts("| name | type | labels | what |\n|---|---|---|---|");
        FOREACH_ELEMENT (spec, metric_table)
                dump_metric(spec);
}

int main(int argc, char **argv) {
        if (argc == 2 && strcmp(argv[1], "metrics") == 0)
                dump_metrics();
        else {
                (void)fputs("usage: observe-dump metrics\n", stderr);
                return 2;
        }

        return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
