/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/extend/host-launch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/strv.h"

/* The descriptor that the host finds its conversation on. */
#define CHILD_FD 3

static int connect_unit(const char *path, HostProcess *ret) {
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        struct sockaddr_un address = {.sun_family = AF_UNIX};

        if (fd < 0)
                return -errno;
        if (strlen(path) >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        (void)strcpy(address.sun_path, path);
        if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
                return -errno;

        *ret = (HostProcess){.fd = TAKE_FD(fd), .in_unit = true};
        return 0;
}

/* Foreign code sees nothing of our environment; sanitizers are told what they were told here. */
static int make_environment(char ***ret) {
        static const char *const names[] = {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"};
        _cleanup_strv_free_ char **list = NULL;
        int r = strv_extend(&list, "LANG=C.UTF-8");

        for (size_t i = 0; i < ELEMENTSOF(names) && r >= 0; i++) {
                _cleanup_free_ char *line = NULL;

                if (!getenv(names[i]))
                        continue;
                if (asprintf(&line, "%s=%s", names[i], getenv(names[i])) < 0)
                        return -ENOMEM;
                r = strv_extend(&list, line);
        }
        if (r < 0)
                return r;

        *ret = TAKE_PTR(list);
        return 0;
}

static int spawn(const char *program, const char *name, int fd, pid_t *ret) {
        _cleanup_(posix_spawn_file_actions_destroy) posix_spawn_file_actions_t actions;
        _cleanup_(posix_spawnattr_destroy) posix_spawnattr_t attributes;
        _cleanup_strv_free_ char **environment = NULL;
        char option[] = "--fd=3";
        char *argv[] = {(char *)program, option, (char *)name, NULL};
        sigset_t none;
        int r;

        r = make_environment(&environment);
        if (r < 0)
                return r;

        (void)posix_spawn_file_actions_init(&actions);
        (void)posix_spawnattr_init(&attributes);
        (void)sigemptyset(&none);
        (void)posix_spawnattr_setsigmask(&attributes, &none);
        (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);

        r = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        if (r == 0)
                r = posix_spawn_file_actions_addopen(
                                &actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        if (r == 0)
                r = posix_spawn_file_actions_adddup2(&actions, fd, CHILD_FD);
        if (r == 0)
                r = posix_spawn(ret, program, &actions, &attributes, argv, environment);
        return -r;
}

static int launch_child(const char *program, const char *name, HostProcess *ret) {
        _cleanup_close_ int ours = -1, theirs = -1, moved = -1;
        int fds[2], r;
        pid_t pid;

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
                return -errno;
        ours = fds[0];
        theirs = fds[1];
        if (fcntl(ours, F_SETFL, O_NONBLOCK) < 0)
                return -errno;
        /* A copy onto itself would keep close-on-exec set. */
        moved = fcntl(theirs, F_DUPFD_CLOEXEC, CHILD_FD + 1);
        if (moved < 0)
                return -errno;

        r = spawn(program, name, moved, &pid);
        if (r < 0)
                return r;
        *ret = (HostProcess){.fd = TAKE_FD(ours), .pid = pid};
        return 0;
}

int host_launch(const HostPlaces *places, const char *name, bool network, HostProcess *ret) {
        const char *socket_path = network ? places->network_socket : places->strict_socket;

        return socket_path ? connect_unit(socket_path, ret)
                           : launch_child(places->program, name, ret);
}

int host_send_payload(int fd, int tell, int payload) {
        const int fds[] = {tell, payload};
        size_t n_fds = sizeof(int) * (payload >= 0 ? 2 : 1);
        union {
                struct cmsghdr header;
                char space[CMSG_SPACE(sizeof(fds))];
        } control = {};
        char byte = '\n';
        struct iovec iov = {.iov_base = &byte, .iov_len = 1};
        struct msghdr m = {.msg_iov = &iov,
                        .msg_iovlen = 1,
                        .msg_control = &control,
                        .msg_controllen = CMSG_SPACE(n_fds)};
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);

        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(n_fds);
        memcpy(CMSG_DATA(c), fds, n_fds);
        return sendmsg(fd, &m, MSG_NOSIGNAL) == 1 ? 0 : -errno;
}

int host_program_find(char **ret) {
        char exe[PATH_MAX];
        ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

        if (n < 0)
                return -errno;
        exe[n] = '\0';
        *strrchr(exe, '/') = '\0';
        return asprintf(ret, "%s/plugin-host", exe) < 0 ? -ENOMEM : 0;
}
