/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <limits.h>
#include <string.h>

#include "daemon/base/agent-state.h"
#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "tools/tmux-orc/agents.h"

typedef struct Look {
        const char *words;
        const char *sign;
        Style style;
        int need; /* see agents_need() */
} Look;

static const Look looks[_AGENT_STATE_MAX] = {
                [AGENT_STARTING] = {"starting", "◌", STYLE_CYAN, INT_MAX},
                [AGENT_WORKING] = {"working", "●", STYLE_GREEN, INT_MAX},
                [AGENT_IDLE] = {"idle", "○", STYLE_DIM, INT_MAX},
                [AGENT_WAITING] = {"waiting", "◆", STYLE_BRIGHT_YELLOW, 0},
                [AGENT_RATE_LIMITED] = {"rate limited", "◐", STYLE_MAGENTA, 3},
                [AGENT_ERROR] = {"error", "✗", STYLE_RED, 1},
                [AGENT_CRASHED] = {"crashed", "✗", STYLE_BRIGHT_RED, 2},
                [AGENT_EXITED] = {"exited", "·", STYLE_DIM, INT_MAX},
                [AGENT_UNKNOWN] = {"unknown", "?", STYLE_DIM, INT_MAX},
};

/* A newer service may know states that we do not. */
static const Look *look_of(const char *state) {
        static const Look strange = {NULL, "?", STYLE_PLAIN, INT_MAX};
        AgentState s = agent_state_from_string(state);

        return s < 0 ? &strange : &looks[s];
}

static const char *state_of(json_object *row) {
        return json_get_string(row, "state") ?: "unknown";
}

int agents_need(json_object *row) {
        return look_of(state_of(row))->need;
}

int agents_compare_need(json_object *a, json_object *b) {
        uint64_t since_a = json_get_u64(a, "state_since", 0),
                 since_b = json_get_u64(b, "state_since", 0);
        int need_a = agents_need(a), need_b = agents_need(b);

        if (need_a != need_b)
                return need_a < need_b ? -1 : 1;
        return since_a < since_b ? -1 : since_a > since_b;
}

const char *agents_sign(const char *state) {
        return look_of(state)->sign;
}

const char *agents_state_words(const char *state) {
        return look_of(state)->words ?: state;
}

Style agents_style_of(const char *state) {
        return look_of(state)->style;
}

Style agents_style_state(json_object *row, const char *key) {
        return agents_style_of(state_of(row));
}

Style agents_style_dim(json_object *row, const char *key) {
        return STYLE_DIM;
}

char *agents_cell_state(json_object *row, const char *key) {
        const char *state = state_of(row), *attention = json_get_string(row, "attention");
        _cleanup_free_ char *attributes = cell_list(row, "attributes");
        bool is_asking = attention && attention[0] && strcmp(attention, "none") != 0;
        char *text = NULL;

        if (!attributes)
                return NULL;
        for (char *p = attributes; (p = strchr(p, '_'));)
                *p = ' ';
        return asprintf(&text, "%s %s%s%s%s%s", agents_sign(state), agents_state_words(state),
                               is_asking ? ": " : "", is_asking ? attention : "",
                               attributes[0] ? ", " : "", attributes) < 0
                        ? NULL
                        : text;
}

static char *cell_since(json_object *row, const char *key) {
        if (!json_get(row, key))
                return strdup("");
        /* Half a second in a state is "0s", neither nothing nor "500ms". */
        if (json_get_u64(row, key, 0) < USEC_PER_SEC)
                return strdup("0s");
        return cell_duration(row, key);
}

const Column agents_columns[] = {
                {"AGENT", "id"},
                {"TYPE", "type"},
                {"STATE", "state", agents_cell_state, agents_style_state},
                {"FOR", "in_state_usec", cell_since, .flags = COLUMN_RIGHT},
                {"TARGET", "target", .flags = COLUMN_FLEXIBLE},
                {"UID", "owner_uid", .flags = COLUMN_IF_OTHERS},
                {"TITLE", "title", .style = agents_style_dim,
                                .flags = COLUMN_FLEXIBLE | COLUMN_IF_ANY},
                {},
};
