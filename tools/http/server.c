/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/http/server.h"

#include <assert.h>
#include <errno.h>
#include <microhttpd.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <utlist.h>

#include "daemon/base/clock.h"
#include "tools/http/connection.h"
#include "tools/http/exchange.h"

struct Server {
        struct MHD_Daemon *mhd;
        sd_event_source *io;
        sd_event_source *tick; /* what the library wants to do later */
        sd_event_source *idle;
        uint64_t idle_usec;
        Connections connections;
        Exchanges exchanges;
};

static int turn(Server *s) {
        MHD_UNSIGNED_LONG_LONG msec;
        unsigned before;
        int r;

        /* Places that became free are given away only by the next run. */
        do {
                before = s->connections.n;
                if (MHD_run(s->mhd) != MHD_YES)
                        return -EIO;
        } while (s->connections.n < before);
        if (MHD_get_timeout(s->mhd, &msec) != MHD_YES)
                return sd_event_source_set_enabled(s->tick, SD_EVENT_OFF);

        r = sd_event_source_set_time_relative(s->tick, (uint64_t)msec * USEC_PER_MSEC);
        if (r < 0)
                return r;
        return sd_event_source_set_enabled(s->tick, SD_EVENT_ONESHOT);
}

static int on_io(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        return turn(userdata);
}

static int on_tick(sd_event_source *source, uint64_t usec, void *userdata) {
        return turn(userdata);
}

/* Not here and now: we may be in a call of the library. */
static void on_wake(void *userdata) {
        Server *s = userdata;

        (void)sd_event_source_set_time_relative(s->tick, 0);
        (void)sd_event_source_set_enabled(s->tick, SD_EVENT_ONESHOT);
}

/* Who comes now finds the socket where it was: it is not ours. */
static int on_idle(sd_event_source *source, uint64_t usec, void *userdata) {
        return sd_event_exit(sd_event_source_get_event(source), 0);
}

static void on_connections(void *userdata, unsigned n) {
        Server *s = userdata;

        if (n == 0)
                (void)sd_event_source_set_time_relative(s->idle, s->idle_usec);
        (void)sd_event_source_set_enabled(s->idle, n == 0 ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

static int start_mhd(Server *s, int fd) {
        s->mhd = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
                        exchange_handle, &s->exchanges, MHD_OPTION_LISTEN_SOCKET, fd,
                        MHD_OPTION_CONNECTION_LIMIT, SERVER_CONNECTIONS_MAX,
                        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)SERVER_REQUEST_BYTES_MAX,
                        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_COMPLETED,
                        exchange_completed, &s->exchanges, MHD_OPTION_NOTIFY_CONNECTION,
                        connection_notify, &s->connections, MHD_OPTION_END);
        return s->mhd ? 0 : -EIO;
}

static int attach(Server *s, sd_event *event) {
        const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->mhd, MHD_DAEMON_INFO_EPOLL_FD);
        int r;

        if (!info)
                return -EIO;
        r = sd_event_add_io(event, &s->io, info->epoll_fd, EPOLLIN, on_io, s);
        if (r < 0)
                return r;
        r = sd_event_add_time_relative(event, &s->tick, CLOCK_MONOTONIC, 0, 1, on_tick, s);
        if (r < 0)
                return r;

        return sd_event_add_time_relative(
                        event, &s->idle, CLOCK_MONOTONIC, s->idle_usec, 0, on_idle, s);
}

int server_new(sd_event *event, sd_bus *bus, int fd, const ServerOptions *options, Server **ret) {
        _cleanup_(server_freep) Server *s = NULL;
        int r;

        assert(event && bus && options && ret);

        s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;

        s->idle_usec = options->idle_usec;
        s->exchanges = (Exchanges){
                        .bus = bus,
                        .allowed_hosts = options->allowed_hosts,
                        .wake = on_wake,
                        .userdata = s,
        };
        s->connections = (Connections){
                        .event = event,
                        .deadline_usec = options->deadline_usec,
                        .changed = on_connections,
                        .userdata = s,
        };

        r = start_mhd(s, fd);
        if (r < 0)
                return r;
        r = attach(s, event);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

Server *server_free(Server *s) {
        if (!s)
                return NULL;

        s->connections.changed = NULL;
        if (s->mhd) {
                exchanges_end(&s->exchanges);
                /* Else it would close the socket, which systemd listens on after us. */
                (void)MHD_quiesce_daemon(s->mhd);
                (void)MHD_run(s->mhd);
                MHD_stop_daemon(s->mhd);
        }
        sd_event_source_disable_unref(s->io);
        sd_event_source_disable_unref(s->tick);
        sd_event_source_disable_unref(s->idle);
        free(s);
        return NULL;
}
