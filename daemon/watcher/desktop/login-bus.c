/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/desktop/login-bus.h"

#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "daemon/base/cleanup.h"

int login_bus_open(sd_bus **ret) {
        _cleanup_(sd_bus_unrefp) sd_bus *bus = NULL;
        char address[64];
        int r;

        (void)snprintf(address, sizeof(address), "unix:path=/run/user/%u/bus", getuid());
        r = sd_bus_new(&bus);
        if (r >= 0)
                r = sd_bus_set_address(bus, address);
        if (r >= 0)
                r = sd_bus_set_bus_client(bus, true);
        if (r >= 0)
                r = sd_bus_start(bus);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(bus);
        return 0;
}
