/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/plugin.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "tools/tmux-orc/bus-json.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/output.h"

#define BUS_INTERFACE_PLUGIN BUS_NAME ".Plugin"

CommandResult plugin_get(Context *c, const char *name, json_object **ret) {
        _cleanup_free_ char *path = NULL;

        if (sd_bus_path_encode(BUS_ROOT "/plugin", name, &path) < 0)
                return output_failed(c, -ENOMEM);
        return bus_get_all(c, path, BUS_INTERFACE_PLUGIN, ret);
}

/* The properties of all plugins. */
static CommandResult get_all(Context *c, json_object **ret) {
        _cleanup_json_ json_object *rows = NULL, *all = json_object_new_array();
        CommandResult result;

        if (!all)
                return output_failed(c, -ENOMEM);
        result = bus_call_manager(c, "ListPlugins", &rows, NULL);
        for (size_t i = 0; result == COMMAND_OK && i < json_object_array_length(rows); i++) {
                json_object *row = json_object_array_get_idx(rows, i), *o = NULL;

                result = plugin_get(
                                c, json_object_get_string(json_object_array_get_idx(row, 0)), &o);
                if (result == COMMAND_OK && json_append(all, o) < 0)
                        result = output_failed(c, -ENOMEM);
        }
        if (result != COMMAND_OK)
                return result;

        *ret = TAKE_PTR(all);
        return COMMAND_OK;
}

static const Column list_columns[] = {
                {"NAME", "name"},
                {"VERSION", "version"},
                {"KIND", "kind"},
                {"STATUS", "status"},
                {"FROM", "origin"},
                {"DESCRIPTION", "description", .flags = COLUMN_FLEXIBLE},
                {},
};

static const Column status_columns[] = {
                {"NAME", "name"},
                {"STATUS", "status"},
                {"SANDBOX", "sandbox_level", .flags = COLUMN_IF_ANY},
                {"CALLS", "executions", .flags = COLUMN_RIGHT},
                {"FAILED", "failures", .flags = COLUMN_RIGHT},
                {"RESTARTS", "restarts", .flags = COLUMN_RIGHT},
                {"WHY", "error", .flags = COLUMN_FLEXIBLE | COLUMN_IF_ANY},
                {},
};

static const Column info_columns[] = {
                {"Name", "name"},
                {"Version", "version"},
                {"Kind", "kind"},
                {"Description", "description"},
                {"Category", "category", .flags = COLUMN_IF_ANY},
                {"Tags", "tags", cell_list},
                {"Status", "status"},
                {"Why", "error", .flags = COLUMN_IF_ANY},
                {"Folder", "folder"},
                {"From", "origin"},
                {"Sandbox", "sandbox_level", .flags = COLUMN_IF_ANY},
                {"Profile", "profile"},
                {"Memory", "memory_max"},
                {"Authorization", "requires_auth"},
                {"Usually takes", "estimated_usec", cell_duration},
                {"Time-out", "timeout_usec", cell_duration},
                {"Answers kept", "cache_ttl_usec", cell_duration},
                {"Input", "input_schema"},
                {"Output", "output_schema"},
                {},
};

static const Column metrics_columns[] = {
                {"NAME", "name"},
                {"CALLS", "executions", .flags = COLUMN_RIGHT},
                {"FAILED", "failures", .flags = COLUMN_RIGHT},
                {"TIME-OUTS", "timeouts", .flags = COLUMN_RIGHT},
                {"CACHED", "cache_hits", .flags = COLUMN_RIGHT},
                {"LIMITED", "rate_limited", .flags = COLUMN_RIGHT},
                {"P50", "p50_usec", cell_duration, .flags = COLUMN_RIGHT},
                {"P95", "p95_usec", cell_duration, .flags = COLUMN_RIGHT},
                {"P99", "p99_usec", cell_duration, .flags = COLUMN_RIGHT},
                {},
};

/* The three of the latency as members of their own. */
static int split_latency(json_object *row) {
        static const char *const names[] = {"p50_usec", "p95_usec", "p99_usec"};
        json_object *latency = json_get_typed(row, "latency_usec", json_type_array);
        int r = 0;

        for (size_t i = 0; latency && i < ELEMENTSOF(names) && r >= 0; i++)
                r = json_set_u64(row, names[i],
                                (uint64_t)json_object_get_double(
                                                json_object_array_get_idx(latency, i)));
        return r;
}

static CommandResult show_rows(Context *c, const Column *columns, const char *name) {
        _cleanup_json_ json_object *rows = NULL, *one = NULL;
        CommandResult result;

        if (!name)
                result = get_all(c, &rows);
        else {
                result = plugin_get(c, name, &one);
                rows = json_object_new_array();
                if (result == COMMAND_OK && json_append(rows, TAKE_PTR(one)) < 0)
                        result = output_failed(c, -ENOMEM);
        }
        if (result != COMMAND_OK)
                return result;

        for (size_t i = 0; i < json_object_array_length(rows); i++)
                if (split_latency(json_object_array_get_idx(rows, i)) < 0)
                        return output_failed(c, -ENOMEM);
        return output_rows(c, columns, rows);
}

static CommandResult list(Context *c, const char *name) {
        return show_rows(c, list_columns, NULL);
}

static CommandResult status(Context *c, const char *name) {
        return show_rows(c, status_columns, name);
}

static CommandResult metrics(Context *c, const char *name) {
        return show_rows(c, metrics_columns, name);
}

static CommandResult info(Context *c, const char *name) {
        _cleanup_json_ json_object *o = NULL;
        CommandResult result = plugin_get(c, name, &o);

        return result != COMMAND_OK ? result : output_facts(c, info_columns, o);
}

static CommandResult execute(Context *c, const char *name) {
        _cleanup_json_ json_object *answer = NULL, *output = NULL;
        const char *timeout = context_option(c, "--timeout"), *text;
        char *end = NULL;
        uint64_t usec = timeout ? (uint64_t)(strtod(timeout, &end) * 1e6) : 0;
        CommandResult result;
        int r;

        if (timeout && (*end != '\0' || usec == 0))
                return context_usage(c, "'%s' is no number of seconds", timeout);

        result = timeout ? bus_call_manager(c, "ExecutePlugin", &answer, "ssa{sv}", name,
                                           c->operands[2] ?: "", 2, "timeout_usec", "t", usec,
                                           "fresh", "b", context_has(c, "--fresh"))
                         : bus_call_manager(c, "ExecutePlugin", &answer, "ssa{sv}", name,
                                           c->operands[2] ?: "", 1, "fresh", "b",
                                           context_has(c, "--fresh"));
        if (result != COMMAND_OK)
                return result;

        text = json_object_get_string(json_object_array_get_idx(answer, 0));
        r = json_parse(text, strlen(text), 64, &output);
        if (r >= 0)
                r = output_json(c->out, output, false);
        return r < 0 ? output_failed(c, r) : COMMAND_OK;
}

static CommandResult call_with_name(Context *c, const char *member, const char *name) {
        return bus_call_manager(c, member, NULL, "s", name);
}

static CommandResult reload(Context *c, const char *name) {
        return call_with_name(c, "ReloadPlugin", name);
}

static CommandResult warm(Context *c, const char *name) {
        return call_with_name(c, "WarmPlugin", name);
}

static CommandResult enable(Context *c, const char *name) {
        return call_with_name(c, "EnablePlugin", name);
}

static CommandResult disable(Context *c, const char *name) {
        return call_with_name(c, "DisablePlugin", name);
}

static CommandResult scan(Context *c, const char *name) {
        return bus_call_manager(c, "ScanPlugins", NULL, NULL);
}

#define MANY 64U

/* A word, whether a name must follow (2), may (1) or must not (0), and how much after it. */
static const struct {
        const char *word;
        unsigned name, rest;
        CommandResult (*run)(Context *c, const char *name);
} words[] = {
                {"list", 0, 0, list},
                {"status", 1, 0, status},
                {"info", 2, 0, info},
                {"metrics", 1, 0, metrics},
                {"execute", 2, 1, execute},
                {"reload", 2, 0, reload},
                {"warm", 2, 0, warm},
                {"enable", 2, 0, enable},
                {"disable", 2, 0, disable},
                {"scan", 0, 0, scan},
                {"validate", 2, 0, plugin_validate},
                {"new", 2, MANY, plugin_new},
                {"test", 2, 0, plugin_test},
                {"docs", 2, 0, plugin_docs},
};

CommandResult command_plugin(Context *c) {
        const char *word = c->operands[0];

        FOREACH_ELEMENT (w, words) {
                if (strcmp(w->word, word) != 0)
                        continue;
                if (w->name == 2 && !c->operands[1])
                        return context_usage(c, "'plugin %s' needs the name of a plugin", word);
                if (c->n_operands > 1 + (w->name > 0) + w->rest)
                        return context_usage(c, "'plugin %s' does not take '%s'", word,
                                        c->operands[c->n_operands - 1]);
                return w->run(c, c->operands[1]);
        }
        return context_usage(c, "'plugin' does not know '%s'", word);
}
