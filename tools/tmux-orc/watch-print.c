/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/watch-print.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "tools/tmux-orc/agents.h"
#include "tools/tmux-orc/duration.h"
#include "tools/tmux-orc/output.h"
#include "tools/tmux-orc/servers.h"

void watch_print_start(Context *c, size_t n_agents) {
        if (!c->terminal.is_tty || c->json || c->quiet)
                return;
        (void)printf("%sWatching %zu agent%s; Ctrl-C ends it.%s\n",
                        style_begin(&c->terminal, STYLE_DIM), n_agents, n_agents == 1 ? "" : "s",
                        style_end(&c->terminal, STYLE_DIM));
        (void)fflush(stdout);
}

/* Fixed widths keep the lines of a log below each other. */
static int print_field(const Terminal *t, const char *text, Style style, size_t width) {
        _cleanup_free_ char *safe = terminal_text(text ?: "");
        _cleanup_free_ char *fit = safe ? text_fit(safe, width) : NULL;

        if (!fit)
                return -ENOMEM;
        (void)printf("%s%s%s%*s", style_begin(t, style), fit, style_end(t, style),
                        (int)(width - text_width(fit)) + 1, "");
        return 0;
}

/* "waiting: permission" */
static char *describe_new(json_object *event) {
        const char *state = json_get_string(event, "new") ?: "unknown";
        const char *attention = json_get_string(event, "attention");
        bool is_asking = strcmp(state, "waiting") == 0 && attention &&
                        strcmp(attention, "none") != 0;
        char *text = NULL;

        return asprintf(&text, "%s %s%s%s", agents_sign(state), agents_state_words(state),
                               is_asking ? ": " : "", is_asking ? attention : "") < 0
                        ? NULL
                        : text;
}

#define WIDTH_CLOCK 8U
#define WIDTH_TYPE 8U
#define WIDTH_TARGET 14U
#define WIDTH_OLD 12U
#define WIDTH_NEW 21U
#define WIDTH_RULE 24U
/* All but the rule, with a blank after each, and the arrow. */
#define WIDTH_FIXED (WIDTH_CLOCK + WIDTH_TYPE + WIDTH_TARGET + WIDTH_OLD + WIDTH_NEW + 5 + 2)

static size_t rule_width(const Terminal *t) {
        if (t->columns == 0)
                return WIDTH_RULE;
        return t->columns > WIDTH_FIXED + 1 ? MIN(t->columns - WIDTH_FIXED - 1, WIDTH_RULE) : 0;
}

/* A wide terminal has room for long names of sessions. */
static size_t target_width(const Terminal *t) {
        return t->columns > WIDTH_FIXED + WIDTH_RULE + 11 ? WIDTH_TARGET + 10 : WIDTH_TARGET;
}

static int print_agent(Context *c, json_object *event) {
        const Terminal *t = &c->terminal;
        const char *old = json_get_string(event, "old") ?: "";
        const char *new = json_get_string(event, "new") ?: "";
        const char *place = json_get_string(event, "target") ?: json_get_string(event, "id");
        _cleanup_free_ char *described = describe_new(event);
        int r;

        if (!described)
                return -ENOMEM;
        r = print_field(t, json_get_string(event, "type"), STYLE_PLAIN, WIDTH_TYPE);
        if (r >= 0)
                r = print_field(t, place, STYLE_BOLD, target_width(t));
        if (r >= 0)
                r = print_field(t, agents_state_words(old), STYLE_DIM, WIDTH_OLD);
        (void)printf("%s→%s ", style_begin(t, STYLE_DIM), style_end(t, STYLE_DIM));
        if (r >= 0)
                r = print_field(t, described, agents_style_of(new), WIDTH_NEW);
        if (r >= 0)
                r = print_field(t, json_get_string(event, "rule"), STYLE_DIM, rule_width(t));
        return r;
}

static int print_other(Context *c, json_object *event) {
        const char *kind = json_get_string(event, "event") ?: "";
        const char *id = json_get_string(event, "id");
        const char *new = json_get_string(event, "new") ?: "";
        bool is_server = strcmp(kind, "server") == 0;
        int r;

        r = print_field(&c->terminal, kind, STYLE_PLAIN, 8);
        if (r >= 0 && id)
                r = print_field(&c->terminal, id, STYLE_BOLD, 33);
        if (r >= 0)
                r = print_field(&c->terminal, new, is_server ? servers_style_of(new) : STYLE_BOLD,
                                20);
        return r;
}

int watch_print_event(Context *c, json_object *event) {
        char clock[DURATION_TEXT_MAX];
        const char *kind = json_get_string(event, "event") ?: "";
        int r;

        if (c->json) {
                r = output_json(stdout, event, true);
        } else {
                clock_to_text(json_get_u64(event, "time", 0), clock, sizeof(clock));
                r = print_field(&c->terminal, clock, STYLE_DIM, WIDTH_CLOCK);
                if (r >= 0)
                        r = strcmp(kind, "agent") == 0 ? print_agent(c, event)
                                                       : print_other(c, event);
                (void)fputc('\n', stdout);
        }
        return r < 0 ? r : (fflush(stdout) == 0 ? 0 : -EIO);
}
