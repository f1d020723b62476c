/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The service's unit
 *
 * Starts, stops and restarts the service by systemd's own interface: of the system, or of the user,
 * on the bus that the context has chosen.
 */

#include <stdint.h>

#include "tools/tmux-orc/command.h"

typedef struct UnitOrder {
        const char *verb;        /* "start", "stop", "restart" */
        const char *environment; /* NULL: tmux-orchestrator.service, else an instance of its own */
        const char *max_memory;  /* "256M"; NULL: as the unit says */
        bool fresh;              /* what is known of agents is forgotten */
        bool emergency;          /* it is killed, whatever it does */
} UnitOrder;

/* Tells what was done, or what went wrong. */
CommandResult monitor_unit(Context *c, const UnitOrder *order);

/* "512", "64K", "256M", "2G", "1T"; -EINVAL. */
int monitor_parse_size(const char *text, uint64_t *ret);
