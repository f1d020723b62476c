/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Forks
 *
 * The way most monitors look at tmux: a process of its own, `tmux capture-pane -p`, for each pane.
 * Reads all that they print, as they would.
 */

#include <stddef.h>

/* One pane after the other for @at_once 1. Returns the bytes read, or a negative errno. */
long forks_capture(const char *socket, char *const *panes, size_t n_panes, size_t at_once);
