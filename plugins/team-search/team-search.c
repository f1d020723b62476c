/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The members of the team in whose name, role, place or skills a text occurs. */

#define TMUX_ORC_PLUGIN_API 1
#include "tmux-orc-plugin.h"

#include <string.h>

#include "roster.h"

static int occurs_in_skills(json_object *member, const char *text) {
        json_object *skills;

        if (!json_object_object_get_ex(member, "skills", &skills) ||
                        !json_object_is_type(skills, json_type_array))
                return 0;
        for (size_t i = 0; i < json_object_array_length(skills); i++) {
                const char *skill = json_object_get_string(json_object_array_get_idx(skills, i));

                if (skill && strcasestr(skill, text))
                        return 1;
        }
        return 0;
}

static int matches(json_object *member, json_object *query) {
        static const char *const fields[] = {"name", "role", "target"};
        const char *text = roster_field(query, "query");

        for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
                if (strcasestr(roster_field(member, fields[i]), text))
                        return 1;
        return occurs_in_skills(member, text);
}

static int execute(TmuxOrcCall *call, void *state, const char *input) {
        json_object *query = json_tokener_parse(input);
        int r = roster_answer(call, state, query, matches);

        json_object_put(query);
        return r;
}

TMUX_ORC_PLUGIN(.name = "team-search", .version = "1.0.0", .load = roster_load,
                .unload = roster_unload, .execute = execute);
