/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How often watchers look, and what that costs. */

#include "dbus/bus-manager.h"

#define REASON_MAX 128

int bus_manager_get_interval_reason(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        BusExports *e = userdata;
        char reason[REASON_MAX];

        cost_describe(e->parts.cost, reason, sizeof(reason));
        return sd_bus_message_append(reply, "s", reason);
}

int bus_manager_get_cost_percent(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        BusExports *e = userdata;

        return sd_bus_message_append(reply, "d", e->parts.cost->percent);
}

int bus_manager_get_cost_budget(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        BusExports *e = userdata;

        return sd_bus_message_append(reply, "d", e->parts.cost->budget);
}

int bus_manager_get_cost_own(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        BusExports *e = userdata;

        return sd_bus_message_append(reply, "t", e->parts.cost->own_usec);
}

int bus_manager_get_cost_tmux(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        BusExports *e = userdata;

        return sd_bus_message_append(reply, "t", e->parts.cost->tmux_usec);
}

int bus_manager_get_pool(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        BusExports *e = userdata;
        const char *pool = (const char *)&e->parts.cost->pool;
        int r;

        r = sd_bus_message_open_container(reply, 'a', "{st}");
        if (r < 0)
                return r;

        for (const PoolStatsField *f = pool_stats_fields; f->name; f++) {
                r = sd_bus_message_append(
                                reply, "{st}", f->name, *(const uint64_t *)(pool + f->offset));
                if (r < 0)
                        return r;
        }

        return sd_bus_message_close_container(reply);
}
