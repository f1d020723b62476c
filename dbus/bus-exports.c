/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dbus/bus-exports.h"

#include <assert.h>
#include <errno.h>

#include "dbus/bus-error.h"
#include "dbus/bus-pending.h"
#include "dbus/bus-quota.h"

static sd_bus_slot **next_slot(BusExports *e) {
        assert(e->n_slots < BUS_SLOTS_MAX);
        return &e->slots[e->n_slots++];
}

static int add_kind(BusExports *e, const BusKind *kind, BusEnumerator *of) {
        int r;

        *of = (BusEnumerator){.exports = e, .kind = kind};
        r = sd_bus_add_fallback_vtable(e->bus, next_slot(e), kind->prefix, kind->interface,
                        kind->vtable, bus_object_find, e);
        if (r < 0)
                return r;
        return sd_bus_add_node_enumerator(
                        e->bus, next_slot(e), kind->prefix, bus_object_enumerate, of);
}

static int add_objects(BusExports *e) {
        int r;

        r = sd_bus_add_object_manager(e->bus, next_slot(e), BUS_ROOT);
        if (r < 0)
                return r;

        r = sd_bus_add_object_vtable(e->bus, next_slot(e), BUS_ROOT, BUS_INTERFACE_MANAGER,
                        bus_manager_vtable, e);
        if (r < 0)
                return r;

        r = sd_bus_add_object_vtable(e->bus, next_slot(e), BUS_LOG_CONTROL,
                        BUS_INTERFACE_LOG_CONTROL, bus_log_control_vtable, e);
        if (r < 0)
                return r;

        for (size_t i = 0; bus_kinds[i].prefix; i++) {
                r = add_kind(e, &bus_kinds[i], &e->enumerators[i]);
                if (r < 0)
                        return r;
        }

        return 0;
}

int bus_exports_new(sd_bus *bus, const BusParts *parts, BusExports **ret) {
        _cleanup_(bus_exports_freep) BusExports *e = NULL;
        int r;

        assert(bus);
        assert(parts);
        assert(ret);

        r = bus_error_register();
        if (r < 0)
                return r;

        e = calloc(1, sizeof(*e));
        if (!e)
                return -ENOMEM;

        e->bus = sd_bus_ref(bus);
        e->parts = *parts;

        r = senders_new(&e->senders);
        if (r < 0)
                return r;
        e->parts.authorizer->senders = e->senders;

        r = bus_quota_new(e, &e->quota);
        if (r < 0)
                return r;
        r = add_objects(e);
        if (r < 0)
                return r;

        r = bus_signals_start(e);
        if (r < 0)
                return r;
        e->telling = true;

        *ret = TAKE_PTR(e);
        return 0;
}

int bus_exports_listen(BusExports *e) {
        int r = 0;

        assert(e);

        if (e->telling)
                bus_signals_stop(e);
        e->telling = false;
        e->catch_up = sd_event_source_disable_unref(e->catch_up);
        if (!e->told)
                r = bus_told_new(e->bus, &e->told);
        return r < 0 ? r : bus_told_listen(e->told);
}

int bus_exports_speak(BusExports *e) {
        int r;

        assert(e);

        if (!e->told) {
                r = bus_told_new(e->bus, &e->told);
                if (r < 0)
                        return r;
        }
        bus_told_speak(e->told);
        if (!e->telling) {
                r = bus_signals_start(e);
                if (r < 0)
                        return r;
                e->telling = true;
        }
        bus_signals_announce(e);
        return 0;
}

bool bus_exports_speaks(const BusExports *e) {
        return e->telling;
}

void bus_exports_set_take_over(BusExports *e,
                int (*take_over)(void *userdata, sd_bus_message *m, sd_bus_error *reterr),
                void *userdata) {
        assert(e);

        e->take_over = take_over;
        e->take_over_userdata = userdata;
}

BusExports *bus_exports_free(BusExports *e) {
        if (!e)
                return NULL;

        if (e->telling)
                bus_signals_stop(e);
        bus_told_free(e->told);
        sd_event_source_disable_unref(e->catch_up);
        while (e->pending)
                bus_pending_free(e->pending);
        if (e->parts.authorizer->forget)
                e->parts.authorizer->forget(e->parts.authorizer, e->bus);
        bus_quota_free(e->quota);
        e->parts.authorizer->senders = NULL;
        senders_free(e->senders);
        for (size_t i = 0; i < e->n_slots; i++)
                sd_bus_slot_unref(e->slots[i]);
        sd_bus_unref(e->bus);
        free(e);
        return NULL;
}
