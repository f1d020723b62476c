/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/status-text.h"

#include <stdio.h>

#include "daemon/base/agent-state.h"
#include "daemon/base/json.h"
#include "tools/tmux-orc/agents.h"

/* In the order in which they are named, with tmux's names of the colours. */
static const struct {
        AgentState state;
        const char *colour;
} order[] = {
                {AGENT_WAITING, "yellow,bold"},
                {AGENT_ERROR, "red"},
                {AGENT_CRASHED, "red,bold"},
                {AGENT_RATE_LIMITED, "magenta"},
                {AGENT_WORKING, "green"},
                {AGENT_STARTING, "cyan"},
                {AGENT_IDLE, "default,dim"},
                {AGENT_EXITED, "default,dim"},
                {AGENT_UNKNOWN, "default,dim"},
};

typedef void (*PrintPart)(
                FILE *f, const Terminal *t, const char *state, const char *colour, uint64_t n);

static void part_plain(
                FILE *f, const Terminal *t, const char *state, const char *colour, uint64_t n) {
        (void)fprintf(f, "%llu %s", (unsigned long long)n, agents_state_words(state));
}

static void part_tmux(
                FILE *f, const Terminal *t, const char *state, const char *colour, uint64_t n) {
        (void)fprintf(f, "#[fg=%s]%llu %s#[default]", colour, (unsigned long long)n,
                        agents_state_words(state));
}

static void part_terminal(
                FILE *f, const Terminal *t, const char *state, const char *colour, uint64_t n) {
        Style style = agents_style_of(state);

        (void)fprintf(f, "%s%s %llu %s%s", style_begin(t, style), agents_sign(state),
                        (unsigned long long)n, agents_state_words(state), style_end(t, style));
}

static char *join(json_object *counts, const Terminal *t, PrintPart print) {
        _cleanup_free_ char *text = NULL;
        size_t n_text = 0;
        const char *between = "";
        FILE *f = open_memstream(&text, &n_text);

        if (!f)
                return NULL;
        FOREACH_ELEMENT (o, order) {
                const char *state = agent_state_to_string(o->state);
                uint64_t n = json_get_u64(counts, state, 0);

                if (n == 0)
                        continue;
                (void)fputs(between, f);
                print(f, t, state, o->colour, n);
                between = " · ";
        }
        if (between[0] == '\0')
                (void)fputs("no agents", f);
        return fclose(f) == 0 ? TAKE_PTR(text) : NULL;
}

char *status_text_plain(json_object *counts) {
        return join(counts, NULL, part_plain);
}

char *status_text_tmux(json_object *counts) {
        return join(counts, NULL, part_tmux);
}

char *status_text_terminal(json_object *counts, const Terminal *t) {
        return join(counts, t, part_terminal);
}

const char *status_text_worst(json_object *counts) {
        FOREACH_ELEMENT (o, order)
                if (json_get_u64(counts, agent_state_to_string(o->state), 0) > 0)
                        return agent_state_to_string(o->state);
        return "none";
}
