/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Access
 *
 * The one way to tmux that all servers of this watcher share: the pool, and behind it the transport
 * that is right for each. Made of what the daemon's settings say, and made to follow them.
 */

#include <systemd/sd-event.h>

#include "daemon/watcher/tmux/transport.h"
#include "daemon/wire/watching.h"

typedef struct Access {
        TmuxTransport *transport; /* lend it to servers */
        bool mode_is_given;       /* on our command line, so that settings do not change it */
} Access;

/* As of transport-pool.h: a call to the server at @socket begins, is over. */
typedef struct AccessEvents {
        void (*began)(void *userdata, const char *socket, pid_t server_pid);
        void (*ended)(void *userdata, const char *socket, pid_t server_pid);
} AccessEvents;

/* @mode: a TmuxTransportMode, below 0: as the settings say. */
int access_init(Access *a, sd_event *event, int mode, const AccessEvents *events, void *userdata);
void access_done(Access *a);

void access_apply(Access *a, const WatchSettings *settings);
/* Gives up every slot of the pool: what comes has a new one. */
void access_renew(Access *a);
PoolStats access_pool_stats(const Access *a);
