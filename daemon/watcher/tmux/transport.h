/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Transport
 *
 * The way to a tmux server: a batch of tmux commands goes there over one short connection, what
 * they print comes back. Never starts a server, never attaches. It does not know what the commands
 * mean; to have one call at a time per server is its user's part.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "daemon/base/clock.h"
#include "daemon/watcher/tmux/words.h"

#define TMUX_CALL_USEC (2 * USEC_PER_SEC)

typedef struct TmuxRequest {
        const char *socket;
        pid_t server_pid;       /* 0: not known */
        const TmuxWords *words; /* the commands; borrowed for the time of the call that starts it */
        size_t answer_max;      /* bytes, of both streams together */
        uint64_t timeout_usec;
        bool once; /* it does something: never to be repeated by another way, whatever comes back */
} TmuxRequest;

/* Borrowed until the callback returns. */
typedef struct TmuxReply {
        /*
         * 0: the commands were run, if not all with success; see @failed. -ETIMEDOUT, -E2BIG
         * (more than answer_max), or another errno if no connection could be tried.
         */
        int error;
        bool failed;     /* a command, or the connection, did not succeed */
        const char *out; /* ended by a NUL that is not counted, as @err */
        size_t n_out;
        const char *err;
        size_t n_err;
} TmuxReply;

typedef void (*TmuxReplyFunc)(void *userdata, const TmuxReply *reply);

typedef struct TmuxTransport TmuxTransport;
typedef struct TmuxCall TmuxCall;

/* What an implementation puts at the head of its own structs. */
typedef struct TmuxTransportOps {
        const char *name;
        int (*call)(TmuxTransport *transport, const TmuxRequest *request, TmuxReplyFunc func,
                        void *userdata, TmuxCall **ret);
        void (*drop)(TmuxCall *call);
        /* May be NULL. */
        void (*doubt)(TmuxTransport *transport, const char *socket, pid_t server_pid);
        void (*free)(TmuxTransport *transport);
} TmuxTransportOps;

struct TmuxTransport {
        const TmuxTransportOps *ops;
};
struct TmuxCall {
        const TmuxTransportOps *ops;
};

/*
 * @func is called once, from the loop, unless starting fails or the call is dropped before; the
 * call is over when it is called, and must still be dropped.
 */
static inline int tmux_call_new(TmuxTransport *transport, const TmuxRequest *request,
                TmuxReplyFunc func, void *userdata, TmuxCall **ret) {
        return transport->ops->call(transport, request, func, userdata, ret);
}
static inline TmuxCall *tmux_call_free(TmuxCall *call) {
        if (call)
                call->ops->drop(call);
        return NULL;
}
DEFINE_CLEANUP(TmuxCall *, tmux_call_free)

/* Somebody answers there, but what came back as an answer was none. */
static inline void tmux_transport_doubt(
                TmuxTransport *transport, const char *socket, pid_t server_pid) {
        if (transport->ops->doubt)
                transport->ops->doubt(transport, socket, server_pid);
}

static inline TmuxTransport *tmux_transport_free(TmuxTransport *transport) {
        if (transport)
                transport->ops->free(transport);
        return NULL;
}
DEFINE_CLEANUP(TmuxTransport *, tmux_transport_free)

/* The stock program, of the server's own version where that is known. */
int tmux_transport_source_new(sd_event *event, TmuxTransport **ret);

/*
 * The same commands in tmux's own protocol, without a process. Its replies have the same bytes
 * (unless there is a command among many that tmux does not know: then source runs none, native
 * those before it); and further errors, none of which says that the server is bad: -EPROTO (it
 * speaks otherwise), -ECONNRESET (it left in the middle), -ESTALE (not server_pid has the socket).
 * Fails with -EOPNOTSUPP where we do not know how it speaks on this kind of machine. A call of more
 * commands than IMSG_GREETING_MAX has room for fails with -E2BIG.
 */
int tmux_transport_native_new(sd_event *event, TmuxTransport **ret);
