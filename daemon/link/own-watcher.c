/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/link/own-watcher.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"

#define DELAY_MIN_USEC (200 * USEC_PER_MSEC)
#define DELAY_MAX_USEC (30 * USEC_PER_SEC)
/* Who lived so long starts again without delay. */
#define STABLE_USEC (60 * USEC_PER_SEC)
/* One that was told to end and has not by then is killed: it may stand still. */
#define PATIENCE_USEC (2 * USEC_PER_SEC)
/* The descriptor that the watcher finds its conversation on. */
#define CHILD_FD 3

extern char **environ;

struct OwnWatcher {
        sd_event *event;
        char *program;
        OwnWatcherStarted started;
        void *userdata;
        pid_t pid; /* 0: not running */
        sd_event_source *child;
        sd_event_source *timer; /* starts it, or ends one that does not end when it is told */
        uint64_t start_usec;
        uint64_t delay_usec;
        unsigned n_starts;
};

static int start(OwnWatcher *w);

static int on_timer(sd_event_source *s, uint64_t usec, void *userdata) {
        OwnWatcher *w = userdata;
        int r;

        w->timer = sd_event_source_disable_unref(w->timer);
        r = start(w);
        if (r < 0)
                log_error("cannot start '%s': %s", w->program, strerror(-r));
        return 0;
}

static int start_later(OwnWatcher *w) {
        if (now_monotonic() - w->start_usec >= STABLE_USEC)
                w->delay_usec = 0;
        w->delay_usec = w->delay_usec == 0 ? DELAY_MIN_USEC
                                           : MIN(w->delay_usec * 2, DELAY_MAX_USEC);

        return sd_event_add_time_relative(
                        w->event, &w->timer, CLOCK_MONOTONIC, w->delay_usec, 0, on_timer, w);
}

static int on_child(sd_event_source *s, const siginfo_t *si, void *userdata) {
        OwnWatcher *w = userdata;

        w->pid = 0;
        w->child = sd_event_source_disable_unref(w->child);
        w->timer = sd_event_source_disable_unref(w->timer);
        if (si->si_code == CLD_EXITED)
                log_warning("the watcher ended with status %d, it is started again", si->si_status);
        else
                log_warning("the watcher was ended by signal %d, it is started again",
                                si->si_status);
        return start_later(w);
}

static int spawn(OwnWatcher *w, int fd) {
        _cleanup_(posix_spawn_file_actions_destroy) posix_spawn_file_actions_t actions;
        _cleanup_(posix_spawnattr_destroy) posix_spawnattr_t attributes;
        char option[] = "--fd=3";
        char *argv[] = {w->program, option, NULL};
        sigset_t none;
        int r;

        (void)posix_spawn_file_actions_init(&actions);
        (void)posix_spawnattr_init(&attributes);
        (void)sigemptyset(&none);
        (void)posix_spawnattr_setsigmask(&attributes, &none);
        (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);

        /* A copy onto itself keeps close-on-exec set, so @fd must be another one. */
        assert(fd != CHILD_FD);
        r = posix_spawn_file_actions_adddup2(&actions, fd, CHILD_FD);
        if (r == 0)
                r = posix_spawn(&w->pid, w->program, &actions, &attributes, argv, environ);
        if (r != 0)
                w->pid = 0;
        return -r;
}

static int start(OwnWatcher *w) {
        _cleanup_close_ int ours = -1, theirs = -1, moved = -1;
        int fds[2], r;

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0)
                return -errno;
        ours = fds[0];
        theirs = fds[1];
        moved = fcntl(theirs, F_DUPFD_CLOEXEC, CHILD_FD + 1);
        if (moved < 0)
                return -errno;

        w->start_usec = now_monotonic();
        r = spawn(w, moved);
        if (r < 0) {
                (void)start_later(w);
                return r;
        }

        w->n_starts++;
        r = sd_event_add_child(w->event, &w->child, w->pid, WEXITED, on_child, w);
        if (r < 0)
                return r;
        w->started(w->userdata, TAKE_FD(ours));
        return 0;
}

int own_watcher_new(sd_event *event, const char *program, OwnWatcherStarted started, void *userdata,
                OwnWatcher **ret) {
        _cleanup_(own_watcher_freep) OwnWatcher *w = NULL;
        int r;

        assert(event && program && started && ret);

        w = calloc(1, sizeof(*w));
        if (!w)
                return -ENOMEM;
        w->event = sd_event_ref(event);
        w->started = started;
        w->userdata = userdata;
        w->program = strdup(program);
        if (!w->program)
                return -ENOMEM;

        r = start(w);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(w);
        return 0;
}

static int on_patience_over(sd_event_source *s, uint64_t usec, void *userdata) {
        OwnWatcher *w = userdata;

        w->timer = sd_event_source_disable_unref(w->timer);
        if (w->pid > 0)
                (void)kill(w->pid, SIGKILL);
        return 0;
}

int own_watcher_restart(OwnWatcher *w) {
        if (w->pid == 0) {
                w->timer = sd_event_source_disable_unref(w->timer);
                return start(w);
        }

        if (kill(w->pid, SIGTERM) < 0)
                return -errno;
        if (w->timer)
                return 0;
        return sd_event_add_time_relative(w->event, &w->timer, CLOCK_MONOTONIC, PATIENCE_USEC, 0,
                        on_patience_over, w);
}

unsigned own_watcher_restarts(const OwnWatcher *w) {
        return w->n_starts > 0 ? w->n_starts - 1 : 0;
}

OwnWatcher *own_watcher_free(OwnWatcher *w) {
        if (!w)
                return NULL;

        sd_event_source_disable_unref(w->child);
        sd_event_source_disable_unref(w->timer);
        if (w->pid > 0) {
                /* It has nothing to save, and must not outlive us. */
                (void)kill(w->pid, SIGKILL);
                (void)waitpid(w->pid, NULL, 0);
        }
        sd_event_unref(w->event);
        free(w->program);
        free(w);
        return NULL;
}
