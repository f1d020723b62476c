/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define TMUX_ORC_PLUGIN_API 1
#include "roster.h"

#include <errno.h>

int roster_load(TmuxOrcCall *call, const char *settings, void **state) {
        json_object *all = json_tokener_parse(settings), *members;

        if (!json_object_object_get_ex(all, "members", &members) ||
                        !json_object_is_type(members, json_type_array)) {
                json_object_put(all);
                return tmux_orc_fail(call, -EINVAL, "settings need 'members', a list");
        }

        *state = json_object_get(members);
        json_object_put(all);
        return 0;
}

void roster_unload(void *state) {
        json_object_put(state);
}

const char *roster_field(json_object *member, const char *field) {
        json_object *value;

        if (!json_object_object_get_ex(member, field, &value) ||
                        !json_object_is_type(value, json_type_string))
                return "";
        return json_object_get_string(value);
}

int roster_answer(TmuxOrcCall *call, json_object *members, json_object *query,
                int (*keep)(json_object *member, json_object *query)) {
        json_object *output = json_object_new_object(), *list = json_object_new_array();
        int r = -ENOMEM;

        if (!output || !list || json_object_object_add(output, "members", list) < 0) {
                json_object_put(list);
                goto finish;
        }
        for (size_t i = 0; i < json_object_array_length(members); i++) {
                json_object *member = json_object_array_get_idx(members, i);

                if (keep(member, query) && json_object_array_add(list, json_object_get(member)) < 0)
                        goto finish;
        }
        r = tmux_orc_answer(call, json_object_to_json_string(output));

finish:
        json_object_put(output);
        return r;
}
