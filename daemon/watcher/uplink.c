/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/uplink.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-id128.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/log.h"
#include "daemon/watcher/backlog.h"
#include "daemon/wire/rpc-peer.h"

#define PROTOCOL 1
#define HELLO_TIMEOUT_USEC (10 * USEC_PER_SEC)
#define DELAY_MIN_USEC (200 * USEC_PER_MSEC)
#define DELAY_MAX_USEC (30 * USEC_PER_SEC)
/* Who restarts is back by then. */
#define PATIENCE_USEC USEC_PER_MINUTE

struct Uplink {
        sd_event *event;
        const UplinkHandler *handler;
        void *userdata;
        char *path; /* NULL: the connection was inherited */
        RpcPeer *peer;
        sd_event_source *timer;
        uint64_t delay_usec;
        unsigned session;
        bool up;
        uint64_t lost_usec; /* CLOCK_MONOTONIC: when it was up the last time; 0: never */
        Backlog backlog;
        char life[SD_ID128_STRING_MAX]; /* tells this process from the user's next watcher */
};

static void connect_later(Uplink *u);

static void hang_up(Uplink *u, const char *reason) {
        bool was_up = u->up;

        if (was_up) {
                log_notice("the service is gone: %s", reason);
                u->lost_usec = now_monotonic();
        }

        u->up = false;
        u->peer = rpc_peer_free(u->peer);
        if (u->path)
                connect_later(u);
        else
                (void)sd_event_exit(u->event, 0);
        if (was_up)
                u->handler->down(u->userdata);
}

static int tell_again(void *userdata, const char *method, json_object *params) {
        return uplink_notify(userdata, method, params);
}

/* A service that does not know us has nothing to catch up with. */
static void catch_up(Uplink *u, json_object *welcome) {
        uint64_t taken = json_get_u64(welcome, "taken", UINT64_MAX);
        int64_t n = backlog_replay(&u->backlog, taken, tell_again, u);

        if (n > 0)
                log_warning("the service was away for long: it does not hear of %lld changes",
                                (long long)n);
        else if (n < 0)
                log_warning("cannot tell the service what it missed: %s", strerror((int)-n));
}

static void on_hello(void *userdata, int error, json_object *result) {
        Uplink *u = userdata;

        if (error == -ECONNRESET)
                return; /* on_closed() says more */
        if (error < 0) {
                log_warning("the service does not take us: %s", strerror(-error));
                u->delay_usec = DELAY_MAX_USEC;
                return hang_up(u, "no welcome");
        }

        u->up = true;
        u->session++;
        u->delay_usec = 0;
        catch_up(u, result);
        u->handler->up(u->userdata, result);
}

static int say_hello(Uplink *u) {
        _cleanup_json_ json_object *params = json_object_new_object();
        int r;

        if (!params)
                return -ENOMEM;
        r = json_set_int(params, "protocol", PROTOCOL);
        if (r < 0)
                return r;
        r = json_set_string(params, "version", PROJECT_VERSION);
        if (r < 0)
                return r;
        r = json_set_string(params, "life", u->life);
        if (r < 0)
                return r;

        return rpc_peer_call(
                        u->peer, "hello", TAKE_PTR(params), HELLO_TIMEOUT_USEC, on_hello, u, NULL);
}

static void on_request(void *userdata, RpcPeer *peer, json_object *id, const char *method,
                json_object *params) {
        Uplink *u = userdata;

        u->handler->request(u->userdata, id, method, params);
}

static void on_notification(
                void *userdata, RpcPeer *peer, const char *method, json_object *params) {
        Uplink *u = userdata;

        u->handler->notification(u->userdata, method, params);
}

static void on_closed(void *userdata, RpcPeer *peer, int error) {
        hang_up(userdata, error == 0 ? "it left" : strerror(-error));
}

static const RpcHandler peer_handler = {
                .request = on_request,
                .notification = on_notification,
                .closed = on_closed,
};

/* Takes @fd over if it succeeds. */
static int begin(Uplink *u, int fd) {
        int r;

        r = rpc_peer_new(u->event, fd, &peer_handler, u, &u->peer);
        return r < 0 ? r : say_hello(u);
}

static int open_connection(const char *path) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        _cleanup_close_ int fd = -1;

        (void)strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;
        if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
                return -errno;
        return TAKE_FD(fd);
}

static int on_timer(sd_event_source *s, uint64_t usec, void *userdata) {
        Uplink *u = userdata;
        _cleanup_close_ int fd = -1;
        int r;

        u->timer = sd_event_source_disable_unref(u->timer);
        fd = open_connection(u->path);
        r = fd < 0 ? fd : begin(u, fd);
        if (u->peer)
                (void)TAKE_FD(fd);
        if (r < 0) {
                log_debug("cannot reach the service at '%s': %s", u->path, strerror(-r));
                u->peer = rpc_peer_free(u->peer);
                connect_later(u);
        }
        return 0;
}

static void connect_later(Uplink *u) {
        int r;

        u->delay_usec = u->delay_usec == 0 ? DELAY_MIN_USEC
                                           : MIN(u->delay_usec * 2, DELAY_MAX_USEC);
        r = sd_event_add_time_relative(
                        u->event, &u->timer, CLOCK_MONOTONIC, u->delay_usec, 0, on_timer, u);
        if (r < 0) {
                log_error("cannot wait for the service: %s", strerror(-r));
                (void)sd_event_exit(u->event, r);
        }
}

static int uplink_new(sd_event *event, const UplinkHandler *handler, void *userdata, Uplink **ret) {
        Uplink *u;
        sd_id128_t id;
        int r;

        r = sd_id128_randomize(&id);
        if (r < 0)
                return r;
        u = calloc(1, sizeof(*u));
        if (!u)
                return -ENOMEM;
        *u = (Uplink){.event = sd_event_ref(event), .handler = handler, .userdata = userdata};
        (void)sd_id128_to_string(id, u->life);
        *ret = u;
        return 0;
}

int uplink_new_fd(sd_event *event, int fd, const UplinkHandler *handler, void *userdata,
                Uplink **ret) {
        _cleanup_(uplink_freep) Uplink *u = NULL;
        _cleanup_close_ int owned = fd;
        int r;

        r = uplink_new(event, handler, userdata, &u);
        if (r < 0)
                return r;
        r = begin(u, fd);
        if (u->peer)
                (void)TAKE_FD(owned);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(u);
        return 0;
}

int uplink_new_path(sd_event *event, const char *path, const UplinkHandler *handler, void *userdata,
                Uplink **ret) {
        _cleanup_(uplink_freep) Uplink *u = NULL;
        struct sockaddr_un address;
        int r;

        if (strlen(path) >= sizeof(address.sun_path))
                return -ENAMETOOLONG;

        r = uplink_new(event, handler, userdata, &u);
        if (r < 0)
                return r;
        u->path = strdup(path);
        if (!u->path)
                return -ENOMEM;

        /* The first attempt is made from the loop too: a daemon that starts later is no error. */
        r = sd_event_add_time_relative(event, &u->timer, CLOCK_MONOTONIC, 0, 0, on_timer, u);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(u);
        return 0;
}

Uplink *uplink_free(Uplink *u) {
        if (!u)
                return NULL;

        sd_event_source_disable_unref(u->timer);
        rpc_peer_free(u->peer);
        backlog_done(&u->backlog);
        sd_event_unref(u->event);
        free(u->path);
        free(u);
        return NULL;
}

bool uplink_is_up(const Uplink *u) {
        return u->up;
}

bool uplink_is_wanted(const Uplink *u) {
        return u->up || (u->lost_usec > 0 && now_monotonic() - u->lost_usec < PATIENCE_USEC);
}

unsigned uplink_session(const Uplink *u) {
        return u->session;
}

int uplink_notify(Uplink *u, const char *method, json_object *params) {
        if (!u->up) {
                (void)json_object_put(params);
                return 0;
        }
        return rpc_peer_notify(u->peer, method, params);
}

int uplink_report(Uplink *u, const char *method, json_object *params) {
        int r;

        r = backlog_add(&u->backlog, method, params);
        if (r < 0) {
                (void)json_object_put(params);
                return r;
        }
        return uplink_notify(u, method, params);
}

void uplink_reply(Uplink *u, unsigned session, json_object *id, json_object *result) {
        int r;

        if (!u->up || session != u->session) {
                (void)json_object_put(result);
                return;
        }
        r = rpc_peer_reply(u->peer, id, result);
        if (r < 0)
                log_warning("cannot answer the service: %s", strerror(-r));
}

void uplink_fail(Uplink *u, unsigned session, json_object *id, int error) {
        int r;

        if (!u->up || session != u->session)
                return;
        r = rpc_peer_fail(u->peer, id, error, NULL);
        if (r < 0)
                log_warning("cannot answer the service: %s", strerror(-r));
}
