/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Units
 *
 * How units of systemd's are, as it says itself. Asks without starting anything.
 */

#include <systemd/sd-bus.h>

#include "daemon/base/cleanup.h"

#define BUS_UNIT_WORD_MAX 32U

/* Words of systemd's; "" if it did not say. */
typedef struct BusUnitState {
        char load[BUS_UNIT_WORD_MAX];   /* loaded, not-found, masked, … */
        char active[BUS_UNIT_WORD_MAX]; /* active, inactive, failed, … */
} BusUnitState;

/* @error: 0, or a negative errno: there is no systemd on this bus. @states are as @names were. */
typedef void (*BusUnitsAnswer)(void *userdata, int error, const BusUnitState *states);

typedef struct BusUnitsQuestion BusUnitsQuestion;

/* @names, ended by NULL and at most 4, must live as long as the question, which is freed by who
 * asked, also in the answer. */
int bus_units_ask(sd_bus *bus, const char *const *names, BusUnitsAnswer answer, void *userdata,
                BusUnitsQuestion **ret);
BusUnitsQuestion *bus_units_question_free(BusUnitsQuestion *q);
