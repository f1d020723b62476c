/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/bench/ways.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "daemon/base/clock.h"
#include "daemon/bench/forks.h"
#include "daemon/watcher/tmux/server.h"

/* The watcher leaves far more between two looks. */
#define PAUSE_USEC (25 * USEC_PER_MSEC)
#define ANSWER_MAX (16U * 1024U * 1024U)
#define NSEC_PER_SEC 1000000000ULL

static const struct {
        const char *name;
        int (*new)(sd_event *event, TmuxTransport **ret);
} transports[] = {
                {"source", tmux_transport_source_new},
                {"native", tmux_transport_native_new},
};

/* One look at a server over one transport. */
typedef struct Eyes {
        sd_event *event;
        TmuxTransport *transport;
        TmuxServer *server;
        bool done;
        int error;
        TmuxLookStats stats;
} Eyes;

struct Ways {
        char *socket;
        Eyes eyes[ELEMENTSOF(transports)];
        char **panes;
        pid_t *pids;
        size_t n_panes;
        size_t n_redrawn; /* so many of them */
        clockid_t server_clock;
        unsigned captured; /* since the last measurement began */
};

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

static int eyes_look(Eyes *e, TmuxLookMode mode) {
        int r;

        e->done = false;
        r = tmux_server_look(e->server, mode, on_look, e);
        while (r >= 0 && !e->done)
                r = sd_event_run(e->event, UINT64_MAX);
        return r >= 0 ? e->error : r;
}

static int eyes_open(Eyes *e, size_t i, const char *socket) {
        int r = sd_event_new(&e->event);

        if (r >= 0)
                r = transports[i].new(e->event, &e->transport);
        if (r >= 0)
                r = tmux_server_new(e->event, e->transport, socket, &events, e, &e->server);
        return r >= 0 ? eyes_look(e, TMUX_LOOK_FULL) : r;
}

static void eyes_close(Eyes *e) {
        tmux_server_free(e->server);
        tmux_transport_free(e->transport);
        sd_event_unref(e->event);
}

static int one_by_one(Ways *w, Eyes *e) {
        w->captured += (unsigned)w->n_panes;
        return forks_capture(w->socket, w->panes, w->n_panes, 1) < 0 ? -EIO : 0;
}

static int twenty_at_once(Ways *w, Eyes *e) {
        w->captured += (unsigned)w->n_panes;
        return forks_capture(w->socket, w->panes, w->n_panes, 20) < 0 ? -EIO : 0;
}

static int look(Ways *w, Eyes *e) {
        int r = eyes_look(e, TMUX_LOOK_NORMAL);

        w->captured += e->stats.captured;
        return r;
}

/* Of the first @n; a glance at many is more than one look. */
static unsigned count_captured(const Ways *w, const Eyes *e, size_t n, uint64_t start) {
        unsigned captured = 0;

        for (size_t i = 0; i < n; i++) {
                const TmuxPane *pane = tmux_server_find(e->server, w->panes[i]);

                captured += pane && pane->capture_usec >= start;
        }
        return captured;
}

static int glance(Ways *w, Eyes *e) {
        size_t n = MAX(w->n_redrawn, (size_t)1);
        uint64_t start = now_monotonic();
        int r;

        for (size_t i = 0; i < n; i++) {
                TmuxPane *pane = tmux_server_find(e->server, w->panes[i]);

                if (!pane)
                        return -ENXIO;
                tmux_pane_want(pane, true);
        }
        e->done = false;
        r = tmux_server_glance(e->server, true, on_look, e);
        while (r >= 0 && !e->done)
                r = sd_event_run(e->event, UINT64_MAX);
        w->captured += count_captured(w, e, n, start);
        return r >= 0 ? e->error : r;
}

static int full(Ways *w, Eyes *e) {
        int r = eyes_look(e, TMUX_LOOK_FULL);

        w->captured += e->stats.captured;
        return r;
}

static void on_reply(void *userdata, const TmuxReply *reply) {
        Eyes *e = userdata;

        e->error = reply->failed ? -EIO : reply->error;
        e->done = true;
}

static int capture_chunk(const Ways *w, Eyes *e, size_t first, size_t n) {
        _cleanup_(tmux_words_done) TmuxWords words = {};
        _cleanup_(tmux_call_freep) TmuxCall *call = NULL;
        const TmuxRequest request = {
                        .socket = w->socket,
                        .words = &words,
                        .answer_max = ANSWER_MAX,
                        .timeout_usec = TMUX_CALL_USEC,
        };
        int r;

        for (size_t i = first; i < first + n; i++) {
                tmux_words_command(&words, "capture-pane");
                tmux_words_addf(&words, "-pt%s", w->panes[i]);
        }
        e->done = false;
        r = tmux_call_new(e->transport, &request, on_reply, e, &call);
        while (r >= 0 && !e->done)
                r = sd_event_run(e->event, UINT64_MAX);
        return r >= 0 ? e->error : r;
}

/* Nothing but captures: a look that needs them cannot be cheaper. */
static int capture_only(Ways *w, Eyes *e) {
        size_t n = w->n_redrawn > 0 ? w->n_redrawn : w->n_panes;
        int r = 0;

        for (size_t i = 0; i < n && r >= 0; i += TMUX_CHUNK_MAX)
                r = capture_chunk(w, e, i, MIN(n - i, (size_t)TMUX_CHUNK_MAX));
        w->captured += (unsigned)n;
        return r;
}

/* What has no transport has one row; the others have one for each. */
static const struct {
        const char *name;
        int (*run)(Ways *w, Eyes *e);
        int transport; /* -1: none */
        bool rests;    /* before each, which is not counted */
} ways[] = {
                {"one-by-one", one_by_one, -1},
                {"twenty-at-once", twenty_at_once, -1},
                {"look", look, 0, true},
                {"look", look, 1, true},
                {"ask", look, 0},
                {"ask", look, 1},
                {"glance", glance, 0, true},
                {"glance", glance, 1, true},
                {"full", full, 0},
                {"full", full, 1},
                {"floor", capture_only, 0},
                {"floor", capture_only, 1},
};

const char *ways_name(size_t way, char buffer[static WAY_NAME_MAX]) {
        int transport;

        if (way >= ELEMENTSOF(ways))
                return NULL;

        transport = ways[way].transport;
        (void)snprintf(buffer, WAY_NAME_MAX, "%s%s%s", ways[way].name, transport < 0 ? "" : "-",
                        transport < 0 ? "" : transports[transport].name);
        return buffer;
}

bool ways_is_ours(size_t way) {
        assert(way < ELEMENTSOF(ways));
        return ways[way].transport >= 0;
}

int ways_find(const char *name, size_t *ret) {
        char buffer[WAY_NAME_MAX];

        assert(name && ret);

        for (size_t i = 0; ways_name(i, buffer); i++)
                if (strcmp(buffer, name) == 0) {
                        *ret = i;
                        return 0;
                }
        return -ENXIO;
}

static int list_panes(Ways *w) {
        TmuxServer *server = w->eyes[0].server;

        w->panes = calloc(tmux_server_count(server) + 1, sizeof(*w->panes));
        w->pids = calloc(tmux_server_count(server) + 1, sizeof(*w->pids));
        if (!w->panes || !w->pids)
                return -ENOMEM;
        for (TmuxPane *p = tmux_server_next(server, NULL); p; p = tmux_server_next(server, p)) {
                w->panes[w->n_panes] = strdup(p->name);
                if (!w->panes[w->n_panes])
                        return -ENOMEM;
                w->pids[w->n_panes++] = p->row.pid;
        }
        return 0;
}

int ways_open(const char *socket, Ways **ret) {
        _cleanup_(ways_freep) Ways *w = NULL;
        int r = 0;

        assert(socket && ret);

        w = calloc(1, sizeof(*w));
        if (!w)
                return -ENOMEM;
        w->socket = strdup(socket);
        if (!w->socket)
                return -ENOMEM;

        for (size_t i = 0; i < ELEMENTSOF(transports) && r >= 0; i++)
                r = eyes_open(&w->eyes[i], i, socket);
        if (r >= 0)
                r = list_panes(w);
        if (r < 0)
                return r;
        r = clock_getcpuclockid(tmux_server_pid(w->eyes[0].server), &w->server_clock);
        if (r != 0)
                return -r;

        *ret = TAKE_PTR(w);
        return 0;
}

Ways *ways_free(Ways *w) {
        if (!w)
                return NULL;

        for (size_t i = 0; i < w->n_panes; i++)
                free(w->panes[i]);
        free(w->panes);
        free(w->pids);
        FOREACH_ELEMENT (e, w->eyes)
                eyes_close(e);
        free(w->socket);
        free(w);
        return NULL;
}

size_t ways_count_panes(const Ways *w) {
        return w->n_panes;
}

void ways_set_redrawn(Ways *w, size_t n_panes) {
        w->n_redrawn = MIN(n_panes, w->n_panes);
}

pid_t ways_pane_pid(const Ways *w, size_t i) {
        assert(i < w->n_panes);
        return w->pids[i];
}

const char *ways_tmux_version(const Ways *w) {
        return tmux_server_version(w->eyes[0].server);
}

static uint64_t clock_nsec(clockid_t clock) {
        struct timespec ts = {};

        (void)clock_gettime(clock, &ts);
        return (uint64_t)ts.tv_sec * NSEC_PER_SEC + (uint64_t)ts.tv_nsec;
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

static int rest(Eyes *e) {
        uint64_t end = now_monotonic() + PAUSE_USEC, now;
        int r = 0;

        while (r >= 0 && (now = now_monotonic()) < end)
                r = sd_event_run(e->event, end - now);
        return r;
}

int ways_measure(Ways *w, size_t way, unsigned count, double *usec, WayCost *ret) {
        uint64_t server = clock_nsec(w->server_clock), own = own_usec();
        Eyes *e = &w->eyes[MAX(ways[way].transport, 0)];
        int r = 0;

        assert(way < ELEMENTSOF(ways));

        w->captured = 0;
        for (unsigned i = 0; i < count; i++) {
                uint64_t start;

                if (ways[way].rests)
                        r = rest(e);
                start = clock_nsec(CLOCK_MONOTONIC);
                if (r >= 0)
                        r = ways[way].run(w, e);
                if (r < 0)
                        return r;
                usec[i] = (double)(clock_nsec(CLOCK_MONOTONIC) - start) / 1000;
        }

        *ret = (WayCost){
                        .server_usec = (double)(clock_nsec(w->server_clock) - server) / 1000,
                        .own_usec = own_usec() - own,
                        .captured = w->captured,
        };
        return 0;
}
