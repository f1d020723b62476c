/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Errors of plugins on the bus
 *
 * What an errno means where plugins are concerned; the sentence is the plugin's or ours.
 */

#include "dbus/bus-pending.h"

/* Returns what a handler should return. @sentence may be NULL. */
int bus_plugin_error_set(sd_bus_error *reterr, int error, const char *name, const char *sentence);
/* Answers that, and frees. */
void bus_plugin_fail(BusPending *p, int error, const char *sentence);
