/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "daemon/base/json.h"
#include "tools/tmux-orc/agents.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/duration.h"
#include "tools/tmux-orc/health.h"
#include "tools/tmux-orc/output.h"
#include "tools/tmux-orc/servers.h"
#include "tools/tmux-orc/status-text.h"
#include "tools/tmux-orc/status.h"

/* Everything that can be shown, in the shape that --json shows. */
static CommandResult gather(Context *c, json_object **ret) {
        _cleanup_json_ json_object *o = NULL, *agents = NULL, *servers = NULL, *components = NULL;
        CommandResult result;

        result = bus_get_all(c, BUS_ROOT, BUS_INTERFACE_MANAGER, &o);
        if (result == COMMAND_OK)
                result = agents_fetch(c, &agents);
        if (result == COMMAND_OK)
                result = servers_fetch(c, &servers);
        if (result == COMMAND_OK && context_has(c, "--detailed"))
                result = health_fetch(c, &components);
        if (result != COMMAND_OK)
                return result;

        if (json_set_string(o, "bus", c->bus_name) < 0 ||
                        json_set(o, "agents", TAKE_PTR(agents)) < 0 ||
                        json_set(o, "servers", TAKE_PTR(servers)) < 0 ||
                        (components && json_set(o, "components", TAKE_PTR(components)) < 0))
                return output_failed(c, -ENOMEM);
        *ret = TAKE_PTR(o);
        return COMMAND_OK;
}

static void print_head(Context *c, json_object *o) {
        const char *health = json_get_string(o, "health") ?: "unknown";
        const char *environment = json_get_string(o, "environment") ?: "";
        bool is_named = environment[0] && strcmp(environment, "default") != 0;
        Style style = health_style_of(health);

        (void)fprintf(c->out, "%s●%s %stmux-orchestrator%s %s: %s%s%s",
                        style_begin(&c->terminal, style), style_end(&c->terminal, style),
                        style_begin(&c->terminal, STYLE_BOLD), style_end(&c->terminal, STYLE_BOLD),
                        json_get_string(o, "version") ?: "", style_begin(&c->terminal, style),
                        health, style_end(&c->terminal, style));
        (void)fprintf(c->out, " (%s mode, %s bus%s%s)\n", json_get_string(o, "mode") ?: "?",
                        c->bus_name, is_named ? ", environment " : "", is_named ? environment : "");
}

static void print_cycle(Context *c, json_object *o) {
        char interval[DURATION_TEXT_MAX], last[DURATION_TEXT_MAX];

        (void)fprintf(c->out, "  Looks    every %s (%s), the last took %s\n",
                        duration_to_text(json_get_u64(o, "cycle_interval_usec", 0), interval,
                                        sizeof(interval)),
                        json_get_string(o, "strategy") ?: "?",
                        duration_to_text(
                                        json_get_u64(o, "last_cycle_usec", 0), last, sizeof(last)));
}

static void print_servers(Context *c, json_object *o) {
        json_object *servers = json_get(o, "servers");
        size_t n = json_object_array_length(servers), alive = 0;

        for (size_t i = 0; i < n; i++) {
                const char *liveness =
                                json_get_string(json_object_array_get_idx(servers, i), "liveness");

                alive += liveness && strcmp(liveness, "alive") == 0;
        }
        (void)fprintf(c->out, "  Servers  %zu of tmux, %zu alive\n", n, alive);
}

static double seconds_of(json_object *o, const char *key) {
        return (double)json_get_u64(o, key, 0) / 1e6;
}

/* How often and why, what that costs, and how busy the pool is. */
static void print_cost(Context *c, json_object *o) {
        json_object *pool = json_get(o, "pool");
        _cleanup_free_ char *reason =
                        terminal_text(json_get_string(o, "cycle_interval_reason") ?: "");
        char wait[DURATION_TEXT_MAX];

        (void)fprintf(c->out, "           %s\n", reason ?: "");
        (void)fprintf(c->out,
                        "  Cost     %.2f %% of a core (budget %g %%); so far %.1f s, and tmux for "
                        "us "
                        "%.1f s\n",
                        json_get_double(o, "cost_percent", 0),
                        json_get_double(o, "cost_budget_percent", 0),
                        seconds_of(o, "cost_own_usec"), seconds_of(o, "cost_tmux_usec"));
        (void)fprintf(c->out,
                        "  Pool     %llu of %llu slots in use, %llu waiting\n"
                        "           %llu taken, %llu after waiting (%s), %llu in vain\n",
                        (unsigned long long)json_get_u64(pool, "in_use", 0),
                        (unsigned long long)json_get_u64(pool, "maximum", 0),
                        (unsigned long long)json_get_u64(pool, "waiting", 0),
                        (unsigned long long)json_get_u64(pool, "taken", 0),
                        (unsigned long long)json_get_u64(pool, "queued", 0),
                        duration_to_text(json_get_u64(pool, "wait_usec", 0), wait, sizeof(wait)),
                        (unsigned long long)json_get_u64(pool, "timed_out", 0));
}

static int rows_in_need(json_object *agents, json_object **ret) {
        _cleanup_json_ json_object *rows = json_object_new_array();

        if (!rows)
                return -ENOMEM;
        for (size_t i = 0; i < json_object_array_length(agents); i++) {
                json_object *row = json_object_array_get_idx(agents, i);

                if (agents_need(row) != INT_MAX && json_append(rows, json_object_get(row)) < 0)
                        return -ENOMEM;
        }
        *ret = TAKE_PTR(rows);
        return 0;
}

static int print_section(
                Context *c, const char *heading, const Column *columns, json_object *rows) {
        if (json_object_array_length(rows) == 0)
                return 0;
        (void)fprintf(c->out, "\n%s%s%s\n", style_begin(&c->terminal, STYLE_BOLD), heading,
                        style_end(&c->terminal, STYLE_BOLD));
        return table_print(c->out, &c->terminal, columns, rows, !c->quiet);
}

static int print_details(Context *c, json_object *o) {
        int r;

        r = print_section(c, "Agents", agents_columns, json_get(o, "agents"));
        if (r >= 0)
                r = print_section(c, "Servers", servers_columns, json_get(o, "servers"));
        if (r >= 0)
                r = print_section(c, "Components", health_columns, json_get(o, "components"));
        return r;
}

static int print_status(Context *c, json_object *o) {
        _cleanup_free_ char *counts =
                        status_text_terminal(json_get(o, "agent_counts"), &c->terminal);
        _cleanup_json_ json_object *needy = NULL;
        int r;

        if (!counts)
                return -ENOMEM;
        print_head(c, o);
        (void)fprintf(c->out, "  Agents   %s\n", counts);
        print_servers(c, o);
        print_cycle(c, o);

        if (context_has(c, "--detailed")) {
                print_cost(c, o);
                return print_details(c, o);
        }
        r = rows_in_need(json_get(o, "agents"), &needy);
        return r < 0 ? r : print_section(c, "Needs a human", agents_columns, needy);
}

CommandResult command_status(Context *c) {
        _cleanup_json_ json_object *o = NULL;
        const char *health;
        CommandResult result;
        int r;

        if (context_has(c, "--memory"))
                return status_memory(c);
        if (context_has(c, "--emergency"))
                return status_emergency(c);

        result = gather(c, &o);
        if (result != COMMAND_OK)
                return result;

        r = c->json ? output_json(c->out, o, false) : print_status(c, o);
        if (r < 0)
                return output_failed(c, r);

        health = json_get_string(o, "health");
        return health && strcmp(health, "red") == 0 ? COMMAND_FAILED : COMMAND_OK;
}
