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

static void write_all(int fd, const char *data, size_t n) {
        while (n > 0) {
                ssize_t k = send(fd, data, n, MSG_NOSIGNAL);

                if (k < 0 && errno == EINTR)
                        continue;
                if (k < 0)
                        _exit(EXIT_SUCCESS);
                data += k;
                n -= (size_t)k;
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
        write_all(t->fd, text, n);
        write_all(t->fd, "\n", 1);
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
