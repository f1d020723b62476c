/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "tools/tmux-orc/alerts.h"
#include "tools/tmux-orc/bus-json.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/output.h"

bool alerts_is_critical(json_object *row) {
        const char *severity = json_get_string(row, "severity");

        return severity && strcmp(severity, "critical") == 0;
}

static Style style_severity(json_object *row, const char *key) {
        return alerts_is_critical(row) ? STYLE_BRIGHT_RED : STYLE_BRIGHT_YELLOW;
}

static char *cell_severity(json_object *row, const char *key) {
        char *text = NULL;

        return asprintf(&text, "● %s", json_get_string(row, key) ?: "?") < 0 ? NULL : text;
}

static char *cell_end(json_object *row, const char *key) {
        return json_get_u64(row, key, 0) > 0 ? cell_clock(row, key) : strdup("still");
}

const Column alerts_columns[] = {
                {"SEVERITY", "severity", cell_severity, style_severity},
                {"FOR", "lasted_usec", cell_duration, .flags = COLUMN_RIGHT},
                {"WHAT IT SAYS", "summary", .flags = COLUMN_FLEXIBLE},
                {"ALERT", "id"},
                {},
};

static const Column history_columns[] = {
                {"RAISED", "since", cell_clock},
                {"CLEARED", "until", cell_end},
                {"LASTED", "lasted_usec", cell_duration, .flags = COLUMN_RIGHT},
                {"SEVERITY", "severity", cell_severity, style_severity},
                {"WHAT IT SAID", "summary", .flags = COLUMN_FLEXIBLE},
                {"ALERT", "id"},
                {},
};

static int compare(const void *a, const void *b) {
        json_object *left = *(json_object *const *)a, *right = *(json_object *const *)b;
        uint64_t since_left = json_get_u64(left, "since", 0);
        uint64_t since_right = json_get_u64(right, "since", 0);

        if (alerts_is_critical(left) != alerts_is_critical(right))
                return alerts_is_critical(left) ? -1 : 1;
        return since_left < since_right ? -1 : since_left > since_right;
}

static int add_spans(json_object *rows) {
        uint64_t now = now_realtime();

        for (size_t i = 0; i < json_object_array_length(rows); i++) {
                json_object *row = json_object_array_get_idx(rows, i);
                uint64_t since = json_get_u64(row, "since", 0),
                         until = json_get_u64(row, "until", 0);

                until = until > 0 ? until : now;
                if (json_set_u64(row, "lasted_usec", until > since ? until - since : 0) < 0)
                        return -ENOMEM;
        }
        return 0;
}

static CommandResult fetch(Context *c, const char *method, const char *names, json_object **ret) {
        CommandResult result = bus_fetch_tuples(c, method, names, ret);

        if (result != COMMAND_OK)
                return result;
        return add_spans(*ret) < 0 ? output_failed(c, -ENOMEM) : COMMAND_OK;
}

static CommandResult show_history(Context *c) {
        _cleanup_json_ json_object *rows = NULL;
        CommandResult result;

        result = fetch(c, "GetAlertHistory", "id severity summary since until", &rows);
        if (result != COMMAND_OK)
                return result;

        if (json_object_array_length(rows) == 0)
                context_hint(c, "Nothing was alarming that the service knows of.");
        return output_rows(c, history_columns, rows);
}

CommandResult alerts_fetch(Context *c, json_object **ret) {
        CommandResult result;

        result = fetch(c, "ListAlerts", "id severity summary since path", ret);
        if (result == COMMAND_OK)
                json_object_array_sort(*ret, compare);
        return result;
}

CommandResult command_alerts(Context *c) {
        _cleanup_json_ json_object *rows = NULL;
        CommandResult result;

        if (context_has(c, "--history"))
                return show_history(c);

        result = alerts_fetch(c, &rows);
        if (result != COMMAND_OK)
                return result;

        if (json_object_array_length(rows) == 0)
                context_hint(c, "Nothing is alarming.");
        result = output_rows(c, alerts_columns, rows);
        if (result == COMMAND_OK && json_object_array_length(rows) > 0 &&
                        alerts_is_critical(json_object_array_get_idx(rows, 0)))
                return COMMAND_FAILED;
        return result;
}
