/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Transport through a pool
 *
 * Stands before another transport and lets so many calls through at once as the pool has slots; the
 * others wait in line. A call that found no slot in time fails with -EBUSY. Its listener hears of
 * each call that really goes to a server, which is what costs.
 */

#include "daemon/watcher/tmux/pool.h"
#include "daemon/watcher/tmux/transport.h"

typedef struct TmuxPoolEvents {
        void (*began)(void *userdata, const char *socket, pid_t server_pid);
        void (*ended)(void *userdata, const char *socket, pid_t server_pid);
        /* Slots were given up: whatever memory is free can go to the system. */
        void (*recycled)(void *userdata);
} TmuxPoolEvents;

/* Takes @inner over if it succeeds. */
int tmux_transport_pool_new(sd_event *event, TmuxTransport *inner, const PoolLimits *limits,
                const TmuxPoolEvents *events, void *userdata, TmuxTransport **ret);

/* All only for what tmux_transport_pool_new() made. */
TmuxTransport *tmux_transport_pool_inner(TmuxTransport *transport);
void tmux_transport_pool_set_limits(TmuxTransport *transport, const PoolLimits *limits);
/* Gives up every slot: what comes has a new one. */
void tmux_transport_pool_renew(TmuxTransport *transport);
PoolStats tmux_transport_pool_stats(const TmuxTransport *transport);
