/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/monitor-parts.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "tools/tmux-orc/bus-json.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/health.h"
#include "tools/tmux-orc/output.h"

#define BUS_INTERFACE_COMPONENT BUS_NAME ".Component"

static Style style_health(json_object *row, const char *key) {
        return health_style_of(json_get_string(row, key));
}

static const Column status_columns[] = {
                {"COMPONENT", "name"},
                {"HEALTH", "health", health_cell, style_health},
                {"RESTARTS", "restarts", cell_count, .flags = COLUMN_RIGHT | COLUMN_IF_ANY},
                {"CHECKED", "last_check", cell_clock},
                {"WHAT IT SAYS", "status_text", .flags = COLUMN_FLEXIBLE},
                {},
};

/* In the service's own order. */
static CommandResult fetch(Context *c, json_object **ret) {
        _cleanup_json_ json_object *list = NULL, *rows = json_object_new_array();
        CommandResult result = bus_call_manager(c, "ListComponents", &list, NULL);

        if (result != COMMAND_OK)
                return result;
        if (!rows || !json_object_is_type(list, json_type_array))
                return output_failed(c, rows ? -EBADMSG : -ENOMEM);

        for (size_t i = 0; i < json_object_array_length(list); i++) {
                json_object *path =
                                json_object_array_get_idx(json_object_array_get_idx(list, i), 3);
                json_object *row = NULL;

                result = bus_get_all(c, json_object_get_string(path) ?: "/",
                                BUS_INTERFACE_COMPONENT, &row);
                if (result != COMMAND_OK)
                        return result;
                if (json_append(rows, row) < 0)
                        return output_failed(c, -ENOMEM);
        }

        *ret = TAKE_PTR(rows);
        return COMMAND_OK;
}

CommandResult monitor_component_status(Context *c) {
        _cleanup_json_ json_object *rows = NULL;
        CommandResult result = fetch(c, &rows);

        return result == COMMAND_OK ? output_rows(c, status_columns, rows) : result;
}

typedef struct Tree {
        FILE *out;
        const Terminal *terminal;
        json_object *rows;
        size_t n;
} Tree;

static json_object *row_at(const Tree *t, size_t i) {
        return json_object_array_get_idx(t->rows, i);
}

static size_t find_row(const Tree *t, const char *name) {
        for (size_t i = 0; i < t->n; i++) {
                const char *other = json_get_string(row_at(t, i), "name");

                if (name && other && strcmp(name, other) == 0)
                        return i;
        }
        return t->n;
}

/* The part that it stands below, or the number of parts: below none. @left bounds what goes in a
 * circle. */
static size_t parent_of(const Tree *t, size_t i, size_t left, size_t *ret_depth) {
        json_object *needs = json_get_typed(row_at(t, i), "depends_on", json_type_array);
        size_t parent = t->n, deepest = 0;

        for (size_t k = 0; left > 0 && needs && k < json_object_array_length(needs); k++) {
                const char *name = json_object_get_string(json_object_array_get_idx(needs, k));
                size_t other = find_row(t, name), depth = 0;

                if (other == t->n)
                        continue;
                (void)parent_of(t, other, left - 1, &depth);
                if (parent == t->n || depth > deepest) {
                        parent = other;
                        deepest = depth;
                }
        }

        *ret_depth = parent == t->n ? 0 : deepest + 1;
        return parent;
}

static size_t next_below(const Tree *t, size_t parent, size_t from) {
        size_t depth;

        while (from < t->n && parent_of(t, from, t->n, &depth) != parent)
                from++;
        return from;
}

static int print_part(const Tree *t, size_t i, const char *indent, const char *branch) {
        const char *health = json_get_string(row_at(t, i), "health") ?: "unknown";
        _cleanup_free_ char *name = terminal_text(json_get_string(row_at(t, i), "name") ?: "");
        _cleanup_free_ char *safe = terminal_text(health);
        Style style = health_style_of(health);

        if (!name || !safe)
                return -ENOMEM;
        (void)fprintf(t->out, "%s%s%s●%s %s%s%s%s\n", indent, branch,
                        style_begin(t->terminal, style), style_end(t->terminal, style), name,
                        strcmp(health, "green") == 0 ? "" : " (",
                        strcmp(health, "green") == 0 ? "" : safe,
                        strcmp(health, "green") == 0 ? "" : ")");
        return 0;
}

static int print_below(const Tree *t, size_t parent, const char *indent, size_t left) {
        size_t i = next_below(t, parent, 0);

        while (i < t->n && left > 0) {
                size_t next = next_below(t, parent, i + 1);
                bool is_root = parent == t->n, is_last = next == t->n;
                _cleanup_free_ char *deeper = NULL;
                int r;

                if (asprintf(&deeper, "%s%s", indent, is_root ? "" : is_last ? "   " : "│  ") < 0) {
                        deeper = NULL;
                        return -ENOMEM;
                }
                r = print_part(t, i, indent, is_root ? "" : is_last ? "└─ " : "├─ ");
                if (r >= 0)
                        r = print_below(t, i, deeper, left - 1);
                if (r < 0)
                        return r;
                i = next;
        }
        return 0;
}

int monitor_print_tree(FILE *out, const Terminal *terminal, json_object *rows) {
        Tree t = {
                        .out = out,
                        .terminal = terminal,
                        .rows = rows,
                        .n = json_object_array_length(rows),
        };

        return print_below(&t, t.n, "", t.n + 1);
}

CommandResult monitor_component_dependencies(Context *c) {
        _cleanup_json_ json_object *rows = NULL;
        CommandResult result = fetch(c, &rows);
        int r;

        if (result != COMMAND_OK)
                return result;
        r = c->json ? output_json(c->out, rows, false)
                    : monitor_print_tree(c->out, &c->terminal, rows);
        return r < 0 ? output_failed(c, r) : COMMAND_OK;
}

CommandResult monitor_health_check(Context *c) {
        _cleanup_json_ json_object *rows = NULL;
        CommandResult result = health_fetch(c, &rows);
        bool green = true;

        if (result != COMMAND_OK)
                return result;
        for (size_t i = 0; i < json_object_array_length(rows); i++) {
                const char *health = json_get_string(json_object_array_get_idx(rows, i), "health");

                green = green && health && strcmp(health, "green") == 0;
        }
        result = output_rows(c, health_columns, rows);
        return result == COMMAND_OK && !green ? COMMAND_FAILED : result;
}

CommandResult monitor_restart_component(Context *c, const char *name) {
        CommandResult result = bus_call_manager(c, "RestartComponent", NULL, "s", name);

        if (result == COMMAND_OK && !c->quiet && !c->json)
                (void)fprintf(c->out, "The component %s was restarted.\n", name);
        return result;
}

static int print_findings(Context *c, bool valid, json_object *findings) {
        _cleanup_json_ json_object *o = NULL;

        if (c->json) {
                o = json_object_new_object();
                if (!o || json_set_bool(o, "valid", valid) < 0 ||
                                json_set(o, "findings", json_object_get(findings)) < 0)
                        return -ENOMEM;
                return output_json(c->out, o, false);
        }

        for (size_t i = 0; i < json_object_array_length(findings); i++) {
                _cleanup_free_ char *text = terminal_text(
                                json_object_get_string(json_object_array_get_idx(findings, i)));

                if (!text)
                        return -ENOMEM;
                (void)fprintf(c->out, "%s\n", text);
        }
        if (valid && !c->quiet)
                (void)fputs("What the service keeps on disk is in order.\n", c->out);
        return 0;
}

CommandResult monitor_validate_state(Context *c) {
        _cleanup_json_ json_object *answer = NULL;
        CommandResult result = bus_call_manager(c, "ValidateState", &answer, NULL);
        json_object *findings;
        bool valid;
        int r;

        if (result != COMMAND_OK)
                return result;
        if (!json_object_is_type(answer, json_type_array) || json_object_array_length(answer) != 2)
                return output_failed(c, -EBADMSG);
        valid = json_object_get_boolean(json_object_array_get_idx(answer, 0));
        findings = json_object_array_get_idx(answer, 1);

        r = print_findings(c, valid, findings);
        return r < 0 ? output_failed(c, r) : valid ? COMMAND_OK : COMMAND_FAILED;
}
