/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Passed descriptors
 *
 * What systemd passed to this process when it started it: the socket that watchers come to, and
 * what was left with it before a restart.
 */

#define PASSED_STATE "state"

/* That of this name, or -1. It stays open. */
int passed_fd_find(const char *name);
/* The first that is a socket, or -1. */
int passed_fd_find_socket(void);
/* Programs that we start do not take them for theirs. */
void passed_fds_forget(void);
