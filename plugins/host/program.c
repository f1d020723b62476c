/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugins/host/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "daemon/base/json.h"
#include "plugins/host/witness.h"

#define ARGUMENTS_MAX 64U
/* Whether it has ended. */
#define LOOK_MSEC 200

static char home[] = "HOME=/nonexistent", language[] = "LANG=C.UTF-8",
            path[] = "PATH=/usr/local/bin:/usr/bin:/bin";
static char *const environment[] = {home, language, path, NULL};

static void read_arguments(const Setup *s, char **argv) {
        size_t n = json_object_array_length(s->arguments);

        for (size_t i = 0; i < n && i < ARGUMENTS_MAX; i++)
                argv[i] = (char *)json_object_get_string(
                                json_object_array_get_idx(s->arguments, i));
}

/* The payload itself where we were given one: nobody can have swapped it. A script's interpreter
 * opens it by its descriptor, which therefore stays open. */
static void execute(const Setup *s) {
        char *argv[ARGUMENTS_MAX + 1] = {};

        read_arguments(s, argv);
        if (s->payload_fd >= 0) {
                (void)fcntl(s->payload_fd, F_SETFD, 0);
                (void)fexecve(s->payload_fd, argv, environment);
        } else
                (void)execve(argv[0], argv, environment);
}

static void be_child(int fd, const Setup *s, Walls *w, int witness) {
        sigset_t none;

        (void)sigemptyset(&none);
        (void)sigprocmask(SIG_SETMASK, &none, NULL);
        if (chdir(s->folder) < 0 || dup2(fd, STDIN_FILENO) < 0 || dup2(fd, STDOUT_FILENO) < 0)
                _exit(126);
        /* In a unit it is standard input already. */
        if (fd > STDERR_FILENO)
                close_fd(fd);
        if (walls_confine(w, s) < 0)
                _exit(126);
        /* It dies with us, and as the first of its namespace takes all others along. Now: who
         * becomes another user forgets it. */
        if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || walls_limit_memory(w, s) < 0 ||
                        walls_filter_program(w, s, witness) < 0)
                _exit(126);
        execute(s);
        _exit(127);
}

/* The daemon's end is closed, or the child is dead: each ends the other. */
static int wait_for_either(int fd, pid_t child, Witness *witness) {
        bool left = false;
        Throttle throttle;
        int status;

        throttle_init(&throttle, child, witness->setup->cpu_percent);

        for (;;) {
                struct pollfd p[] = {{.fd = fd, .events = 0},
                                {.fd = witness->listener, .events = POLLIN}};
                int next = witness_throttle(witness, &throttle);
                int n = poll(p, ELEMENTSOF(p), next < 0 ? LOOK_MSEC : MIN(next, LOOK_MSEC));

                if (n > 0 && (p[0].revents & (POLLHUP | POLLERR))) {
                        (void)kill(child, SIGKILL);
                        left = true;
                }
                if (n > 0 && p[1].revents != 0 &&
                                (p[1].revents != POLLIN || witness_hear(witness) < 0))
                        witness->listener = close_fd(witness->listener);
                if (waitpid(child, &status, WNOHANG) != child)
                        continue;
                if (left)
                        return EXIT_SUCCESS; /* as it should be: nobody wants it any more */
                /* Those that it left behind hold the other ends of the same socket. */
                (void)shutdown(fd, SHUT_RDWR);
                return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        }
}

int program_run(int fd, const Setup *s, Walls *w, Talk *talk) {
        Witness witness = {.setup = s, .listener = -1, .tell = s->tell_fd};
        int pair[2] = {-1, -1};
        json_object *o = NULL;
        pid_t child;
        int r;

        /* What it will have: the child builds it, and does not run without it. */
        *w = (Walls){.limits = true,
                        .filter = true,
                        .namespaces = w->namespaces,
                        .landlock = w->landlock,
                        .memory_bytes = w->memory_bytes};
        r = walls_describe(w, &o);
        if (r < 0)
                return EXIT_FAILURE;
        talk_answer(talk, s->id, o);

        if (s->tell_fd >= 0 && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
                return EXIT_FAILURE;
        child = fork();
        if (child < 0)
                return EXIT_FAILURE;
        if (child == 0)
                be_child(fd, s, w, pair[1]);
        close_fd(pair[1]);
        if (pair[0] >= 0)
                witness.listener = witness_receive(pair[0]);
        return wait_for_either(fd, child, &witness);
}
