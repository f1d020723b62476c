/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Cycle driver
 *
 * Has the service on the user's bus run so many cycles, one right after the other.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "dbus/bus-names.h"

int main(int argc, char *argv[]) {
        unsigned long n = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
        sd_bus *bus = NULL;
        int r;

        if (n == 0) {
                (void)fprintf(stderr, "usage: %s COUNT\n", argv[0]);
                return EXIT_FAILURE;
        }
        r = sd_bus_open_user(&bus);
        for (; r >= 0 && n > 0; n--) {
                sd_bus_error error = SD_BUS_ERROR_NULL;

                r = sd_bus_call_method(bus, BUS_NAME, BUS_ROOT, BUS_INTERFACE_MANAGER, "RunCycle",
                                &error, NULL, "");
                if (r < 0)
                        (void)fprintf(stderr, "RunCycle: %s\n", error.message);
                sd_bus_error_free(&error);
        }
        sd_bus_flush_close_unref(bus);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
