/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "tools/tmux-orc/bus-json.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/cache-analyze.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/output.h"

static char *cell_rate(json_object *row, const char *key) {
        double rate = json_get_double(row, key, -1);
        char *text = NULL;

        if (rate < 0)
                return strdup("–");
        return asprintf(&text, "%.0f %%", rate * 100) < 0 ? NULL : text;
}

static const Column columns[] = {
                {"LAYER", "layer"},
                {"ENTRIES", "entries", .flags = COLUMN_RIGHT},
                {"HITS", "hits", .flags = COLUMN_RIGHT},
                {"MISSES", "misses", .flags = COLUMN_RIGHT},
                {"HIT RATE", "hit_rate", cell_rate, .flags = COLUMN_RIGHT},
                {"EVICTIONS", "evictions", .flags = COLUMN_RIGHT},
                {"SIZE", "bytes", cell_bytes, .flags = COLUMN_RIGHT},
                {},
};

static int add_rates(json_object *rows) {
        for (size_t i = 0; i < json_object_array_length(rows); i++) {
                json_object *row = json_object_array_get_idx(rows, i);
                double hits = (double)json_get_u64(row, "hits", 0);
                double all = hits + (double)json_get_u64(row, "misses", 0);

                /* Never asked: there is no rate. */
                if (all > 0 && json_set_double(row, "hit_rate", hits / all) < 0)
                        return -ENOMEM;
        }
        return 0;
}

static CommandResult show_stats(Context *c) {
        _cleanup_json_ json_object *rows = NULL;
        CommandResult result;
        int r;

        result = bus_fetch_tuples(
                        c, "GetCacheStats", "layer entries hits misses evictions bytes", &rows);
        if (result != COMMAND_OK)
                return result;
        r = add_rates(rows);
        return r < 0 ? output_failed(c, r) : output_rows(c, columns, rows);
}

static CommandResult clear(Context *c, const char *layer) {
        _cleanup_json_ json_object *answer = NULL, *o = NULL;
        CommandResult result;
        int r;

        if (!context_has(c, "--confirm"))
                return context_usage(c, "nothing is cleared without --confirm");

        result = bus_call_manager(c, "ClearCache", &answer, "s", layer);
        if (result != COMMAND_OK)
                return result;
        if (!c->json) {
                (void)fprintf(c->out, "%s entries were dropped.\n", json_object_get_string(answer));
                return COMMAND_OK;
        }

        o = json_object_new_object();
        if (!o)
                return output_failed(c, -ENOMEM);
        r = json_set(o, "dropped", TAKE_PTR(answer));
        if (r >= 0)
                r = output_json(c->out, o, false);
        return r < 0 ? output_failed(c, r) : COMMAND_OK;
}

CommandResult command_cache(Context *c) {
        if (strcmp(c->operands[0], "clear") == 0)
                return clear(c, c->operands[1] ?: "");
        if (strcmp(c->operands[0], "analyze") == 0 && !c->operands[1])
                return cache_analyze(c);
        if (strcmp(c->operands[0], "stats") != 0 && strcmp(c->operands[0], "analyze") != 0)
                return context_usage(c, "'cache' does not know '%s'", c->operands[0]);
        if (c->operands[1])
                return context_usage(c, "'cache %s' takes nothing more", c->operands[0]);
        return show_stats(c);
}
