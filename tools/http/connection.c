/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/http/connection.h"

#include <errno.h>
#include <sys/socket.h>

/* The library sees the end of the stream then, and closes it. */
static int on_deadline(sd_event_source *source, uint64_t usec, void *userdata) {
        const union MHD_ConnectionInfo *info =
                        MHD_get_connection_info(userdata, MHD_CONNECTION_INFO_CONNECTION_FD);

        if (info)
                (void)shutdown(info->connect_fd, SHUT_RDWR);
        return 0;
}

void connection_notify(void *userdata, struct MHD_Connection *connection, void **context,
                enum MHD_ConnectionNotificationCode code) {
        sd_event_source *timer = *context;
        Connections *c = userdata;

        if (code == MHD_CONNECTION_NOTIFY_STARTED) {
                (void)sd_event_add_time_relative(c->event, &timer, CLOCK_MONOTONIC,
                                c->deadline_usec, 0, on_deadline, connection);
                *context = timer;
                c->n++;
        } else {
                sd_event_source_disable_unref(timer);
                *context = NULL;
                c->n--;
        }

        if (c->changed)
                c->changed(c->userdata, c->n);
}
