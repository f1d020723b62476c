/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugins/host/setup.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/base/json.h"
#include "daemon/wire/rpc-message.h"

#define SETUP_MAX (512U * 1024U)

/* The empty line, and what came with it: where to tell of refusals, then the payload. */
static int receive_descriptors(int fd, Setup *ret) {
        union {
                struct cmsghdr header;
                char space[CMSG_SPACE(2 * sizeof(int))];
        } control;
        char byte = 0;
        struct iovec iov = {.iov_base = &byte, .iov_len = 1};
        struct msghdr m = {
                        .msg_iov = &iov,
                        .msg_iovlen = 1,
                        .msg_control = &control,
                        .msg_controllen = sizeof(control),
        };
        struct cmsghdr *c;
        ssize_t n;

        do
                n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return -errno;
        if (n != 1 || byte != '\n')
                return -EBADMSG;

        c = CMSG_FIRSTHDR(&m);
        if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
                return 0;
        memcpy(&ret->tell_fd, CMSG_DATA(c), sizeof(int));
        if (c->cmsg_len == CMSG_LEN(2 * sizeof(int)))
                memcpy(&ret->payload_fd, CMSG_DATA(c) + sizeof(int), sizeof(int));
        return 0;
}

/* Byte by byte: what follows is for whoever takes this socket over. */
static int receive_line(int fd, char *line, size_t *ret_n) {
        size_t n = 0;

        while (n < SETUP_MAX) {
                ssize_t k = recv(fd, line + n, 1, 0);

                if (k < 0 && errno == EINTR)
                        continue;
                if (k <= 0)
                        return k < 0 ? -errno : -EPIPE;
                if (line[n] == '\n') {
                        *ret_n = n;
                        return 0;
                }
                n++;
        }
        return -EMSGSIZE;
}

static int take_params(Setup *s, json_object *params) {
        const char *payload = json_get_string(params, "payload");
        const char *profile = json_get_string(params, "profile");

        s->name = json_get_string(params, "name");
        s->folder = json_get_string(params, "folder");
        if (!s->name || !s->folder || !payload || !profile)
                return -EBADMSG;

        s->is_strategy = strcmp(json_get_string(params, "kind") ?: "", "strategy") == 0;
        s->is_program = strcmp(payload, "program") == 0;
        s->may_use_network = strcmp(profile, "network") == 0;
        s->memory_bytes = json_get_u64(params, "memory", 0);
        s->tasks = json_get_u64(params, "tasks", 0);
        s->cpu_percent = MIN(json_get_u64(params, "cpu", 0), UINT64_C(100));
        s->arguments = json_get_typed(params, "arguments", json_type_array);
        s->settings = json_get_typed(params, "settings", json_type_object);
        if (s->is_program)
                return s->arguments && json_object_array_length(s->arguments) > 0 ? 0 : -EBADMSG;
        return s->payload_fd >= 0 ? 0 : -EBADMSG;
}

static int take_request(Setup *s, const char *line, size_t n) {
        _cleanup_(rpc_message_done) RpcMessage m = {};
        int r;

        r = rpc_message_parse(line, n, &m);
        if (r < 0)
                return r;
        if (m.kind != RPC_REQUEST || strcmp(m.method, "load") != 0)
                return -EBADMSG;

        s->id = m.id;
        s->root = TAKE_PTR(m.root);
        return take_params(s, m.params);
}

int setup_receive(int fd, Setup *ret) {
        _cleanup_free_ char *line = malloc(SETUP_MAX);
        _cleanup_(setup_done) Setup s = {.tell_fd = -1, .payload_fd = -1};
        size_t n = 0;
        int r;

        if (!line)
                return -ENOMEM;

        r = receive_descriptors(fd, &s);
        if (r < 0)
                return r;
        r = receive_line(fd, line, &n);
        if (r < 0)
                return r;
        r = take_request(&s, line, n);
        if (r < 0)
                return r;

        *ret = s;
        s = (Setup){.tell_fd = -1, .payload_fd = -1};
        return 0;
}

void setup_done(Setup *s) {
        if (s->root)
                (void)json_object_put(s->root);
        close_fd(s->tell_fd);
        close_fd(s->payload_fd);
        *s = (Setup){.tell_fd = -1, .payload_fd = -1};
}
