/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/agent-state.h"
#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/text.h"
#include "tools/tmux-orc/agents.h"
#include "tools/tmux-orc/bus-json.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/output.h"
#include "tools/tmux-orc/watch-print.h"

typedef struct Watch {
        Context *c;
        json_object *agents; /* path: {"id", "type", "target"}; what was known of each last */
        const char *state;   /* NULL: any */
        char *only;          /* path of the one agent; NULL: all */
        uint64_t left;       /* changes still to print; UINT64_MAX: no end */
        CommandResult result;
} Watch;

static void watch_done(Watch *w) {
        (void)json_object_put(w->agents);
        free(w->only);
}

static int watch_remember(Watch *w, const char *path, json_object *row) {
        return json_set(w->agents, path, json_object_get(row));
}

/* What is known of an agent; asks for one that is new. Borrowed; NULL if there is nothing. */
static json_object *watch_find(Watch *w, const char *path) {
        json_object *known = json_get(w->agents, path);
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_json_ json_object *properties = NULL, *row = NULL;

        if (known)
                return known;
        /* It may be gone again already: then its path has to do. */
        if (sd_bus_call_method(w->c->bus, BUS_NAME, path, "org.freedesktop.DBus.Properties",
                            "GetAll", NULL, &reply, "s", BUS_INTERFACE_AGENT) < 0 ||
                        bus_json_from_message(reply, &properties) < 0 ||
                        bus_json_rename(properties, &row) < 0 || watch_remember(w, path, row) < 0)
                return NULL;
        return json_get(w->agents, path);
}

static void watch_print(Watch *w, json_object *event) {
        if (w->left == 0)
                return;
        if (watch_print_event(w->c, event) < 0)
                w->result = COMMAND_FAILED;
        if (w->left != UINT64_MAX)
                w->left--;
}

/* The id that the last part of a path is made of. */
static int add_id(json_object *event, const char *path) {
        static const char *const prefixes[] = {BUS_ROOT "/agent", BUS_ROOT "/server"};
        _cleanup_free_ char *id = NULL;

        FOREACH_ELEMENT (prefix, prefixes)
                if (path && !id && sd_bus_path_decode(path, *prefix, &id) < 0)
                        return -ENOMEM;
        return json_set_string(event, "id", id);
}

static int add_agent(json_object *event, const char *path, json_object *agent) {
        static const char *const keys[] = {"type", "target", "attention"};
        int r;

        r = json_set_string(event, "path", path);
        if (r >= 0)
                r = add_id(event, path);
        FOREACH_ELEMENT (key, keys)
                if (r >= 0)
                        r = json_set_string(event, *key, json_get_string(agent, *key));
        return r;
}

static int on_agent(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        _cleanup_json_ json_object *event = json_object_new_object();
        const char *path, *old, *new, *rule;
        Watch *w = userdata;
        int r;

        r = sd_bus_message_read(m, "osss", &path, &old, &new, &rule);
        if (r < 0 || !event)
                return r;
        if ((w->only && strcmp(path, w->only) != 0) || (w->state && strcmp(new, w->state) != 0))
                return 0;

        r = json_set_u64(event, "time", now_realtime());
        if (r >= 0)
                r = json_set_string(event, "event", "agent");
        if (r >= 0)
                r = add_agent(event, path, watch_find(w, path));
        if (r >= 0)
                r = json_set_string(event, "old", old);
        if (r >= 0)
                r = json_set_string(event, "new", new);
        if (r >= 0)
                r = json_set_string(event, "rule", rule);
        if (r >= 0)
                watch_print(w, event);
        return r;
}

static int print_other(
                Watch *w, const char *kind, const char *path, const char *old, const char *new) {
        _cleanup_json_ json_object *event = json_object_new_object();
        int r;

        if (!event)
                return -ENOMEM;
        if (w->only || w->state)
                return 0;
        r = json_set_u64(event, "time", now_realtime());
        if (r >= 0)
                r = json_set_string(event, "event", kind);
        if (r >= 0)
                r = json_set_string(event, "path", path);
        if (r >= 0)
                r = add_id(event, path);
        if (r >= 0)
                r = json_set_string(event, "old", old);
        if (r >= 0)
                r = json_set_string(event, "new", new);
        if (r >= 0)
                watch_print(w, event);
        return r;
}

static int on_server(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        const char *path, *liveness;
        int r = sd_bus_message_read(m, "os", &path, &liveness);

        return r < 0 ? r : print_other(userdata, "server", path, NULL, liveness);
}

static int on_strategy(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        const char *old, *new;
        int r = sd_bus_message_read(m, "ss", &old, &new);

        return r < 0 ? r : print_other(userdata, "strategy", NULL, old, new);
}

static int on_owner(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        const char *name, *old, *new;
        int r = sd_bus_message_read(m, "sss", &name, &old, &new);

        return r < 0 ? r : print_other(userdata, "service", NULL, NULL, new[0] ? "here" : "gone");
}

/* Titles and targets change without a change of state. */
static int on_properties(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        const char *path = sd_bus_message_get_path(m), *interface;
        _cleanup_json_ json_object *changed = NULL, *names = NULL;
        json_object *known;
        Watch *w = userdata;

        if (sd_bus_message_read(m, "s", &interface) < 0 ||
                        strcmp(interface, BUS_INTERFACE_AGENT) != 0 ||
                        bus_json_from_message(m, &changed) < 0)
                return 0;
        known = json_get(w->agents, path);
        if (!known || !json_object_is_type(changed, json_type_array) ||
                        bus_json_rename(json_object_array_get_idx(changed, 0), &names) < 0)
                return 0;

        json_object_object_foreach(names, key, value) {
                if (json_set(known, key, json_object_get(value)) < 0)
                        return -ENOMEM;
        }
        return 0;
}

static int subscribe(Watch *w) {
        sd_bus *bus = w->c->bus;
        int r;

        /* First of all, so that what an agent is now is known when its change is printed. */
        r = sd_bus_match_signal(bus, NULL, BUS_NAME, NULL, "org.freedesktop.DBus.Properties",
                        "PropertiesChanged", on_properties, w);
        if (r >= 0)
                r = sd_bus_match_signal(bus, NULL, BUS_NAME, BUS_ROOT, BUS_INTERFACE_MANAGER,
                                "AgentStateChanged", on_agent, w);
        if (r >= 0)
                r = sd_bus_match_signal(bus, NULL, BUS_NAME, BUS_ROOT, BUS_INTERFACE_MANAGER,
                                "ServerChanged", on_server, w);
        if (r >= 0)
                r = sd_bus_match_signal(bus, NULL, BUS_NAME, BUS_ROOT, BUS_INTERFACE_MANAGER,
                                "StrategyChanged", on_strategy, w);
        if (r >= 0)
                r = sd_bus_add_match(bus, NULL,
                                "type='signal',sender='org.freedesktop.DBus',"
                                "member='NameOwnerChanged',arg0='" BUS_NAME "'",
                                on_owner, w);
        return r;
}

static CommandResult remember_all(Watch *w, const char *name) {
        _cleanup_json_ json_object *rows = NULL;
        json_object *one;
        CommandResult result = agents_fetch(w->c, &rows);

        if (result != COMMAND_OK)
                return result;
        if (name) {
                result = agents_pick(w->c, rows, name, &one);
                if (result != COMMAND_OK)
                        return result;
                w->only = strdup(json_get_string(one, "path"));
                if (!w->only)
                        return output_failed(w->c, -ENOMEM);
        }

        for (size_t i = 0; i < json_object_array_length(rows); i++) {
                json_object *row = json_object_array_get_idx(rows, i);

                if (watch_remember(w, json_get_string(row, "path"), row) < 0)
                        return output_failed(w->c, -ENOMEM);
        }
        watch_print_start(w->c, json_object_array_length(rows));
        return COMMAND_OK;
}

static CommandResult loop(Watch *w) {
        while (w->left > 0 && w->result == COMMAND_OK) {
                int r = sd_bus_process(w->c->bus, NULL);

                if (r == 0)
                        r = sd_bus_wait(w->c->bus, UINT64_MAX);
                if (r == -EINTR)
                        continue;
                if (r < 0) {
                        context_error(w->c, "the message bus went away: %s", strerror(-r));
                        return COMMAND_UNREACHABLE;
                }
        }
        return w->result;
}

CommandResult command_watch(Context *c) {
        _cleanup_(watch_done) Watch w = {.c = c, .left = UINT64_MAX};
        const char *count = context_option(c, "--count");
        CommandResult result;
        int r;

        w.state = context_option(c, "--state");
        if (w.state && agent_state_from_string(w.state) < 0)
                return context_usage(c, "there is no state '%s'", w.state);
        if (count && parse_u64(count, 1, UINT32_MAX, &w.left) < 0)
                return context_usage(c, "--count must be a whole number from 1");
        w.agents = json_object_new_object();
        if (!w.agents)
                return output_failed(c, -ENOMEM);

        result = bus_open(c);
        if (result != COMMAND_OK)
                return result;
        /* Listen first, then ask: nothing falls between. */
        r = subscribe(&w);
        if (r < 0)
                return output_failed(c, r);
        result = remember_all(&w, c->operands[0]);
        return result == COMMAND_OK ? loop(&w) : result;
}
