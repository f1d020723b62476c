/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stddef.h>

#include "dbus/bus-exports-private.h"

static int property_get_liveness(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        const Server *s = userdata;

        return sd_bus_message_append(reply, "s", liveness_to_string(s->last.liveness));
}

const sd_bus_vtable bus_server_vtable[] = {
                SD_BUS_VTABLE_START(0),
                PROPERTY_CONST("Id", "s", NULL, offsetof(Server, id)),
                PROPERTY_CONST("Socket", "s", NULL, offsetof(Server, last.socket)),
                PROPERTY_CONST("UID", "u", NULL, offsetof(Server, uid)),
                PROPERTY_CHANGES("PID", "u", NULL, offsetof(Server, last.pid)),
                PROPERTY_CHANGES("Liveness", "s", property_get_liveness, 0),
                PROPERTY_CHANGES("Reason", "s", NULL, offsetof(Server, last.reason)),
                PROPERTY_CHANGES("TmuxVersion", "s", NULL, offsetof(Server, last.version)),
                PROPERTY_CHANGES("Panes", "u", NULL, offsetof(Server, last.n_panes)),
                PROPERTY_CHANGES("Since", "t", NULL, offsetof(Server, since_usec)),
                PROPERTY_CHANGES("Lost", "as", NULL, offsetof(Server, lost)),
                PROPERTY_SILENT("LookUSec", "t", NULL, offsetof(Server, last.look_usec)),
                SD_BUS_VTABLE_END,
};
