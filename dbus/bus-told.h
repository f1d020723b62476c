/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Told
 *
 * What the bus was told of agents' states under the service's name, by whichever instance had it.
 * Whoever takes the name over goes on from there: nothing is told twice, and nothing is left out.
 * The bus echoes what we say as long as the name is ours, and no longer; so at the moment when it
 * is lost it is known what was told and what came too late.
 */

#include <stdint.h>
#include <systemd/sd-bus.h>

#include "daemon/base/agent-state.h"
#include "daemon/base/cleanup.h"

typedef struct BusTold BusTold;

int bus_told_new(sd_bus *bus, BusTold **ret);
BusTold *bus_told_free(BusTold *told);
DEFINE_CLEANUP(BusTold *, bus_told_free)

/* Another one has the name: what it tells counts. */
int bus_told_listen(BusTold *told);
/* The name is ours: what we tell counts. */
void bus_told_speak(BusTold *told);

/* The state that was told last, and when (CLOCK_REALTIME; 0: it was so before). -ENXIO: none. */
AgentState bus_told_state(const BusTold *told, const char *path, uint64_t *ret_usec);
/* We tell it. */
void bus_told_note(BusTold *told, const char *path, AgentState state);
void bus_told_forget(BusTold *told, const char *path);
