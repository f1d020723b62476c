/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/wire/rpc-peer.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <uthash.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/wire/rpc-message.h"

#define READ_SIZE 65536U
#define QUEUE_MAX (16U * 1024U * 1024U)
#define RATE_DEFAULT 2000U

struct RpcCall {
        unsigned id;
        RpcPeer *peer;
        RpcAnswer answer;
        void *userdata;
        sd_event_source *deadline;
        UT_hash_handle hh;
};

struct RpcPeer {
        const RpcHandler *handler;
        void *userdata;
        int fd;
        sd_event *event;
        sd_event_source *io;
        sd_event_source *pause; /* armed while the other end is too fast */

        LineBuffer in;
        char *out; /* waits to be sent */
        size_t n_out;
        size_t out_room;

        RpcCall *calls;
        unsigned last_id;
        const char *failure; /* while it is being told of */

        unsigned rate;
        unsigned n_in_window;
        uint64_t window_usec;

        unsigned n_dispatching; /* callbacks on the stack: memory must stay */
        bool freed;
};

static void call_free(RpcCall *call) {
        sd_event_source_disable_unref(call->deadline);
        free(call);
}

static void call_finish(RpcCall *call, int error, json_object *result) {
        RpcAnswer answer = call->answer;
        void *userdata = call->userdata;

        HASH_DEL(call->peer->calls, call);
        call_free(call);
        answer(userdata, error, result);
}

RpcCall *rpc_call_drop(RpcCall *call) {
        if (!call)
                return NULL;

        HASH_DEL(call->peer->calls, call);
        call_free(call);
        return NULL;
}

unsigned rpc_call_id(const RpcCall *call) {
        return call->id;
}

const char *rpc_peer_failure(const RpcPeer *p) {
        return p->failure;
}

static void release(RpcPeer *p) {
        line_buffer_done(&p->in);
        free(p->out);
        sd_event_unref(p->event);
        free(p);
}

static void disconnect(RpcPeer *p) {
        p->io = sd_event_source_disable_unref(p->io);
        p->pause = sd_event_source_disable_unref(p->pause);
        p->fd = close_fd(p->fd);
}

RpcPeer *rpc_peer_free(RpcPeer *p) {
        if (!p || p->freed)
                return NULL;

        p->freed = true;
        disconnect(p);

        p->n_dispatching++;
        while (p->calls)
                call_finish(p->calls, -ECONNRESET, NULL);
        p->n_dispatching--;

        if (p->n_dispatching == 0)
                release(p);
        return NULL;
}

/* Ends a dispatch; says whether the peer is still there. */
static bool end_dispatch(RpcPeer *p) {
        p->n_dispatching--;
        if (!p->freed)
                return true;
        if (p->n_dispatching == 0)
                release(p);
        return false;
}

static void close_peer(RpcPeer *p, int error) {
        if (p->fd < 0)
                return;

        disconnect(p);
        p->n_dispatching++;
        while (p->calls)
                call_finish(p->calls, -ECONNRESET, NULL);
        if (!p->freed)
                p->handler->closed(p->userdata, p, error);
        (void)end_dispatch(p);
}

static void take_answer(RpcPeer *p, const RpcMessage *m) {
        RpcCall *call = NULL;
        int64_t id = json_object_is_type(m->id, json_type_int) ? json_object_get_int64(m->id) : -1;
        unsigned key = (unsigned)id;

        if (id >= 0 && id <= UINT32_MAX)
                HASH_FIND(hh, p->calls, &key, sizeof(key), call);
        if (!call) {
                /* It came after its deadline, was dropped, or was never asked. */
                if (p->handler->stray)
                        p->handler->stray(p->userdata, p);
                return;
        }
        /* What was asked for does not count: our own questions bound it. */
        p->n_in_window--;
        if (m->kind == RPC_RESULT) {
                call_finish(call, 0, m->result);
                return;
        }

        p->failure = m->text;
        call_finish(call, rpc_code_to_errno(m->code), NULL);
        p->failure = NULL;
}

static int take_line(RpcPeer *p, const char *line, size_t n) {
        _cleanup_(rpc_message_done) RpcMessage m = {};
        int r;

        r = rpc_message_parse(line, n, &m);
        if (r < 0)
                return r;

        switch (m.kind) {
        case RPC_REQUEST:
                p->handler->request(p->userdata, p, m.id, m.method, m.params);
                break;
        case RPC_NOTIFICATION:
                p->handler->notification(p->userdata, p, m.method, m.params);
                break;
        case RPC_RESULT:
        case RPC_FAILURE:
                take_answer(p, &m);
                break;
        }
        return 0;
}

static int on_pause_over(sd_event_source *s, uint64_t usec, void *userdata);

/* True if the other end has used up what it may send this second. */
static bool is_too_fast(RpcPeer *p) {
        uint64_t now = now_monotonic();

        if (p->rate == 0)
                return false;
        if (now - p->window_usec >= USEC_PER_SEC) {
                p->window_usec = now;
                p->n_in_window = 0;
        }
        return p->n_in_window >= p->rate;
}

static int pause_reading(RpcPeer *p) {
        int r;

        r = sd_event_source_set_io_events(p->io, p->n_out > 0 ? EPOLLOUT : 0);
        if (r < 0)
                return r;

        p->pause = sd_event_source_disable_unref(p->pause);
        return sd_event_add_time(p->event, &p->pause, CLOCK_MONOTONIC,
                        p->window_usec + USEC_PER_SEC, 0, on_pause_over, p);
}

/* Handles the lines that are there; the peer may be gone afterwards. */
static int take_lines(RpcPeer *p) {
        const char *line;
        size_t n;
        int r = 0;

        p->n_dispatching++;
        while (!p->freed && p->fd >= 0 && r >= 0) {
                if (is_too_fast(p)) {
                        r = pause_reading(p);
                        break;
                }
                if (!line_buffer_next(&p->in, &line, &n))
                        break;
                p->n_in_window++;
                r = take_line(p, line, n);
        }

        if (end_dispatch(p) && r < 0)
                close_peer(p, r);
        return 0;
}

static int on_pause_over(sd_event_source *s, uint64_t usec, void *userdata) {
        RpcPeer *p = userdata;

        p->pause = sd_event_source_disable_unref(p->pause);
        (void)sd_event_source_set_io_events(p->io, EPOLLIN | (p->n_out > 0 ? EPOLLOUT : 0));
        return take_lines(p);
}

static int flush(RpcPeer *p) {
        while (p->n_out > 0) {
                ssize_t n = send(p->fd, p->out, p->n_out, MSG_DONTWAIT | MSG_NOSIGNAL);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno == EAGAIN)
                        break;
                if (n < 0)
                        return -errno;

                p->n_out -= (size_t)n;
                memmove(p->out, p->out + n, p->n_out);
        }

        return sd_event_source_set_io_events(
                        p->io, (p->pause ? 0 : EPOLLIN) | (p->n_out > 0 ? EPOLLOUT : 0));
}

/* Returns 0 when there is nothing to read now, 1 when something was read. */
static int receive(RpcPeer *p) {
        char buffer[READ_SIZE];
        ssize_t n = recv(p->fd, buffer, sizeof(buffer), MSG_DONTWAIT);

        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return 0;
        if (n < 0)
                return -errno;
        if (n == 0)
                return -EPIPE;

        return line_buffer_add(&p->in, buffer, (size_t)n) ?: 1;
}

static int on_io(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        RpcPeer *p = userdata;
        int r = 0;

        if (revents & EPOLLOUT)
                r = flush(p);
        if (r >= 0 && (revents & (EPOLLIN | EPOLLHUP | EPOLLERR)))
                r = receive(p);
        if (r < 0) {
                bool left = r == -EPIPE || r == -ECONNRESET;

                close_peer(p, left ? 0 : r);
                return 0;
        }

        return r > 0 ? take_lines(p) : 0;
}

int rpc_peer_new(
                sd_event *event, int fd, const RpcHandler *handler, void *userdata, RpcPeer **ret) {
        _cleanup_(rpc_peer_freep) RpcPeer *p = NULL;
        int r;

        assert(event && handler && ret);

        p = calloc(1, sizeof(*p));
        if (!p)
                return -ENOMEM;

        p->handler = handler;
        p->userdata = userdata;
        p->event = sd_event_ref(event);
        p->fd = -1;
        p->rate = RATE_DEFAULT;
        r = sd_event_add_io(event, &p->io, fd, EPOLLIN, on_io, p);
        if (r < 0)
                return r;

        p->fd = fd;
        *ret = TAKE_PTR(p);
        return 0;
}

int rpc_peer_fd(const RpcPeer *p) {
        return p->fd;
}

void rpc_peer_set_rate(RpcPeer *p, unsigned per_second) {
        p->rate = per_second;
}

void rpc_peer_set_line_max(RpcPeer *p, size_t max) {
        p->in.max = max;
}

static int queue(RpcPeer *p, const char *text, size_t n) {
        size_t room = p->out_room ?: 4096;
        char *larger;

        if (p->n_out + n + 1 > QUEUE_MAX)
                return -ENOBUFS;

        while (room < p->n_out + n + 1)
                room *= 2;
        if (room > p->out_room) {
                larger = realloc(p->out, room);
                if (!larger)
                        return -ENOMEM;
                p->out = larger;
                p->out_room = room;
        }

        memcpy(p->out + p->n_out, text, n);
        p->out[p->n_out + n] = '\n';
        p->n_out += n + 1;
        return 0;
}

/* Sending never closes the peer at once: the caller may be in the middle of using it. */
static int send_message(RpcPeer *p, json_object *message) {
        size_t n;
        const char *text;
        int r;

        if (p->fd < 0)
                return -ENOTCONN;

        text = json_object_to_json_string_length(
                        message, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &n);
        if (!text)
                return -ENOMEM;

        r = queue(p, text, n);
        if (r == -ENOBUFS)
                (void)shutdown(p->fd, SHUT_RDWR); /* the loop sees it and closes */
        if (r < 0)
                return r;

        r = flush(p);
        return r == -EPIPE || r == -ECONNRESET ? 0 : r;
}

static int on_deadline(sd_event_source *s, uint64_t usec, void *userdata) {
        call_finish(userdata, -ETIMEDOUT, NULL);
        return 0;
}

static unsigned next_id(RpcPeer *p) {
        RpcCall *taken;

        do {
                p->last_id++;
                HASH_FIND(hh, p->calls, &p->last_id, sizeof(p->last_id), taken);
        } while (taken);
        return p->last_id;
}

int rpc_peer_call(RpcPeer *p, const char *method, json_object *params, uint64_t timeout_usec,
                RpcAnswer answer, void *userdata, RpcCall **ret) {
        _cleanup_json_ json_object *message = NULL;
        RpcCall *call;
        unsigned id = next_id(p);
        int r;

        r = rpc_request_new(id, method, params, &message);
        if (r < 0)
                return r;

        call = calloc(1, sizeof(*call));
        if (!call)
                return -ENOMEM;
        *call = (RpcCall){.id = id, .peer = p, .answer = answer, .userdata = userdata};

        r = sd_event_add_time_relative(p->event, &call->deadline, CLOCK_MONOTONIC, timeout_usec, 0,
                        on_deadline, call);
        if (r >= 0)
                r = send_message(p, message);
        if (r < 0) {
                call_free(call);
                return r;
        }

        HASH_ADD(hh, p->calls, id, sizeof(call->id), call);
        if (ret)
                *ret = call;
        return 0;
}

int rpc_peer_notify(RpcPeer *p, const char *method, json_object *params) {
        _cleanup_json_ json_object *message = NULL;
        int r;

        r = rpc_notification_new(method, params, &message);
        return r < 0 ? r : send_message(p, message);
}

int rpc_peer_reply(RpcPeer *p, json_object *id, json_object *result) {
        _cleanup_json_ json_object *message = NULL;
        int r;

        r = rpc_result_new(id, result, &message);
        return r < 0 ? r : send_message(p, message);
}

int rpc_peer_fail(RpcPeer *p, json_object *id, int error, const char *text) {
        _cleanup_json_ json_object *message = NULL;
        int r;

        r = rpc_failure_new(id, rpc_code_from_errno(error), text ?: strerror(-error), &message);
        return r < 0 ? r : send_message(p, message);
}
