/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Children for tests: shells that say when they are ready, on a pipe, and live in a session of
 * their own until they are killed.
 */

#include <assert.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/base/cleanup.h"

/* Runs @script, which must print a line once it is as the test wants it; the line goes to @ret. */
static inline pid_t child_start(const char *script, char *ret, size_t n_ret) {
        int fds[2];
        size_t n = 0;
        pid_t pid;

        assert(pipe2(fds, O_CLOEXEC) >= 0);
        pid = fork();
        assert(pid >= 0);
        if (pid == 0) {
                (void)setsid();
                /* Nothing of a test that failed may live on, or hold what its caller reads. */
                (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
                (void)close(STDERR_FILENO);
                (void)open("/dev/null", O_WRONLY);
                (void)dup2(fds[1], STDOUT_FILENO);
                (void)execl("/bin/sh", "sh", "-c", script, NULL);
                _exit(127);
        }
        close_fd(fds[1]);

        while (n + 1 < n_ret && read(fds[0], ret + n, 1) == 1 && ret[n] != '\n')
                n++;
        ret[n] = '\0';
        close_fd(fds[0]);
        return pid;
}

/* Kills its whole session; what left it is the test's own business. */
static inline void child_stop(pid_t pid) {
        (void)kill(-pid, SIGKILL);
        (void)kill(pid, SIGKILL);
        (void)waitpid(pid, NULL, 0);
}
