/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Throwaway
 *
 * A tmux server for tests of our own, from the executable of another, in a private folder, with an
 * empty configuration. Nobody else finds it. It ends with us however we end, and what is left of
 * its folder then is removed by the next one. It does not know what it is for.
 */

#include <stdbool.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "daemon/base/cleanup.h"

typedef struct Throwaway Throwaway;

/* @executable: such as "/proc/12/exe". Not ready yet when this returns. */
int throwaway_new(sd_event *event, const char *executable, Throwaway **ret);
/* Kills it; it is reaped by the loop. */
Throwaway *throwaway_free(Throwaway *throwaway);
DEFINE_CLEANUP(Throwaway *, throwaway_free)

const char *throwaway_socket(const Throwaway *throwaway);
pid_t throwaway_pid(const Throwaway *throwaway);
/* It listens. */
bool throwaway_is_ready(const Throwaway *throwaway);

/* Whether a socket is of one, ours or another watcher's. */
bool throwaway_owns(const char *socket);

/* Removes what others left that were killed. */
void throwaway_sweep(void);
