/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * State memory
 *
 * What is known, in a piece of memory that systemd keeps for the service while it is started anew,
 * whatever ended it: nearer to the last moment than what is on disk, and no wear of that. Where
 * systemd did not start us, there is none.
 */

#include <stddef.h>

typedef struct StateMemory {
        int fd; /* -1: none yet */
} StateMemory;

/* Looks for what was kept. @max bytes at most. -ENOENT: nothing was. */
int state_memory_load(StateMemory *m, size_t max, char **ret, size_t *ret_n);
/* -EOPNOTSUPP: nobody would keep it. */
int state_memory_save(StateMemory *m, const char *text, size_t n);
/* The next start shall find nothing. */
void state_memory_forget(StateMemory *m);
void state_memory_done(StateMemory *m);
