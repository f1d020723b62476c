/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <sys/types.h>

/*
 * Who listens on a Unix socket: connects without waiting, says nothing, and leaves. Returns
 * -ECONNREFUSED if nobody does, -EAGAIN if somebody does who does not keep up (not even the pid is
 * known then), -EPERM if it is another user's process, or the error of connect().
 */
int socket_probe(const char *path, pid_t *ret_pid);

/* Nobody listens, for there is nothing to listen on. */
static inline bool socket_is_refused(int error) {
        return error == -ECONNREFUSED || error == -ENOENT || error == -ENOTDIR;
}
