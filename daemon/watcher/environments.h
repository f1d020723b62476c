/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Environments
 *
 * Further instances of the service, each with a watch socket of its own below "environments/"
 * beside ours: each gets a watcher of its own, which is this program once more. So a new version
 * is tried on what really happens, and cannot disturb how the old one sees it.
 */

#include <systemd/sd-event.h>

#include "daemon/base/cleanup.h"

typedef struct Environments Environments;

/* @socket: ours. @arguments: ended by NULL, passed on. Where there is no such folder, does nothing.
 */
int environments_new(
                sd_event *event, const char *socket, char *const *arguments, Environments **ret);
Environments *environments_free(Environments *environments);
DEFINE_CLEANUP(Environments *, environments_free)
