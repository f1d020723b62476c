/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Look driver
 *
 * Looks at one tmux server in the ways that are compared, with the clock beside it. Each line of
 * its input, "METHOD COUNT", is answered by one line of JSON: what each time took, and the CPU of
 * the server and of ourselves with our children for all of them together. "methods" names them.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "daemon/base/clock.h"
#include "daemon/watcher/tmux/server.h"
#include "tests/bench/forks.h"

#define COUNT_MAX 100000U
/* The watcher leaves far more between two looks. */
#define PAUSE_USEC (10 * USEC_PER_MSEC)

/* The transports that there are: all are looked through in the same rounds. */
static const struct {
        const char *name;
        int (*new)(sd_event *event, TmuxTransport **ret);
} transports[] = {
                {"source", tmux_transport_source_new},
                {"native", tmux_transport_native_new},
};

typedef struct Eyes {
        sd_event *event;
        TmuxTransport *transport;
        TmuxServer *server;
        bool done;
        int error;
        TmuxLookStats stats;
} Eyes;

typedef struct Driver {
        const char *socket;
        Eyes eyes[ELEMENTSOF(transports)];
        char **panes;
        size_t n_panes;
        clockid_t server_clock;
        unsigned captured; /* in the last run */
} Driver;

static void __attribute__((noreturn)) die(const char *what, int r) {
        (void)fprintf(stderr, "%s: %s\n", what, strerror(-r));
        exit(EXIT_FAILURE);
}

static void on_pane_changed(void *userdata, TmuxServer *s, TmuxPane *pane, unsigned changes) {}
static void on_pane_gone(void *userdata, TmuxServer *s, TmuxPane *pane) {}
static void on_liveness_changed(void *userdata, TmuxServer *s, Liveness old) {}
static void on_replaced(void *userdata, TmuxServer *s) {}

static const TmuxServerEvents events = {
                .pane_changed = on_pane_changed,
                .pane_gone = on_pane_gone,
                .liveness_changed = on_liveness_changed,
                .replaced = on_replaced,
};

static void on_look(void *userdata, TmuxServer *s, int error, const TmuxLookStats *stats) {
        Eyes *e = userdata;

        e->error = error;
        e->stats = *stats;
        e->done = true;
}

static void eyes_look(Eyes *e, TmuxLookMode mode) {
        int r;

        e->done = false;
        r = tmux_server_look(e->server, mode, on_look, e);
        while (r >= 0 && !e->done)
                r = sd_event_run(e->event, UINT64_MAX);
        if (r >= 0)
                r = e->error;
        if (r < 0)
                die("look", r);
}

static void eyes_open(Eyes *e, size_t i, const char *socket) {
        int r = sd_event_new(&e->event);

        if (r >= 0)
                r = transports[i].new(e->event, &e->transport);
        if (r >= 0)
                r = tmux_server_new(e->event, e->transport, socket, &events, e, &e->server);
        if (r < 0)
                die(socket, r);
        eyes_look(e, TMUX_LOOK_FULL);
}

static void eyes_close(Eyes *e) {
        tmux_server_free(e->server);
        tmux_transport_free(e->transport);
        sd_event_unref(e->event);
}

static void one_by_one(Driver *d, Eyes *e) {
        if (forks_capture(d->socket, d->panes, d->n_panes, 1) < 0)
                die("one by one", -EIO);
}

static void twenty_at_once(Driver *d, Eyes *e) {
        if (forks_capture(d->socket, d->panes, d->n_panes, 20) < 0)
                die("twenty at once", -EIO);
}

static void rest(Eyes *e) {
        uint64_t end = now_monotonic() + PAUSE_USEC, now;

        while ((now = now_monotonic()) < end)
                if (sd_event_run(e->event, end - now) < 0)
                        die("rest", -EIO);
}

static void look(Driver *d, Eyes *e) {
        eyes_look(e, TMUX_LOOK_NORMAL);
        d->captured += e->stats.captured;
}

static void full(Driver *d, Eyes *e) {
        eyes_look(e, TMUX_LOOK_FULL);
        d->captured += e->stats.captured;
}

typedef struct Method {
        const char *name;
        void (*run)(Driver *d, Eyes *e);
        bool has_transport; /* "-" and its name follow */
        bool rests;         /* before each, which is not counted */
} Method;

static const Method methods[] = {
                {"one-by-one", one_by_one},
                {"twenty-at-once", twenty_at_once},
                {"look", look, true, true},
                {"ask", look, true}, /* at once after the last: it has to ask the server */
                {"full", full, true},
};

static uint64_t clock_nsec(clockid_t clock) {
        struct timespec ts;

        if (clock_gettime(clock, &ts) < 0)
                die("the server's clock", -errno);
        return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static uint64_t usage_usec(int who) {
        struct rusage u;

        (void)getrusage(who, &u);
        return (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * USEC_PER_SEC +
                        (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static uint64_t own_usec(void) {
        return usage_usec(RUSAGE_SELF) + usage_usec(RUSAGE_CHILDREN);
}

static void measure(Driver *d, const Method *m, Eyes *e, unsigned count) {
        uint64_t server = clock_nsec(d->server_clock), own = own_usec();

        d->captured = 0;
        (void)printf("{\"wall_us\":[");
        for (unsigned i = 0; i < count; i++) {
                uint64_t start;

                if (m->rests)
                        rest(e);
                start = clock_nsec(CLOCK_MONOTONIC);
                m->run(d, e);
                (void)printf("%s%.1f", i ? "," : "",
                                (double)(clock_nsec(CLOCK_MONOTONIC) - start) / 1000);
        }
        (void)printf("],\"server_us\":%.1f,\"own_us\":%" PRIu64 ",\"captured\":%u,\"panes\":%zu}\n",
                        (double)(clock_nsec(d->server_clock) - server) / 1000, own_usec() - own,
                        d->captured, d->n_panes);
}

static void method_name(const Method *m, size_t transport, char ret[static 32]) {
        (void)snprintf(ret, 32, "%s%s%s", m->name, m->has_transport ? "-" : "",
                        m->has_transport ? transports[transport].name : "");
}

static size_t method_count(const Method *m) {
        return m->has_transport ? ELEMENTSOF(transports) : 1;
}

static void print_methods(void) {
        const char *before = "[";

        FOREACH_ELEMENT (m, methods)
                for (size_t i = 0; i < method_count(m); i++) {
                        char name[32];

                        method_name(m, i, name);
                        (void)printf("%s\"%s\"", before, name);
                        before = ",";
                }
        (void)printf("]\n");
}

static bool measure_named(Driver *d, const char *wanted, unsigned count) {
        FOREACH_ELEMENT (m, methods)
                for (size_t i = 0; i < method_count(m); i++) {
                        char name[32];

                        method_name(m, i, name);
                        if (strcmp(name, wanted) != 0)
                                continue;
                        measure(d, m, &d->eyes[i], count);
                        return true;
                }
        return false;
}

static void obey(Driver *d, const char *line) {
        char name[32];
        unsigned count;

        if (strcmp(line, "methods\n") == 0)
                print_methods();
        else if (sscanf(line, "%31s %u", name, &count) != 2 || count == 0 || count > COUNT_MAX ||
                        !measure_named(d, name, count))
                die(line, -EINVAL);
}

static void list_panes(Driver *d) {
        TmuxServer *server = d->eyes[0].server;

        d->panes = calloc(tmux_server_count(server), sizeof(*d->panes));
        if (!d->panes)
                die("panes", -ENOMEM);
        for (TmuxPane *p = tmux_server_next(server, NULL); p; p = tmux_server_next(server, p))
                d->panes[d->n_panes++] = strdup(p->name);
}

int main(int argc, char *argv[]) {
        Driver d = {.socket = argv[1]};
        char line[64];

        if (argc != 2) {
                (void)fprintf(stderr, "usage: %s SOCKET\n", argv[0]);
                return EXIT_FAILURE;
        }
        for (size_t i = 0; i < ELEMENTSOF(transports); i++)
                eyes_open(&d.eyes[i], i, d.socket);
        list_panes(&d);
        if (clock_getcpuclockid(tmux_server_pid(d.eyes[0].server), &d.server_clock) != 0)
                die("the server's clock", -ESRCH);

        while (fgets(line, sizeof(line), stdin)) {
                obey(&d, line);
                (void)fflush(stdout);
        }

        for (size_t i = 0; i < d.n_panes; i++)
                free(d.panes[i]);
        free(d.panes);
        for (size_t i = 0; i < ELEMENTSOF(transports); i++)
                eyes_close(&d.eyes[i]);
        return EXIT_SUCCESS;
}
