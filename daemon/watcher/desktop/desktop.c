/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/desktop/desktop.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <utlist.h>

#include "daemon/base/log.h"
#include "daemon/watcher/desktop/login-bus.h"

#define SERVICE "org.freedesktop.Notifications"
#define OBJECT "/org/freedesktop/Notifications"

typedef struct Shown {
        Desktop *desktop;
        char *id;
        uint32_t number;   /* the desktop's; 0: not known yet */
        sd_bus_slot *call; /* while it is being shown */
        bool over;         /* to be taken back as soon as its number is known */
        struct Shown *prev, *next;
} Shown;

struct Desktop {
        sd_event *event;
        DesktopPressed pressed;
        void *userdata;
        sd_bus *bus; /* NULL: not connected */
        Shown *shown;
        unsigned n_shown;
};

int desktop_new(sd_event *event, DesktopPressed pressed, void *userdata, Desktop **ret) {
        Desktop *d = calloc(1, sizeof(*d));

        if (!d)
                return -ENOMEM;
        *d = (Desktop){.event = sd_event_ref(event), .pressed = pressed, .userdata = userdata};
        *ret = d;
        return 0;
}

static void shown_free(Shown *s) {
        DL_DELETE(s->desktop->shown, s);
        s->desktop->n_shown--;
        sd_bus_slot_unref(s->call);
        free(s->id);
        free(s);
}

static void disconnect(Desktop *d) {
        while (d->shown)
                shown_free(d->shown);
        if (!d->bus)
                return;
        (void)sd_bus_detach_event(d->bus);
        d->bus = sd_bus_close_unref(d->bus);
}

Desktop *desktop_free(Desktop *d) {
        if (!d)
                return NULL;

        disconnect(d);
        sd_event_unref(d->event);
        free(d);
        return NULL;
}

static Shown *find_id(const Desktop *d, const char *id) {
        Shown *s;

        DL_FOREACH (d->shown, s)
                if (strcmp(s->id, id) == 0)
                        return s;
        return NULL;
}

static Shown *find_number(const Desktop *d, uint32_t number) {
        Shown *s;

        DL_FOREACH (d->shown, s)
                if (s->number == number && number > 0)
                        return s;
        return NULL;
}

static int on_pressed(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        Desktop *d = userdata;
        const char *button;
        uint32_t number;
        const Shown *s;

        if (sd_bus_message_read(m, "us", &number, &button) < 0)
                return 0;
        s = find_number(d, number);
        if (s)
                d->pressed(d->userdata, s->id, button);
        return 0;
}

static int on_closed(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        Desktop *d = userdata;
        uint32_t number, reason;
        Shown *s;

        if (sd_bus_message_read(m, "uu", &number, &reason) < 0)
                return 0;
        s = find_number(d, number);
        if (s)
                shown_free(s);
        return 0;
}

static int on_disconnected(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        disconnect(userdata);
        return 0;
}

static int listen(Desktop *d, sd_bus *bus) {
        int r;

        r = sd_bus_match_signal_async(
                        bus, NULL, SERVICE, OBJECT, SERVICE, "ActionInvoked", on_pressed, NULL, d);
        if (r >= 0)
                r = sd_bus_match_signal_async(bus, NULL, SERVICE, OBJECT, SERVICE,
                                "NotificationClosed", on_closed, NULL, d);
        if (r >= 0)
                r = sd_bus_match_signal_async(bus, NULL, "org.freedesktop.DBus.Local", NULL,
                                "org.freedesktop.DBus.Local", "Disconnected", on_disconnected, NULL,
                                d);
        return r;
}

/* A watcher that was started for its user by somebody else has no word of the session. */
static int open_bus(sd_bus **ret) {
        if (getenv("DBUS_SESSION_BUS_ADDRESS") || getenv("XDG_RUNTIME_DIR"))
                return sd_bus_open_user(ret);
        return login_bus_open(ret);
}

static int connect(Desktop *d) {
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        int r;

        if (d->bus)
                return 0;
        r = open_bus(&bus);
        if (r < 0)
                return -ENOTCONN;
        r = sd_bus_attach_event(bus, d->event, SD_EVENT_PRIORITY_NORMAL);
        if (r >= 0)
                r = listen(d, bus);
        if (r < 0)
                return r;
        d->bus = TAKE_PTR(bus);
        return 0;
}

static int take_back(Desktop *d, uint32_t number) {
        return sd_bus_call_method_async(d->bus, NULL, SERVICE, OBJECT, SERVICE, "CloseNotification",
                        NULL, NULL, "u", number);
}

static int on_shown(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        Shown *s = userdata;
        uint32_t number;

        s->call = sd_bus_slot_unref(s->call);
        if (sd_bus_message_is_method_error(m, NULL) || sd_bus_message_read(m, "u", &number) < 0) {
                log_debug("nobody shows notices: %s",
                                sd_bus_message_get_error(m) ? sd_bus_message_get_error(m)->message
                                                            : "an answer without sense");
                shown_free(s);
                return 0;
        }
        s->number = number;
        if (s->over) {
                (void)take_back(s->desktop, number);
                shown_free(s);
        }
        return 0;
}

static int shown_get(Desktop *d, const char *id, Shown **ret) {
        Shown *s = find_id(d, id);

        if (!s) {
                if (d->n_shown >= DESKTOP_NOTICES_MAX)
                        return -ENOBUFS;
                s = calloc(1, sizeof(*s));
                if (!s)
                        return -ENOMEM;
                s->id = strdup(id);
                if (!s->id) {
                        free(s);
                        return -ENOMEM;
                }
                s->desktop = d;
                DL_APPEND(d->shown, s);
                d->n_shown++;
        }
        *ret = s;
        return 0;
}

/* Critical ones stay until they are dealt with; the others as long as the desktop likes. */
static int append_notice(sd_bus_message *m, const DesktopNotice *n, uint32_t replaces) {
        int r;

        r = sd_bus_message_append(m, "susss", "tmux-orchestrator", replaces, "utilities-terminal",
                        n->summary, n->body);
        if (r >= 0)
                r = sd_bus_message_append_strv(m, (char **)n->buttons);
        if (r >= 0)
                r = sd_bus_message_append(m, "a{sv}", 2, "urgency", "y",
                                (uint8_t)(n->critical ? 2 : 1), "category", "s", "im.received");
        return r < 0 ? r : sd_bus_message_append(m, "i", n->critical ? 0 : -1);
}

int desktop_show(Desktop *d, const DesktopNotice *notice) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        Shown *s;
        int r;

        r = connect(d);
        if (r < 0)
                return r;
        r = shown_get(d, notice->id, &s);
        if (r < 0)
                return r;
        r = sd_bus_message_new_method_call(d->bus, &m, SERVICE, OBJECT, SERVICE, "Notify");
        if (r >= 0)
                r = append_notice(m, notice, s->number);
        s->call = sd_bus_slot_unref(s->call);
        s->over = false;
        if (r >= 0)
                r = sd_bus_call_async(d->bus, &s->call, m, on_shown, s, 0);
        if (r < 0)
                shown_free(s);
        return r;
}

void desktop_close(Desktop *d, const char *id) {
        Shown *s = find_id(d, id);

        if (!s)
                return;
        if (s->call) {
                s->over = true;
                return;
        }
        (void)take_back(d, s->number);
        shown_free(s);
}
