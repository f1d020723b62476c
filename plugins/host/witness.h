/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Witness
 *
 * Tells the daemon what the walls refuse, so that somebody can see what a plugin tried. It is no
 * wall itself: the kernel asks it about calls that must not be done anyway, and it has nothing to
 * say but no. Where it is gone, or the kernel cannot ask, they are not done either. A program's
 * opening of files goes on to Landlock, which decides; what it will say is told.
 *
 * It lives outside of the process that it watches, in the one that waits for a program, or in a
 * child of a host that loads a shared object.
 */

#include "plugins/host/setup.h"
#include "plugins/host/throttle.h"

/* So many different things are told of one process, and no more. */
#define WITNESS_TOLD_MAX 24U

typedef struct Witness {
        const Setup *setup;
        int listener; /* the kernel's; -1: nothing to hear */
        int tell;     /* the daemon's */
        unsigned n_told;
        char *told[WITNESS_TOLD_MAX];
} Witness;

/* Holds @t to its share, and tells of it. When to look again, as throttle_look(). */
int witness_throttle(Witness *w, Throttle *t);
/* Answers the call that waits. A negative errno: there will be no more. */
int witness_hear(Witness *w);

/* Starts a process that hears what comes from the listener that will be sent to *ret, and holds us
 * to our share of CPU time. */
int witness_start(const Setup *s, int *ret);

/* How a listener gets from the process that is watched to the one that watches. Each closes @fd;
 * @listener may be -1. */
void witness_send(int fd, int listener);
int witness_receive(int fd);
