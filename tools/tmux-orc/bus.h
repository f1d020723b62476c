/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The bus
 *
 * Finds the service, calls it, and tells what went wrong in words that help: one table turns
 * errors into exit statuses. The only file that opens a bus.
 */

#include <json-c/json.h>
#include <stdbool.h>

#include "tools/tmux-orc/command.h"

#define BUS_NAME "org.tmuxorc.Monitor1"
#define BUS_ROOT "/org/tmuxorc/Monitor1"
#define BUS_INTERFACE_MANAGER BUS_NAME ".Manager"
#define BUS_INTERFACE_AGENT BUS_NAME ".Agent"
#define BUS_INTERFACE_SERVER BUS_NAME ".Server"

/* Whom to talk to on that bus: an instance by its own name, or NULL: the one that has the name. */
bool bus_environment_is_valid(const char *environment);
void bus_set_environment(Context *c, const char *environment);

/* A method of the bus itself; @argument is a string or NULL. */
int bus_ask_the_bus(Context *c, const char *member, json_object **ret, const char *argument);

/* Opens the bus of the context's choice, once. */
CommandResult bus_open(Context *c);

/* The bus of the caller's login, wherever its environment points to; in place of one that is open.
 */
int bus_open_login(Context *c);

/*
 * Calls and waits; @types and what follows as in sd_bus_message_append(). The answer is as
 * bus_json_from_message() makes it; @ret may be NULL.
 */
CommandResult bus_call(Context *c, const char *path, const char *interface, const char *member,
                json_object **ret, const char *types, ...);

/* The same, but tells nobody: -errno, and @reterr, which may be NULL. */
int bus_try(Context *c, const char *path, const char *interface, const char *member,
                json_object **ret, sd_bus_error *reterr, const char *types, ...);
int bus_try_open(Context *c);
/* Whether the service runs there, or would be started by a call. */
bool bus_service_runs(Context *c);
bool bus_service_can_start(Context *c);

/* A method of the Manager. */
#define bus_call_manager(c, member, ret, ...) \
        bus_call(c, BUS_ROOT, BUS_INTERFACE_MANAGER, member, ret, __VA_ARGS__)

/* A method of the Manager that answers with tuples, as a list of objects; @names as in
 * bus_json_name_tuples(). */
CommandResult bus_fetch_tuples(
                Context *c, const char *member, const char *names, json_object **ret);

/* All properties, with names as JSON has them. */
CommandResult bus_get_all(Context *c, const char *path, const char *interface, json_object **ret);

/* Tells of a failed call: @error as sd-bus filled it, @r its negative errno. */
CommandResult bus_failed(const Context *c, const sd_bus_error *error, int r);
