/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Who is whose child
 *
 * Asks the kernel for the children of one process where it tells them
 * (/proc/PID/task/TID/children), and else scans /proc once for all.
 */

#include <stddef.h>
#include <sys/types.h>

#include "daemon/base/cleanup.h"

typedef struct ProcessChildren ProcessChildren;

int process_children_new(ProcessChildren **ret);
ProcessChildren *process_children_free(ProcessChildren *children);
DEFINE_CLEANUP(ProcessChildren *, process_children_free)

/* Puts at most @max pids into @ret and returns their number. Who cannot be read has none. */
size_t process_children_get(ProcessChildren *children, pid_t parent, pid_t *ret, size_t max);
