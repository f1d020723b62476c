/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/base/log.h"
#include "daemon/passed-fds.h"
#include "daemon/service.h"

#define SYSTEM_FOLDER "/run/tmux-orchestrator"

static int make_folder(const char *path) {
        return mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

/* Each in turn, as far as it is not there yet. */
static int make_folders(const char *base, const Options *options, char **ret) {
        _cleanup_free_ char *all = NULL, *own = NULL;
        int r;

        r = make_folder(base);
        if (r < 0)
                return r;
        if (options_is_main(options)) {
                *ret = strdup(base);
                return *ret ? 0 : -ENOMEM;
        }

        if (asprintf(&all, "%s/environments", base) < 0) {
                all = NULL;
                return -ENOMEM;
        }
        if (asprintf(&own, "%s/%s", all, options->environment) < 0) {
                own = NULL;
                return -ENOMEM;
        }
        r = make_folder(all);
        if (r >= 0)
                r = make_folder(own);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(own);
        return 0;
}

static int listen_at_usual_place(Service *s) {
        _cleanup_free_ char *base = NULL, *folder = NULL, *path = NULL;
        const char *run = getenv("XDG_RUNTIME_DIR");
        int r;

        if (s->options->user && !run)
                return -ENXIO;
        if (s->options->user ? asprintf(&base, "%s/tmux-orchestrator", run) < 0
                             : asprintf(&base, "%s", SYSTEM_FOLDER) < 0) {
                base = NULL;
                return -ENOMEM;
        }

        r = make_folders(base, s->options, &folder);
        if (r < 0)
                return r;
        if (asprintf(&path, "%s/watch", folder) < 0) {
                path = NULL;
                return -ENOMEM;
        }

        return watchers_listen(s->watchers, path);
}

static int listen_for_watchers(Service *s) {
        int fd = passed_fd_find_socket();

        passed_fds_forget();
        return fd >= 0 ? watchers_listen_fd(s->watchers, fd) : listen_at_usual_place(s);
}

static int start_own_watcher(Service *s) {
        char exe[PATH_MAX];
        _cleanup_free_ char *program = NULL;
        ssize_t n;
        int r;

        if (!s->options->user)
                return 0;

        n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
        if (n < 0)
                return -errno;
        exe[n] = '\0';
        *strrchr(exe, '/') = '\0';

        if (asprintf(&program, "%s/watcher", exe) < 0) {
                program = NULL;
                return -ENOMEM;
        }

        r = watchers_start_own(s->watchers, program);
        if (r < 0)
                log_error("cannot start %s: %s", program, strerror(-r));

        return r;
}

int service_watch(Service *s) {
        int r;

        r = listen_for_watchers(s);
        if (r < 0) {
                log_error("cannot listen for watchers: %s", strerror(-r));
                return r;
        }

        return start_own_watcher(s);
}
