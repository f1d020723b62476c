/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/base/text.h"
#include "dbus/bus-error.h"
#include "dbus/bus-manager.h"
#include "dbus/bus-reply.h"

/* A layer by name, or all of them by "". */
int bus_manager_clear_cache(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        BusExports *e = userdata;
        const char *name;
        uint32_t n = 0;
        CacheLayer layer;
        int r;

        r = sd_bus_message_read(m, "s", &name);
        if (r < 0)
                return r;

        layer = cache_layer_from_string(name);
        if (layer < 0 && !text_is_empty(name))
                return sd_bus_error_setf(reterr, BUS_ERROR_INVALID_ARGUMENT,
                                "there is no cache layer '%.64s'", name);

        r = authorize(e->parts.authorizer, m, AUTHORIZE_MANAGE_MONITORING, UID_INVALID, reterr);
        if (r != 0)
                return r;

        for (CacheLayer l = 0; l < _CACHE_LAYER_MAX; l++)
                if (layer < 0 || l == layer)
                        n += cache_clear(e->parts.cache, l);

        return sd_bus_reply_method_return(m, "u", n);
}

static int fill_cache_stats(sd_bus_message *reply, void *userdata) {
        const BusExports *e = userdata;
        int r;

        for (CacheLayer l = 0; l < _CACHE_LAYER_MAX; l++) {
                CacheStats s = cache_stats(e->parts.cache, l);

                r = sd_bus_message_append(reply, "(sttttt)", cache_layer_to_string(l), s.entries,
                                s.hits, s.misses, s.evictions, s.bytes);
                if (r < 0)
                        return r;
        }
        return 0;
}

int bus_manager_get_cache_stats(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        return bus_reply_list(m, "(sttttt)", fill_cache_stats, userdata);
}
