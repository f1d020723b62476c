/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stddef.h>

#include "dbus/bus-exports-private.h"

static int property_get_name(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        const Component *c = userdata;

        return sd_bus_message_append(reply, "s", c->spec->name);
}

static int property_get_health(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        const Component *c = userdata;

        return sd_bus_message_append(reply, "s", health_to_string(c->last.health));
}

static int property_get_text(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        const Component *c = userdata;

        return sd_bus_message_append(reply, "s", c->last.text);
}

static int property_get_depends_on(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        const Component *c = userdata;

        return sd_bus_message_append_strv(reply, (char **)c->spec->depends_on);
}

const sd_bus_vtable bus_component_vtable[] = {
                SD_BUS_VTABLE_START(0),
                PROPERTY_CONST("Name", "s", property_get_name, 0),
                PROPERTY_CHANGES("Health", "s", property_get_health, 0),
                PROPERTY_CHANGES("StatusText", "s", property_get_text, 0),
                PROPERTY_SILENT("LastCheck", "t", NULL, offsetof(Component, checked_usec)),
                PROPERTY_CHANGES("Restarts", "u", NULL, offsetof(Component, last.restarts)),
                PROPERTY_CONST("DependsOn", "as", property_get_depends_on, 0),
                SD_BUS_VTABLE_END,
};
