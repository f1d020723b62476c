/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Ping
 *
 * A client of a tmux server that is attached, as a user's is, and asks it for next to nothing again
 * and again: what it waits for the answer is what a key press would wait. Prints the times in
 * microseconds as a JSON array.
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/clock.h"

#define PAUSE_USEC 5000U
#define PATIENCE_MSEC 10000

static const char question[] = "display-message -p pong\n";

typedef struct Client {
        pid_t pid;
        int fd;
        char tail[8]; /* the last bytes read: a mark may come in two parts */
        size_t n_tail;
} Client;

static int client_start(Client *c, const char *socket) {
        char *argv[] = {(char *)"tmux", (char *)"-S", (char *)socket, (char *)"-C",
                        (char *)"attach-session", (char *)"-f", (char *)"no-output,ignore-size",
                        NULL};
        posix_spawn_file_actions_t actions;
        int ends[2], r;

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
                return -errno;
        (void)posix_spawn_file_actions_init(&actions);
        (void)posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
        (void)posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        r = posix_spawnp(&c->pid, "tmux", &actions, NULL, argv, environ);
        (void)posix_spawn_file_actions_destroy(&actions);
        (void)close(ends[1]);
        c->fd = ends[0];
        return -r;
}

/* Counts the ends of answers in what comes next. */
static int client_read(Client *c, unsigned *ret) {
        char buffer[4096 + sizeof(c->tail)];
        struct pollfd polled = {.fd = c->fd, .events = POLLIN};
        ssize_t n;

        if (poll(&polled, 1, PATIENCE_MSEC) <= 0)
                return -ETIMEDOUT;
        memcpy(buffer, c->tail, c->n_tail);
        n = read(c->fd, buffer + c->n_tail, sizeof(buffer) - c->n_tail - 1);
        if (n <= 0)
                return -EPIPE;
        n += (ssize_t)c->n_tail;
        buffer[n] = '\0';

        *ret = 0;
        c->n_tail = (size_t)MIN(n, 4);
        for (char *p = buffer; (p = strstr(p, "%end ")); p += 5) {
                (*ret)++;
                c->n_tail = MIN(c->n_tail, (size_t)(buffer + n - p - 5));
        }
        memcpy(c->tail, buffer + n - c->n_tail, c->n_tail);
        return 0;
}

static int client_wait(Client *c) {
        unsigned n = 0;
        int r = 0;

        while (r >= 0 && n == 0)
                r = client_read(c, &n);
        return r;
}

static int ping(Client *c) {
        if (write(c->fd, question, sizeof(question) - 1) != sizeof(question) - 1)
                return -EPIPE;
        return client_wait(c);
}

static int ping_until(Client *c, uint64_t end) {
        const char *comma = "";

        (void)printf("[");
        while (now_monotonic() < end) {
                uint64_t start = now_monotonic();
                int r = ping(c);

                if (r < 0)
                        return r;
                (void)printf("%s%" PRIu64, comma, now_monotonic() - start);
                comma = ",";
                (void)usleep(PAUSE_USEC);
        }
        (void)printf("]\n");
        return 0;
}

int main(int argc, char *argv[]) {
        Client c = {.fd = -1};
        int r;

        if (argc != 3) {
                (void)fprintf(stderr, "usage: %s SOCKET SECONDS\n", argv[0]);
                return EXIT_FAILURE;
        }
        (void)signal(SIGPIPE, SIG_IGN);
        r = client_start(&c, argv[1]);
        if (r >= 0)
                r = client_wait(&c); /* the answer to the attaching */
        if (r >= 0)
                r = ping_until(&c, now_monotonic() + strtoul(argv[2], NULL, 10) * USEC_PER_SEC);
        if (r < 0)
                (void)fprintf(stderr, "%s: %s\n", argv[1], strerror(-r));
        c.fd = close_fd(c.fd); /* it detaches at the end of its input */
        (void)waitpid(c.pid, NULL, 0);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
