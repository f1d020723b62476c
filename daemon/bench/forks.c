/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/bench/forks.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/output-of.h"

#define AT_ONCE_MAX 64U

typedef struct Fork {
        pid_t pid;
        int fd; /* -EBADF: free */
} Fork;

static int fork_start(Fork *f, const char *socket, char *pane) {
        char *argv[] = {(char *)"tmux", (char *)"-S", (char *)socket, (char *)"capture-pane",
                        (char *)"-p", (char *)"-t", pane, NULL};

        return output_of(argv, &f->pid, &f->fd);
}

/* Returns what was read, 0 at the end, when the process is reaped. */
static ssize_t fork_read(Fork *f) {
        char buffer[65536];
        ssize_t n = read(f->fd, buffer, sizeof(buffer));

        if (n > 0)
                return n;
        f->fd = close_fd(f->fd);
        (void)waitpid(f->pid, NULL, 0);
        return 0;
}

static int fill(Fork *forks, size_t at_once, const char *socket, char *const *panes, size_t n,
                size_t *next) {
        for (size_t i = 0; i < at_once && *next < n; i++) {
                int r;

                if (forks[i].fd >= 0)
                        continue;
                r = fork_start(&forks[i], socket, panes[*next]);
                if (r < 0)
                        return r;
                (*next)++;
        }
        return 0;
}

long forks_capture(const char *socket, char *const *panes, size_t n_panes, size_t at_once) {
        Fork forks[AT_ONCE_MAX];
        size_t next = 0, n_over = 0;
        long bytes = 0;

        assert(at_once > 0 && at_once <= AT_ONCE_MAX);

        for (size_t i = 0; i < at_once; i++)
                forks[i] = (Fork){.fd = -EBADF};
        while (n_over < n_panes) {
                struct pollfd polled[AT_ONCE_MAX];
                int r = fill(forks, at_once, socket, panes, n_panes, &next);

                if (r < 0)
                        return r;
                for (size_t i = 0; i < at_once; i++)
                        polled[i] = (struct pollfd){.fd = forks[i].fd, .events = POLLIN};
                if (poll(polled, at_once, -1) < 0)
                        return -errno;
                for (size_t i = 0; i < at_once; i++) {
                        ssize_t n = polled[i].revents ? fork_read(&forks[i]) : -1;

                        bytes += n > 0 ? n : 0;
                        n_over += n == 0;
                }
        }
        return bytes;
}
