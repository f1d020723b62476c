/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugins/host/witness.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "plugins/host/landlock.h"

#define PATH_SHOWN_MAX 256U
#define PAGE 4096U
/* Whether anybody is left. */
#define LOOK_MSEC 2000

/* Calls that name a file, and where. */
static const struct {
        int call;
        unsigned path;
        unsigned flags; /* how it is opened; 0: it is not opened */
} files[] = {
                {SCMP_SYS(open), 0, 1},
                {SCMP_SYS(openat), 1, 2},
                {SCMP_SYS(execve), 0, 0},
                {SCMP_SYS(stat), 0, 0},
                {SCMP_SYS(newfstatat), 1, 0},
                {SCMP_SYS(statx), 1, 0},
                {SCMP_SYS(access), 0, 0},
                {SCMP_SYS(unlink), 0, 0},
                {SCMP_SYS(unlinkat), 1, 0},
};

/* From the memory of the one that waits; "" if we may not. It ends with its page at the latest. */
static void read_path(pid_t pid, uint64_t address, char *path, size_t n_path) {
        struct iovec ours = {.iov_base = path, .iov_len = n_path - 1};
        struct iovec theirs = {.iov_base = (void *)(uintptr_t)address,
                        .iov_len = MIN(n_path - 1, PAGE - address % PAGE)};
        ssize_t n = process_vm_readv(pid, &ours, 1, &theirs, 1, 0);

        path[MAX(n, 0)] = '\0';
}

static void tell(Witness *w, const char *what) {
        for (unsigned i = 0; i < w->n_told; i++)
                if (strcmp(w->told[i], what) == 0)
                        return;
        if (w->n_told == WITNESS_TOLD_MAX)
                return;

        w->told[w->n_told] = strdup(what);
        if (!w->told[w->n_told])
                return;
        w->n_told++;
        /* Whoever does not listen does not hear. */
        (void)send(w->tell, what, strlen(what), MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void describe(const struct seccomp_notif *n, const char *path, char *text, size_t n_text) {
        char *name = seccomp_syscall_resolve_num_arch(n->data.arch, n->data.nr);
        unsigned long long argument = n->data.args[0];

        if (path[0] != '\0')
                (void)snprintf(text, n_text, "%s %s", name ?: "?", path);
        else if (n->data.nr == SCMP_SYS(socket) || n->data.nr == SCMP_SYS(socketpair))
                (void)snprintf(text, n_text, "%s of family %llu", name ?: "?", argument);
        else
                (void)snprintf(text, n_text, "%s", name ?: "?");
        free(name);
}

/* Whether it is Landlock's to decide; then whether it will be refused is no more than foreseen. */
static bool is_left_to_landlock(const Witness *w, const struct seccomp_notif *n) {
        return w->setup->is_program &&
                        (n->data.nr == SCMP_SYS(open) || n->data.nr == SCMP_SYS(openat));
}

static void take(Witness *w, const struct seccomp_notif *n, struct seccomp_notif_resp *answer) {
        char path[PATH_SHOWN_MAX] = "", text[PATH_SHOWN_MAX + 32];
        bool goes_on = is_left_to_landlock(w, n), is_write = false;

        FOREACH_ELEMENT (f, files) {
                if (f->call != n->data.nr)
                        continue;
                read_path((pid_t)n->pid, n->data.args[f->path], path, sizeof(path));
                is_write = f->flags > 0 && (n->data.args[f->flags] & O_ACCMODE) != O_RDONLY;
        }
        answer->id = n->id;
        answer->error = goes_on ? 0 : -EPERM;
        answer->flags = goes_on ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0;
        /* The number of a process that is gone may be another's by now. */
        if (seccomp_notify_id_valid(w->listener, n->id) < 0)
                return;
        if (goes_on && landlock_foresees(w->setup, path, is_write))
                return;
        describe(n, path, text, sizeof(text));
        tell(w, text);
}

/* What waits no more, for it was interrupted or has ended, is no reason to stop. */
static int outcome(int r) {
        return r < 0 && errno != ENOENT && errno != EINTR ? -errno : 0;
}

int witness_hear(Witness *w) {
        struct seccomp_notif *n = NULL;
        struct seccomp_notif_resp *answer = NULL;
        int r;

        r = seccomp_notify_alloc(&n, &answer);
        if (r < 0)
                return r;
        r = ioctl(w->listener, SECCOMP_IOCTL_NOTIF_RECV, n);
        if (r >= 0) {
                take(w, n, answer);
                r = ioctl(w->listener, SECCOMP_IOCTL_NOTIF_SEND, answer);
        }
        r = outcome(r);
        seccomp_notify_free(n, answer);
        return r;
}

void witness_send(int fd, int listener) {
        union {
                struct cmsghdr header;
                char space[CMSG_SPACE(sizeof(int))];
        } control = {};
        char byte = 0;
        struct iovec iov = {.iov_base = &byte, .iov_len = 1};
        struct msghdr m = {.msg_iov = &iov,
                        .msg_iovlen = 1,
                        .msg_control = &control,
                        .msg_controllen = sizeof(control)};
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);

        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &listener, sizeof(int));
        if (listener >= 0)
                (void)sendmsg(fd, &m, MSG_NOSIGNAL);
        close_fd(listener);
        close_fd(fd);
}

int witness_receive(int fd) {
        union {
                struct cmsghdr header;
                char space[CMSG_SPACE(sizeof(int))];
        } control;
        char byte;
        struct iovec iov = {.iov_base = &byte, .iov_len = 1};
        struct msghdr m = {.msg_iov = &iov,
                        .msg_iovlen = 1,
                        .msg_control = &control,
                        .msg_controllen = sizeof(control)};
        struct cmsghdr *c;
        int listener = -1;

        if (recvmsg(fd, &m, MSG_CMSG_CLOEXEC) == 1) {
                c = CMSG_FIRSTHDR(&m);
                if (c && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof(int)))
                        memcpy(&listener, CMSG_DATA(c), sizeof(int));
        }
        close_fd(fd);
        return listener;
}

int witness_throttle(Witness *w, Throttle *t) {
        char text[64];
        bool stopped;
        int next = throttle_look(t, &stopped);

        if (stopped) {
                (void)snprintf(text, sizeof(text), "use more than %u%% of a core, for long",
                                (unsigned)t->percent);
                tell(w, text);
        }
        return next;
}

/* Until who started us is gone. A signal at its death would not come: its walls hold back its own.
 */
static void attend(Witness *w, pid_t pid, int pidfd) {
        struct pollfd p[] = {
                        {.fd = w->listener, .events = POLLIN}, {.fd = pidfd, .events = POLLIN}};
        Throttle throttle;

        throttle_init(&throttle, pid, w->setup->cpu_percent);
        while (p[1].revents == 0 && getppid() == pid) {
                int next = witness_throttle(w, &throttle);
                int n = poll(p, ELEMENTSOF(p), next < 0 ? LOOK_MSEC : next);

                if (n > 0 && p[0].revents != 0 && (p[0].revents != POLLIN || witness_hear(w) < 0))
                        p[0].fd = -1;
        }
}

int witness_start(const Setup *s, int *ret) {
        Witness w = {.setup = s, .listener = -1, .tell = STDIN_FILENO};
        pid_t parent = getpid(), pid;
        int fds[2];

        *ret = -1;
        if (s->tell_fd < 0)
                return 0;
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
                return -errno;
        pid = fork();
        if (pid == 0) {
                /* It holds nothing that somebody waits for the end of. */
                (void)dup2(s->tell_fd, STDIN_FILENO);
                (void)dup2(fds[1], STDOUT_FILENO);
                (void)close_range(STDERR_FILENO, ~0U, 0);
                w.listener = witness_receive(STDOUT_FILENO);
                attend(&w, parent, (int)syscall(SYS_pidfd_open, parent, 0));
                _exit(EXIT_SUCCESS);
        }
        close_fd(fds[1]);
        if (pid < 0) {
                close_fd(fds[0]);
                return -errno;
        }
        *ret = fds[0];
        return 0;
}
