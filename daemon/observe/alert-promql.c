/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/observe/alert-promql.h"

#include <limits.h>
#include <string.h>

#include "daemon/base/cleanup.h"
#include "daemon/observe/alert-text.h"
#include "daemon/observe/alerts.h"

#define RECORD_PREFIX "tmux_orchestrator:"
#define WINDOW_MINUTES (SIGNAL_WINDOW_USEC / USEC_PER_MINUTE)
#define TEXT_MAX 256U

/* Growth by the second of all series of the metric, whatever their labels. */
static void write_rate(FILE *f, const SignalTerm *t) {
        static const char *const suffixes[] = {
                        [SIGNAL_PART_NONE] = "",
                        [SIGNAL_PART_VALUE] = "",
                        [SIGNAL_PART_SUM] = "_sum",
                        [SIGNAL_PART_COUNT] = "_count",
        };
        const MetricSpec *spec = &metric_table[t->metric];
        size_t n_labels = metric_spec_n_labels(spec);

        for (size_t i = 0; i < n_labels; i++)
                (void)fprintf(f, "%s%s", i == 0 ? "sum without (" : ", ", spec->labels[i]);
        (void)fprintf(f, "%srate(" METRIC_PREFIX "%s%s[%llum])%s", n_labels > 0 ? ") (" : "",
                        spec->name, suffixes[t->part], (unsigned long long)WINDOW_MINUTES,
                        n_labels > 0 ? ")" : "");
}

static void write_under(FILE *f, const SignalSpec *spec) {
        size_t n = signal_spec_n_under(spec);

        (void)fputs(n > 1 ? "(" : "", f);
        for (size_t i = 0; i < n; i++) {
                (void)fputs(i > 0 ? " + " : "", f);
                write_rate(f, &spec->under[i]);
        }
        (void)fputs(n > 1 ? ")" : "", f);
}

static void write_record(FILE *f, const SignalSpec *spec) {
        (void)fprintf(f, "      - record: " RECORD_PREFIX "%s\n        expr: ", spec->name);
        write_rate(f, &spec->over);
        if (spec->scale > 0)
                (void)fprintf(f, " * %g", spec->scale);
        if (spec->kind == SIGNAL_SHARE) {
                (void)fputs(" / ", f);
                write_under(f, spec);
        }
        if (spec->least > 0) {
                (void)fputs(" and ", f);
                write_under(f, spec);
                (void)fprintf(f, " * %llu >= %g",
                                (unsigned long long)(SIGNAL_WINDOW_USEC / USEC_PER_SEC),
                                spec->least);
        }
        (void)fputc('\n', f);
}

static void write_name(FILE *f, const SignalSpec *spec) {
        if (spec->kind == SIGNAL_VALUE)
                (void)fprintf(f, METRIC_PREFIX "%s", metric_table[spec->over.metric].name);
        else
                (void)fprintf(f, RECORD_PREFIX "%s", spec->name);
}

static void write_band(FILE *f, const AlertRule *rule, size_t i) {
        const char *agents = METRIC_PREFIX "agents_total";

        (void)fprintf(f, "%s\n          ", i > 0 ? " or" : "");
        write_name(f, &signal_table[rule->signal]);
        (void)fprintf(f, " > %g and %s", cycle_limits[i].limits[rule->severity], agents);
        if (i > 0)
                (void)fprintf(f, " > %u", cycle_limits[i - 1].agents);
        if (cycle_limits[i].agents < UINT_MAX)
                (void)fprintf(f, " <= %u", cycle_limits[i].agents);
}

static void write_condition(FILE *f, const AlertRule *rule) {
        (void)fputs("        expr: ", f);
        if (rule->by_agents) {
                (void)fputs(">-", f);
                for (size_t i = 0; i < cycle_n_limits; i++)
                        write_band(f, rule, i);
        } else {
                write_name(f, &signal_table[rule->signal]);
                (void)fprintf(f, " %c %.9g", rule->below ? '<' : '>', rule->limit);
        }
        (void)fputc('\n', f);
}

static void write_summary(FILE *f, const AlertRule *rule) {
        static const char *const values[] = {
                        [SIGNAL_UNIT_NUMBER] = "{{ $value | humanize }}",
                        [SIGNAL_UNIT_SECONDS] = "{{ $value | humanizeDuration }}",
                        [SIGNAL_UNIT_BYTES] = "{{ $value | humanize }}B",
                        [SIGNAL_UNIT_SHARE] = "{{ $value | humanizePercentage }}",
        };
        const SignalSpec *spec = &signal_table[rule->signal];
        char limit[SIGNAL_NUMBER_MAX], text[TEXT_MAX];

        (void)signal_value_to_text(spec->unit, rule->limit, limit);
        signal_text_fill(spec->text, "{{ $labels.component }}", values[spec->unit],
                        rule->by_agents ? "they should with so many agents" : limit, text,
                        sizeof(text));
        (void)fprintf(f, "        annotations:\n          summary: '%s'\n", text);
}

static void write_alert(FILE *f, const AlertRule *rule) {
        const char *component = signal_table[rule->signal].component;

        (void)fprintf(f, "      - alert: TmuxOrchestrator%s\n", rule->name);
        write_condition(f, rule);
        (void)fprintf(f, "        for: %llum\n",
                        (unsigned long long)(rule->hold_usec / USEC_PER_MINUTE));
        (void)fprintf(f, "        keep_firing_for: %llum\n",
                        (unsigned long long)(ALERT_KEEP_USEC / USEC_PER_MINUTE));
        (void)fprintf(f, "        labels:\n          severity: %s\n",
                        alert_severity_to_string(rule->severity));
        if (component)
                (void)fprintf(f, "          component: %s\n", component);
        write_summary(f, rule);
}

void alert_promql_write(FILE *f) {
        (void)fputs("# SPDX-License-Identifier: LGPL-2.1-or-later\n"
                    "# Made by tools/observe-docs of daemon/observe/alert-table.c: change it "
                    "there.\n"
                    "# The service raises the same alerts by itself: tmux-orc alerts.\n"
                    "groups:\n"
                    "  - name: tmux-orchestrator\n"
                    "    rules:\n",
                        f);
        FOREACH_ELEMENT (spec, signal_table)
                if (spec->kind != SIGNAL_VALUE)
                        write_record(f, spec);
        for (size_t i = 0; i < alert_n_rules; i++)
                write_alert(f, &alert_rules[i]);
}
