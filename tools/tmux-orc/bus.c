/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/bus.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/watcher/desktop/login-bus.h"
#include "tools/tmux-orc/bus-json.h"
#include "tools/tmux-orc/output.h"

static bool list_has_name(sd_bus *bus, const char *member) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const char *name;

        if (sd_bus_call_method(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                            "org.freedesktop.DBus", member, NULL, &reply, NULL) < 0 ||
                        sd_bus_message_enter_container(reply, 'a', "s") < 0)
                return false;
        while (sd_bus_message_read(reply, "s", &name) > 0)
                if (strcmp(name, BUS_NAME) == 0)
                        return true;
        return false;
}

static bool has_owner(sd_bus *bus) {
        return bus && sd_bus_get_name_creds(bus, BUS_NAME, 0, NULL) >= 0;
}

static bool can_start(sd_bus *bus) {
        return bus && list_has_name(bus, "ListActivatableNames");
}

/*
 * Who runs the service for oneself means that one; else it is the system's. A service that runs
 * goes before one that could be started.
 */
static int open_auto(sd_bus **ret, const char **ret_name) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *user = NULL, *system = NULL;
        int r_user, r_system;
        bool take_user;

        r_user = sd_bus_open_user(&user);
        if (has_owner(user)) {
                *ret = TAKE_PTR(user);
                *ret_name = "user";
                return 0;
        }

        r_system = sd_bus_open_system(&system);
        if (r_user < 0 && r_system < 0)
                return r_system;

        take_user = !system || (!has_owner(system) && !can_start(system) && can_start(user));
        *ret = take_user ? TAKE_PTR(user) : TAKE_PTR(system);
        *ret_name = take_user ? "user" : "system";
        return 0;
}

static int open_choice(Context *c, sd_bus **ret) {
        switch (c->bus_choice) {
        case BUS_USER:
                c->bus_name = "user";
                return sd_bus_open_user(ret);
        case BUS_SYSTEM:
                c->bus_name = "system";
                return sd_bus_open_system(ret);
        case BUS_HOST:
                c->bus_name = c->host;
                return sd_bus_open_system_remote(ret, c->host);
        case BUS_AUTO:
                return open_auto(ret, &c->bus_name);
        }
        return -EINVAL;
}

int bus_try_open(Context *c) {
        return c->bus ? 0 : open_choice(c, &c->bus);
}

int bus_open_login(Context *c) {
        sd_bus *bus;
        int r;

        r = login_bus_open(&bus);
        if (r < 0)
                return r;

        sd_bus_flush_close_unref(c->bus);
        c->bus = bus;
        c->bus_name = "user";
        return 0;
}

CommandResult bus_open(Context *c) {
        int r = bus_try_open(c);

        if (r >= 0)
                return COMMAND_OK;

        context_error(c, "there is no %s bus to ask: %s", c->bus_name ?: "message", strerror(-r));
        context_hint(c, "'tmux-orc doctor' says what is missing.");
        return COMMAND_UNREACHABLE;
}

bool bus_environment_is_valid(const char *environment) {
        char name[BUS_DESTINATION_MAX];
        int n = snprintf(name, sizeof(name), BUS_NAME ".%s", environment);

        return n > 0 && (size_t)n < sizeof(name) && !strchr(environment, '.') &&
                        sd_bus_service_name_is_valid(name);
}

void bus_set_environment(Context *c, const char *environment) {
        if (environment)
                (void)snprintf(c->destination, sizeof(c->destination), BUS_NAME ".%s", environment);
        else
                c->destination[0] = '\0';
}

int bus_ask_the_bus(Context *c, const char *member, json_object **ret, const char *argument) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        r = sd_bus_call_method(c->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                        "org.freedesktop.DBus", member, NULL, &reply, argument ? "s" : NULL,
                        argument);
        return r < 0 ? r : bus_json_from_message(reply, ret);
}

bool bus_service_runs(Context *c) {
        return has_owner(c->bus);
}

bool bus_service_can_start(Context *c) {
        return can_start(c->bus);
}

static const char *bus_destination(const Context *c) {
        return c->destination[0] ? c->destination : BUS_NAME;
}

static int call(Context *c, const char *const *names, json_object **ret, sd_bus_error *reterr,
                const char *types, va_list arguments) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *reply = NULL;
        int r;

        r = sd_bus_message_new_method_call(
                        c->bus, &m, bus_destination(c), names[0], names[1], names[2]);
        if (r < 0)
                return r;
        r = sd_bus_message_appendv(m, types ?: "", arguments);
        if (r < 0)
                return r;
        /* A human at the terminal can answer when polkit asks. */
        (void)sd_bus_message_set_allow_interactive_authorization(m, c->terminal.is_tty);

        r = sd_bus_call(c->bus, m, 0, reterr, &reply);
        return r < 0 || !ret ? r : bus_json_from_message(reply, ret);
}

int bus_try(Context *c, const char *path, const char *interface, const char *member,
                json_object **ret, sd_bus_error *reterr, const char *types, ...) {
        va_list arguments;
        int r;

        r = bus_try_open(c);
        if (r < 0)
                return r;
        va_start(arguments, types);
        r = call(c, (const char *[]){path, interface, member}, ret, reterr, types, arguments);
        va_end(arguments);
        return r;
}

CommandResult bus_call(Context *c, const char *path, const char *interface, const char *member,
                json_object **ret, const char *types, ...) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        CommandResult opened = bus_open(c);
        va_list arguments;
        int r;

        if (opened != COMMAND_OK)
                return opened;

        va_start(arguments, types);
        r = call(c, (const char *[]){path, interface, member}, ret, &error, types, arguments);
        va_end(arguments);
        return r < 0 ? bus_failed(c, &error, r) : COMMAND_OK;
}

CommandResult bus_fetch_tuples(
                Context *c, const char *member, const char *names, json_object **ret) {
        _cleanup_json_ json_object *answer = NULL;
        CommandResult result;
        int r;

        result = bus_call_manager(c, member, &answer, NULL);
        if (result != COMMAND_OK)
                return result;
        r = bus_json_name_tuples(answer, names, ret);
        return r < 0 ? output_failed(c, r) : COMMAND_OK;
}

CommandResult bus_get_all(Context *c, const char *path, const char *interface, json_object **ret) {
        _cleanup_json_ json_object *properties = NULL;
        CommandResult result;
        int r;

        result = bus_call(c, path, "org.freedesktop.DBus.Properties", "GetAll", &properties, "s",
                        interface);
        if (result != COMMAND_OK)
                return result;

        r = bus_json_rename(properties, ret);
        return r < 0 ? bus_failed(c, NULL, r) : COMMAND_OK;
}
