/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* CPU time that was used, in nanoseconds. */

#include <stdint.h>
#include <sys/types.h>

/* Of all threads of any process; -ESRCH if there is none. */
int cpu_clock_of(pid_t pid, uint64_t *ret);

/* Of this process, and of its children that ended. */
uint64_t cpu_clock_own(void);
