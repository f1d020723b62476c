/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "tools/tmux-orc/bus-json.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/output.h"

/* Within this time one watcher has seen what another one saw. */
#define AGREE_USEC (15 * USEC_PER_SEC)
#define AGAIN_NSEC 500000000L
#define DIFFERENCES_SHOWN 10U

#define BUS "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"

/* Rows of id and state. */
static CommandResult list_agents(Context *c, const char *environment, json_object **ret) {
        bus_set_environment(c, environment);
        return bus_fetch_tuples(c, "ListAgents", "id type state target path", ret);
}

static const char *state_in(json_object *rows, const char *id) {
        for (size_t i = 0; i < json_object_array_length(rows); i++) {
                json_object *row = json_object_array_get_idx(rows, i);
                const char *its = json_get_string(row, "id");

                if (its && strcmp(its, id) == 0)
                        return json_get_string(row, "state");
        }
        return NULL;
}

/* Who came later never knew it. */
static bool is_gone(const char *state) {
        return strcmp(state, "exited") == 0 || strcmp(state, "crashed") == 0;
}

/* Every agent that is in another state for @theirs than for @ours, or that is not there. */
static int find_differences(json_object *ours, json_object *theirs, json_object **ret) {
        _cleanup_json_ json_object *list = json_object_new_array();

        for (size_t i = 0; i < json_object_array_length(ours); i++) {
                json_object *row = json_object_array_get_idx(ours, i);
                const char *id = json_get_string(row, "id") ?: "";
                const char *state = json_get_string(row, "state") ?: "";
                const char *other = state_in(theirs, id);
                json_object *o;

                if (other ? strcmp(state, other) == 0 : is_gone(state))
                        continue;
                o = json_object_new_object();
                if (json_append(list, o) < 0 || json_set_string(o, "agent", id) < 0 ||
                                json_set_string(o, "state", state) < 0 ||
                                json_set_string(o, "there", other ?: "") < 0)
                        return -ENOMEM;
        }

        *ret = TAKE_PTR(list);
        return 0;
}

static CommandResult compare(
                Context *c, const char *environment, json_object **ret, size_t *ret_agents) {
        _cleanup_json_ json_object *ours = NULL, *theirs = NULL;
        CommandResult result;
        int r;

        result = list_agents(c, NULL, &ours);
        if (result == COMMAND_OK)
                result = list_agents(c, environment, &theirs);
        if (result != COMMAND_OK)
                return result;

        *ret_agents = json_object_array_length(ours);
        r = find_differences(ours, theirs, ret);
        return r < 0 ? output_failed(c, r) : COMMAND_OK;
}

/* Two that look for themselves never see the same at the same moment, but soon. */
static CommandResult wait_until_they_agree(
                Context *c, const char *environment, json_object **ret, size_t *ret_agents) {
        const struct timespec while_it_looks = {.tv_nsec = AGAIN_NSEC};
        uint64_t end = now_monotonic() + AGREE_USEC;

        for (;;) {
                _cleanup_json_ json_object *differences = NULL;
                CommandResult result = compare(c, environment, &differences, ret_agents);

                if (result != COMMAND_OK)
                        return result;
                if (json_object_array_length(differences) == 0 || now_monotonic() >= end) {
                        *ret = TAKE_PTR(differences);
                        return COMMAND_OK;
                }
                (void)nanosleep(&while_it_looks, NULL);
        }
}

static void tell_differences(Context *c, const char *environment, json_object *differences) {
        size_t n = json_object_array_length(differences);

        for (size_t i = 0; i < n && i < DIFFERENCES_SHOWN; i++) {
                json_object *d = json_object_array_get_idx(differences, i);
                const char *there = json_get_string(d, "there");

                context_error(c, "%s is %s, and for %s %s", json_get_string(d, "agent"),
                                json_get_string(d, "state"), environment,
                                there && there[0] ? there : "it is not there");
        }
        if (n > DIFFERENCES_SHOWN)
                context_error(c, "and so on, %zu in all", n);
}

static CommandResult check_health(Context *c, const char *environment) {
        _cleanup_json_ json_object *all = NULL;
        const char *health;
        CommandResult result;

        bus_set_environment(c, environment);
        result = bus_get_all(c, BUS_ROOT, BUS_INTERFACE_MANAGER, &all);
        if (result != COMMAND_OK) {
                context_hint(c, "'systemctl start tmux-orchestrator@%s' starts it.", environment);
                return result;
        }
        health = json_get_string(all, "health");
        if (!health || strcmp(health, "red") != 0)
                return COMMAND_OK;

        context_error(c, "%s is not healthy: nothing was changed", environment);
        context_hint(c, "'tmux-orc --environment=%s health' says why.", environment);
        return COMMAND_FAILED;
}

/* Whether it may take over. */
static CommandResult validate(Context *c, const char *environment, size_t *ret_agents) {
        _cleanup_json_ json_object *differences = NULL;
        CommandResult result;

        result = check_health(c, environment);
        if (result == COMMAND_OK)
                result = wait_until_they_agree(c, environment, &differences, ret_agents);
        if (result != COMMAND_OK || json_object_array_length(differences) == 0)
                return result;

        tell_differences(c, environment, differences);
        context_hint(c, "Nothing was changed. --force switches all the same.");
        return COMMAND_FAILED;
}

static CommandResult take_over(Context *c, const char *environment) {
        bus_set_environment(c, environment);
        return bus_call_manager(c, "TakeOver", NULL, NULL);
}

static CommandResult tell_done(Context *c, const char *environment) {
        _cleanup_json_ json_object *o = NULL;

        if (c->json) {
                o = json_object_new_object();
                if (!o || json_set_string(o, "environment", environment) < 0)
                        return output_failed(c, -ENOMEM);
                return output_json(c->out, o, false) < 0 ? COMMAND_FAILED : COMMAND_OK;
        }
        if (!c->quiet)
                (void)fprintf(c->out, "%s has the service's name now.\n", environment);
        return COMMAND_OK;
}

CommandResult command_switch_environment(Context *c) {
        const char *environment = c->operands[0];
        bool force = c->values[0];
        size_t n = 0;
        CommandResult result;

        if (!bus_environment_is_valid(environment))
                return context_usage(c, "'%s' cannot be an environment", environment);

        result = force ? COMMAND_OK : validate(c, environment, &n);
        if (result != COMMAND_OK)
                return result;
        result = take_over(c, environment);
        if (result != COMMAND_OK)
                return result;

        if (!force && !c->json && !c->quiet)
                (void)fprintf(c->out, "%s sees %zu agent%s as the one before does.\n", environment,
                                n, n == 1 ? "" : "s");
        result = tell_done(c, environment);
        if (result == COMMAND_OK)
                context_hint(c, "'tmux-orc rollback' goes back.");
        return result;
}

/* Which instance the connection @owner is. */
static CommandResult name_of(Context *c, const char *owner, const char **ret, json_object *names) {
        for (size_t i = 0; i < json_object_array_length(names); i++) {
                const char *name = json_object_get_string(json_object_array_get_idx(names, i));
                _cleanup_json_ json_object *its = NULL;

                if (!name || strncmp(name, BUS_NAME ".", strlen(BUS_NAME ".")) != 0)
                        continue;
                if (bus_ask_the_bus(c, "GetNameOwner", &its, name) >= 0 &&
                                json_object_get_string(its) &&
                                strcmp(json_object_get_string(its), owner) == 0) {
                        *ret = name + strlen(BUS_NAME ".");
                        return COMMAND_OK;
                }
        }
        context_error(c, "whoever had the name before cannot be told by name");
        return COMMAND_FAILED;
}

/* The bus keeps those in line that had the name before, the last one first. */
static CommandResult roll_back_to_the_last(Context *c) {
        _cleanup_json_ json_object *line = NULL, *names = NULL;
        const char *environment;
        CommandResult result;

        if (bus_open(c) != COMMAND_OK)
                return COMMAND_UNREACHABLE;
        if (bus_ask_the_bus(c, "ListQueuedOwners", &line, BUS_NAME) < 0 ||
                        bus_ask_the_bus(c, "ListNames", &names, NULL) < 0 ||
                        json_object_array_length(line) < 2) {
                context_error(c, "there is no instance that had the name before");
                context_hint(c, "'tmux-orc rollback NAME' gives it to any other one.");
                return COMMAND_FAILED;
        }

        result = name_of(c, json_object_get_string(json_object_array_get_idx(line, 1)),
                        &environment, names);
        if (result == COMMAND_OK)
                result = take_over(c, environment);
        return result == COMMAND_OK ? tell_done(c, environment) : result;
}

CommandResult command_rollback(Context *c) {
        const char *environment = c->operands[0];
        CommandResult result;

        if (!environment)
                return roll_back_to_the_last(c);
        if (!bus_environment_is_valid(environment))
                return context_usage(c, "'%s' cannot be an environment", environment);

        result = take_over(c, environment);
        return result == COMMAND_OK ? tell_done(c, environment) : result;
}
