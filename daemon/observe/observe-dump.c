/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Writes what documents and rules for Prometheus say of the metrics and alerts; tools/observe-docs
 * keeps them true. */

#include <limits.h>
#include <string.h>

#include "daemon/observe/alert-promql.h"
#include "daemon/observe/alert-text.h"
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

static void dump_limit(const AlertRule *rule) {
        char number[SIGNAL_NUMBER_MAX];

        if (rule->by_agents)
                (void)printf("by the number of agents");
        else if (rule->signal == SIGNAL_UP)
                (void)printf("it is down");
        else
                (void)printf("%s %s", rule->below ? "below" : "above",
                                signal_value_to_text(signal_table[rule->signal].unit, rule->limit,
                                                number));
}

static void dump_alerts(void) {
        (void)puts("| alert | severity | when | for | component |\n|---|---|---|---|---|");
        for (size_t i = 0; i < alert_n_rules; i++) {
                const AlertRule *rule = &alert_rules[i];

                (void)printf("| `%s` | %s | ", rule->name,
                                alert_severity_to_string(rule->severity));
                dump_limit(rule);
                if (rule->hold_usec > 0)
                        (void)printf(" | %llu min",
                                        (unsigned long long)(rule->hold_usec / USEC_PER_MINUTE));
                else
                        (void)printf(" | at once");
                (void)printf(" | `%s` |\n",
                                signal_table[rule->signal].component ?: "the one that it names");
        }
}

static void dump_cycles(void) {
        unsigned from = 1;

        (void)puts("| agents | info | warning | critical |\n|---|---|---|---|");
        for (size_t i = 0; i < cycle_n_limits; i++) {
                const CycleLimits *row = &cycle_limits[i];

                if (row->agents < UINT_MAX)
                        (void)printf("| %u to %u", from, row->agents);
                else
                        (void)printf("| more");
                for (AlertSeverity s = 0; s < _ALERT_SEVERITY_MAX; s++)
                        (void)printf(" | %g ms", row->limits[s] * 1e3);
                (void)puts(" |");
                from = row->agents + 1;
        }
}

int main(int argc, char **argv) {
        if (argc == 2 && strcmp(argv[1], "metrics") == 0)
                dump_metrics();
        else if (argc == 2 && strcmp(argv[1], "alerts") == 0)
                dump_alerts();
        else if (argc == 2 && strcmp(argv[1], "cycles") == 0)
                dump_cycles();
        else if (argc == 2 && strcmp(argv[1], "prometheus") == 0)
                alert_promql_write(stdout);
        else {
                (void)fputs("usage: observe-dump metrics|alerts|cycles|prometheus\n", stderr);
                return 2;
        }

        return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
