/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Own watcher
 *
 * Where the service runs for one user, it starts that user's watcher itself, and again, with a
 * growing delay, whenever it ends. SIGCHLD must be blocked before.
 */

#include <systemd/sd-event.h>

#include "daemon/base/cleanup.h"

typedef struct OwnWatcher OwnWatcher;

/* A watcher was started; its end of the conversation is @fd, to be taken over. */
typedef void (*OwnWatcherStarted)(void *userdata, int fd);

int own_watcher_new(sd_event *event, const char *program, OwnWatcherStarted started, void *userdata,
                OwnWatcher **ret);
/* Ends the watcher and waits for it. */
OwnWatcher *own_watcher_free(OwnWatcher *watcher);
DEFINE_CLEANUP(OwnWatcher *, own_watcher_free)

/* Ends it; it comes back. */
/* Ends it, whatever it does, and it comes back; or starts it now if it was to wait. */
int own_watcher_restart(OwnWatcher *watcher);
unsigned own_watcher_restarts(const OwnWatcher *watcher);
