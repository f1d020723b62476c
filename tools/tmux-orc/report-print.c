/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <pwd.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "tools/tmux-orc/duration.h"
#include "tools/tmux-orc/report.h"

static char *cell_state(json_object *row, const char *key) {
        return cell_duration(json_get(row, "states"), key);
}

static char *cell_owner(json_object *row, const char *key) {
        struct passwd *p = getpwuid((uid_t)json_get_int(row, key, 0));

        return p ? strdup(p->pw_name) : cell_plain(row, key);
}

#define IN_STATES \
        {"WORKING", "working", cell_state, .flags = COLUMN_RIGHT}, \
                        {"IDLE", "idle", cell_state, .flags = COLUMN_RIGHT}, \
                        {"WAITED", "waited_usec", cell_duration, .flags = COLUMN_RIGHT}, \
                        {"LIMITED", "limited_usec", cell_duration, \
                                        .flags = COLUMN_RIGHT | COLUMN_IF_ANY}, \
                        {"WAITS", "waits", cell_count, .flags = COLUMN_RIGHT}, \
                        {"ERRORS", "errors", cell_count, .flags = COLUMN_RIGHT | COLUMN_IF_ANY}, { \
                "CRASHES", "crashes", cell_count, .flags = COLUMN_RIGHT | COLUMN_IF_ANY \
        }

static const Column type_columns[] = {
                {"TYPE", "type"}, {"AGENTS", "agents", .flags = COLUMN_RIGHT}, IN_STATES, {}};

static const Column agent_columns[] = {{"AGENT", "agent", .flags = COLUMN_FLEXIBLE},
                {"TYPE", "type"}, {"OWNER", "uid", cell_owner, .flags = COLUMN_IF_OTHERS},
                IN_STATES,
                {"LONGEST WAIT", "longest_wait_usec", cell_duration,
                                .flags = COLUMN_RIGHT | COLUMN_IF_ANY},
                {}};

static const Column waiting_columns[] = {
                {"Times", "times"},
                {"All together", "total_usec", cell_duration},
                {"Half of them within", "p50_usec", cell_duration},
                {"95 % within", "p95_usec", cell_duration},
                {"The longest", "longest_usec", cell_duration},
                {},
};

static const Column for_columns[] = {
                {"FOR", "for"}, {"WAITED", "usec", cell_duration, .flags = COLUMN_RIGHT}, {}};

/* {"permission": usec} as rows. */
static json_object *rows_of(json_object *map) {
        json_object *rows = json_object_new_array();

        json_object_object_foreach(map, key, value) {
                json_object *row = json_object_new_object();

                if (json_append(rows, row) < 0 || json_set_string(row, "for", key) < 0 ||
                                json_set(row, "usec", json_object_get(value)) < 0)
                        break;
        }
        return rows;
}

static void print_waiting(Document *d, json_object *waiting, bool detailed) {
        json_object *map = json_get_typed(waiting, "for", json_type_object);

        document_heading(d, "Waiting for a human");
        if (json_get_u64(waiting, "times", 0) == 0) {
                document_line(d, "No agent waited.");
                return;
        }
        document_facts(d, waiting_columns, waiting);
        if (map && detailed) {
                _cleanup_json_ json_object *rows = rows_of(map);

                document_line(d, "%s", "");
                document_table(d, for_columns, rows);
        }
}

void report_print_agents(Document *d, json_object *report, bool detailed) {
        json_object *total = json_get(report, "total"), *waiting = json_get(report, "waiting");

        if (!total)
                return;
        document_heading(d, "Time in state");
        if (json_get_u64(total, "agents", 0) == 0)
                document_line(d, "No agents were seen.");
        else
                document_table(d, type_columns, json_get(report, "types"));
        print_waiting(d, waiting, detailed);
        if (detailed && json_get_u64(total, "agents", 0) > 0) {
                document_heading(d, "Agents");
                document_table(d, agent_columns, json_get(report, "agents"));
        }
}

static char *cell_percent(json_object *row, const char *key) {
        double percent = json_get_double(row, key, -1);
        char *text = NULL;

        if (percent < 0)
                return strdup("");
        return asprintf(&text, "%.2f %%", percent) < 0 ? NULL : text;
}

static char *cell_one(json_object *row, const char *key) {
        double value = json_get_double(row, key, -1);
        char *text = NULL;

        if (value < 0)
                return strdup("");
        return asprintf(&text, "%.1f", value) < 0 ? NULL : text;
}

static char *cell_percentiles(json_object *row, const char *key) {
        static const char *const keys[] = {
                        "cycle_p50_seconds", "cycle_p95_seconds", "cycle_p99_seconds"};
        char parts[3][DURATION_TEXT_MAX], *text = NULL;

        if (json_get_double(row, keys[0], -1) < 0)
                return strdup("");
        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                (void)duration_to_text((uint64_t)(json_get_double(row, keys[i], 0) * 1e6), parts[i],
                                sizeof(parts[i]));
        return asprintf(&text, "%s · %s · %s", parts[0], parts[1], parts[2]) < 0 ? NULL : text;
}

static const Column performance_columns[] = {
                {"Cycles", "cycles"},
                {"Cycle p50 · p95 · p99", "", cell_percentiles},
                {"Target for so many agents", "cycle_target_seconds", cell_seconds},
                {"Agents, mean", "agents_mean", cell_one},
                {"Agents, most", "agents_max", cell_one, .flags = COLUMN_IF_ANY},
                {"CPU of the daemon", "cpu_percent", cell_percent},
                {"CPU of all watching", "watching_percent", cell_percent, .flags = COLUMN_IF_ANY},
                {"Memory, mean", "memory_mean_bytes", cell_bytes},
                {"Memory, most", "memory_max_bytes", cell_bytes, .flags = COLUMN_IF_ANY},
                {"Errors of the service", "errors"},
                {},
};

void report_print_covered(Document *d, json_object *performance) {
        char text[DURATION_TEXT_MAX];

        document_line(d, "There are figures of %s.",
                        duration_to_text(json_get_u64(performance, "covered_usec", 0), text,
                                        sizeof(text)));
}

static char *cell_what(json_object *row, const char *key) {
        static const char *const names[][2] = {
                        {"cycle_p50_seconds", "cycle, p50"},
                        {"cycle_p95_seconds", "cycle, p95"},
                        {"cycle_p99_seconds", "cycle, p99"},
                        {"cpu_percent", "CPU of the daemon"},
                        {"watching_percent", "CPU of all watching"},
                        {"memory_mean_bytes", "memory, mean"},
        };
        const char *what = json_get_string(row, key) ?: "";

        FOREACH_ELEMENT (name, names)
                if (strcmp((*name)[0], what) == 0)
                        return strdup((*name)[1]);
        return strdup(what);
}

/* As what it is of has it. */
static char *cell_figure(json_object *row, const char *key) {
        const char *what = json_get_string(row, "what") ?: "";

        if (strstr(what, "_seconds"))
                return cell_seconds(row, key);
        if (strstr(what, "_bytes"))
                return cell_bytes(row, key);
        return cell_percent(row, key);
}

static char *cell_change(json_object *row, const char *key) {
        char *text = NULL;

        return asprintf(&text, "%+.0f %%", 100 * json_get_double(row, key, 0)) < 0 ? NULL : text;
}

static Style style_change(json_object *row, const char *key) {
        double change = json_get_double(row, key, 0);

        return change > 0.25 ? STYLE_RED : change > 0.1 ? STYLE_YELLOW : STYLE_PLAIN;
}

static const Column baseline_columns[] = {
                {"WHAT", "what", cell_what},
                {"BASELINE", "baseline", cell_figure, .flags = COLUMN_RIGHT},
                {"NOW", "now", cell_figure, .flags = COLUMN_RIGHT},
                {"CHANGE", "change", cell_change, style_change, .flags = COLUMN_RIGHT},
                {},
};

void report_print_figures(Document *d, json_object *performance) {
        report_print_covered(d, performance);
        if (d->markdown)
                document_line(d, "%s", "");
        document_facts(d, performance_columns, performance);
}

void report_print_performance(Document *d, json_object *report) {
        json_object *performance = json_get(report, "performance");
        json_object *compared = json_get(report, "against_baseline");

        if (!performance)
                return;
        document_heading(d, "Performance");
        if (json_get_u64(performance, "covered_usec", 0) == 0) {
                document_line(d, "Nothing was measured in that time.");
                return;
        }
        report_print_figures(d, performance);
        if (!json_get(report, "kind"))
                return;
        document_heading(d, "Against the baseline");
        if (compared)
                document_table(d, baseline_columns, compared);
        else
                document_line(d, "There is none yet: 'tmux-orc baseline update' makes one.");
}

static Style style_health(json_object *row, const char *key) {
        const char *health = json_get_string(row, key) ?: "";

        return strcmp(health, "green") == 0          ? STYLE_GREEN
                        : strcmp(health, "red") == 0 ? STYLE_RED
                                                     : STYLE_YELLOW;
}

static const Column component_columns[] = {
                {"COMPONENT", "component"},
                {"HEALTH", "health", .style = style_health},
                {"RELIABILITY", "reliability", cell_share, .flags = COLUMN_RIGHT},
                {"ERRORS", "errors", .flags = COLUMN_RIGHT},
                {"RESTARTS", "restarts", .flags = COLUMN_RIGHT},
                {},
};

static const Column plugin_columns[] = {
                {"PLUGIN", "plugin", .flags = COLUMN_FLEXIBLE},
                {"VERSION", "version"},
                {"STATUS", "status"},
                {"EXECUTIONS", "executions", .flags = COLUMN_RIGHT},
                {"FAILURES", "failures", .flags = COLUMN_RIGHT},
                {"P50", "p50_usec", cell_duration, .flags = COLUMN_RIGHT | COLUMN_IF_ANY},
                {"P95", "p95_usec", cell_duration, .flags = COLUMN_RIGHT | COLUMN_IF_ANY},
                {"P99", "p99_usec", cell_duration, .flags = COLUMN_RIGHT | COLUMN_IF_ANY},
                {},
};

static const Column cache_columns[] = {
                {"LAYER", "layer"},
                {"HITS", "hits", .flags = COLUMN_RIGHT},
                {"MISSES", "misses", .flags = COLUMN_RIGHT},
                {"HIT RATE", "hit_rate", cell_share, .flags = COLUMN_RIGHT},
                {"EVICTIONS", "evictions", .flags = COLUMN_RIGHT},
                {"MOST ENTRIES", "entries_max", .flags = COLUMN_RIGHT},
                {},
};

void report_print_cache(Document *d, json_object *report) {
        document_heading(d, "Cache");
        document_table(d, cache_columns, json_get(report, "cache"));
}

/* Those that had something, unless all are wanted. */
static json_object *troubled(json_object *components, bool all) {
        json_object *rows = json_object_new_array();

        for (size_t i = 0; rows && components && i < json_object_array_length(components); i++) {
                json_object *row = json_object_array_get_idx(components, i);

                if (!all && json_get_double(row, "reliability", 0) >= 1 &&
                                json_get_u64(row, "errors", 0) == 0)
                        continue;
                if (json_append(rows, json_object_get(row)) < 0)
                        break;
        }
        return rows;
}

static void print_plugins(Document *d, json_object *plugins, bool all) {
        _cleanup_json_ json_object *rows = json_object_new_array();

        for (size_t i = 0; rows && i < json_object_array_length(plugins); i++) {
                json_object *row = json_object_array_get_idx(plugins, i);

                if ((all || json_get_u64(row, "executions", 0) > 0) &&
                                json_append(rows, json_object_get(row)) < 0)
                        break;
        }
        document_heading(d, "Plugins");
        if (rows && json_object_array_length(rows) > 0)
                document_table(d, plugin_columns, rows);
        else
                document_line(d, "None of the %zu was executed.",
                                json_object_array_length(plugins));
}

void report_print_service(Document *d, json_object *report, bool detailed) {
        json_object *components = json_get(report, "components");
        json_object *plugins = json_get(report, "plugins");
        _cleanup_json_ json_object *rows = troubled(components, detailed);

        document_heading(d, "Components");
        if (components && json_object_array_length(components) > 0 && rows &&
                        json_object_array_length(rows) == 0)
                document_line(d, "All of them were green all the time, without an error.");
        else
                document_table(d, component_columns, rows);
        if (plugins && json_object_array_length(plugins) > 0)
                print_plugins(d, plugins, detailed);
        if (detailed)
                report_print_cache(d, report);
}
