/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/wire/rpc-message.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "daemon/base/json.h"

void line_buffer_done(LineBuffer *b) {
        free(b->data);
        *b = (LineBuffer){.max = b->max};
}

static int make_room(LineBuffer *b, size_t n) {
        size_t used = b->end - b->begin, room = b->room ?: 4096;
        char *larger;

        if (b->begin > 0) {
                memmove(b->data, b->data + b->begin, used);
                b->searched -= b->begin;
                b->begin = 0;
                b->end = used;
        }
        if (used + n <= b->room)
                return 0;

        while (room < used + n)
                room *= 2;
        larger = realloc(b->data, room);
        if (!larger)
                return -ENOMEM;

        b->data = larger;
        b->room = room;
        return 0;
}

int line_buffer_add(LineBuffer *b, const char *data, size_t n) {
        size_t max = b->max ?: RPC_LINE_MAX;
        int r;

        if (n == 0)
                return 0;

        r = make_room(b, n);
        if (r < 0)
                return r;
        memcpy(b->data + b->end, data, n);
        b->end += n;

        if (b->end - b->begin > max && !memchr(b->data + b->begin, '\n', max + 1))
                return -EMSGSIZE;
        return 0;
}

bool line_buffer_next(LineBuffer *b, const char **ret, size_t *ret_n) {
        char *end;

        if (b->searched < b->begin)
                b->searched = b->begin;
        if (b->searched == b->end)
                return false;

        end = memchr(b->data + b->searched, '\n', b->end - b->searched);
        if (!end) {
                b->searched = b->end;
                return false;
        }

        *ret = b->data + b->begin;
        *ret_n = (size_t)(end - *ret);
        b->begin = b->searched = (size_t)(end + 1 - b->data);
        return true;
}

static int take_failure(RpcMessage *m, json_object *error) {
        m->kind = RPC_FAILURE;
        m->code = (int)json_get_int(error, "code", 0);
        m->text = json_get_string(error, "message");
        return m->text ? 0 : -EBADMSG;
}

static int take_call(RpcMessage *m) {
        json_object *params = json_get(m->root, "params");

        if (params && !json_object_is_type(params, json_type_object) &&
                        !json_object_is_type(params, json_type_array))
                return -EBADMSG;

        m->kind = m->id ? RPC_REQUEST : RPC_NOTIFICATION;
        m->params = params;
        return 0;
}

static int take_members(RpcMessage *m) {
        const char *version = json_get_string(m->root, "jsonrpc");
        json_object *error;

        if (!version || strcmp(version, "2.0") != 0)
                return -EBADMSG;

        m->id = json_get(m->root, "id");
        if (m->id && !json_object_is_type(m->id, json_type_int) &&
                        !json_object_is_type(m->id, json_type_string))
                return -EBADMSG;

        m->method = json_get_string(m->root, "method");
        if (m->method)
                return take_call(m);

        error = json_get_typed(m->root, "error", json_type_object);
        if (error)
                return take_failure(m, error);

        m->kind = RPC_RESULT;
        m->result = json_get(m->root, "result");
        return m->id && json_object_object_get_ex(m->root, "result", NULL) ? 0 : -EBADMSG;
}

int rpc_message_parse(const char *line, size_t n, RpcMessage *ret) {
        _cleanup_(rpc_message_done) RpcMessage m = {};
        int r;

        r = json_parse(line, n, RPC_DEPTH_MAX, &m.root);
        if (r < 0)
                return r;

        r = take_members(&m);
        if (r < 0)
                return r;

        *ret = m;
        m.root = NULL;
        return 0;
}

void rpc_message_done(RpcMessage *m) {
        if (m->root)
                (void)json_object_put(m->root);
        *m = (RpcMessage){};
}

/* A message with its version, and @member, which is taken over. */
static int message_new(const char *key, json_object *member, json_object **ret) {
        _cleanup_json_ json_object *m = json_object_new_object(), *owned = member;
        int r;

        if (!m)
                return -ENOMEM;

        r = json_set_string(m, "jsonrpc", "2.0");
        if (r < 0)
                return r;
        if (key) {
                /* A NULL member is a JSON null. */
                if (json_object_object_add(m, key, owned) < 0)
                        return -ENOMEM;
                owned = NULL;
        }

        *ret = TAKE_PTR(m);
        return 0;
}

int rpc_notification_new(const char *method, json_object *params, json_object **ret) {
        _cleanup_json_ json_object *m = NULL;
        int r;

        r = message_new(params ? "params" : NULL, params, &m);
        if (r < 0)
                return r;

        r = json_set_string(m, "method", method);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(m);
        return 0;
}

int rpc_request_new(unsigned id, const char *method, json_object *params, json_object **ret) {
        _cleanup_json_ json_object *m = NULL;
        int r;

        r = rpc_notification_new(method, params, &m);
        if (r < 0)
                return r;
        r = json_set_int(m, "id", id);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(m);
        return 0;
}

int rpc_result_new(json_object *id, json_object *result, json_object **ret) {
        _cleanup_json_ json_object *m = NULL;
        int r;

        r = message_new("result", result, &m);
        if (r < 0)
                return r;

        r = json_set(m, "id", json_object_get(id));
        if (r < 0)
                return r;

        *ret = TAKE_PTR(m);
        return 0;
}

int rpc_failure_new(json_object *id, int code, const char *text, json_object **ret) {
        _cleanup_json_ json_object *m = NULL, *error = json_object_new_object();
        int r;

        if (!error)
                return -ENOMEM;
        r = json_set_int(error, "code", code);
        if (r < 0)
                return r;
        r = json_set_string(error, "message", text);
        if (r < 0)
                return r;

        r = message_new("error", TAKE_PTR(error), &m);
        if (r < 0)
                return r;
        r = json_set(m, "id", json_object_get(id));
        if (r < 0)
                return r;

        *ret = TAKE_PTR(m);
        return 0;
}

int rpc_code_from_errno(int error) {
        assert(error < 0);
        return RPC_ERROR_ERRNO_BASE + error;
}

int rpc_code_to_errno(int code) {
        if (code < RPC_ERROR_ERRNO_BASE && code > RPC_ERROR_ERRNO_BASE - 134)
                return code - RPC_ERROR_ERRNO_BASE;
        if (code == RPC_ERROR_NO_SUCH_METHOD)
                return -EOPNOTSUPP;
        return -EREMOTEIO;
}
