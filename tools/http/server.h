/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The HTTP server
 *
 * Answers GET on a listening socket from one event loop: no thread, no file, one request per
 * connection. Connections, their size and their life are bounded. Whoever takes longer than that is
 * cut off; who comes when all places are taken waits in the socket's queue.
 */

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "daemon/base/cleanup.h"

#define SERVER_CONNECTIONS_MAX 32U
#define SERVER_REQUEST_BYTES_MAX 16384U

typedef struct Server Server;

typedef struct ServerOptions {
        uint64_t idle_usec;     /* so long without a connection, and the loop ends */
        uint64_t deadline_usec; /* the life of a connection */
        char *const *allowed_hosts;
} ServerOptions;

/* @fd stays the caller's; all is borrowed. */
int server_new(sd_event *event, sd_bus *bus, int fd, const ServerOptions *options, Server **ret);
Server *server_free(Server *server);
DEFINE_CLEANUP(Server *, server_free)
