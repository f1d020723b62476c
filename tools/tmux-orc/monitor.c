/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/base/text.h"
#include "tools/tmux-orc/agents.h"
#include "tools/tmux-orc/bus-json.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/duration.h"
#include "tools/tmux-orc/monitor-parts.h"
#include "tools/tmux-orc/monitor-unit.h"
#include "tools/tmux-orc/output.h"

#define METRIC_PREFIX "tmux_orchestrator_"
/* So far all whole numbers can be told from others. */
#define WHOLE_MAX 1e15

static char *cell_interval(json_object *row, const char *key) {
        char buffer[DURATION_TEXT_MAX];

        return strdup(duration_to_text(json_get_u64(row, key, 0), buffer, sizeof(buffer)));
}

static const Column columns[] = {
                {"Version", "version"},
                {"Mode", "mode"},
                {"Environment", "environment", .flags = COLUMN_IF_ANY},
                {"Health", "health"},
                {"Strategy", "strategy"},
                {"Rollout", "rollout", cell_share},
                {"Interval", "cycle_interval_usec", cell_interval},
                {"Last cycle", "last_cycle_usec", cell_interval},
                {"Cycles", "cycles"},
                {"Agents", "agents_total"},
                {},
};

static CommandResult show_status(Context *c) {
        _cleanup_json_ json_object *o = NULL;
        CommandResult result = bus_get_all(c, BUS_ROOT, BUS_INTERFACE_MANAGER, &o);

        return result == COMMAND_OK ? output_facts(c, columns, o) : result;
}

static int print_strategies(Context *c, json_object *names, const char *current) {
        if (c->json)
                return output_json(c->out, names, false);

        for (size_t i = 0; i < json_object_array_length(names); i++) {
                const char *name = json_object_get_string(json_object_array_get_idx(names, i));
                bool is_current = current && name && strcmp(name, current) == 0;
                _cleanup_free_ char *safe = terminal_text(name ?: "");

                if (!safe)
                        return -ENOMEM;
                (void)fprintf(c->out, "%s %s\n", is_current ? "*" : " ", safe);
        }
        return 0;
}

static CommandResult list_strategies(Context *c) {
        _cleanup_json_ json_object *o = NULL;
        json_object *names;
        CommandResult result;
        int r;

        result = bus_get_all(c, BUS_ROOT, BUS_INTERFACE_MANAGER, &o);
        if (result != COMMAND_OK)
                return result;

        names = json_get_typed(o, "strategies", json_type_array);
        r = names ? print_strategies(c, names, json_get_string(o, "strategy")) : -EBADMSG;
        return r < 0 ? output_failed(c, r) : COMMAND_OK;
}

static CommandResult say_strategy(Context *c, const char *name, const char *share, bool persist) {
        if (c->quiet || c->json)
                return COMMAND_OK;
        (void)fprintf(c->out, "The strategy is %s now%s%s%s.\n", name,
                        share ? ", for this share of the agents: " : "", share ?: "",
                        persist ? ", and when the service starts again" : "");
        return COMMAND_OK;
}

static int read_share(const char *text, double *ret) {
        char *end;

        errno = 0;
        *ret = strtod(text, &end);
        return errno != 0 || end == text || *end != '\0' || !(*ret >= 0 && *ret <= 1) ? -EINVAL : 0;
}

static CommandResult set_strategy(Context *c, const char *name) {
        const char *share = context_option(c, "--rollout");
        bool persist = context_has(c, "--persist");
        CommandResult result;
        double rollout;

        if (share && read_share(share, &rollout) < 0)
                return context_usage(c, "--rollout takes a share from 0 to 1, not '%s'", share);
        if (share)
                result = bus_call_manager(c, "SetStrategy", NULL, "sa{sv}", name, 2, "rollout", "d",
                                rollout, "persist", "b", (int)persist);
        else
                result = bus_call_manager(c, "SetStrategy", NULL, "sa{sv}", name, 1, "persist", "b",
                                (int)persist);
        return result == COMMAND_OK ? say_strategy(c, name, share, persist) : result;
}

static CommandResult reload(Context *c) {
        CommandResult result = bus_call_manager(c, "Reload", NULL, NULL);

        if (result == COMMAND_OK && !c->quiet && !c->json)
                (void)fputs("Configuration and rules were read anew.\n", c->out);
        return result;
}

static int print_cycle(Context *c, json_object *answer, json_object *agents) {
        uint64_t usec = json_object_get_uint64(json_object_array_get_idx(answer, 0));
        uint64_t n = json_object_get_uint64(json_object_array_get_idx(answer, 1));
        _cleanup_json_ json_object *o = NULL;
        char took[DURATION_TEXT_MAX];

        if (!c->json) {
                (void)fprintf(c->out, "One cycle took %s and saw %llu agent%s.\n",
                                duration_to_text(usec, took, sizeof(took)), (unsigned long long)n,
                                n == 1 ? "" : "s");
                return table_print(c->out, &c->terminal, agents_columns, agents, !c->quiet);
        }

        o = json_object_new_object();
        if (!o || json_set_u64(o, "cycle_usec", usec) < 0 || json_set_u64(o, "seen", n) < 0 ||
                        json_set(o, "agents", json_object_get(agents)) < 0)
                return -ENOMEM;
        return output_json(c->out, o, false);
}

/* Looking changes nothing in tmux: a cycle is its own rehearsal. */
static CommandResult dry_run(Context *c) {
        _cleanup_json_ json_object *answer = NULL, *agents = NULL;
        CommandResult result;
        int r;

        result = bus_call_manager(c, "RunCycle", &answer, NULL);
        if (result == COMMAND_OK)
                result = agents_fetch(c, &agents);
        if (result != COMMAND_OK)
                return result;
        if (!json_object_is_type(answer, json_type_array) || json_object_array_length(answer) != 2)
                return output_failed(c, -EBADMSG);

        r = print_cycle(c, answer, agents);
        return r < 0 ? output_failed(c, r) : COMMAND_OK;
}

static char *cell_labels(json_object *row, const char *key) {
        json_object *labels = json_get_typed(row, key, json_type_object);
        char *text = NULL;
        size_t n = 0;
        FILE *out = open_memstream(&text, &n);

        if (!out)
                return NULL;
        if (labels) {
                const char *blank = "";

                json_object_object_foreach(labels, name, value) {
                        (void)fprintf(out, "%s%s=%s", blank, name, json_object_get_string(value));
                        blank = " ";
                }
        }
        return fclose(out) == 0 ? text : NULL;
}

static char *cell_metric(json_object *row, const char *key) {
        const char *name = json_get_string(row, key) ?: "";

        return strdup(text_starts_with(name, METRIC_PREFIX) ? name + strlen(METRIC_PREFIX) : name);
}

static char *cell_value(json_object *row, const char *key) {
        double value = json_get_double(row, key, 0);
        bool whole = value > -WHOLE_MAX && value < WHOLE_MAX && value == (double)(int64_t)value;
        char *text = NULL;

        return asprintf(&text, whole ? "%.0f" : "%.6g", value) < 0 ? NULL : text;
}

static const Column metric_columns[] = {
                {"METRIC", "name", cell_metric},
                {"LABELS", "labels", cell_labels, .flags = COLUMN_IF_ANY},
                {"VALUE", "value", cell_value, .flags = COLUMN_RIGHT},
                {},
};

/* Buckets are for programs. */
static int without_buckets(json_object *rows, json_object **ret) {
        _cleanup_json_ json_object *list = json_object_new_array();

        for (size_t i = 0; i < json_object_array_length(rows); i++) {
                json_object *row = json_object_array_get_idx(rows, i);

                if (!text_ends_with(json_get_string(row, "name") ?: "", "_bucket") &&
                                json_append(list, json_object_get(row)) < 0)
                        return -ENOMEM;
        }
        *ret = TAKE_PTR(list);
        return 0;
}

static CommandResult show_metrics(Context *c) {
        _cleanup_json_ json_object *rows = NULL, *shown = NULL;
        CommandResult result = bus_fetch_tuples(c, "GetMetrics", "name labels value", &rows);

        if (result != COMMAND_OK)
                return result;
        if (!c->json && without_buckets(rows, &shown) < 0)
                return output_failed(c, -ENOMEM);
        return output_rows(c, metric_columns, shown ?: rows);
}

static const struct {
        const char *option;
        CommandResult (*run)(Context *c);
} questions[] = {
                {"--status", show_status},
                {"--metrics", show_metrics},
                {"--health-check", monitor_health_check},
                {"--component-status", monitor_component_status},
                {"--component-dependencies", monitor_component_dependencies},
                {"--validate-state", monitor_validate_state},
                {"--list-strategies", list_strategies},
                {"--dry-run", dry_run},
};

static bool is_order(const char *word) {
        return word &&
                        (strcmp(word, "start") == 0 || strcmp(word, "stop") == 0 ||
                                        strcmp(word, "restart") == 0);
}

static CommandResult order_unit(Context *c, const char *verb) {
        UnitOrder order = {
                        .verb = verb,
                        .environment = c->environment,
                        .max_memory = context_option(c, "--max-memory"),
                        .fresh = context_has(c, "--fresh"),
                        .emergency = context_has(c, "--emergency"),
        };
        bool stops = strcmp(verb, "stop") == 0;

        if (order.emergency && strcmp(verb, "restart") != 0)
                return context_usage(c, "--emergency is for 'restart'");
        if (stops && (order.fresh || order.max_memory))
                return context_usage(c, "'stop' takes neither --fresh nor --max-memory");
        return monitor_unit(c, &order);
}

/* Those that say more of an order, where there is none. */
static const char *stray_option(const Context *c) {
        static const char *const options[] = {"--fresh", "--emergency", "--max-memory"};

        FOREACH_ELEMENT (option, options)
                if (context_has(c, *option))
                        return *option;
        return NULL;
}

CommandResult command_monitor(Context *c) {
        const char *word = c->operands[0], *strategy = context_option(c, "--strategy"),
                   *component = context_option(c, "--restart-component"), *stray;
        CommandResult (*run)(Context * c) = NULL;
        bool async = context_has(c, "--async"), sync = context_has(c, "--sync");
        unsigned n = (word != NULL) + (strategy != NULL) + (component != NULL) + async + sync;

        if (context_has(c, "--daemon")) {
                word = "start";
                n++;
        }
        FOREACH_ELEMENT (q, questions)
                if (context_has(c, q->option)) {
                        run = q->run;
                        n++;
                }
        if (n > 1)
                return context_usage(c, "'monitor' does one thing at a time");
        if (is_order(word))
                return order_unit(c, word);

        if (async || sync)
                strategy = async ? "event_driven" : "polling";
        if (!strategy && (context_has(c, "--rollout") || context_has(c, "--persist")))
                return context_usage(c, "--rollout and --persist go with --strategy NAME");
        stray = stray_option(c);
        if (stray)
                return context_usage(c, "%s is for 'start', 'stop' or 'restart'", stray);
        if (strategy)
                return set_strategy(c, strategy);
        if (component)
                return monitor_restart_component(c, component);
        if (run)
                return run(c);
        if (!word || strcmp(word, "status") == 0)
                return show_status(c);
        if (strcmp(word, "reload") == 0)
                return reload(c);
        return context_usage(c, "'monitor' does not know '%s'", word);
}
