/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "daemon/base/clock.h"
#include "dbus/bus-error.h"
#include "dbus/bus-exports-private.h"
#include "dbus/bus-manager.h"
#include "dbus/bus-reply.h"

#define SNOOZE_MAX_USEC (30 * USEC_PER_DAY)

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

static int finish(sd_bus_message *m, const Agent *a, int r, sd_bus_error *reterr) {
        if (r == -ENXIO)
                return sd_bus_error_setf(reterr, BUS_ERROR_NO_NOTICE,
                                "%s: it does not need anybody just now", a->id);
        return r < 0 ? bus_error_set_core(reterr, r, a->id) : sd_bus_reply_method_return(m, NULL);
}

int bus_agent_acknowledge(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        BusExports *e = bus_exports_of(sd_bus_message_get_bus(m));
        const Agent *a = userdata;
        int r;

        r = authorize_about(e->parts.authorizer, m, AUTHORIZE_CONTROL_AGENT, a->server->uid,
                        "agent", a->id, reterr);
        if (r != 0)
                return r;
        return finish(m, a, e->parts.actions->acknowledge(e->parts.userdata, a), reterr);
}

int bus_agent_snooze(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        BusExports *e = bus_exports_of(sd_bus_message_get_bus(m));
        const Agent *a = userdata;
        uint64_t usec;
        int r;

        r = sd_bus_message_read(m, "t", &usec);
        if (r < 0)
                return r;
        if (usec == 0 || usec > SNOOZE_MAX_USEC)
                return sd_bus_error_set(reterr, BUS_ERROR_INVALID_ARGUMENT,
                                "it can be put off for 1 microsecond to 30 days");
        r = authorize_about(e->parts.authorizer, m, AUTHORIZE_CONTROL_AGENT, a->server->uid,
                        "agent", a->id, reterr);
        if (r != 0)
                return r;
        return finish(m, a, e->parts.actions->snooze(e->parts.userdata, a, usec), reterr);
}

int bus_manager_list_notices(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        return bus_reply_list(m, "(ssstttb)", fill_notices, userdata);
}

void bus_exports_notice(BusExports *e, const Episode *episode, const char *what) {
        (void)sd_bus_emit_signal(e->bus, BUS_ROOT, BUS_INTERFACE_MANAGER, "Notice", "ssss",
                        episode->id, episode->agent, episode_cause_to_string(episode->cause), what);
}
