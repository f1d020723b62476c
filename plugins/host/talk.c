/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugins/host/talk.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/base/json.h"
#include "daemon/wire/rpc-message.h"

struct Talk {
        int fd;
        pthread_mutex_t lock;
};

int talk_new(int fd, Talk **ret) {
        Talk *t = calloc(1, sizeof(*t));

        if (!t)
                return -ENOMEM;

        t->fd = fd;
        (void)pthread_mutex_init(&t->lock, NULL);
        *ret = t;
        return 0;
}

static void skip(struct iovec *part, size_t *n) {
        size_t k = MIN(part->iov_len, *n);

        part->iov_base = (char *)part->iov_base + k;
        part->iov_len -= k;
        *n -= k;
}

/* In one piece where the kernel takes it so: who reads is woken once. */
static void write_line(int fd, const char *text, size_t n) {
        char end[] = "\n";
        struct iovec parts[] = {
                        {.iov_base = (char *)text, .iov_len = n}, {.iov_base = end, .iov_len = 1}};
        struct msghdr m = {.msg_iov = parts, .msg_iovlen = ELEMENTSOF(parts)};

        while (parts[1].iov_len > 0) {
                ssize_t k = sendmsg(fd, &m, MSG_NOSIGNAL);
                size_t done = k < 0 ? 0 : (size_t)k;

                if (k < 0 && errno != EINTR)
                        _exit(EXIT_SUCCESS);
                skip(&parts[0], &done);
                skip(&parts[1], &done);
        }
}

/* Takes @message over; where memory is out, the daemon's deadline is what ends this. */
static void send_message(Talk *t, int made, json_object *message) {
        _cleanup_json_ json_object *owned = message;
        const char *text;
        size_t n;

        if (made < 0)
                return;

        text = json_object_to_json_string_length(
                        owned, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &n);
        if (!text)
                return;

        (void)pthread_mutex_lock(&t->lock);
        write_line(t->fd, text, n);
        (void)pthread_mutex_unlock(&t->lock);
}

void talk_answer(Talk *t, json_object *id, json_object *result) {
        json_object *m = NULL;
        int r = rpc_result_new(id, result, &m);

        send_message(t, r, m);
}

void talk_fail(Talk *t, json_object *id, int error, const char *text) {
        json_object *m = NULL;
        int r = rpc_failure_new(id, rpc_code_from_errno(error), text ?: strerror(-error), &m);

        send_message(t, r, m);
}

void talk_notify(Talk *t, const char *method, json_object *params) {
        json_object *m = NULL;
        int r = rpc_notification_new(method, params, &m);

        send_message(t, r, m);
}
