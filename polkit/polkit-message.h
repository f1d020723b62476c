/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What is said to polkit's authority, and what it answers. */

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "dbus/authorize.h"

typedef enum PolkitAnswer {
        POLKIT_NO,
        POLKIT_YES,
        POLKIT_CHALLENGE, /* yes, if somebody proves who it is; not asked, for the caller forbids it
                           */
        POLKIT_ABSENT,    /* there is no polkit to ask */
} PolkitAnswer;

/* @cancellation is a name for the question; free the result with sd_bus_message_unref(). */
int polkit_message_check(sd_bus_message *caller, const char *action,
                const AuthorizeQuestion *question, const char *cancellation, sd_bus_message **ret);
/* Tells it that nobody waits for the answer to @cancellation any more. */
void polkit_message_cancel(sd_bus *bus, const char *cancellation);

PolkitAnswer polkit_message_read(sd_bus_message *reply);
