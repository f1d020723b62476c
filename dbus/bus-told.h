/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Told
 *
 * What another instance, which has the name, has told the bus of agents' states, while this one
 * only listens. Whoever takes the name over goes on from there: nothing is told twice, and nothing
 * is left out.
 */

#include <stdint.h>
#include <systemd/sd-bus.h>

#include "daemon/base/agent-state.h"
#include "daemon/base/cleanup.h"

typedef struct BusTold BusTold;

/* Listens until bus_told_close(); keeps what it heard until it is freed. */
int bus_told_new(sd_bus *bus, BusTold **ret);
void bus_told_close(BusTold *told);
BusTold *bus_told_free(BusTold *told);
DEFINE_CLEANUP(BusTold *, bus_told_free)

/* The state that was told last, and when (CLOCK_REALTIME; 0: it was so before). -ENXIO: none. */
AgentState bus_told_state(const BusTold *told, const char *path, uint64_t *ret_usec);
void bus_told_forget(BusTold *told, const char *path);
