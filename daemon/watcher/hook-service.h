/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Hook service
 *
 * Some programs leave their hooks to a service of their own that all of their panes share. It is a
 * child of the first of them and has its environment, so what it runs looks as if it spoke for that
 * pane, whichever one it is about.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "daemon/watcher/detect/pattern.h"

/* Whether such a service, known by its command line, is among the ancestors of the process. */
bool hook_service_is_above(pid_t pid, const Pattern *service);
