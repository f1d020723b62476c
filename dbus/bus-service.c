/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dbus/bus-service.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "dbus/bus-names.h"

#define RETRY_MIN_USEC (200 * USEC_PER_MSEC)
#define RETRY_MAX_USEC (5 * USEC_PER_SEC)

/* RequestName's answer. */
#define NAME_IS_OURS 1U

struct BusService {
        BusParts parts;
        const BusServiceEvents *events;
        void *userdata;
        sd_bus *bus;
        sd_bus_slot *disconnected;
        sd_bus_slot *name_lost;
        sd_bus_slot *name_request;
        BusExports *exports;
        sd_event_source *retry;
        uint64_t delay_usec;
        unsigned reconnects;
        bool up;
        bool told_down;
};

static void disconnect(BusService *s) {
        s->up = false;
        s->exports = bus_exports_free(s->exports);
        s->name_request = sd_bus_slot_unref(s->name_request);
        s->name_lost = sd_bus_slot_unref(s->name_lost);
        s->disconnected = sd_bus_slot_unref(s->disconnected);
        if (s->bus)
                (void)sd_bus_detach_event(s->bus);
        s->bus = sd_bus_close_unref(s->bus);
}

/* Not here and now: we may be in a callback of the connection that we are to end. */
static void try_again(BusService *s, const char *reason) {
        s->up = false;
        if (!s->told_down)
                s->events->down(s->userdata, reason);
        s->told_down = true;

        (void)sd_event_source_set_time_relative(s->retry, s->delay_usec);
        (void)sd_event_source_set_enabled(s->retry, SD_EVENT_ONESHOT);
        s->delay_usec = MIN(s->delay_usec * 2, RETRY_MAX_USEC);
}

static int on_disconnected(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        try_again(userdata, "the connection ended");
        return 0;
}

static int on_name_lost(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        BusService *s = userdata;
        const char *name;

        if (s->up && sd_bus_message_read(m, "s", &name) >= 0 && strcmp(name, BUS_NAME) == 0)
                s->events->refused(s->userdata, "the name was taken over by another service");

        return 0;
}

static int on_name(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        const sd_bus_error *error = sd_bus_message_get_error(m);
        BusService *s = userdata;
        uint32_t answer;

        if (error) {
                if (sd_bus_error_has_name(error, SD_BUS_ERROR_ACCESS_DENIED))
                        s->events->refused(s->userdata,
                                        "the policy of the bus does not let us have the name");
                else
                        try_again(s, error->message);
                return 0;
        }

        if (sd_bus_message_read(m, "u", &answer) < 0 || answer != NAME_IS_OURS) {
                s->events->refused(s->userdata, "another instance has the name");
                return 0;
        }

        if (s->told_down)
                s->reconnects++;
        s->up = true;
        s->told_down = false;
        s->delay_usec = RETRY_MIN_USEC;
        bus_exports_announce(s->exports);
        s->events->up(s->userdata);
        return 0;
}

static int open_bus(BusService *s) {
        int r;

        r = s->parts.user_mode ? sd_bus_open_user_with_description(&s->bus, "tmux-orchestrator")
                               : sd_bus_open_system_with_description(&s->bus, "tmux-orchestrator");
        if (r < 0)
                return r;

        return sd_bus_set_exit_on_disconnect(s->bus, false);
}

static int connect_bus(BusService *s) {
        int r;

        r = open_bus(s);
        if (r < 0)
                return r;

        r = sd_bus_match_signal_async(s->bus, &s->disconnected, "org.freedesktop.DBus.Local",
                        "/org/freedesktop/DBus/Local", "org.freedesktop.DBus.Local", "Disconnected",
                        on_disconnected, NULL, s);
        if (r < 0)
                return r;

        r = sd_bus_match_signal_async(s->bus, &s->name_lost, "org.freedesktop.DBus",
                        "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameLost", on_name_lost,
                        NULL, s);
        if (r < 0)
                return r;

        r = bus_exports_new(s->bus, &s->parts, &s->exports);
        if (r < 0)
                return r;

        r = sd_bus_attach_event(s->bus, s->parts.event, SD_EVENT_PRIORITY_NORMAL);
        if (r < 0)
                return r;

        /* Last: once we own the name, calls arrive. */
        return sd_bus_request_name_async(s->bus, &s->name_request, BUS_NAME, 0, on_name, s);
}

static int on_retry(sd_event_source *source, uint64_t usec, void *userdata) {
        BusService *s = userdata;
        int r;

        disconnect(s);
        r = connect_bus(s);
        if (r < 0)
                try_again(s, strerror(-r));

        return 0;
}

int bus_service_new(const BusParts *parts, const BusServiceEvents *events, void *userdata,
                BusService **ret) {
        _cleanup_(bus_service_freep) BusService *s = NULL;
        int r;

        assert(parts);
        assert(events);
        assert(ret);

        s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;

        s->parts = *parts;
        s->events = events;
        s->userdata = userdata;
        s->delay_usec = RETRY_MIN_USEC;

        r = sd_event_add_time_relative(parts->event, &s->retry, CLOCK_MONOTONIC, 0, 0, on_retry, s);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

BusService *bus_service_free(BusService *s) {
        if (!s)
                return NULL;

        if (s->up)
                (void)sd_bus_release_name(s->bus, BUS_NAME);
        if (s->bus)
                (void)sd_bus_flush(s->bus);
        disconnect(s);
        sd_event_source_disable_unref(s->retry);
        free(s);
        return NULL;
}

bool bus_service_is_up(const BusService *s) {
        return s && s->up;
}

unsigned bus_service_reconnects(const BusService *s) {
        return s ? s->reconnects : 0;
}

void bus_service_notice(BusService *s, const Episode *episode, const char *what) {
        if (s && s->exports)
                bus_exports_notice(s->exports, episode, what);
}

void bus_service_config_changed(BusService *s) {
        if (s && s->exports)
                bus_exports_config_changed(s->exports);
}
