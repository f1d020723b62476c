/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Replies
 *
 * What many handlers answer with: one list.
 */

#include <systemd/sd-bus.h>

#include "daemon/base/cleanup.h"

/* Appends the elements. */
typedef int (*BusFill)(sd_bus_message *reply, void *userdata);

/* An array of @element, such as "(ss)". */
int bus_append_list(sd_bus_message *reply, const char *element, BusFill fill, void *userdata);

/* The answer to @m is one such array. Returns what a handler should return. */
int bus_reply_list(sd_bus_message *m, const char *element, BusFill fill, void *userdata);
