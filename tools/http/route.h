/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Routes
 *
 * What can be asked for, as a table: which path is which question on the bus, and how the reply
 * becomes an answer. Knows nothing of HTTP but status and type.
 */

#include <systemd/sd-bus.h>

#include "daemon/base/cleanup.h"

#define ROUTE_NAME_MAX 128U

typedef struct Answer {
        unsigned status;
        const char *type;
        char *body;
} Answer;

typedef struct Route {
        const char *before; /* the path before the name, or all of it */
        const char *after;  /* the path after the name; NULL: there is no name */
        int (*ask)(sd_bus *bus, const char *name, sd_bus_message **ret);
        int (*answer)(sd_bus_message *reply, const char *name, Answer *ret);
} Route;

/* NULL: there is no such path. @name gets the name in it, "" if it has none. */
const Route *route_find(const char *path, char name[static ROUTE_NAME_MAX]);

/* What the reply, or the error that came instead of it, means; the body may be NULL: no memory. */
void route_answer(const Route *route, sd_bus_message *reply, const char *name, Answer *ret);
void answer_error(Answer *ret, unsigned status, const char *text);
