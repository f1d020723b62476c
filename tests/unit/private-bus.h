/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A message bus of the test's own. */

#include <systemd/sd-bus.h>

typedef struct PrivateBus {
        char folder[32];
        char address[64];
        pid_t daemon;
} PrivateBus;

/* Skips the test where there is no dbus-daemon. */
void private_bus_start(PrivateBus *b);
void private_bus_stop(PrivateBus *b);
/* A connection that the bus has let in, on the loop. */
sd_bus *private_bus_connect(const PrivateBus *b, sd_event *event);
