/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Ways
 *
 * The ways of looking at one tmux server that are compared, with the clock beside them: ours over
 * each transport, and a process for each pane, as most monitors do it. It does not know who wants
 * to know.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/base/cleanup.h"

#define WAY_NAME_MAX 32U

typedef struct Ways Ways;

/* Of all the times together. */
typedef struct WayCost {
        double server_usec; /* CPU of the tmux server */
        uint64_t own_usec;  /* our CPU, with that of the processes that we started */
        unsigned captured;  /* panes */
} WayCost;

/* Looks at it once, so that it is known. */
int ways_open(const char *socket, Ways **ret);
Ways *ways_free(Ways *ways);
DEFINE_CLEANUP(Ways *, ways_free)

size_t ways_count_panes(const Ways *ways);
/* How many panes are redrawn all the time: none, unless told. */
void ways_set_redrawn(Ways *ways, size_t n_panes);
/* Of the program that runs in the pane, from 0. */
pid_t ways_pane_pid(const Ways *ways, size_t i);
/* "3.3a"; "" if it is not known. */
const char *ways_tmux_version(const Ways *ways);

/*
 * "one-by-one", "twenty-at-once", and over each transport "look" (what the watcher does all the
 * time), "ask" (at once after another, so that the server has to be asked), "glance" (what is done
 * when as many panes were written to as are redrawn, or one) and "full" (every pane is captured):
 * "full-native". "floor" is what tmux alone needs: connections for captures of as many panes as are
 * redrawn, or of all, fifty at most, and nothing else asked. NULL: there are no more.
 */
const char *ways_name(size_t way, char buffer[static WAY_NAME_MAX]);
/* Not a process for each pane. */
bool ways_is_ours(size_t way);
/* -ENXIO. */
int ways_find(const char *name, size_t *ret);

/* @count times; what each took goes to @usec. */
int ways_measure(Ways *ways, size_t way, unsigned count, double *usec, WayCost *ret);
