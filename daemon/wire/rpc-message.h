/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * JSON-RPC 2.0, one message per line
 *
 * Lines come out of a stream of bytes, messages out of lines. The stdio transport of the Model
 * Context Protocol frames its messages in the same way. No I/O here.
 */

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

#include "daemon/base/cleanup.h"

#define RPC_LINE_MAX (4U * 1024U * 1024U)
#define RPC_DEPTH_MAX 32U

typedef struct LineBuffer {
        char *data;
        size_t begin; /* of what was not taken yet */
        size_t end;
        size_t room;
        size_t searched; /* no line end before this */
        size_t max;      /* longest line; 0: RPC_LINE_MAX */
} LineBuffer;

void line_buffer_done(LineBuffer *b);
/* -EMSGSIZE: a line is longer than allowed; the stream cannot be read any further. */
int line_buffer_add(LineBuffer *b, const char *data, size_t n);
/* Borrowed until the next call, without the line end. False if there is no whole line. */
bool line_buffer_next(LineBuffer *b, const char **ret, size_t *ret_n);

typedef enum RpcKind {
        RPC_REQUEST,
        RPC_NOTIFICATION,
        RPC_RESULT,
        RPC_FAILURE,
} RpcKind;

typedef struct RpcMessage {
        RpcKind kind;
        json_object *root;   /* owns all of the below */
        json_object *id;     /* number or string; NULL for notifications */
        const char *method;  /* requests and notifications */
        json_object *params; /* object or array, or NULL */
        json_object *result; /* may be a JSON null, which is NULL too */
        int code;            /* failures */
        const char *text;
} RpcMessage;

/* What JSON-RPC reserves. */
#define RPC_ERROR_PARSE (-32700)
#define RPC_ERROR_INVALID_REQUEST (-32600)
#define RPC_ERROR_NO_SUCH_METHOD (-32601)
#define RPC_ERROR_INVALID_PARAMS (-32602)
/* Ours: -32000 minus a positive errno, so that an errno crosses the wire. */
#define RPC_ERROR_ERRNO_BASE (-32000)

/* -EBADMSG if the line is no JSON-RPC message. */
int rpc_message_parse(const char *line, size_t n, RpcMessage *ret);
void rpc_message_done(RpcMessage *m);

/* Each takes params or result over, and gives a message to send. */
int rpc_request_new(unsigned id, const char *method, json_object *params, json_object **ret);
int rpc_notification_new(const char *method, json_object *params, json_object **ret);
int rpc_result_new(json_object *id, json_object *result, json_object **ret);
int rpc_failure_new(json_object *id, int code, const char *text, json_object **ret);

int rpc_code_from_errno(int error);
/* -EREMOTEIO for codes that are not ours. */
int rpc_code_to_errno(int code);
