/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A small service that stands in for another one on a test's own bus. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>
#include <unistd.h>

typedef struct StandIn {
        const char *name, *path, *interface;
        const sd_bus_vtable *vtable;
        sd_event_io_handler_t on_input; /* what comes on standard input, with the bus; or NULL */
} StandIn;

static inline int stand_in_begin(const StandIn *s, sd_event *event, sd_bus *bus) {
        int r;

        r = sd_bus_add_object_vtable(bus, NULL, s->path, s->interface, s->vtable, NULL);
        if (r >= 0)
                r = sd_bus_attach_event(bus, event, 0);
        if (r >= 0 && s->on_input)
                r = sd_event_add_io(event, NULL, STDIN_FILENO, 1, s->on_input, bus);
        return r < 0 ? r : sd_bus_request_name(bus, s->name, 0);
}

/* Says "ready" once it has its name. What main() returns. */
static inline int stand_in_run(const StandIn *s) {
        sd_event *event = NULL;
        sd_bus *bus = NULL;
        int r;

        r = sd_event_default(&event);
        if (r >= 0)
                r = sd_bus_open_user(&bus);
        if (r >= 0)
                r = stand_in_begin(s, event, bus);
        if (r < 0) {
                (void)fprintf(stderr, "%s\n", strerror(-r));
                return EXIT_FAILURE;
        }

        (void)puts("ready");
        (void)fflush(stdout);
        r = sd_event_loop(event);
        sd_bus_flush_close_unref(bus);
        sd_event_unref(event);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
