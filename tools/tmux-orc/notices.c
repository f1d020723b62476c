/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "tools/tmux-orc/agents.h"
#include "tools/tmux-orc/bus-json.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/output.h"

static char *cell_told(json_object *row, const char *key) {
        uint64_t not_before = json_get_u64(row, "not_before", 0), now = now_realtime();
        char *until = NULL, *text = NULL;

        if (json_get_bool(row, "acknowledged", false))
                return strdup("acknowledged");
        if (not_before <= now)
                return json_get_u64(row, key, 0) > 0 ? cell_clock(row, key) : strdup("not yet");
        until = cell_clock(row, "not_before");
        if (until && asprintf(&text, "not before %s", until) < 0)
                text = NULL;
        free(until);
        return text;
}

static const Column columns[] = {
                {"AGENT", "agent", .flags = COLUMN_FLEXIBLE},
                {"NEEDS SOMEBODY FOR", "cause"},
                {"FOR", "lasts_usec", cell_duration, .flags = COLUMN_RIGHT},
                {"TOLD", "told", cell_told},
                {},
};

CommandResult command_notices(Context *c) {
        _cleanup_json_ json_object *rows = NULL;
        CommandResult result;
        int r = 0;

        result = bus_fetch_tuples(c, "ListNotices",
                        "id agent cause since told not_before acknowledged", &rows);
        if (result != COMMAND_OK)
                return result;
        for (size_t i = 0; r >= 0 && i < json_object_array_length(rows); i++) {
                json_object *row = json_object_array_get_idx(rows, i);
                uint64_t since = json_get_u64(row, "since", 0), now = now_realtime();

                r = json_set_u64(row, "lasts_usec", now > since ? now - since : 0);
        }
        if (r < 0)
                return output_failed(c, r);
        if (json_object_array_length(rows) == 0)
                context_hint(c, "No agent needs anybody.");
        return output_rows(c, columns, rows);
}

static CommandResult report(Context *c, json_object *agent, const char *done) {
        if (!c->quiet && !c->json)
                (void)fprintf(c->out, "%s: %s\n", json_get_string(agent, "id"), done);
        return COMMAND_OK;
}

CommandResult command_ack(Context *c) {
        _cleanup_json_ json_object *agent = NULL;
        CommandResult result;

        result = agents_fetch_one(c, c->operands[0], &agent);
        if (result == COMMAND_OK)
                result = bus_call(c, json_get_string(agent, "path"), BUS_INTERFACE_AGENT,
                                "Acknowledge", NULL, NULL);
        return result == COMMAND_OK ? report(c, agent, "acknowledged") : result;
}

/* "10m"; 0 if it is no time. */
static uint64_t parse_time(const char *text) {
        static const struct {
                const char *unit;
                uint64_t usec;
        } units[] = {{"", USEC_PER_SEC}, {"s", USEC_PER_SEC}, {"m", USEC_PER_MINUTE},
                        {"h", USEC_PER_HOUR}, {"d", USEC_PER_DAY}};
        size_t n = strspn(text, "0123456789");
        char *end;
        uint64_t number;

        if (n == 0 || n > 7)
                return 0;
        number = strtoull(text, &end, 10);
        FOREACH_ELEMENT (u, units)
                if (strcmp(end, u->unit) == 0)
                        return number * u->usec;
        return 0;
}

CommandResult command_snooze(Context *c) {
        _cleanup_json_ json_object *agent = NULL;
        uint64_t usec = parse_time(c->operands[1]);
        CommandResult result;

        if (usec == 0)
                return context_usage(c, "'%s' is no time, such as 90, 10m or 2h", c->operands[1]);
        result = agents_fetch_one(c, c->operands[0], &agent);
        if (result == COMMAND_OK)
                result = bus_call(c, json_get_string(agent, "path"), BUS_INTERFACE_AGENT, "Snooze",
                                NULL, "t", usec);
        return result == COMMAND_OK ? report(c, agent, "put off") : result;
}
