/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/bench/stage.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#include "daemon/base/clock.h"
#include "daemon/bench/screens.h"
#include "daemon/watcher/tmux/throwaway.h"

#define READY_USEC (5 * USEC_PER_SEC)
#define LOOK_NSEC (5 * 1000000L)
#define WINDOWS_PER_SESSION 10U
/* As a spinner of an agent: this often a second, in this row. */
#define REDRAW "10 40"

struct Stage {
        Throwaway *server;
        char *folder; /* all that is in it goes with the server */
};

static int find_tmux(char ret[static PATH_MAX]) {
        const char *path = getenv("PATH") ?: "/usr/bin:/bin";

        while (*path) {
                size_t n = strcspn(path, ":");

                (void)snprintf(ret, PATH_MAX, "%.*s/tmux", (int)n, path);
                if (access(ret, X_OK) == 0)
                        return 0;
                path += n;
                path += *path == ':';
        }
        return -ENOENT;
}

static int wait_until_ready(const Stage *s) {
        const struct timespec pause = {.tv_nsec = LOOK_NSEC};
        uint64_t end = now_monotonic() + READY_USEC;

        while (!throwaway_is_ready(s->server)) {
                if (now_monotonic() >= end)
                        return -ETIME;
                (void)nanosleep(&pause, NULL);
        }
        return 0;
}

static int write_screen(const Stage *s, unsigned i) {
        _cleanup_free_ char *path = NULL;
        FILE *f;

        if (asprintf(&path, "%s/screen%u", s->folder, i) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        f = fopen(path, "we");
        if (!f)
                return -errno;
        screens_write(f, i, STAGE_LINES - 1);
        return fclose(f) == 0 ? 0 : -EIO;
}

static void write_command(const Stage *s, FILE *f, const char *pane, unsigned i) {
        if (i % WINDOWS_PER_SESSION == 0)
                (void)fprintf(f, "new-session -d -s s%u -x %u -y %u", i / WINDOWS_PER_SESSION,
                                STAGE_COLUMNS, STAGE_LINES);
        else
                (void)fprintf(f, "new-window -d -t s%u:", i / WINDOWS_PER_SESSION);
        (void)fprintf(f, " \"exec '%s' " REDRAW " '%s' '%s/screen%u'\"\n", pane, screens_spinner,
                        s->folder, i % SCREENS);
}

/* What tmux is to do, as a file: a command a line. */
static int write_commands(const Stage *s, const char *pane, unsigned panes, char **ret) {
        _cleanup_free_ char *path = NULL;
        FILE *f;

        if (asprintf(&path, "%s/commands", s->folder) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        f = fopen(path, "we");
        if (!f)
                return -errno;
        for (unsigned i = 0; i < panes; i++)
                write_command(s, f, pane, i);
        if (fclose(f) != 0)
                return -EIO;
        *ret = TAKE_PTR(path);
        return 0;
}

static int source_file(const Stage *s, char *tmux, char *file) {
        char *argv[] = {tmux, (char *)"-u", (char *)"-S", (char *)stage_socket(s),
                        (char *)"source-file", file, NULL};
        int r, status;
        pid_t pid;

        r = posix_spawn(&pid, tmux, NULL, NULL, argv, environ);
        if (r != 0)
                return -r;
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

static int set_scene(const Stage *s, char *tmux, const char *pane, unsigned panes) {
        _cleanup_free_ char *commands = NULL;
        int r;

        r = wait_until_ready(s);
        for (unsigned i = 0; i < SCREENS && r >= 0; i++)
                r = write_screen(s, i);
        if (r >= 0)
                r = write_commands(s, pane, panes, &commands);
        return r >= 0 ? source_file(s, tmux, commands) : r;
}

int stage_new(sd_event *event, const char *pane, unsigned panes, Stage **ret) {
        _cleanup_(stage_freep) Stage *s = NULL;
        char tmux[PATH_MAX];
        const char *slash;
        int r;

        assert(event && pane && ret);
        assert(panes > 0 && panes <= STAGE_PANES_MAX);

        /* In a command line in quotes. */
        if (strpbrk(pane, "'\"\\$#\n"))
                return -EINVAL;
        r = find_tmux(tmux);
        if (r < 0)
                return r;
        throwaway_sweep();
        s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;
        r = throwaway_new(event, tmux, &s->server);
        if (r < 0)
                return r;
        slash = strrchr(stage_socket(s), '/');
        s->folder = strndup(stage_socket(s), (size_t)(slash - stage_socket(s)));
        if (!s->folder)
                return -ENOMEM;

        r = set_scene(s, tmux, pane, panes);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(s);
        return 0;
}

Stage *stage_free(Stage *s) {
        if (!s)
                return NULL;

        throwaway_free(s->server);
        free(s->folder);
        free(s);
        return NULL;
}

const char *stage_socket(const Stage *s) {
        return throwaway_socket(s->server);
}
