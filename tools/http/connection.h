/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Connections of the server: how many there are, and that none lives longer than it may. */

#include <microhttpd.h>
#include <systemd/sd-event.h>

typedef struct Connections {
        sd_event *event;
        uint64_t deadline_usec;
        unsigned n;
        void (*changed)(void *userdata, unsigned n); /* NULL: nobody cares any more */
        void *userdata;
} Connections;

/* MHD_NotifyConnectionCallback; @userdata is the Connections. */
void connection_notify(void *userdata, struct MHD_Connection *connection, void **context,
                enum MHD_ConnectionNotificationCode code);
