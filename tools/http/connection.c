/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/http/connection.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

/* Who has sent all that will ever be sent gets so long: for half a request that is more than
 * enough.
 */
#define GONE_USEC UINT64_C(1000000)

typedef struct Life {
        int fd;
        sd_event_source *deadline;
        sd_event_source *hangup;
} Life;

/* The library sees the end of the stream then, and closes it. */
static int on_deadline(sd_event_source *source, uint64_t usec, void *userdata) {
        const Life *l = userdata;

        (void)shutdown(l->fd, SHUT_RDWR);
        return 0;
}

/*
 * The library reads what came with the end of the stream and does not look for the end itself. A
 * burst of clients that came and went would keep all places until their deadlines.
 */
static int on_hangup(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        const Life *l = userdata;

        (void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
        return sd_event_source_set_time_relative(l->deadline, GONE_USEC);
}

static Life *life_free(Life *l) {
        if (!l)
                return NULL;

        sd_event_source_disable_unref(l->deadline);
        sd_event_source_disable_unref(l->hangup);
        free(l);
        return NULL;
}

static Life *life_new(const Connections *c, struct MHD_Connection *connection) {
        const union MHD_ConnectionInfo *info =
                        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        Life *l = calloc(1, sizeof(*l));

        if (!l || !info)
                return life_free(l);

        l->fd = info->connect_fd;
        if (sd_event_add_time_relative(c->event, &l->deadline, CLOCK_MONOTONIC, c->deadline_usec, 0,
                            on_deadline, l) < 0 ||
                        sd_event_add_io(c->event, &l->hangup, l->fd, EPOLLRDHUP, on_hangup, l) < 0)
                return life_free(l);

        return l;
}

void connection_notify(void *userdata, struct MHD_Connection *connection, void **context,
                enum MHD_ConnectionNotificationCode code) {
        Connections *c = userdata;

        if (code == MHD_CONNECTION_NOTIFY_STARTED) {
                *context = life_new(c, connection);
                c->n++;
        } else {
                *context = life_free(*context);
                c->n--;
        }

        if (c->changed)
                c->changed(c->userdata, c->n);
}
