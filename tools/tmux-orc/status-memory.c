/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/base/text.h"
#include "tools/tmux-orc/bus-json.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/output.h"
#include "tools/tmux-orc/status.h"

static const Column columns[] = {
                {"WHAT", "what"},
                {"SIZE", "bytes", cell_bytes, .flags = COLUMN_RIGHT},
                {"ENTRIES", "entries", .flags = COLUMN_RIGHT | COLUMN_IF_ANY},
                {},
};

static int add(json_object *rows, const char *what, uint64_t bytes, json_object **ret) {
        _cleanup_json_ json_object *row = json_object_new_object();

        if (!row || json_set_string(row, "what", what) < 0 || json_set_u64(row, "bytes", bytes) < 0)
                return -ENOMEM;
        if (ret)
                *ret = row;
        return json_append(rows, TAKE_PTR(row));
}

static int add_metrics(json_object *rows, json_object *samples) {
        static const struct {
                const char *name, *what;
        } known[] = {
                        {"tmux_orchestrator_self_resident_bytes", "the daemon, in memory"},
                        {"tmux_orchestrator_state_file_bytes", "the state, on disk"},
                        {"tmux_orchestrator_history_file_bytes", "the history, on disk"},
        };

        FOREACH_ELEMENT (k, known)
                for (size_t i = 0; i < json_object_array_length(samples); i++) {
                        json_object *sample = json_object_array_get_idx(samples, i);
                        const char *name = json_get_string(sample, "name");

                        if (!name || strcmp(name, k->name) != 0)
                                continue;
                        if (add(rows, k->what, (uint64_t)json_get_double(sample, "value", 0),
                                            NULL) < 0)
                                return -ENOMEM;
                }
        return 0;
}

static int add_layers(json_object *rows, json_object *layers) {
        for (size_t i = 0; i < json_object_array_length(layers); i++) {
                json_object *layer = json_object_array_get_idx(layers, i), *row;
                char what[128];

                (void)snprintf(what, sizeof(what), "cache of %s",
                                json_get_string(layer, "layer") ?: "?");
                if (add(rows, what, json_get_u64(layer, "bytes", 0), &row) < 0 ||
                                json_set_u64(row, "entries", json_get_u64(layer, "entries", 0)) < 0)
                        return -ENOMEM;
        }
        return 0;
}

CommandResult status_memory(Context *c) {
        _cleanup_json_ json_object *samples = NULL, *layers = NULL, *rows = json_object_new_array();
        CommandResult result;

        if (!rows)
                return output_failed(c, -ENOMEM);
        result = bus_fetch_tuples(c, "GetMetrics", "name labels value", &samples);
        if (result == COMMAND_OK)
                result = bus_fetch_tuples(c, "GetCacheStats",
                                "layer entries hits misses evictions bytes", &layers);
        if (result != COMMAND_OK)
                return result;

        if (add_metrics(rows, samples) < 0 || add_layers(rows, layers) < 0)
                return output_failed(c, -ENOMEM);
        return output_rows(c, columns, rows);
}
