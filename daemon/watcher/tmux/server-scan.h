/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * tmux servers by their processes
 *
 * Finds those whose socket is in no folder that we know. Only processes of our own user are looked
 * at: no other's files can be read, and none's should be.
 */

#include <stdbool.h>
#include <sys/types.h>

/* Whether the server is known already: then the costly part, its descriptors, is left out. */
typedef bool (*ServerScanKnown)(void *userdata, pid_t pid);
/* @socket is absolute; that somebody listens there is likely, not proven. */
typedef void (*ServerScanFound)(void *userdata, pid_t pid, const char *socket);

/* Returns -ENOMEM, or that of opening /proc. */
int server_scan(ServerScanKnown known, ServerScanFound found, void *userdata);
