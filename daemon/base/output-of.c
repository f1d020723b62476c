/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/base/output-of.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include "daemon/base/cleanup.h"

int output_of(char *const *argv, pid_t *ret_pid, int *ret_fd) {
        posix_spawn_file_actions_t actions;
        int ends[2], r;

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        (void)posix_spawn_file_actions_init(&actions);
        (void)posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        r = posix_spawnp(ret_pid, argv[0], &actions, NULL, argv, environ);
        (void)posix_spawn_file_actions_destroy(&actions);
        close_fd(ends[1]);
        if (r != 0) {
                close_fd(ends[0]);
                return -r;
        }

        *ret_fd = ends[0];
        return 0;
}
