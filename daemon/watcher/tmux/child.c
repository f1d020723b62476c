/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/tmux/child.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static void child_close(Child *c) {
        c->pidfd = close_fd(c->pidfd);
        c->in = close_fd(c->in);
        c->out = close_fd(c->out);
        c->err = close_fd(c->err);
        c->pid = 0;
}

/* Ours never blocks; the child's is an ordinary one, and becomes what @fd says there. */
static int add_pipe(posix_spawn_file_actions_t *actions, int fd, int *ret_ours, int *ret_theirs) {
        bool to_child = fd == STDIN_FILENO;
        int fds[2];

        /* A socket for its input: only to sockets can be written without SIGPIPE. */
        if ((to_child ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds)
                      : pipe2(fds, O_CLOEXEC)) < 0)
                return -errno;

        *ret_ours = fds[to_child ? 1 : 0];
        *ret_theirs = fds[to_child ? 0 : 1];
        if (fcntl(*ret_ours, F_SETFL, O_NONBLOCK) < 0)
                return -errno;
        return -posix_spawn_file_actions_adddup2(actions, *ret_theirs, fd);
}

/* Loops block signals, libraries ignore SIGPIPE: nothing of that is for the child. */
static int set_signals(posix_spawnattr_t *attributes) {
        sigset_t none, all;
        int r;

        (void)sigemptyset(&none);
        (void)sigfillset(&all);
        r = posix_spawnattr_setsigmask(attributes, &none);
        if (r == 0)
                r = posix_spawnattr_setsigdefault(attributes, &all);
        if (r == 0)
                r = posix_spawnattr_setflags(
                                attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        return -r;
}

static int spawn(const char *file, char *const *argv, char *const *envp,
                posix_spawn_file_actions_t *actions, Child *c) {
        _cleanup_(posix_spawnattr_destroy) posix_spawnattr_t attributes;
        int r;

        r = -posix_spawnattr_init(&attributes);
        if (r < 0)
                return r;
        r = set_signals(&attributes);
        if (r < 0)
                return r;
        r = -posix_spawnp(&c->pid, file, actions, &attributes, argv, envp);
        if (r < 0) {
                c->pid = 0;
                return r;
        }

        /* It cannot be reaped before we do it, so this is the right one. */
        c->pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
        if (c->pidfd < 0) {
                r = -errno;
                (void)kill(c->pid, SIGKILL);
                (void)waitpid(c->pid, NULL, 0);
                c->pid = 0;
        }
        return r;
}

int child_spawn(const char *file, char *const *argv, char *const *envp, Child *ret) {
        _cleanup_(posix_spawn_file_actions_destroy) posix_spawn_file_actions_t actions;
        _cleanup_close_ int in = -1, out = -1, err = -1;
        Child c = CHILD_NULL;
        int r;

        assert(file);
        assert(ret);

        r = -posix_spawn_file_actions_init(&actions);
        if (r < 0)
                return r;

        r = add_pipe(&actions, STDIN_FILENO, &c.in, &in);
        if (r >= 0)
                r = add_pipe(&actions, STDOUT_FILENO, &c.out, &out);
        if (r >= 0)
                r = add_pipe(&actions, STDERR_FILENO, &c.err, &err);
        if (r >= 0)
                r = spawn(file, argv, envp, &actions, &c);
        if (r < 0) {
                child_close(&c);
                return r;
        }

        *ret = c;
        return 0;
}

int child_reap(Child *child) {
        siginfo_t info = {};

        if (waitid(P_PIDFD, (id_t)child->pidfd, &info, WEXITED | WNOHANG) < 0 ||
                        info.si_code != CLD_EXITED) {
                child->pid = 0;
                return -ECHILD;
        }

        child->pid = 0;
        return info.si_status;
}

static void reap_killed(void *userdata) {
        int fd = (int)(intptr_t)userdata;

        (void)waitid(P_PIDFD, (id_t)fd, NULL, WEXITED);
        close_fd(fd);
}

static int on_killed(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        /* The loop's own reference was the last one: this calls reap_killed(). */
        (void)sd_event_source_set_floating(s, false);
        return 0;
}

void child_abandon(Child *child, sd_event *event) {
        sd_event_source *s = NULL;

        assert(child);

        if (child->pid > 0) {
                int fd = TAKE_FD(child->pidfd);

                (void)syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
                if (sd_event_add_io(event, &s, fd, EPOLLIN, on_killed, (void *)(intptr_t)fd) < 0)
                        reap_killed((void *)(intptr_t)fd);
                else {
                        (void)sd_event_source_set_destroy_callback(s, reap_killed);
                        (void)sd_event_source_set_floating(s, true);
                        sd_event_source_unref(s);
                }
        }
        child_close(child);
}
