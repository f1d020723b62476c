/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Landlock
 *
 * Which files this process may still see: read-only system folders and, for a program, its own
 * folder. The kernel's interface is newer than the C library's, hence the calls by number.
 */

#include "plugins/host/setup.h"

/* The version of Landlock in use, 0 if the kernel has none; a negative errno if it refused. */
int landlock_confine(const Setup *s);
/* Whether it will let a program open this, as far as can be said from outside: what is not there,
 * not absolute, in /proc, or the root itself is. */
bool landlock_foresees(const Setup *s, const char *path, bool is_write);
/* What the kernel has; 0: nothing. */
int landlock_version(void);
