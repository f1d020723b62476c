/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Stillness
 *
 * Whether a tmux server has done anything at all since it was last asked. Two things that the
 * kernel counts tell, and cost the server nothing: how often it read, which it does for every byte
 * that a pane prints and every key, but not for a request of ours; and how long it ran, to the
 * nanosecond. A server that neither read since before it was asked, nor ran since it was done with
 * that, has nothing new to say.
 *
 * Between its answer and the moment at which it is done, some milliseconds, only the first is
 * known. A command of another program that makes no pane print a byte, and comes in just there, is
 * not seen. So ask it now and then all the same.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "daemon/base/cleanup.h"

typedef struct Stillness Stillness;

/* -EACCES, -ENOENT, or another errno if the kernel does not let us know. */
int stillness_new(pid_t pid, Stillness **ret);
Stillness *stillness_free(Stillness *stillness);
DEFINE_CLEANUP(Stillness *, stillness_free)

/* It is about to be asked. */
void stillness_ask(Stillness *stillness);
/*
 * It answered. Returns whether it is done with that: it did not run since this was called last. So
 * call it again a little later until it is.
 */
bool stillness_settle(Stillness *stillness);
/* Whether all is as it was when it was asked. */
bool stillness_holds(const Stillness *stillness);
