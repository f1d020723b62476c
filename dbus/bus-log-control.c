/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "daemon/base/log.h"
#include "dbus/bus-exports-private.h"

/*
 * org.freedesktop.LogControl1, for "systemctl service-log-level" and "service-log-target". sd-bus
 * lets nobody write these properties but root and the user that the service runs as.
 */

static int property_get_level(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        return sd_bus_message_append(reply, "s", log_level_to_string(log_get_level()));
}

static int property_set_level(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *value, void *userdata, sd_bus_error *reterr) {
        const char *name;
        int r, level;

        r = sd_bus_message_read(value, "s", &name);
        if (r < 0)
                return r;
        level = log_level_from_string(name);
        if (level < 0)
                return sd_bus_error_setf(reterr, SD_BUS_ERROR_INVALID_ARGS,
                                "'%.32s' is not a level: debug, info, notice, warning, err, crit, "
                                "alert, emerg",
                                name);

        log_set_level(level);
        log_full(LOG_NOTICE, NULL, NULL, "messages are logged up to the level %s now",
                        log_level_to_string(level));
        return 0;
}

static int property_get_target(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        return sd_bus_message_append(reply, "s", log_get_target());
}

static int property_set_target(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *value, void *userdata, sd_bus_error *reterr) {
        const char *name;
        int r;

        r = sd_bus_message_read(value, "s", &name);
        if (r < 0)
                return r;
        if (log_set_target(name) < 0)
                return sd_bus_error_setf(reterr, SD_BUS_ERROR_INVALID_ARGS,
                                "'%.32s' is not a target: auto, journal, console, null", name);
        return 0;
}

static int property_get_identifier(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        return sd_bus_message_append(reply, "s", log_get_identifier());
}

const sd_bus_vtable bus_log_control_vtable[] = {
                SD_BUS_VTABLE_START(0),
                SD_BUS_WRITABLE_PROPERTY(
                                "LogLevel", "s", property_get_level, property_set_level, 0, 0),
                SD_BUS_WRITABLE_PROPERTY(
                                "LogTarget", "s", property_get_target, property_set_target, 0, 0),
                PROPERTY_CONST("SyslogIdentifier", "s", property_get_identifier, 0),
                SD_BUS_VTABLE_END,
};
