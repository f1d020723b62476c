/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Program
 *
 * A plugin that is a program of its own: it gets the socket as its standard input and output, and
 * talks with the daemon itself. The host only builds the walls, and stays to end it when the daemon
 * is gone.
 */

#include "plugins/host/talk.h"
#include "plugins/host/walls.h"

/* Starts it and waits for its end: the exit status of the host. */
int program_run(int fd, const Setup *s, Walls *w, Talk *talk);
