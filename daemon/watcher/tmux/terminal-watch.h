/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Terminal watch
 *
 * The kernel tells of the next write to a terminal, by inotify on the device. Until then that costs
 * nothing, and it never costs tmux anything.
 *
 * It is a hint and no proof: what tmux itself does to a pane, what the kernel echoes, and what is
 * written by the name of /dev/tty goes by unseen.
 */

#include <sys/types.h>

/* The number of the process's terminal, of those below /dev/pts. -ENOTTY: it has none, or one that
 * is not there by that name. -ESRCH, -ENOENT. */
int terminal_find(pid_t pid, unsigned *ret);

/* Has it told once, by IN_MODIFY, or by IN_IGNORED alone when it is closed for good. @fd is of
 * inotify_init1(). Returns the watch descriptor; -ENOENT, -EACCES, -ENOSPC. */
int terminal_watch(int fd, unsigned terminal);
