/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <pwd.h>
#include <string.h>

#include "daemon/base/agent-state.h"
#include "daemon/base/json.h"
#include "daemon/base/text.h"
#include "tools/tmux-orc/agents.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/output.h"

typedef struct Filter {
        const char *state; /* NULL: any */
        const char *type;
        bool by_owner;
        uint64_t owner;
} Filter;

/* A name or a number: on another host names may mean others. */
static int parse_owner(const char *name, uint64_t *ret) {
        const struct passwd *user;

        if (parse_u64(name, 0, UINT32_MAX - 1, ret) >= 0)
                return 0;
        user = getpwnam(name);
        if (!user)
                return -ENXIO;
        *ret = user->pw_uid;
        return 0;
}

static CommandResult filter_parse(const Context *c, Filter *ret) {
        const char *owner = context_option(c, "--owner");

        ret->state = context_option(c, "--state");
        ret->type = context_option(c, "--type");
        ret->by_owner = owner != NULL;

        if (ret->state && agent_state_from_string(ret->state) < 0) {
                (void)context_usage(c, "there is no state '%s'", ret->state);
                context_hint(c,
                                "States: starting working idle waiting rate_limited error crashed "
                                "exited unknown");
                return COMMAND_USAGE;
        }
        if (owner && parse_owner(owner, &ret->owner) < 0) {
                context_error(c, "there is no user '%s'", owner);
                return COMMAND_FAILED;
        }
        return COMMAND_OK;
}

static bool filter_takes(const Filter *f, json_object *row) {
        const char *state = json_get_string(row, "state"), *type = json_get_string(row, "type");

        if (f->state && (!state || strcmp(state, f->state) != 0))
                return false;
        if (f->type && (!type || strcmp(type, f->type) != 0))
                return false;
        return !f->by_owner || json_get_u64(row, "owner_uid", UINT64_MAX) == f->owner;
}

CommandResult command_list(Context *c) {
        _cleanup_json_ json_object *rows = NULL, *chosen = json_object_new_array();
        CommandResult result;
        Filter filter = {};

        if (!chosen)
                return output_failed(c, -ENOMEM);
        result = filter_parse(c, &filter);
        if (result != COMMAND_OK)
                return result;
        result = agents_fetch(c, &rows);
        if (result != COMMAND_OK)
                return result;

        for (size_t i = 0; i < json_object_array_length(rows); i++) {
                json_object *row = json_object_array_get_idx(rows, i);

                if (filter_takes(&filter, row) && json_append(chosen, json_object_get(row)) < 0)
                        return output_failed(c, -ENOMEM);
        }

        if (json_object_array_length(chosen) == 0)
                context_hint(c,
                                json_object_array_length(rows) > 0 ? "No agent is like that."
                                                                   : "There are no agents.");
        return output_rows(c, agents_columns, chosen);
}
