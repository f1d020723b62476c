/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A tmux that is none
 *
 * As a server it stands before a real one and passes messages on, but for one thing that it does
 * otherwise: what comes after "fake-tmux-" in its own file's name, or what is written in
 * SOCKET.mode. As a client it is the real one. So that it is known what should have come back.
 */

#include <assert.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "daemon/base/cleanup.h"

#define HEADER 16U
#define TYPE_EXIT 203U
#define TYPE_WRITE_OPEN 303U
#define TYPE_WRITE 304U

static const char *socket_path;
static char real_path[120];

static int make_socket(const char *path, bool listens) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        assert(strlen(path) < sizeof(address.sun_path));
        strcpy(address.sun_path, path);
        if (listens) {
                assert(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
                assert(listen(fd, 16) == 0);
        } else if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
                return close_fd(fd);
        }
        return fd;
}

static void read_mode(char *ret, size_t n_ret) {
        char path[256], program[256];
        ssize_t n;
        int fd;

        (void)snprintf(path, sizeof(path), "%s.mode", socket_path);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        n = fd >= 0 ? read(fd, ret, n_ret - 1) : 0;
        close_fd(fd);
        if (fd < 0) {
                n = readlink("/proc/self/exe", program, sizeof(program) - 1);
                assert(n > 0);
                program[n] = '\0';
                n = snprintf(ret, n_ret, "%s", strstr(program, "fake-tmux-") + 10);
        }
        ret[n] = '\0';
}

static uint32_t number_at(const uint8_t *p) {
        uint32_t n;

        memcpy(&n, p, sizeof(n));
        return n;
}

/* Returns false if the connection ends here. @message has room for one byte more. */
static bool pass_on(int client, const char *mode, uint8_t *message, bool first) {
        uint32_t type = number_at(message);
        size_t n = number_at(message + 4);

        if (strcmp(mode, "garbage") == 0 && first)
                memset(message, 0xaa, n);
        else if (strcmp(mode, "version") == 0 && first)
                message[0] = 12, message[1] = 0;
        else if (strcmp(mode, "differs") == 0 && type == TYPE_WRITE)
                message[20] ^= 1;
        else if (strcmp(mode, "twice") == 0 && type == TYPE_WRITE_OPEN)
                (void)send(client, message, n, MSG_NOSIGNAL);
        else if (strcmp(mode, "flags") == 0 && type == TYPE_EXIT)
                message[6] = 1;
        else if (strcmp(mode, "silent") == 0 && type == TYPE_EXIT)
                return true;
        else if (strcmp(mode, "short") == 0 && type == TYPE_WRITE)
                return false;
        else if (strcmp(mode, "half") == 0 && type == TYPE_WRITE)
                return send(client, message, n / 2, MSG_NOSIGNAL), false;
        else if (strcmp(mode, "long") == 0 && type == TYPE_EXIT)
                message[n++] = 'x';
        return send(client, message, n, MSG_NOSIGNAL) == (ssize_t)n;
}

static bool read_fully(int fd, uint8_t *p, size_t n) {
        return n == 0 || recv(fd, p, n, MSG_WAITALL) == (ssize_t)n;
}

static void serve(int client) {
        _cleanup_close_ int server = make_socket(real_path, false);
        uint8_t message[65536 + 1];
        bool first = true;
        char mode[32];
        ssize_t n;

        read_mode(mode, sizeof(mode));
        while (server >= 0) {
                struct pollfd fds[2] = {{client, POLLIN}, {server, POLLIN}};

                if (poll(fds, 2, -1) < 0)
                        return;
                if (fds[0].revents) {
                        n = recv(client, message, sizeof(message), 0);
                        if (n <= 0 || send(server, message, (size_t)n, MSG_NOSIGNAL) != n)
                                return;
                }
                if (fds[1].revents) {
                        if (!read_fully(server, message, HEADER) ||
                                        !read_fully(server, message + HEADER,
                                                        number_at(message + 4) - HEADER) ||
                                        !pass_on(client, mode, message, first))
                                return;
                        first = false;
                }
        }
}

static void start_real(void) {
        if (fork() > 0)
                return;
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)execlp("tmux", "tmux", "-D", "-u", "-f", "/dev/null", "-S", real_path, NULL);
        _exit(127);
}

static void run_server(void) {
        int fd;

        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)signal(SIGCHLD, SIG_IGN);
        start_real();
        while ((fd = make_socket(real_path, false)) < 0)
                (void)poll(NULL, 0, 5);
        close_fd(fd);

        fd = make_socket(socket_path, true);
        for (;;) {
                int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

                if (client >= 0 && fork() == 0) {
                        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
                        serve(client);
                        _exit(0);
                }
                close_fd(client);
        }
}

int main(int argc, char **argv) {
        bool server = false;

        for (int i = 1; i < argc; i++) {
                if (strcmp(argv[i], "-D") == 0)
                        server = true;
                if (strcmp(argv[i], "-S") == 0 && i + 1 < argc) {
                        socket_path = argv[i + 1];
                        (void)snprintf(real_path, sizeof(real_path), "%s.real", socket_path);
                        argv[i + 1] = real_path;
                }
        }
        if (!socket_path)
                return 2;
        if (server)
                run_server();
        (void)execvp("tmux", argv);
        return 127;
}
