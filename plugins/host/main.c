/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * plugin-host: the process around one plugin
 *
 * Speaks with the daemon on a socket: descriptor 3 where the daemon starts it (--fd=3), standard
 * input where systemd does. An empty line comes first, with the payload beside it, then the request
 * "load" (setup.h). For a shared object it then takes initialize {}, selftest {}, execute {input,
 * timeout}, plan {…}, unload {}, ping {} and the notification cancel {id}, and tells log {level,
 * line}. A program takes the socket over.
 */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/base/json.h"
#include "daemon/wire/rpc-message.h"
#include "plugins/host/landlock.h"
#include "plugins/host/program.h"
#include "plugins/host/witness.h"
#include "plugins/host/workers.h"

#define LINE_MAX_BYTES (2U * 1024U * 1024U)

typedef struct Host {
        int fd;
        Setup setup;
        Walls walls;
        Talk *talk;
        Native native;
        Workers *workers;
} Host;

static void take_request(Host *h, RpcMessage *m) {
        int r;

        if (strcmp(m->method, "ping") == 0) {
                talk_answer(h->talk, m->id, json_object_new_object());
                return;
        }
        r = workers_take(h->workers, m);
        if (r < 0)
                talk_fail(h->talk, m->id, r, NULL);
}

static int take_line(Host *h, const char *line, size_t n) {
        _cleanup_(rpc_message_done) RpcMessage m = {};
        int r;

        r = rpc_message_parse(line, n, &m);
        if (r < 0)
                return r;

        if (m.kind == RPC_REQUEST)
                take_request(h, &m);
        else if (m.kind == RPC_NOTIFICATION && strcmp(m.method, "cancel") == 0)
                workers_cancel(h->workers, json_get(m.params, "id"));
        return 0;
}

/* Until the daemon leaves: whatever a worker is doing then is of no use to anybody. */
static int converse(Host *h) {
        _cleanup_(line_buffer_done) LineBuffer in = {.max = LINE_MAX_BYTES};
        char buffer[16384];

        for (;;) {
                ssize_t n = recv(h->fd, buffer, sizeof(buffer), 0);
                const char *line;
                size_t n_line;
                int r;

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return n < 0 ? -errno : 0;
                r = line_buffer_add(&in, buffer, (size_t)n);
                while (r >= 0 && line_buffer_next(&in, &line, &n_line))
                        r = take_line(h, line, n_line);
                if (r < 0)
                        return r;
        }
}

/* In this order: threads take over what stands when they are made, and none is made later. */
static int run_object(Host *h, int witness) {
        json_object *o = NULL;
        int r;

        /* Only who is outside of them can see what the walls refuse. */
        h->setup.tell_fd = close_fd(h->setup.tell_fd);
        r = walls_confine(&h->walls, &h->setup);
        if (r < 0)
                return r;
        r = workers_new(&h->native, &h->setup, h->talk, witness, &h->workers);
        if (r < 0)
                return r;
        r = walls_limit_memory(&h->walls, &h->setup);
        if (r < 0)
                return r;
        r = walls_filter_loading(&h->walls, &h->setup, witness >= 0);
        if (r < 0)
                return r;
        r = walls_describe(&h->walls, &o);
        if (r < 0)
                return r;

        talk_answer(h->talk, h->setup.id, o);
        return converse(h);
}

static int run(Host *h) {
        int witness = -1, r;

        r = talk_new(h->fd, &h->talk);
        if (r < 0)
                return r;
        r = setup_receive(h->fd, &h->setup);
        if (r < 0)
                return r;

        /* Without one it is walled in all the same. */
        if (!h->setup.is_program)
                (void)witness_start(&h->setup, &witness);
        walls_unshare(&h->walls, &h->setup);
        if (!h->setup.is_program)
                return run_object(h, witness);
        h->walls.landlock = landlock_version();
        return program_run(h->fd, &h->setup, &h->walls, h->talk);
}

int main(int argc, char **argv) {
        static Host h = {.fd = STDIN_FILENO, .setup.tell_fd = -1, .setup.payload_fd = -1};
        int r;

        if (argc >= 2 && argc <= 3 && strcmp(argv[1], "--fd=3") == 0)
                h.fd = 3;
        else if (argc != 1) {
                (void)fputs("plugin-host: the service starts it, with a socket\n", stderr);
                return 2;
        }

        r = run(&h);
        if (r < 0 && h.setup.id)
                talk_fail(h.talk, h.setup.id, r, NULL);
        /* Foreign code has no last word: nothing that it left to be run at the end is run. */
        _exit(r < 0 ? EXIT_FAILURE : r);
}
