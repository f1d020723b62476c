/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Errors on the bus
 *
 * The one place where an errno of the core becomes a name that clients see, and what it says.
 */

#include <systemd/sd-bus.h>

#include "dbus/bus-names.h"

/* Makes our names known to sd-bus, so that each has an errno of its own. May be called again. */
int bus_error_register(void);

/*
 * Sets what @error of the core means; @what is what it was about, or NULL. Returns what a handler
 * should return.
 */
int bus_error_set_core(sd_bus_error *reterr, int error, const char *what);
