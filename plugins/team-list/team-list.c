/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The members of the team, all or those of one role. */

#define TMUX_ORC_PLUGIN_API 1
#include "tmux-orc-plugin.h"

#include <string.h>

#include "roster.h"

static int has_role(json_object *member, json_object *query) {
        const char *role = roster_field(query, "role");

        return role[0] == '\0' || strcmp(roster_field(member, "role"), role) == 0;
}

static int execute(TmuxOrcCall *call, void *state, const char *input) {
        json_object *query = json_tokener_parse(input);
        int r = roster_answer(call, state, query, has_role);

        json_object_put(query);
        return r;
}

TMUX_ORC_PLUGIN(.name = "team-list", .version = "1.0.0", .load = roster_load,
                .unload = roster_unload, .execute = execute);
