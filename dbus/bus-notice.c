/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dbus/bus-exports-private.h"
#include "dbus/bus-manager.h"
#include "dbus/bus-reply.h"

static int fill_notices(sd_bus_message *reply, void *userdata) {
        const BusExports *e = userdata;
        const Episode *episode = NULL;
        int r;

        while ((episode = notices_next(e->parts.notices, episode))) {
                r = sd_bus_message_append(reply, "(ssstttb)", episode->id, episode->agent,
                                episode_cause_to_string(episode->cause), episode->began_usec,
                                episode->told_usec, episode->not_before_usec,
                                (int)episode->acknowledged);
                if (r < 0)
                        return r;
        }
        return 0;
}

int bus_manager_list_notices(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        return bus_reply_list(m, "(ssstttb)", fill_notices, userdata);
}

void bus_exports_notice(BusExports *e, const Episode *episode, const char *what) {
        (void)sd_bus_emit_signal(e->bus, BUS_ROOT, BUS_INTERFACE_MANAGER, "Notice", "ssss",
                        episode->id, episode->agent, episode_cause_to_string(episode->cause), what);
}
