/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Watcher
 *
 * Everything of one user: the tmux servers that there are, the agents in their panes, and the
 * conversation with the daemon about them.
 */

#include <systemd/sd-event.h>

#include "daemon/base/cleanup.h"

typedef struct Watcher Watcher;

typedef struct WatcherOptions {
        const char *socket; /* of the daemon; unless @fd is a connection to it */
        int fd;             /* -1: none */
        const char *rules;  /* a further folder of detector rules, or NULL */
        int transport;      /* a TmuxTransportMode; below 0: as the daemon says */
} WatcherOptions;

/* Takes the descriptor over. Must not outlive @event's loop; ends the loop when the daemon that
 * gave it life is gone. */
int watcher_new(sd_event *event, const WatcherOptions *options, Watcher **ret);
Watcher *watcher_free(Watcher *watcher);
DEFINE_CLEANUP(Watcher *, watcher_free)
