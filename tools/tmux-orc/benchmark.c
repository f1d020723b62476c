/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/benchmark.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/base/text.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/document.h"

#define PANES_DEFAULT 50U
#define PANES_MAX 1000U
/* What one number is of: every pane captured, as the others do it too. */
#define FULL "full-native"
#define OTHERS "one-by-one"

static const struct {
        const char *way, *words;
        bool verbose;
} ways[] = {
                {"look-native", "look"},
                {"look-source", "look, stock client"},
                {"ask-native", "asking look", true},
                {"ask-source", "asking look, stock client", true},
                {"glance-native", "glance"},
                {"glance-source", "glance, stock client"},
                {FULL, "full look"},
                {"full-source", "full look, stock client"},
                {OTHERS, "a tmux for each pane"},
                {"twenty-at-once", "a tmux for each, 20 at once"},
};

static char *cell_way(json_object *row, const char *key) {
        const char *name = json_get_string(row, key) ?: "";

        FOREACH_ELEMENT (w, ways)
                if (strcmp(w->way, name) == 0)
                        return strdup(w->words);
        return strdup(name);
}

static char *cell_milliseconds(json_object *row, const char *key) {
        char *text = NULL;

        return asprintf(&text, "%.2f", json_get_double(row, key, 0) * 1e3) < 0 ? NULL : text;
}

static char *cell_whole(json_object *row, const char *key) {
        char *text = NULL;

        return asprintf(&text, "%.0f", json_get_double(row, key, 0)) < 0 ? NULL : text;
}

static char *cell_times(json_object *row, const char *key) {
        double times = json_get_double(row, key, 0);
        char *text = NULL;

        if (times <= 0)
                return strdup("");
        return asprintf(&text, times < 10 ? "%.1fx" : "%.0fx", times) < 0 ? NULL : text;
}

static const Column columns[] = {
                {"WAY", "way", cell_way, NULL, 0},
                {"P50", "p50_seconds", cell_milliseconds, NULL, COLUMN_RIGHT},
                {"P99", "p99_seconds", cell_milliseconds, NULL, COLUMN_RIGHT},
                {"A SECOND", "per_second", cell_whole, NULL, COLUMN_RIGHT},
                {"OUR CPU", "own_cpu_seconds", cell_milliseconds, NULL, COLUMN_RIGHT},
                {"TMUX CPU", "tmux_cpu_seconds", cell_milliseconds, NULL, COLUMN_RIGHT},
                {"FASTER", "faster", cell_times, NULL, COLUMN_RIGHT | COLUMN_IF_ANY},
                {},
};

static json_object *find(json_object *o, const char *way, double redrawn) {
        json_object *list = json_get(o, "ways");

        for (size_t i = 0; list && i < json_object_array_length(list); i++) {
                json_object *row = json_object_array_get_idx(list, i);
                bool changes = json_get_double(row, "redrawn", 0) > 0;

                if (strcmp(json_get_string(row, "way") ?: "", way) == 0 && changes == (redrawn > 0))
                        return row;
        }
        return NULL;
}

static double seconds_of(json_object *o, const char *way) {
        return json_get_double(find(o, way, 0), "p50_seconds", 0);
}

/* How much faster each is than what others do. */
static int add_faster(json_object *o) {
        json_object *list = json_get(o, "ways");
        int r = 0;

        for (size_t i = 0; list && i < json_object_array_length(list) && r >= 0; i++) {
                json_object *row = json_object_array_get_idx(list, i);
                json_object *others = find(o, OTHERS, json_get_double(row, "redrawn", 0));
                double own = json_get_double(row, "p50_seconds", 0);

                if (others && others != row && own > 0)
                        r = json_set_double(row, "faster",
                                        json_get_double(others, "p50_seconds", 0) / own);
        }
        return r >= 0 ? json_set_double(o, "seconds", seconds_of(o, FULL)) : r;
}

static void print_table(Document *d, json_object *o, const char *heading, double redrawn) {
        _cleanup_json_ json_object *rows = json_object_new_array();

        FOREACH_ELEMENT (w, ways) {
                json_object *row = find(o, w->way, redrawn);

                if (row && (!w->verbose || context_has(d->context, "--verbose")) &&
                                json_append(rows, json_object_get(row)) < 0)
                        d->error = -ENOMEM;
        }
        document_heading(d, heading);
        document_table(d, columns, rows);
}

static CommandResult print(Context *c, json_object *o) {
        Document d = {.context = c};

        document_title(&d, "%llu panes of %llux%llu, tmux %s; milliseconds",
                        (unsigned long long)json_get_u64(o, "panes", 0),
                        (unsigned long long)json_get_u64(o, "columns", 0),
                        (unsigned long long)json_get_u64(o, "lines", 0),
                        json_get_string(o, "tmux") ?: "");
        print_table(&d, o, "Nothing changes", 0);
        print_table(&d, o, "Every tenth pane is redrawn, 10 times a second", 1);
        document_heading(&d, "Memory");
        document_line(&d, "%.1f MiB for whoever looks",
                        json_get_double(o, "resident_bytes", 0) / 1024 / 1024);
        return d.error < 0 ? output_failed(c, d.error) : COMMAND_OK;
}

static CommandResult show(Context *c, json_object *o) {
        int r = add_faster(o);

        if (r < 0)
                return output_failed(c, r);
        if (c->json)
                return output_json(c->out, o, false) < 0 ? COMMAND_FAILED : COMMAND_OK;
        if (!c->quiet)
                return print(c, o);

        (void)fprintf(c->out, "%.6f\n", seconds_of(o, FULL));
        if (context_has(c, "--compare"))
                (void)fprintf(c->out, "%.6f\n", seconds_of(o, OTHERS));
        return COMMAND_OK;
}

CommandResult command_benchmark(Context *c) {
        _cleanup_json_ json_object *o = NULL;
        const char *agents = context_option(c, "--agents");
        bool compare = context_has(c, "--compare");
        uint64_t panes = PANES_DEFAULT;
        CommandResult result;

        if (agents && parse_u64(agents, 1, PANES_MAX, &panes) < 0)
                return context_usage(c, "--agents is a number from 1 to %u", PANES_MAX);
        if (c->environment && (agents || compare))
                return context_usage(c,
                                "--environment measures the agents that are there, and has nothing "
                                "to compare");
        if (c->environment)
                return benchmark_instance(c);

        if (c->terminal.is_tty && !c->json)
                context_hint(c, "Measuring, for about ten seconds…");
        result = benchmark_run_program(c, (unsigned)panes, compare, &o);
        return result == COMMAND_OK ? show(c, o) : result;
}
