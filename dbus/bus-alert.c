/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stddef.h>

#include "dbus/bus-exports-private.h"
#include "dbus/bus-manager.h"
#include "dbus/bus-reply.h"

static int property_get_name(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        const Alert *a = userdata;

        return sd_bus_message_append(reply, "s", a->rule->name);
}

static int property_get_severity(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        const Alert *a = userdata;

        return sd_bus_message_append(reply, "s", alert_severity_to_string(a->rule->severity));
}

static int property_get_summary(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        char text[ALERT_TEXT_MAX];

        return sd_bus_message_append(reply, "s", alert_text(userdata, text));
}

static int property_get_component(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        return sd_bus_message_append(reply, "s", alert_component(userdata));
}

const sd_bus_vtable bus_alert_vtable[] = {
                SD_BUS_VTABLE_START(0),
                PROPERTY_CONST("Id", "s", NULL, offsetof(Alert, id)),
                PROPERTY_CONST("Name", "s", property_get_name, 0),
                PROPERTY_CONST("Severity", "s", property_get_severity, 0),
                PROPERTY_SILENT("Summary", "s", property_get_summary, 0),
                PROPERTY_CONST("Component", "s", property_get_component, 0),
                PROPERTY_CONST("Since", "t", NULL, offsetof(Alert, since_usec)),
                PROPERTY_SILENT("Value", "d", NULL, offsetof(Alert, value)),
                PROPERTY_SILENT("Limit", "d", NULL, offsetof(Alert, limit)),
                SD_BUS_VTABLE_END,
};

static void on_raised(void *userdata, const Alert *a) {
        _cleanup_free_ char *path = NULL;
        char text[ALERT_TEXT_MAX];
        BusExports *e = userdata;

        if (a->rule->severity == ALERT_INFO || bus_path_of_alert(a, &path) < 0)
                return;

        (void)sd_bus_emit_interfaces_added(e->bus, path, BUS_INTERFACE_ALERT, NULL);
        (void)sd_bus_emit_signal(e->bus, BUS_ROOT, BUS_INTERFACE_MANAGER, "AlertRaised", "oss",
                        path, alert_severity_to_string(a->rule->severity), alert_text(a, text));
}

static void on_cleared(void *userdata, const Alert *a) {
        _cleanup_free_ char *path = NULL;
        char text[ALERT_TEXT_MAX];
        BusExports *e = userdata;

        if (a->rule->severity == ALERT_INFO || bus_path_of_alert(a, &path) < 0)
                return;

        (void)sd_bus_emit_signal(e->bus, BUS_ROOT, BUS_INTERFACE_MANAGER, "AlertCleared", "os",
                        path, alert_text(a, text));
        (void)sd_bus_emit_interfaces_removed(e->bus, path, BUS_INTERFACE_ALERT, NULL);
}

const AlertsObserver bus_alert_observer = {.raised = on_raised, .cleared = on_cleared};

static int fill_alerts(sd_bus_message *reply, void *userdata) {
        const BusExports *e = userdata;
        char text[ALERT_TEXT_MAX];
        const Alert *a = NULL;
        int r;

        while ((a = alerts_next(e->parts.alerts, a))) {
                _cleanup_free_ char *path = NULL;

                r = bus_path_of_alert(a, &path);
                if (r < 0)
                        return r;
                r = sd_bus_message_append(reply, "(sssto)", a->id,
                                alert_severity_to_string(a->rule->severity), alert_text(a, text),
                                a->since_usec, path);
                if (r < 0)
                        return r;
        }
        return 0;
}

int bus_manager_list_alerts(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        return bus_reply_list(m, "(sssto)", fill_alerts, userdata);
}

static int append_past(sd_bus_message *reply, const Alert *a) {
        char text[ALERT_TEXT_MAX];

        return sd_bus_message_append(reply, "(ssstt)", a->id,
                        alert_severity_to_string(a->rule->severity), alert_text(a, text),
                        a->since_usec, a->until_usec);
}

static int fill_history(sd_bus_message *reply, void *userdata) {
        const BusExports *e = userdata;
        const Alert *a = NULL;
        int r;

        while ((a = alerts_next(e->parts.alerts, a))) {
                r = append_past(reply, a);
                if (r < 0)
                        return r;
        }
        for (size_t i = 0; (a = alerts_past(e->parts.alerts, i)); i++) {
                if (a->rule->severity == ALERT_INFO)
                        continue;
                r = append_past(reply, a);
                if (r < 0)
                        return r;
        }
        return 0;
}

int bus_manager_get_alert_history(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        return bus_reply_list(m, "(ssstt)", fill_history, userdata);
}
