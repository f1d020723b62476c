/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A notification server for tests: owns org.freedesktop.Notifications on the session bus, prints
 * what it is told to show or to close, a line each, and presses a button when it reads
 * "NUMBER BUTTON" from standard input.
 */

#include "tests/integration/stand-in.h"

#include <assert.h>
#include <errno.h>

#define SERVICE "org.freedesktop.Notifications"
#define OBJECT "/org/freedesktop/Notifications"

static uint32_t last;

static int read_buttons(sd_bus_message *m) {
        const char *word;
        int r = sd_bus_message_enter_container(m, 'a', "s");

        while (r >= 0 && (r = sd_bus_message_read(m, "s", &word)) > 0)
                printf("\t%s", word);
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int method_notify(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        const char *name, *icon, *summary, *body;
        uint32_t replaces;
        int r;

        r = sd_bus_message_read(m, "susss", &name, &replaces, &icon, &summary, &body);
        if (r < 0)
                return r;
        replaces = replaces > 0 ? replaces : ++last;
        printf("show\t%u\t%s\t%s", replaces, summary, body);
        r = read_buttons(m);
        if (r < 0)
                return r;
        (void)puts("");
        (void)fflush(stdout);
        return sd_bus_reply_method_return(m, "u", replaces);
}

static int method_close(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        uint32_t number;
        int r = sd_bus_message_read(m, "u", &number);

        if (r < 0)
                return r;
        printf("close\t%u\n", number);
        (void)fflush(stdout);
        (void)sd_bus_emit_signal(sd_bus_message_get_bus(m), OBJECT, SERVICE, "NotificationClosed",
                        "uu", number, 3U);
        return sd_bus_reply_method_return(m, NULL);
}

static const sd_bus_vtable vtable[] = {
                SD_BUS_VTABLE_START(0),
                SD_BUS_METHOD("Notify", "susssasa{sv}i", "u", method_notify,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD("CloseNotification", "u", "", method_close,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_SIGNAL("NotificationClosed", "uu", 0),
                SD_BUS_SIGNAL("ActionInvoked", "us", 0),
                SD_BUS_VTABLE_END,
};

static int on_input(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        char line[128], button[64];
        unsigned number;
        ssize_t n = read(fd, line, sizeof(line) - 1);

        if (n <= 0)
                return sd_event_exit(sd_event_source_get_event(source), 0);
        line[n] = '\0';
        if (sscanf(line, "%u %63s", &number, button) != 2)
                return 0;
        return sd_bus_emit_signal(
                        userdata, OBJECT, SERVICE, "ActionInvoked", "us", (uint32_t)number, button);
}

int main(void) {
        return stand_in_run(&(StandIn){.name = SERVICE,
                        .path = OBJECT,
                        .interface = SERVICE,
                        .vtable = vtable,
                        .on_input = on_input});
}
