/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "daemon/watcher/tmux/imsg.h"
#include "daemon/watcher/tmux/transport.h"

#define READ_CHUNK 65536U
#define CONNECT_RETRY_USEC (20 * USEC_PER_MSEC)

typedef struct Text {
        char *data;
        size_t n;
        size_t n_allocated;
} Text;

typedef struct NativeTransport {
        TmuxTransport transport;
        sd_event *event;
} NativeTransport;

typedef struct NativeCall {
        TmuxCall call;
        sd_event *event;
        char *socket;
        pid_t server_pid;
        int fd;
        ImsgReader reader;
        size_t answer_max;
        Text in; /* what came and is not read yet */
        Text to; /* what is to be written, from n_written on */
        size_t n_written;
        bool awaited[2]; /* opened streams that nothing came on: it waits for our go-ahead */
        Text out;
        Text err;
        int status;
        sd_event_source *io_source;
        sd_event_source *connect_source; /* while the server's queue is full */
        sd_event_source *deadline_source;
        TmuxReplyFunc func;
        void *userdata;
} NativeCall;

/* Leaves room for a NUL. */
static int text_reserve(Text *t, size_t n) {
        size_t n_new = MAX(t->n_allocated, (size_t)1024);
        char *data;

        while (n_new <= t->n + n)
                n_new *= 2;
        if (n_new == t->n_allocated)
                return 0;
        data = realloc(t->data, n_new);
        if (!data)
                return -ENOMEM;
        t->data = data;
        t->n_allocated = n_new;
        return 0;
}

static int text_add(Text *t, const void *data, size_t n) {
        int r;

        r = text_reserve(t, n);
        if (r < 0)
                return r;
        memcpy(t->data + t->n, data, n);
        t->n += n;
        t->data[t->n] = '\0';
        return 0;
}

static void text_drop_head(Text *t, size_t n) {
        t->n -= n;
        memmove(t->data, t->data + n, t->n);
}

static void call_stop(NativeCall *c) {
        c->io_source = sd_event_source_disable_unref(c->io_source);
        c->connect_source = sd_event_source_disable_unref(c->connect_source);
        c->deadline_source = sd_event_source_disable_unref(c->deadline_source);
        c->fd = close_fd(c->fd);
}

static void native_drop(TmuxCall *call) {
        NativeCall *c = CONTAINER_OF(call, NativeCall, call);

        call_stop(c);
        free(c->in.data);
        free(c->to.data);
        free(c->out.data);
        free(c->err.data);
        free(c->socket);
        sd_event_unref(c->event);
        free(c);
}

/* The last thing that happens to a call: its user may free it in there. */
static void call_reply(NativeCall *c, int error) {
        TmuxReply reply = {
                        .error = error,
                        .failed = c->status != 0,
                        .out = c->out.data ?: "",
                        .n_out = c->out.n,
                        .err = c->err.data ?: "",
                        .n_err = c->err.n,
        };

        call_stop(c);
        c->func(c->userdata, &reply);
}

/* In the words of the stock client, for who reads the one reads the other. */
static void _printf_(2, 3) call_reply_refused(NativeCall *c, const char *format, ...) {
        char text[256];
        va_list ap;
        int r;

        va_start(ap, format);
        (void)vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);

        c->status = 1;
        r = text_add(&c->err, text, strlen(text));
        call_reply(c, r);
}

static int call_write(NativeCall *c) {
        ssize_t n = 0;

        if (c->n_written < c->to.n)
                n = send(c->fd, c->to.data + c->n_written, c->to.n - c->n_written, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
                return errno == EPIPE ? -ECONNRESET : -errno;
        if (n > 0)
                c->n_written += (size_t)n;
        if (c->n_written == c->to.n)
                c->n_written = c->to.n = 0;
        return sd_event_source_set_io_events(
                        c->io_source, c->to.n > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static int take_text(NativeCall *c, const ImsgEvent *event) {
        if (c->out.n + c->err.n + event->n_text > c->answer_max)
                return -E2BIG;
        c->awaited[event->stream - 1] = false;
        return text_add(event->stream == 1 ? &c->out : &c->err, event->text, event->n_text);
}

static int take_exit(NativeCall *c, const ImsgEvent *event) {
        c->status = event->status;
        if (event->n_text == 0)
                return 0;
        if (text_add(&c->err, event->text, event->n_text) < 0)
                return -ENOMEM;
        return text_add(&c->err, "\n", 1);
}

static int take_event(NativeCall *c, const ImsgEvent *event) {
        switch (event->kind) {
        case IMSG_OPEN:
                c->awaited[event->stream - 1] = true;
                break;
        case IMSG_TEXT:
                return take_text(c, event);
        case IMSG_EXIT:
                return take_exit(c, event);
        case IMSG_NEED_MORE:
                break;
        }
        return 0;
}

/* Takes all whole messages. */
static int take_messages(NativeCall *c) {
        size_t n_taken = 0;
        ImsgEvent event;
        ssize_t n;
        int r;

        do {
                n = imsg_read(&c->reader, (const uint8_t *)c->in.data + n_taken, c->in.n - n_taken,
                                &event);
                if (n < 0)
                        return (int)n;
                n_taken += (size_t)n;
                r = take_event(c, &event);
                if (r < 0)
                        return r;
        } while (n > 0);

        text_drop_head(&c->in, n_taken);
        return 0;
}

/* Takes all that is there. Returns -ECONNRESET at an end before its time. */
static int call_read(NativeCall *c) {
        ssize_t n;
        int r;

        do {
                r = text_reserve(&c->in, READ_CHUNK);
                if (r < 0)
                        return r;
                n = recv(c->fd, c->in.data + c->in.n, READ_CHUNK, 0);
                if (n < 0)
                        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
                if (n == 0)
                        return -ECONNRESET;

                c->in.n += (size_t)n;
                r = take_messages(c);
        } while (r >= 0 && !c->reader.exited);
        return r;
}

/*
 * A server prints its second line, and all after it, without our go-ahead. It has to wake up for
 * one, which costs it time for each of its panes: so it only gets one that it waits for.
 */
static int send_awaited(NativeCall *c) {
        for (uint32_t stream = 1; stream <= ELEMENTSOF(c->awaited); stream++) {
                uint8_t data[IMSG_READY];
                int r;

                if (!c->awaited[stream - 1])
                        continue;
                c->awaited[stream - 1] = false;
                imsg_ready(stream, data);
                r = text_add(&c->to, data, sizeof(data));
                if (r < 0)
                        return r;
        }
        return 0;
}

static int on_io(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        NativeCall *c = userdata;
        int r = 0;

        if (revents & (EPOLLIN | EPOLLHUP | EPOLLERR))
                r = call_read(c);
        if (r >= 0 && !c->reader.exited) {
                r = send_awaited(c);
                if (r >= 0)
                        r = call_write(c);
        }
        if (r < 0 || c->reader.exited)
                call_reply(c, MIN(r, 0));
        return 0;
}

static int on_deadline(sd_event_source *s, uint64_t usec, void *userdata) {
        call_reply(userdata, -ETIMEDOUT);
        return 0;
}

/* What was found out about one process must not be used on another that took its socket. */
static int check_peer(const NativeCall *c) {
        struct ucred peer;
        socklen_t n_peer = sizeof(peer);

        if (getsockopt(c->fd, SOL_SOCKET, SO_PEERCRED, &peer, &n_peer) < 0)
                return -errno;
        return c->server_pid != 0 && peer.pid != c->server_pid ? -ESTALE : 0;
}

static int call_greet(NativeCall *c) {
        int r;

        r = check_peer(c);
        if (r < 0)
                return r;
        return sd_event_add_io(c->event, &c->io_source, c->fd, EPOLLIN | EPOLLOUT, on_io, c);
}

static int try_connect(NativeCall *c) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};

        if (strlen(c->socket) >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        memcpy(address.sun_path, c->socket, strlen(c->socket) + 1);

        return connect(c->fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
}

/* From the loop, for then a reply may be given at once. */
static int on_connect(sd_event_source *s, uint64_t usec, void *userdata) {
        NativeCall *c = userdata;
        int r;

        r = try_connect(c);
        if (r == -EAGAIN || r == -EINTR) {
                /* It is hung, and others wait as well; nothing tells when there is room again. */
                r = sd_event_source_set_time_relative(c->connect_source, CONNECT_RETRY_USEC);
                if (r >= 0)
                        r = sd_event_source_set_enabled(c->connect_source, SD_EVENT_ONESHOT);
                if (r < 0)
                        call_reply(c, r);
        } else if (r == -ECONNREFUSED) {
                call_reply_refused(c, "no server running on %s\n", c->socket);
        } else if (r < 0) {
                call_reply_refused(c, "error connecting to %s (%s)\n", c->socket, strerror(-r));
        } else {
                r = call_greet(c);
                if (r < 0)
                        call_reply(c, r);
        }
        return 0;
}

static int call_start(NativeCall *c, uint64_t timeout_usec) {
        int r;

        c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (c->fd < 0)
                return -errno;
        r = sd_event_add_time_relative(
                        c->event, &c->connect_source, CLOCK_MONOTONIC, 0, 1, on_connect, c);
        if (r < 0)
                return r;
        return sd_event_add_time_relative(c->event, &c->deadline_source, CLOCK_MONOTONIC,
                        timeout_usec, 1, on_deadline, c);
}

static int native_call(TmuxTransport *transport, const TmuxRequest *request, TmuxReplyFunc func,
                void *userdata, TmuxCall **ret) {
        NativeTransport *t = CONTAINER_OF(transport, NativeTransport, transport);
        _cleanup_(tmux_call_freep) TmuxCall *call = NULL;
        uint8_t *greeting;
        NativeCall *c;
        int r;

        assert(request);
        assert(func);
        assert(ret);

        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        *c = (NativeCall){
                        .call.ops = transport->ops,
                        .event = sd_event_ref(t->event),
                        .socket = strdup(request->socket),
                        .server_pid = request->server_pid,
                        .fd = -1,
                        .answer_max = request->answer_max,
                        .func = func,
                        .userdata = userdata,
        };
        call = &c->call;
        if (!c->socket)
                return -ENOMEM;
        r = imsg_greeting(getpid(), request->words, &greeting, &c->to.n);
        if (r < 0)
                return r;
        c->to.data = (char *)greeting;
        c->to.n_allocated = c->to.n;

        r = call_start(c, request->timeout_usec);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(call);
        return 0;
}

static void native_free(TmuxTransport *transport) {
        NativeTransport *t = CONTAINER_OF(transport, NativeTransport, transport);

        sd_event_unref(t->event);
        free(t);
}

static const TmuxTransportOps native_ops = {
                .name = "native",
                .call = native_call,
                .drop = native_drop,
                .free = native_free,
};

int tmux_transport_native_new(sd_event *event, TmuxTransport **ret) {
        NativeTransport *t;

        assert(event);
        assert(ret);

        if (!IMSG_SUPPORTED)
                return -EOPNOTSUPP;
        t = calloc(1, sizeof(*t));
        if (!t)
                return -ENOMEM;
        t->transport.ops = &native_ops;
        t->event = sd_event_ref(event);

        *ret = &t->transport;
        return 0;
}
