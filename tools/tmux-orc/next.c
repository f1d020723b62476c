/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "daemon/base/json.h"
#include "tools/tmux-orc/agents.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/duration.h"
#include "tools/tmux-orc/output.h"
#include "tools/tmux-orc/way.h"

/* Root, and who looks at another host, sees to everybody's. */
static bool is_ours(const Context *c, json_object *row) {
        return context_has(c, "--all") || c->bus_choice == BUS_HOST || getuid() == 0 ||
                        json_get_u64(row, "owner_uid", UINT64_MAX) == getuid();
}

static json_object *find_neediest(const Context *c, json_object *rows, size_t *ret_others) {
        json_object *found = NULL;
        size_t n = 0;

        for (size_t i = 0; i < json_object_array_length(rows); i++) {
                json_object *row = json_object_array_get_idx(rows, i);

                if (agents_need(row) == INT_MAX || !is_ours(c, row))
                        continue;
                n++;
                if (!found || agents_compare_need(row, found) < 0)
                        found = row;
        }
        *ret_others = n > 0 ? n - 1 : 0;
        return found;
}

static const Column columns[] = {
                {"Agent", "id"},
                {"Type", "type"},
                {"State", "state", agents_cell_state, agents_style_state},
                {"For", "in_state_usec", cell_duration, .flags = COLUMN_IF_ANY},
                {"Limit resets", "reset_time", cell_clock, .flags = COLUMN_IF_ANY},
                {"Where", "target"},
                {"Title", "title", .flags = COLUMN_IF_ANY},
                {"Go there", "go", .flags = COLUMN_IF_ANY},
                {},
};

static CommandResult print_nobody(Context *c) {
        int r = 0;

        if (c->json)
                r = output_json(c->out, NULL, false);
        else if (!c->quiet)
                (void)fputs("No agent needs you.\n", c->out);
        return r < 0 ? output_failed(c, r) : COMMAND_OK;
}

CommandResult command_next(Context *c) {
        _cleanup_json_ json_object *rows = NULL, *servers = NULL;
        _cleanup_free_ char *own_socket = way_own_socket();
        CommandResult result;
        json_object *row;
        size_t others;
        int r;

        result = agents_fetch(c, &rows);
        if (result != COMMAND_OK)
                return result;
        row = find_neediest(c, rows, &others);
        if (!row)
                return print_nobody(c);

        result = servers_fetch(c, &servers);
        if (result != COMMAND_OK)
                return result;
        r = own_socket ? way_add(row, servers, getenv("TMUX"), own_socket) : -ENOMEM;
        if (r < 0)
                return output_failed(c, r);

        result = output_facts(c, columns, row);
        if (!c->json && !c->quiet && others > 0)
                (void)fprintf(c->out, "\n%zu more after that.\n", others);
        return result;
}
