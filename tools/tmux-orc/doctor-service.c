/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "tools/tmux-orc/bus-json.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/doctor.h"

static bool is_user_bus(const Doctor *d) {
        return d->c->bus_name && strcmp(d->c->bus_name, "user") == 0;
}

void doctor_check_bus(Doctor *d) {
        int r = bus_try_open(d->c);

        if (r < 0)
                doctor_add(d, "message bus", DOCTOR_BROKEN,
                                access("/usr/bin/dbus-daemon", X_OK) < 0 ? "apt-get install dbus"
                                                                         : "systemctl start dbus",
                                "the %s bus does not answer: %s",
                                d->c->bus_choice == BUS_USER ? "user" : "system", strerror(-r));
        else
                doctor_add(d, "message bus", DOCTOR_OK, NULL, "the %s bus answers", d->c->bus_name);
}

void doctor_check_service(Doctor *d) {
        bool user = is_user_bus(d);

        if (!d->c->bus)
                return;
        if (bus_service_runs(d->c))
                doctor_add(d, "service", DOCTOR_OK, NULL, "runs on the %s bus", d->c->bus_name);
        else if (bus_service_can_start(d->c))
                doctor_add(d, "service", DOCTOR_OK, NULL, "starts when it is called");
        else
                doctor_add(d, "service", DOCTOR_BROKEN,
                                user ? "systemctl --user enable --now tmux-orchestrator.socket"
                                     : "systemctl enable --now tmux-orchestrator.socket",
                                "does not run on the %s bus, and a call does not start it",
                                d->c->bus_name);
}

static void add_health(Doctor *d, json_object *components) {
        for (size_t i = 0; i < json_object_array_length(components); i++) {
                json_object *row = json_object_array_get_idx(components, i);
                const char *health = json_get_string(row, "health") ?: "?";

                if (strcmp(health, "green") == 0)
                        continue;
                doctor_add(d, "health",
                                strcmp(health, "yellow") == 0 ? DOCTOR_WARNING : DOCTOR_BROKEN,
                                NULL, "%s is %s: %s", json_get_string(row, "component") ?: "?",
                                health, json_get_string(row, "text") ?: "");
        }
}

void doctor_check_health(Doctor *d) {
        _cleanup_json_ json_object *answer = NULL, *components = NULL;
        const char *health;

        if (!d->c->bus ||
                        bus_try(d->c, BUS_ROOT, BUS_INTERFACE_MANAGER, "GetHealth", &answer, NULL,
                                        NULL) < 0)
                return;
        if (bus_json_name_tuples(json_object_array_get_idx(answer, 1), "component health text",
                            &components) < 0)
                return;

        health = json_object_get_string(json_object_array_get_idx(answer, 0));
        if (health && strcmp(health, "green") == 0)
                doctor_add(d, "health", DOCTOR_OK, NULL, "green");
        add_health(d, components);
}

/* Whether the service says of the server at @path that it is alive. */
static bool is_watched(json_object *servers, const char *path) {
        for (size_t i = 0; i < json_object_array_length(servers); i++) {
                json_object *row = json_object_array_get_idx(servers, i);
                const char *socket = json_get_string(row, "socket");
                const char *liveness = json_get_string(row, "liveness");

                if (socket && strcmp(socket, path) == 0)
                        return liveness && strcmp(liveness, "alive") == 0;
        }
        return false;
}

void doctor_check_watcher(Doctor *d) {
        size_t n = json_object_array_length(d->sockets), watched = 0;
        _cleanup_json_ json_object *answer = NULL, *servers = NULL;

        if (!d->c->bus ||
                        bus_try(d->c, BUS_ROOT, BUS_INTERFACE_MANAGER, "ListServers", &answer, NULL,
                                        NULL) < 0)
                return;
        if (bus_json_name_tuples(answer, "id uid socket liveness path", &servers) < 0)
                return;

        for (size_t i = 0; i < n; i++) {
                const char *path = json_object_get_string(json_object_array_get_idx(d->sockets, i));

                if (is_watched(servers, path))
                        watched++;
                else
                        doctor_add(d, "watcher", DOCTOR_BROKEN,
                                        is_user_bus(d) ? "systemctl --user restart "
                                                         "tmux-orchestrator"
                                                       : "tmux-orc register",
                                        "the service does not see %s", path);
        }
        if (n > 0 && watched == n)
                doctor_add(d, "watcher", DOCTOR_OK, NULL, "all your tmux servers are watched");
}
