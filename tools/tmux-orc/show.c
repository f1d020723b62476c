/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "tools/tmux-orc/agents.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/duration.h"
#include "tools/tmux-orc/output.h"

static char *cell_confidence(json_object *row, const char *key) {
        char *text = NULL;
        double confidence = json_get_double(row, key, -1);

        if (confidence < 0)
                return strdup("");
        return asprintf(&text, "%.0f %%", confidence * 100) < 0 ? NULL : text;
}

/* "14:02:11, 3m 12s ago" */
static char *cell_point(json_object *row, const char *key) {
        char clock[DURATION_TEXT_MAX], ago[DURATION_TEXT_MAX];
        uint64_t then = json_get_u64(row, key, 0), now = now_realtime();
        char *text = NULL;
        int n;

        if (then == 0)
                return strdup("");
        clock_to_text(then, clock, sizeof(clock));
        if (then > now)
                n = asprintf(&text, "%s, in %s", clock,
                                duration_to_text(then - now, ago, sizeof(ago)));
        else
                n = asprintf(&text, "%s, %s ago", clock,
                                duration_to_text(now - then, ago, sizeof(ago)));
        return n < 0 ? NULL : text;
}

static char *cell_server(json_object *row, const char *key) {
        const char *path = json_get_string(row, key) ?: "";
        char *id = NULL;

        return sd_bus_path_decode(path, BUS_ROOT "/server", &id) > 0 ? id : strdup(path);
}

static char *cell_owner(json_object *row, const char *key) {
        char *text = NULL;

        return asprintf(&text, "uid %llu", (unsigned long long)json_get_u64(row, key, 0)) < 0
                        ? NULL
                        : text;
}

/* "working 12m 3s, idle 4m" */
static char *cell_times(json_object *row, const char *key) {
        json_object *times = json_get_typed(row, key, json_type_object);
        _cleanup_free_ char *text = NULL;
        size_t n_text = 0;
        FILE *f = open_memstream(&text, &n_text);

        if (!f)
                return NULL;
        if (times) {
                json_object_object_foreach(times, state, value) {
                        char buffer[DURATION_TEXT_MAX];
                        uint64_t usec = json_object_get_uint64(value);

                        if (usec > 0)
                                (void)fprintf(f, "%s%s %s", ftell(f) > 0 ? ", " : "",
                                                agents_state_words(state),
                                                duration_to_text(usec, buffer, sizeof(buffer)));
                }
        }
        return fclose(f) == 0 ? TAKE_PTR(text) : NULL;
}

/* "52.1 MiB of 64.0 MiB", or "52.1 MiB in a shared control group". */
static char *cell_memory(json_object *row, const char *key) {
        const char *scope = json_get_string(row, "memory_scope") ?: "";
        uint64_t high = json_get_u64(row, "memory_high", 0);
        bool is_own = strcmp(scope, "own") == 0, is_shared = strcmp(scope, "shared") == 0;
        uint64_t max = json_get_u64(row, "memory_max", 0);
        const char *limit = high > 0 && (max == 0 || high < max) ? "memory_high" : "memory_max";
        _cleanup_free_ char *bytes = cell_bytes(row, key), *most = cell_bytes(row, limit);
        char *text = NULL;
        int n;

        if (!bytes || !most || json_get_u64(row, key, 0) == 0)
                return bytes && most ? strdup("") : NULL;
        if (is_own && json_get_u64(row, limit, 0) > 0)
                n = asprintf(&text, "%s of %s", bytes, most);
        else
                n = asprintf(&text, "%s%s", bytes,
                                is_own                      ? ""
                                                : is_shared ? ", in a control group with others"
                                                            : ", of its processes");
        return n < 0 ? NULL : text;
}

static const Column columns[] = {
                {"Agent", "id"},
                {"Type", "type"},
                {"Version", "agent_version", .flags = COLUMN_IF_ANY},
                {"State", "state", agents_cell_state, agents_style_state},
                {"Since", "state_since", cell_point, .flags = COLUMN_IF_ANY},
                {"Limit resets", "reset_time", cell_point, .flags = COLUMN_IF_ANY},
                {"Rule", "rule", .flags = COLUMN_IF_ANY},
                {"Confidence", "confidence", cell_confidence, .flags = COLUMN_IF_ANY},
                {"Last activity", "last_activity", cell_point, .flags = COLUMN_IF_ANY},
                {"Time in states", "time_in_state", cell_times, .flags = COLUMN_IF_ANY},
                {"Target", "target"},
                {"Pane", "pane"},
                {"Server", "server", cell_server, .flags = COLUMN_IF_ANY},
                {"Owner", "owner_uid", cell_owner},
                {"PID", "pid", cell_count, .flags = COLUMN_IF_ANY},
                {"Command", "command", .flags = COLUMN_IF_ANY},
                {"Title", "title", .flags = COLUMN_IF_ANY},
                {"Failures", "failures", cell_count, .flags = COLUMN_IF_ANY},
                {"Ended", "end_reason", .flags = COLUMN_IF_ANY},
                {"Advice", "advice", .flags = COLUMN_IF_ANY},
                {"Control group", "control_group", .flags = COLUMN_IF_ANY},
                {"Memory", "memory_bytes", cell_memory, .flags = COLUMN_IF_ANY},
                {"Memory pressure", "memory_pressure", cell_confidence, .flags = COLUMN_IF_ANY},
                {"OOM kills", "oom_kills", cell_count, .flags = COLUMN_IF_ANY},
                {"Liveness", "liveness", .flags = COLUMN_IF_ANY},
                {},
};

CommandResult command_show(Context *c) {
        _cleanup_json_ json_object *row = NULL;
        CommandResult result;

        result = agents_fetch_one(c, c->operands[0], &row);
        if (result != COMMAND_OK)
                return result;
        return output_facts(c, columns, row);
}
