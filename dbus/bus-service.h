/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The service on the bus
 *
 * Connects to the session bus or the system bus, exports the objects and takes the name last. When
 * the bus goes away it comes back by itself; the core knows nothing of it and goes on.
 */

#include "dbus/bus-exports.h"

typedef struct BusService BusService;

/* Each may free the service only later, not at once. */
typedef struct BusServiceEvents {
        void (*up)(void *userdata); /* the name of this instance is ours */
        /* Whether the service's name is ours too: else this instance looks on, and acts not. */
        void (*active)(void *userdata, bool active);
        /* There is no bus, or no longer. Told once, until it is up again. */
        void (*down)(void *userdata, const char *reason);
        /* The name is another's, or is not for us: trying again would not help. */
        void (*refused)(void *userdata, const char *reason);
} BusServiceEvents;

/* @parts are copied, what they point to is borrowed. The first attempt is made from the loop. */
int bus_service_new(const BusParts *parts, const BusServiceEvents *events, void *userdata,
                BusService **ret);
/* Gives the name back first. */
BusService *bus_service_free(BusService *service);
DEFINE_CLEANUP(BusService *, bus_service_free)

bool bus_service_is_up(const BusService *service);
/* Borrowed, until it is told that it is down; NULL: it is. */
sd_bus *bus_service_bus(const BusService *service);
/* Another instance has the service's name: it acts, this one does not. */
bool bus_service_looks_on(const BusService *service);
/* How often it had to connect anew. */
unsigned bus_service_reconnects(const BusService *service);

/* See bus_exports_notice(). */
void bus_service_notice(BusService *service, const Episode *episode, const char *what);
void bus_service_config_changed(BusService *service);
