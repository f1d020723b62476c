/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/perf.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/duration.h"
#include "tools/tmux-orc/report.h"

/* From where on a cycle is near its target, and a change is worth a word. */
#define NEAR_TARGET 0.75
#define WORTH_TELLING 0.10
#define REALTIME_USEC (5 * USEC_PER_SEC)

static int add_finding(json_object *findings, const char *text) {
        return json_append_string(findings, text);
}

static int judge_cycle(json_object *performance, json_object *findings) {
        double p95 = json_get_double(performance, "cycle_p95_seconds", -1);
        double target = json_get_double(performance, "cycle_target_seconds", -1);
        char text[128];

        if (p95 < 0 || target <= 0)
                return add_finding(findings, "There were no cycles to judge.");

        (void)snprintf(text, sizeof(text),
                        "95 %% of the cycles took at most %.1f ms: %.0f %% of the target of %.0f "
                        "ms%s",
                        p95 * 1e3, 100 * p95 / target, target * 1e3,
                        p95 > target                                 ? ", which is missed."
                                        : p95 > NEAR_TARGET * target ? ", which is near."
                                                                     : ".");
        return add_finding(findings, text);
}

static int judge_cost(json_object *performance, json_object *findings) {
        double percent = json_get_double(performance, "watching_percent", -1);
        char text[128];

        if (percent < 0)
                return 0;
        (void)snprintf(text, sizeof(text), "All watching cost %.2f %% of a core.", percent);
        return add_finding(findings, text);
}

static int judge_changes(json_object *compared, json_object *findings) {
        for (size_t i = 0; compared && i < json_object_array_length(compared); i++) {
                json_object *row = json_object_array_get_idx(compared, i);
                double change = json_get_double(row, "change", 0);
                char text[128];

                if (change < WORTH_TELLING && change > -WORTH_TELLING)
                        continue;
                (void)snprintf(text, sizeof(text), "%s is %+.0f %% against the baseline.",
                                json_get_string(row, "what"), 100 * change);
                if (add_finding(findings, text) < 0)
                        return -ENOMEM;
        }
        return 0;
}

static int judge(json_object *report) {
        json_object *findings = json_object_new_array();
        int r;

        r = json_set(report, "findings", findings);
        if (r >= 0)
                r = judge_cycle(json_get(report, "performance"), findings);
        if (r >= 0)
                r = judge_cost(json_get(report, "performance"), findings);
        if (r >= 0)
                r = judge_changes(json_get(report, "against_baseline"), findings);
        return r;
}

static CommandResult print(Context *c, json_object *report) {
        json_object *findings = json_get(report, "findings");
        Document d = {.context = c};
        int r;

        if (c->json) {
                r = output_json(c->out, report, false);
                return r < 0 ? output_failed(c, r) : COMMAND_OK;
        }

        report_print_performance(&d, report);
        if (findings) {
                document_heading(&d, "What that means");
                for (size_t i = 0; i < json_object_array_length(findings); i++)
                        document_line(&d, "%s",
                                        json_object_get_string(
                                                        json_object_array_get_idx(findings, i)));
        }
        return d.error < 0 ? output_failed(c, d.error) : COMMAND_OK;
}

static CommandResult show_report(Context *c, bool judged) {
        _cleanup_json_ json_object *report = NULL;
        const char *kind, *words;
        CommandResult result;
        int days = report_span(c, &kind, &words), r;

        if (days < 0)
                return context_usage(c, "only one of --day, --week, --month");
        result = report_fetch(
                        c, "performance", now_realtime() - (uint64_t)days * USEC_PER_DAY, &report);
        if (result != COMMAND_OK)
                return result;

        r = judged ? judge(report) : 0;
        return r < 0 ? output_failed(c, r) : print(c, report);
}

static CommandResult analyze_now(Context *c) {
        _cleanup_json_ json_object *report = json_object_new_object();
        json_object *performance = NULL;
        CommandResult result;
        int r;

        if (!report)
                return output_failed(c, -ENOMEM);
        result = perf_measure(c, REALTIME_USEC, &performance);
        if (result != COMMAND_OK)
                return result;

        r = json_set(report, "performance", performance);
        if (r >= 0)
                r = judge(report);
        return r < 0 ? output_failed(c, r) : print(c, report);
}

CommandResult command_perf(Context *c) {
        const char *word = c->operands[0];

        if (strcmp(word, "watch") == 0)
                return perf_watch(c);
        if (strcmp(word, "report") == 0)
                return show_report(c, false);
        if (strcmp(word, "analyze") == 0)
                return context_has(c, "--realtime") ? analyze_now(c) : show_report(c, true);
        return context_usage(c, "'perf' does not know '%s'", word);
}
