/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/environments.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <utlist.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/strv.h"

#define ENVIRONMENTS_MAX 4U
#define AGAIN_USEC USEC_PER_SEC

extern char **environ;

typedef struct Environment {
        Environments *all;
        char *name;
        pid_t pid; /* 0: not running */
        sd_event_source *child;
        sd_event_source *again;
        struct Environment *prev, *next;
} Environment;

struct Environments {
        sd_event *event;
        char *folder;
        char **arguments; /* of ours */
        sd_event_source *changes;
        Environment *list;
};

static void environment_free(Environment *e) {
        DL_DELETE(e->all->list, e);
        sd_event_source_disable_unref(e->child);
        sd_event_source_disable_unref(e->again);
        if (e->pid > 0) {
                /* It has nothing to save. */
                (void)kill(e->pid, SIGKILL);
                (void)waitpid(e->pid, NULL, 0);
        }
        free(e->name);
        free(e);
}

static Environment *find(const Environments *all, const char *name) {
        Environment *e;

        DL_FOREACH (all->list, e)
                if (strcmp(e->name, name) == 0)
                        return e;
        return NULL;
}

static int start(Environment *e);

static int on_again(sd_event_source *s, uint64_t usec, void *userdata) {
        Environment *e = userdata;

        e->again = sd_event_source_disable_unref(e->again);
        (void)start(e);
        return 0;
}

static int on_child(sd_event_source *s, const siginfo_t *si, void *userdata) {
        Environment *e = userdata;

        e->pid = 0;
        e->child = sd_event_source_disable_unref(e->child);
        log_warning("the watcher for environment '%s' ended, it is started again", e->name);
        return sd_event_add_time_relative(
                        e->all->event, &e->again, CLOCK_MONOTONIC, AGAIN_USEC, 0, on_again, e);
}

static int make_arguments(const Environment *e, char ***ret) {
        _cleanup_strv_free_ char **list = NULL;
        _cleanup_free_ char *option = NULL;
        int r;

        r = strv_extend(&list, "watcher");
        STRV_FOREACH (a, e->all->arguments)
                if (r >= 0)
                        r = strv_extend(&list, *a);
        if (r < 0)
                return r;
        if (asprintf(&option, "--connect=%s/%s/watch", e->all->folder, e->name) < 0)
                return -ENOMEM;
        r = strv_extend(&list, option);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(list);
        return 0;
}

/* What systemd hears is ours to say. */
static int make_environment(char ***ret) {
        _cleanup_strv_free_ char **list = NULL;

        STRV_FOREACH (e, environ) {
                int r = strncmp(*e, "NOTIFY_SOCKET=", strlen("NOTIFY_SOCKET=")) == 0
                                ? 0
                                : strv_extend(&list, *e);

                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(list);
        return 0;
}

static int start(Environment *e) {
        _cleanup_(posix_spawnattr_destroy) posix_spawnattr_t attributes;
        _cleanup_strv_free_ char **arguments = NULL, **environment = NULL;
        sigset_t none;
        int r;

        r = make_arguments(e, &arguments);
        if (r < 0)
                return r;
        r = make_environment(&environment);
        if (r < 0)
                return r;

        (void)posix_spawnattr_init(&attributes);
        (void)sigemptyset(&none);
        (void)posix_spawnattr_setsigmask(&attributes, &none);
        (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
        r = posix_spawn(&e->pid, "/proc/self/exe", NULL, &attributes, arguments, environment);
        if (r != 0) {
                e->pid = 0;
                return -r;
        }
        return sd_event_add_child(e->all->event, &e->child, e->pid, WEXITED, on_child, e);
}

static int add(Environments *all, const char *name) {
        Environment *e;
        int n;

        DL_COUNT(all->list, e, n);
        if (find(all, name) || name[0] == '.' || (unsigned)n >= ENVIRONMENTS_MAX)
                return 0;

        e = calloc(1, sizeof(*e));
        if (!e)
                return -ENOMEM;
        e->all = all;
        DL_APPEND(all->list, e);
        e->name = strdup(name);
        if (!e->name) {
                environment_free(e);
                return -ENOMEM;
        }
        log_info("environment '%s' is told of our servers too", name);
        return start(e);
}

static int on_change(sd_event_source *s, const struct inotify_event *event, void *userdata) {
        Environments *all = userdata;
        Environment *e = event->len > 0 ? find(all, event->name) : NULL;
        int r = 0;

        if (event->len == 0)
                return 0;
        if (event->mask & (IN_CREATE | IN_MOVED_TO))
                r = add(all, event->name);
        else if (e) {
                log_info("environment '%s' is gone", e->name);
                environment_free(e);
        }
        if (r < 0)
                log_warning("cannot report to environment '%s': %s", event->name, strerror(-r));
        return 0;
}

static int add_those_there(Environments *all) {
        _cleanup_closedir_ DIR *folder = opendir(all->folder);
        const struct dirent *d;

        while (folder && (d = readdir(folder))) {
                int r = d->d_type == DT_DIR ? add(all, d->d_name) : 0;

                if (r < 0)
                        return r;
        }
        return 0;
}

static int copy(const char *socket, char *const *arguments, Environments *all) {
        const char *end = strrchr(socket, '/');

        if (asprintf(&all->folder, "%.*s/environments", end ? (int)(end - socket) : 0, socket) <
                        0) {
                all->folder = NULL;
                return -ENOMEM;
        }
        for (; arguments && *arguments; arguments++) {
                int r = strv_extend(&all->arguments, *arguments);

                if (r < 0)
                        return r;
        }
        return 0;
}

int environments_new(
                sd_event *event, const char *socket, char *const *arguments, Environments **ret) {
        _cleanup_(environments_freep) Environments *all = NULL;
        int r;

        assert(event && socket && ret);

        all = calloc(1, sizeof(*all));
        if (!all)
                return -ENOMEM;
        all->event = sd_event_ref(event);
        r = copy(socket, arguments, all);
        if (r < 0)
                return r;

        r = sd_event_add_inotify(event, &all->changes, all->folder,
                        IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM | IN_ONLYDIR, on_change,
                        all);
        if (r < 0 && r != -ENOENT)
                return r;
        r = add_those_there(all);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(all);
        return 0;
}

Environments *environments_free(Environments *all) {
        if (!all)
                return NULL;

        while (all->list)
                environment_free(all->list);
        sd_event_source_disable_unref(all->changes);
        sd_event_unref(all->event);
        strv_free(all->arguments);
        free(all->folder);
        free(all);
        return NULL;
}
