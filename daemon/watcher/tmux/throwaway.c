/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/tmux/throwaway.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "daemon/base/text.h"
#include "daemon/watcher/tmux/child.h"
#include "daemon/watcher/tmux/socket-probe.h"

#define PREFIX "tmux-orc-throwaway-"
#define SOCKET "socket"
#define FOLDER_MAX 80U
#define SWEEP_MAX 256U

struct Throwaway {
        sd_event *event;
        Child child;
        int lock; /* while it is held, nobody sweeps the folder */
        char folder[FOLDER_MAX];
        char socket[FOLDER_MAX + sizeof(SOCKET)];
};

static const char *base_folder(void) {
        const char *folder = getenv("XDG_RUNTIME_DIR");

        /* Room is left for a name that a socket's address can hold. */
        return folder && folder[0] == '/' && strlen(folder) < FOLDER_MAX - 32 ? folder : "/tmp";
}

bool throwaway_owns(const char *socket) {
        return strstr(socket, "/" PREFIX);
}

/* Returns -EWOULDBLOCK if it is somebody's who lives. */
static int lock_folder(const char *folder, int *ret) {
        _cleanup_close_ int fd = -1;
        struct stat st;

        fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (st.st_uid != geteuid())
                return -EPERM;
        if (flock(fd, LOCK_EX | LOCK_NB) < 0)
                return -errno;

        *ret = TAKE_FD(fd);
        return 0;
}

/* Flat: a server makes no folders in there. */
static void remove_folder(const char *folder, int lock) {
        _cleanup_closedir_ DIR *d = NULL;
        int fd = fcntl(lock, F_DUPFD_CLOEXEC, 0);

        if (fd < 0)
                return;
        d = fdopendir(fd);
        if (!d) {
                close_fd(fd);
                return;
        }
        for (struct dirent *e = readdir(d); e; e = readdir(d))
                if (e->d_name[0] != '.')
                        (void)unlinkat(lock, e->d_name, 0);
        (void)rmdir(folder);
}

static void sweep_one(const char *base, const char *name) {
        _cleanup_close_ int lock = -1;
        char folder[FOLDER_MAX], socket[sizeof(folder) + sizeof(SOCKET)];
        pid_t pid;

        if (snprintf(folder, sizeof(folder), "%s/%s", base, name) >= (int)sizeof(folder) ||
                        lock_folder(folder, &lock) < 0)
                return;
        (void)snprintf(socket, sizeof(socket), "%s/" SOCKET, folder);
        if (socket_probe(socket, &pid) >= 0)
                (void)kill(pid, SIGKILL);
        remove_folder(folder, lock);
}

void throwaway_sweep(void) {
        _cleanup_closedir_ DIR *d = NULL;
        const char *base = base_folder();
        unsigned n = 0;

        d = opendir(base);
        if (!d)
                return;
        for (struct dirent *e = readdir(d); e && n < SWEEP_MAX; e = readdir(d))
                if (text_starts_with(e->d_name, PREFIX)) {
                        sweep_one(base, e->d_name);
                        n++;
                }
}

static int make_folder(Throwaway *t) {
        int r;

        (void)snprintf(t->folder, sizeof(t->folder), "%s/" PREFIX "XXXXXX", base_folder());
        if (!mkdtemp(t->folder)) {
                r = -errno;
                t->folder[0] = '\0';
                return r;
        }
        (void)snprintf(t->socket, sizeof(t->socket), "%s/" SOCKET, t->folder);
        /* Somebody who sweeps at this very moment has the folder for an instant, and removes it. */
        return lock_folder(t->folder, &t->lock);
}

static void set_streams(void) {
        int null = open("/dev/null", O_RDWR);

        if (null < 0)
                _exit(127);
        for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
                if (dup2(null, fd) < 0)
                        _exit(127);
        if (null > STDERR_FILENO)
                (void)close(null);
}

/*
 * In the foreground (-D), so that it stays our child and the kernel ends it when we end. That is a
 * request of its own, which posix_spawn() does not know.
 */
static _Noreturn void run_server(const Throwaway *t, const char *executable, pid_t parent) {
        char home[FOLDER_MAX + 8], tmpdir[FOLDER_MAX + 16];
        char *argv[] = {(char *)"tmux", (char *)"-D", (char *)"-u", (char *)"-f",
                        (char *)"/dev/null", (char *)"-S", (char *)t->socket, NULL};
        char *envp[] = {(char *)"LC_ALL=C.UTF-8", (char *)"PATH=/usr/bin:/bin",
                        (char *)"SHELL=/bin/sh", home, tmpdir, NULL};
        sigset_t none;

        (void)snprintf(home, sizeof(home), "HOME=%s", t->folder);
        (void)snprintf(tmpdir, sizeof(tmpdir), "TMUX_TMPDIR=%s", t->folder);
        (void)sigemptyset(&none);
        (void)sigprocmask(SIG_SETMASK, &none, NULL);
        (void)signal(SIGPIPE, SIG_DFL);
        (void)setsid();
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
                _exit(127);
        set_streams();
        (void)execve(executable, argv, envp);
        _exit(127);
}

static int start_server(Throwaway *t, const char *executable) {
        pid_t parent = getpid();
        int r;

        t->child.pid = fork();
        if (t->child.pid < 0) {
                t->child.pid = 0;
                return -errno;
        }
        if (t->child.pid == 0)
                run_server(t, executable, parent);

        t->child.pidfd = (int)syscall(SYS_pidfd_open, t->child.pid, 0);
        if (t->child.pidfd >= 0)
                return 0;
        r = -errno;
        (void)kill(t->child.pid, SIGKILL);
        t->child.pid = 0;
        return r;
}

int throwaway_new(sd_event *event, const char *executable, Throwaway **ret) {
        _cleanup_(throwaway_freep) Throwaway *t = NULL;
        int r;

        assert(event);
        assert(executable);
        assert(ret);

        t = calloc(1, sizeof(*t));
        if (!t)
                return -ENOMEM;
        t->event = sd_event_ref(event);
        t->child = CHILD_NULL;
        t->lock = -1;

        r = make_folder(t);
        if (r < 0)
                return r;
        r = start_server(t, executable);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(t);
        return 0;
}

Throwaway *throwaway_free(Throwaway *t) {
        if (!t)
                return NULL;

        child_abandon(&t->child, t->event);
        if (t->lock >= 0)
                remove_folder(t->folder, t->lock);
        else if (t->folder[0] != '\0')
                (void)rmdir(t->folder);
        close_fd(t->lock);
        sd_event_unref(t->event);
        free(t);
        return NULL;
}

const char *throwaway_socket(const Throwaway *t) {
        return t->socket;
}

pid_t throwaway_pid(const Throwaway *t) {
        return t->child.pid;
}

bool throwaway_is_ready(const Throwaway *t) {
        pid_t pid;

        return socket_probe(t->socket, &pid) == 0 && pid == t->child.pid;
}
