/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/duration.h"
#include "tools/tmux-orc/report.h"

static char *cell_what(json_object *row, const char *key) {
        static const char *const names[][2] = {
                        {"cycle_of_target", "cycles (p95), of their target"},
                        {"cycle_of_target_for_a_week", "cycles (p95), for a week"},
                        {"memory_used", "memory of the machine in use"},
                        {"cpu_used", "processors of the machine in use"},
                        {"error_rate", "errors by cycle"},
                        {"errors_in_48_hours", "errors in 48 hours"},
        };
        const char *what = json_get_string(row, key) ?: "";

        FOREACH_ELEMENT (name, names)
                if (strcmp((*name)[0], what) == 0)
                        return strdup((*name)[1]);
        return strdup(what);
}

static bool is_count(json_object *row) {
        return strcmp(json_get_string(row, "what") ?: "", "errors_in_48_hours") == 0;
}

static char *cell_value(json_object *row, const char *key) {
        double value = json_get_double(row, key, -1);
        char *text = NULL;

        if (value < 0 || !is_count(row))
                return cell_share(row, key);
        return asprintf(&text, "%.0f", value) < 0 ? NULL : text;
}

static char *cell_reached(json_object *row, const char *key) {
        json_object *reached = json_get_typed(row, key, json_type_boolean);

        return strdup(!reached ? "not known" : json_object_get_boolean(reached) ? "yes" : "no");
}

static Style style_reached(json_object *row, const char *key) {
        return json_get_bool(row, key, false) ? STYLE_YELLOW : STYLE_PLAIN;
}

static const Column columns[] = {
                {"WHAT", "what", cell_what, .flags = COLUMN_FLEXIBLE},
                {"VALUE", "value", cell_value, .flags = COLUMN_RIGHT},
                {"LIMIT", "limit", cell_value, .flags = COLUMN_RIGHT},
                {"REACHED", "reached", cell_reached, style_reached},
                {},
};

static void print_projection(Document *d, json_object *p) {
        const char *limited_by = json_get_string(p, "limited_by") ?: "?";
        uint64_t agents;

        document_heading(d, "How many agents this machine carries");
        if (!json_get(p, "agents")) {
                document_line(d, "There were no agents to measure it by.");
                return;
        }
        agents = json_get_u64(p, "agents", 0);
        if ((double)agents < json_get_double(p, "agents_mean", 0))
                document_line(d, "Not more than there are: %s is over its limit already.",
                                limited_by);
        else
                document_line(d, "About %llu, limited by %s.", (unsigned long long)agents,
                                limited_by);
        document_line(d,
                        "That rests on %.1f agents: %.1f ms of a cycle (p95), %.3f %% of a core "
                        "and",
                        json_get_double(p, "agents_mean", 0),
                        1e3 * json_get_double(p, "cycle_seconds_each", 0),
                        json_get_double(p, "cpu_percent_each", 0));
        document_line(d, "%.2f MiB of the daemon's memory for each, growing as the agents do.",
                        json_get_double(p, "memory_bytes_each", 0) / 1024 / 1024);
}

static const char *verdict_text(const char *verdict) {
        if (strcmp(verdict, "scale-up") == 0)
                return "Scale up: at least one limit is reached.";
        if (strcmp(verdict, "scale-down") == 0)
                return "Scale down: much less would do.";
        return "Leave it as it is.";
}

static int print(Context *c, json_object *report, const char *words) {
        Document d = {.context = c};
        char covered[DURATION_TEXT_MAX];

        document_title(&d, "Capacity, %s", words);
        document_line(&d, "There are figures of %s.",
                        duration_to_text(json_get_u64(report, "covered_usec", 0), covered,
                                        sizeof(covered)));
        document_line(&d, "%s", verdict_text(json_get_string(report, "verdict") ?: ""));
        document_heading(&d, "Signs that more is needed (any of them)");
        document_table(&d, columns, json_get(report, "scale_up"));
        document_heading(&d, "Signs that less would do (all of them)");
        document_table(&d, columns, json_get(report, "scale_down"));
        print_projection(&d, json_get(report, "projection"));
        return d.error;
}

CommandResult command_capacity(Context *c) {
        _cleanup_json_ json_object *report = NULL;
        bool month = context_has(c, "--month");
        CommandResult result;
        int r;

        if (strcmp(c->operands[0], "analyze") != 0)
                return context_usage(c, "'capacity' does not know '%s'", c->operands[0]);
        result = report_fetch(
                        c, "capacity", month ? now_realtime() - 30 * USEC_PER_DAY : 0, &report);
        if (result != COMMAND_OK)
                return result;

        r = c->json ? output_json(c->out, report, false)
                    : print(c, report, month ? "30 days" : "7 days");
        return r < 0 ? output_failed(c, r) : COMMAND_OK;
}
