/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "dbus/bus-check.h"
#include "dbus/bus-error.h"
#include "dbus/bus-manager.h"
#include "dbus/bus-pending.h"
#include "dbus/bus-plugin-error.h"

static int append_findings(sd_bus_message *reply, const PluginFindings *findings) {
        int r;

        r = sd_bus_message_append(reply, "b", !plugin_findings_have_error(findings));
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "(sss)");
        for (size_t i = 0; i < findings->n_items && r >= 0; i++) {
                const PluginFinding *f = &findings->items[i];

                r = sd_bus_message_append(reply, "(sss)", plugin_severity_to_string(f->severity),
                                f->code, f->message);
        }
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static void on_checked(void *userdata, const PluginFindings *findings) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        BusPending *p = userdata;
        int r;

        p->check = NULL;
        r = sd_bus_message_new_method_return(p->message, &reply);
        if (r >= 0)
                r = append_findings(reply, findings);
        if (r >= 0)
                r = sd_bus_send(NULL, reply, NULL);
        if (r < 0)
                bus_pending_fail(p, r);
        else
                bus_pending_free(p);
}

int bus_manager_validate_plugin(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        _cleanup_(bus_pending_freep) BusPending *p = NULL;
        BusExports *e = userdata;
        PluginsCaller caller = bus_plugins_caller(e, m);
        const char *name;
        int r;

        r = sd_bus_message_read(m, "s", &name);
        if (r >= 0)
                r = bus_check_length(name, BUS_TEXT_MAX, "name_or_file", reterr);
        if (r < 0)
                return r;
        r = authorize(e->parts.authorizer, m, AUTHORIZE_MANAGE_PLUGINS, UID_INVALID, reterr);
        if (r != 0)
                return r;

        r = bus_pending_new(e, m, name, &p, reterr);
        if (r < 0)
                return r;
        r = plugins_check(e->parts.plugins, name, &caller, on_checked, p, &p->check);
        if (r < 0)
                return bus_plugin_error_set(reterr, r, name, NULL);

        (void)TAKE_PTR(p);
        return 1;
}
