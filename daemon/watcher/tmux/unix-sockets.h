/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Listening Unix sockets, by inode
 *
 * The table of /proc/net/unix. Its paths are what was said to bind(), so they may be relative to a
 * folder that only the process knows.
 */

#include <stdint.h>

#include "daemon/base/cleanup.h"

typedef struct UnixSockets UnixSockets;

/* Pure. Lines that are none, sockets without a path, abstract ones: all are passed over. */
int unix_sockets_parse(const char *text, size_t n_text, UnixSockets **ret);
int unix_sockets_read(UnixSockets **ret);
UnixSockets *unix_sockets_free(UnixSockets *sockets);
DEFINE_CLEANUP(UnixSockets *, unix_sockets_free)

/* Borrowed. NULL if nobody listens there. */
const char *unix_sockets_find(const UnixSockets *sockets, uint64_t inode);
