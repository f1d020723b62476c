/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One end of a JSON-RPC connection
 *
 * Sends and receives messages over a stream socket on an sd-event loop. Both ends may ask. Every
 * question has a deadline; what the other end may send is bounded in size and rate (a faster one is
 * simply not read for a while), and so is what may wait to be sent.
 */

#include <json-c/json.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "daemon/base/cleanup.h"

typedef struct RpcPeer RpcPeer;
typedef struct RpcCall RpcCall;

typedef struct RpcHandler {
        /*
         * Must lead to one rpc_peer_reply() or rpc_peer_fail(), now or later (then with a reference
         * of @id). @params may be NULL.
         */
        void (*request)(void *userdata, RpcPeer *peer, json_object *id, const char *method,
                        json_object *params);
        void (*notification)(
                        void *userdata, RpcPeer *peer, const char *method, json_object *params);
        /*
         * The other end left (0), sent what is no message (-EBADMSG, -EMSGSIZE), or does not read
         * (-ENOBUFS). Called once and last; the peer may be freed here, as in all others.
         */
        void (*closed)(void *userdata, RpcPeer *peer, int error);
        /* Optional: an answer came that nobody waits for (any more). */
        void (*stray)(void *userdata, RpcPeer *peer);
} RpcHandler;

/* Takes @fd over if it succeeds. @handler must live as long as the peer. */
int rpc_peer_new(sd_event *event, int fd, const RpcHandler *handler, void *userdata, RpcPeer **ret);
/* Calls that still wait are answered with -ECONNRESET; closed() is not called. */
RpcPeer *rpc_peer_free(RpcPeer *peer);
DEFINE_CLEANUP(RpcPeer *, rpc_peer_free)

int rpc_peer_fd(const RpcPeer *peer);
/* At most so many messages a second that are no answers to calls are read; 0: no limit. The default
 * is 2000. */
void rpc_peer_set_rate(RpcPeer *peer, unsigned per_second);
/* Longer lines end the conversation (-EMSGSIZE); the default is RPC_LINE_MAX. */
void rpc_peer_set_line_max(RpcPeer *peer, size_t max);

/* @error: 0, -ETIMEDOUT, -ECONNRESET, or what the other end answered (errno); @result is borrowed.
 */
typedef void (*RpcAnswer)(void *userdata, int error, json_object *result);

/* Takes @params over, also on failure. @ret may be NULL; else it is valid until the answer. */
int rpc_peer_call(RpcPeer *peer, const char *method, json_object *params, uint64_t timeout_usec,
                RpcAnswer answer, void *userdata, RpcCall **ret);
/* The answer is not wanted any more. */
RpcCall *rpc_call_drop(RpcCall *call);
/* The id that the other end knows the call by. */
unsigned rpc_call_id(const RpcCall *call);
/* The words of the failure that is being told of, within an RpcAnswer only; NULL: there are none.
 */
const char *rpc_peer_failure(const RpcPeer *peer);

int rpc_peer_notify(RpcPeer *peer, const char *method, json_object *params);
int rpc_peer_reply(RpcPeer *peer, json_object *id, json_object *result);
/* @error is a negative errno. */
int rpc_peer_fail(RpcPeer *peer, json_object *id, int error, const char *text);
