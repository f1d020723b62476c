/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dbus/bus-service.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "dbus/bus-names.h"

#define RETRY_MIN_USEC (200 * USEC_PER_MSEC)
#define RETRY_MAX_USEC (5 * USEC_PER_SEC)

/* RequestName's answers. */
#define NAME_IS_OURS 1U
#define NAME_IN_LINE 2U
#define NAME_WAS_OURS 4U

struct BusService {
        BusParts parts;
        const BusServiceEvents *events;
        void *userdata;
        sd_bus *bus;
        sd_bus_slot *disconnected;
        sd_bus_slot *name_lost;
        sd_bus_slot *name_acquired;
        sd_bus_slot *instance_request;
        sd_bus_slot *name_request;
        sd_bus_message *taking_over; /* who asked for it waits for the answer */
        char *instance;              /* our own name */
        BusExports *exports;
        sd_event_source *retry;
        uint64_t delay_usec;
        unsigned reconnects;
        bool up;     /* our own name is ours */
        bool active; /* so is the service's */
        bool told_down;
};

static void disconnect(BusService *s) {
        s->up = s->active = false;
        s->exports = bus_exports_free(s->exports);
        s->taking_over = sd_bus_message_unref(s->taking_over);
        s->name_request = sd_bus_slot_unref(s->name_request);
        s->instance_request = sd_bus_slot_unref(s->instance_request);
        s->name_acquired = sd_bus_slot_unref(s->name_acquired);
        s->name_lost = sd_bus_slot_unref(s->name_lost);
        s->disconnected = sd_bus_slot_unref(s->disconnected);
        if (s->bus)
                (void)sd_bus_detach_event(s->bus);
        s->bus = sd_bus_close_unref(s->bus);
}

/* Not here and now: we may be in a callback of the connection that we are to end. */
static void try_again(BusService *s, const char *reason) {
        s->up = s->active = false;
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

/* The instance that has the name speaks, the others listen to it and take over where it stops. */
static void be_active(BusService *s, bool active) {
        int r;

        if (!s->up || active == s->active)
                return;
        s->active = active;
        r = active ? bus_exports_speak(s->exports) : bus_exports_listen(s->exports);
        if (r < 0)
                try_again(s, strerror(-r));
        s->events->active(s->userdata, active);
}

static int on_name_lost(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        BusService *s = userdata;
        const char *name;

        if (!s->up || sd_bus_message_read(m, "s", &name) < 0)
                return 0;
        if (strcmp(name, BUS_NAME) == 0)
                be_active(s, false);
        else if (strcmp(name, s->instance) == 0)
                s->events->refused(s->userdata, "the name was taken over by another service");
        return 0;
}

static int on_name_acquired(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        const char *name;

        if (sd_bus_message_read(m, "s", &name) >= 0 && strcmp(name, BUS_NAME) == 0)
                be_active(userdata, true);
        return 0;
}

/* 0: @ret_answer is there. Else it has been dealt with. */
static int read_answer(BusService *s, sd_bus_message *m, uint32_t *ret_answer) {
        const sd_bus_error *error = sd_bus_message_get_error(m);

        if (!error)
                return sd_bus_message_read(m, "u", ret_answer) < 0 ? -EBADMSG : 0;
        if (sd_bus_error_has_name(error, SD_BUS_ERROR_ACCESS_DENIED))
                s->events->refused(
                                s->userdata, "the policy of the bus does not let us have the name");
        else
                try_again(s, error->message);
        return -EIO;
}

static void answer_take_over(BusService *s, uint32_t answer) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = TAKE_PTR(s->taking_over);

        if (!m)
                return;
        if (answer == NAME_IN_LINE)
                (void)sd_bus_reply_method_errorf(m, BUS_ERROR_BUSY,
                                "whoever has the name %s does not let it go", BUS_NAME);
        else
                (void)sd_bus_reply_method_return(m, NULL);
}

/* Nobody is in our place, so the name is ours, or another instance's that took it over. */
static int on_name(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        BusService *s = userdata;
        uint32_t answer;

        if (read_answer(s, m, &answer) < 0)
                return 0;
        if (answer == NAME_IS_OURS || answer == NAME_WAS_OURS)
                be_active(s, true);
        else if (!s->active && !s->taking_over && bus_exports_listen(s->exports) < 0)
                try_again(s, "out of memory");
        answer_take_over(s, answer);
        return 0;
}

static int request_name(BusService *s, uint64_t flags) {
        s->name_request = sd_bus_slot_unref(s->name_request);
        /* In line: if the one that takes over ends, we go on. */
        return sd_bus_request_name_async(s->bus, &s->name_request, BUS_NAME,
                        flags | SD_BUS_NAME_ALLOW_REPLACEMENT | SD_BUS_NAME_QUEUE, on_name, s);
}

static bool is_main(const BusService *s) {
        return !s->parts.instance || strcmp(s->parts.instance, BUS_INSTANCE_MAIN) == 0;
}

static int on_instance(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        BusService *s = userdata;
        uint32_t answer;
        int r;

        if (read_answer(s, m, &answer) < 0)
                return 0;
        if (answer != NAME_IS_OURS) {
                s->events->refused(s->userdata, "another instance has the name");
                return 0;
        }

        if (s->told_down)
                s->reconnects++;
        s->up = true;
        s->told_down = false;
        s->delay_usec = RETRY_MIN_USEC;
        r = is_main(s) ? request_name(s, 0) : bus_exports_listen(s->exports);
        if (r < 0)
                try_again(s, strerror(-r));
        else
                s->events->up(s->userdata);
        return 0;
}

static int take_over(void *userdata, sd_bus_message *m, sd_bus_error *reterr) {
        BusService *s = userdata;
        int r;

        if (s->active)
                return sd_bus_reply_method_return(m, NULL);
        if (!s->up || s->taking_over)
                return sd_bus_error_set(reterr, BUS_ERROR_BUSY, "it is about to take over");

        r = request_name(s, SD_BUS_NAME_REPLACE_EXISTING);
        if (r < 0)
                return r;
        s->taking_over = sd_bus_message_ref(m);
        return 1;
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
        r = sd_bus_match_signal_async(s->bus, &s->name_acquired, "org.freedesktop.DBus",
                        "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameAcquired",
                        on_name_acquired, NULL, s);
        if (r < 0)
                return r;

        r = bus_exports_new(s->bus, &s->parts, &s->exports);
        if (r < 0)
                return r;
        bus_exports_set_take_over(s->exports, take_over, s);

        r = sd_bus_attach_event(s->bus, s->parts.event, SD_EVENT_PRIORITY_NORMAL);
        if (r < 0)
                return r;

        /* Last: once we own the name, calls arrive. */
        return sd_bus_request_name_async(
                        s->bus, &s->instance_request, s->instance, 0, on_instance, s);
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
        if (asprintf(&s->instance, BUS_NAME ".%s", parts->instance ?: BUS_INSTANCE_MAIN) < 0) {
                s->instance = NULL;
                return -ENOMEM;
        }

        r = sd_event_add_time_relative(parts->event, &s->retry, CLOCK_MONOTONIC, 0, 0, on_retry, s);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

BusService *bus_service_free(BusService *s) {
        if (!s)
                return NULL;

        if (s->active)
                (void)sd_bus_release_name(s->bus, BUS_NAME);
        if (s->bus)
                (void)sd_bus_flush(s->bus);
        disconnect(s);
        sd_event_source_disable_unref(s->retry);
        free(s->instance);
        free(s);
        return NULL;
}

sd_bus *bus_service_bus(const BusService *s) {
        return s->up ? s->bus : NULL;
}

bool bus_service_is_up(const BusService *s) {
        return s && s->up;
}

bool bus_service_looks_on(const BusService *s) {
        return s && s->up && !s->active;
}

unsigned bus_service_reconnects(const BusService *s) {
        return s ? s->reconnects : 0;
}

void bus_service_notice(BusService *s, const Episode *episode, const char *what) {
        if (s && s->exports && bus_exports_speaks(s->exports))
                bus_exports_notice(s->exports, episode, what);
}

void bus_service_config_changed(BusService *s) {
        if (s && s->exports)
                bus_exports_config_changed(s->exports);
}
