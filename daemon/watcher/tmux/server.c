/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/tmux/server.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <utlist.h>

#include "daemon/base/clock.h"
#include "daemon/base/text.h"
#include "daemon/watcher/tmux/server-internal.h"
#include "daemon/watcher/tmux/socket-probe.h"

#define RETRY_MIN_USEC (1 * USEC_PER_SEC)
#define RETRY_MAX_USEC (30 * USEC_PER_SEC)
/* From a refused connection to the end of the process it belongs to. */
#define GRACE_USEC (200 * USEC_PER_MSEC)
#define REASON_MAX 200U

void server_drop_panes(TmuxServer *s) {
        TmuxPane *pane, *next;

        HASH_ITER (hh, s->panes, pane, next) {
                HASH_DEL(s->panes, pane);
                glance_forget(s, pane);
                tmux_pane_free(pane);
        }
}

static void _printf_(4, 5) set_liveness(
                TmuxServer *s, Liveness liveness, TmuxServerEnd end, const char *format, ...) {
        Liveness old = s->liveness;
        char reason[REASON_MAX * 2];
        char *clean;
        va_list ap;

        va_start(ap, format);
        (void)vsnprintf(reason, sizeof(reason), format, ap);
        va_end(ap);

        clean = text_clean(reason, strlen(reason), REASON_MAX);
        if (clean) {
                free(s->reason);
                s->reason = clean;
        }
        s->liveness = liveness;
        s->end = end;
        if (liveness != old)
                s->events->liveness_changed(s->userdata, s, old);
        if (liveness == LIVENESS_ABSENT)
                server_drop_panes(s);
}

static void stop_waiting(TmuxServer *s) {
        s->n_failures = 0;
        s->retry_source = sd_event_source_disable_unref(s->retry_source);
        s->grace_source = sd_event_source_disable_unref(s->grace_source);
}

static void set_absent(TmuxServer *s, TmuxServerEnd end, const char *reason) {
        s->watch = process_watch_free(s->watch);
        s->stillness = stillness_free(s->stillness);
        stop_waiting(s);
        set_liveness(s, LIVENESS_ABSENT, end, "%s", reason);
        look_fail(s, -ENOTCONN);
}

static int on_retry(sd_event_source *source, uint64_t usec, void *userdata) {
        TmuxServer *s = userdata;

        s->retry_source = sd_event_source_disable_unref(s->retry_source);
        (void)tmux_server_look(s, TMUX_LOOK_NORMAL, NULL, NULL);
        return 0;
}

/* Unknown, and we ask again by ourselves, less and less often. */
static void set_unknown(TmuxServer *s, int error, const char *reason) {
        unsigned doublings = MIN(s->n_failures, 10U);
        uint64_t usec = MIN(RETRY_MIN_USEC << doublings, RETRY_MAX_USEC);

        if (error == -EPROTO)
                tmux_transport_doubt(s->transport, s->socket,
                                s->watch ? process_watch_pid(s->watch) : 0);
        s->n_failures++;
        s->grace_source = sd_event_source_disable_unref(s->grace_source);
        s->retry_source = sd_event_source_disable_unref(s->retry_source);
        /* If memory is out there is no retry but that of the next look. */
        (void)sd_event_add_time_relative(
                        s->event, &s->retry_source, CLOCK_MONOTONIC, usec, usec / 10, on_retry, s);
        set_liveness(s, LIVENESS_UNKNOWN, TMUX_SERVER_END_UNKNOWN, "%s", reason);
        look_fail(s, error);
}

/*
 * Where the kernel does not say how it ended, the socket may: tmux takes the x bits off it when the
 * last client leaves, which one that is killed cannot do.
 */
static TmuxServerEnd end_from_socket(const TmuxServer *s) {
        struct stat st;

        if (lstat(s->socket, &st) < 0)
                return TMUX_SERVER_END_CLEAN;
        return st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH) ? TMUX_SERVER_END_DIED
                                                          : TMUX_SERVER_END_UNKNOWN;
}

static void on_process_end(void *userdata, const ProcessEnd *end) {
        TmuxServer *s = userdata;
        char reason[REASON_MAX];

        switch (end->kind) {
        case PROCESS_END_EXITED:
                (void)snprintf(reason, sizeof(reason), "the server ended with status %d",
                                end->status);
                set_absent(s, end->status == 0 ? TMUX_SERVER_END_CLEAN : TMUX_SERVER_END_DIED,
                                end->status == 0 ? "the server ended" : reason);
                break;
        case PROCESS_END_KILLED:
                (void)snprintf(reason, sizeof(reason), "the server was killed by signal %d (%s)",
                                end->status, sigabbrev_np(end->status) ?: "unknown");
                set_absent(s, TMUX_SERVER_END_DIED, reason);
                break;
        case PROCESS_END_UNKNOWN:
                set_absent(s, end_from_socket(s), "the server is gone");
                break;
        }
}

static void watch_process(TmuxServer *s, pid_t pid) {
        if (s->watch && process_watch_pid(s->watch) == pid)
                return;

        s->watch = process_watch_free(s->watch);
        s->stillness = stillness_free(s->stillness);
        /* Without it, it is asked each time. */
        (void)stillness_new(pid, &s->stillness);
        /* Without it a death is noticed at the next look. */
        (void)process_watch_new(s->event, pid, 0, on_process_end, s, &s->watch);
}

void server_seen(TmuxServer *s, const TmuxAnswer *answer) {
        bool known = s->pid != 0;
        bool same = s->pid == answer->server_pid && s->start_usec == answer->server_start_usec;

        s->pid = answer->server_pid;
        s->start_usec = answer->server_start_usec;
        (void)snprintf(s->version, sizeof(s->version), "%s", answer->version);
        watch_process(s, s->pid);

        if (known && !same) {
                s->events->replaced(s->userdata, s);
                server_drop_panes(s);
        }
        stop_waiting(s);
        set_liveness(s, LIVENESS_ALIVE, TMUX_SERVER_END_UNKNOWN, "%s", "");
}

static int on_grace(sd_event_source *source, uint64_t usec, void *userdata) {
        set_unknown(userdata, -ENOTCONN,
                        "its socket takes no connections, but its process still runs");
        return 0;
}

/*
 * Nobody listens. If its process is there still, it is ending and we are about to hear how; or the
 * socket was taken from below it.
 */
static void server_refused(TmuxServer *s, int error) {
        if (s->watch) {
                if (!s->grace_source &&
                                sd_event_add_time_relative(s->event, &s->grace_source,
                                                CLOCK_MONOTONIC, GRACE_USEC, 1, on_grace, s) < 0)
                        (void)on_grace(NULL, 0, s);
                return;
        }
        set_absent(s, end_from_socket(s),
                        error == -ENOENT ? "there is no such socket"
                                         : "nobody listens on its socket");
}

/* The first line of what tmux says, else the error's own words. */
static void set_unknown_from(TmuxServer *s, int error, const TmuxReply *reply) {
        char reason[REASON_MAX];
        size_t n = strcspn(reply->err, "\n");

        if (n > 0)
                (void)snprintf(reason, sizeof(reason), "tmux says: %.*s", (int)MIN(n, (size_t)150),
                                reply->err);
        else if (error == -ENOENT)
                (void)snprintf(reason, sizeof(reason), "there is no tmux here to ask it with");
        else
                (void)snprintf(reason, sizeof(reason), "it cannot be asked: %s",
                                error == -EBUSY ? "the pool was full for too long"
                                                : strerrordesc_np(-error) ?: "unknown error");
        set_unknown(s, error, reason);
}

void server_failed(TmuxServer *s, const TmuxReply *reply) {
        pid_t pid;
        int r;

        if (reply->error == -ETIMEDOUT)
                return set_unknown(s, -ETIMEDOUT, "it does not answer");
        if (reply->error == -E2BIG)
                return set_unknown(s, -E2BIG, "its answer is too long");
        if (reply->error < 0)
                return set_unknown_from(s, reply->error, reply);

        /* Messages are in words for people; connect() tells the same in a number. */
        r = socket_probe(s->socket, &pid);
        if (socket_is_refused(r))
                server_refused(s, r);
        else
                set_unknown_from(s, r < 0 ? r : -EPROTO, reply);
}

void server_confused(TmuxServer *s) {
        set_unknown(s, -EPROTO, "its answer cannot be understood");
}

/* Who listens; cheap, so that a server that is not there costs no process. */
static int server_meet(TmuxServer *s) {
        pid_t pid;
        int r;

        if (s->watch)
                return 0;

        r = socket_probe(s->socket, &pid);
        if (socket_is_refused(r)) {
                server_refused(s, r);
                return -ENOTCONN;
        }
        if (r == -EPERM) {
                set_unknown(s, r, "it belongs to another user");
                return -EAGAIN;
        }
        if (r >= 0)
                watch_process(s, pid);
        /* Whatever else is wrong with it, the look will find the words for it. */
        return 0;
}

int server_add_waiter(TmuxWaiter **list, const TmuxWaiter *w) {
        TmuxWaiter *copy = malloc(sizeof(*copy));

        if (!copy)
                return -ENOMEM;
        *copy = *w;
        copy->next = *list;
        *list = copy;
        return 0;
}

int server_is_ready(TmuxServer *s) {
        if (s->look)
                return 0;
        if (s->retry_source)
                return -EAGAIN;
        return server_meet(s);
}

int tmux_server_look(TmuxServer *server, TmuxLookMode mode, TmuxLookFunc func, void *userdata) {
        TmuxWaiter waiter = {.look = func, .userdata = userdata};
        int r;

        assert(server);

        r = server_is_ready(server);
        if (r < 0)
                return r;
        if (server->look && !server->look->refresh &&
                        (mode == TMUX_LOOK_NORMAL || server->look->full))
                return server_add_waiter(&server->look->waiters, &waiter);

        r = server_add_waiter(&server->looks_wanted, &waiter);
        if (r < 0)
                return r;
        server->full_wanted |= mode == TMUX_LOOK_FULL;
        return look_schedule(server);
}

int tmux_server_refresh_pane(
                TmuxServer *server, const char *name, TmuxRefreshFunc func, void *userdata) {
        TmuxWaiter waiter = {.refresh = func, .userdata = userdata};
        int r;

        assert(server);
        assert(name);
        assert(func);

        r = tmux_pane_parse(name, &waiter.pane);
        if (r < 0)
                return -EINVAL;
        r = server_is_ready(server);
        if (r < 0)
                return r;
        r = server_add_waiter(&server->refreshes_wanted, &waiter);
        return r < 0 ? r : look_schedule(server);
}

int tmux_server_new(sd_event *event, TmuxTransport *transport, const char *socket,
                const TmuxServerEvents *events, void *userdata, TmuxServer **ret) {
        _cleanup_(tmux_server_freep) TmuxServer *s = NULL;

        assert(event);
        assert(transport);
        assert(socket);
        assert(events);
        assert(ret);

        s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;
        *s = (TmuxServer){
                        .event = sd_event_ref(event),
                        .transport = transport,
                        .events = events,
                        .userdata = userdata,
                        .socket = strdup(socket),
                        .liveness = LIVENESS_UNKNOWN,
                        .reason = strdup("it was not asked yet"),
                        .clock_offset_usec = (int64_t)now_realtime() -
                                        (int64_t)clock_usec(CLOCK_BOOTTIME),
        };
        if (!s->socket || !s->reason)
                return -ENOMEM;

        *ret = TAKE_PTR(s);
        return 0;
}

TmuxServer *tmux_server_free(TmuxServer *server) {
        if (!server)
                return NULL;

        /* Nobody may start anything any more; waiters are told that it is over. */
        look_fail(server, -ECANCELED);
        sd_event_source_disable_unref(server->start_source);
        sd_event_source_disable_unref(server->settle_source);
        sd_event_source_disable_unref(server->retry_source);
        sd_event_source_disable_unref(server->grace_source);
        process_watch_free(server->watch);
        stillness_free(server->stillness);
        server_drop_panes(server);
        sd_event_source_disable_unref(server->writing);
        sd_event_unref(server->event);
        free(server->places);
        free(server->reason);
        free(server->socket);
        free(server);
        return NULL;
}

int tmux_server_run(
                TmuxServer *server, const TmuxWords *words, TmuxReplyFunc func, void *userdata) {
        TmuxRun *run;
        int r;

        assert(server && words && func);

        r = server_is_ready(server);
        if (r < 0)
                return r;
        run = calloc(1, sizeof(*run));
        if (!run)
                return -ENOMEM;
        *run = (TmuxRun){.server = server, .func = func, .userdata = userdata};
        r = tmux_words_copy(words, &run->words);
        if (r >= 0)
                r = look_schedule(server);
        if (r < 0) {
                tmux_words_done(&run->words);
                free(run);
                return r;
        }
        DL_APPEND(server->runs, run);
        return 0;
}

const char *tmux_server_socket(const TmuxServer *server) {
        return server->socket;
}

Liveness tmux_server_liveness(const TmuxServer *server) {
        return server->liveness;
}

const char *tmux_server_reason(const TmuxServer *server) {
        return server->reason;
}

TmuxServerEnd tmux_server_end(const TmuxServer *server) {
        return server->end;
}

pid_t tmux_server_pid(const TmuxServer *server) {
        return server->pid;
}

uint64_t tmux_server_start_usec(const TmuxServer *server) {
        return server->start_usec;
}

const char *tmux_server_version(const TmuxServer *server) {
        return server->version;
}

const TmuxLookStats *tmux_server_last_look(const TmuxServer *server) {
        return &server->last_look;
}

unsigned tmux_server_count(const TmuxServer *server) {
        return HASH_COUNT(server->panes);
}

TmuxPane *tmux_server_find(const TmuxServer *server, const char *name) {
        TmuxPane *pane;
        uint32_t id;

        if (tmux_pane_parse(name, &id) < 0)
                return NULL;
        HASH_FIND(hh, server->panes, &id, sizeof(id), pane);
        return pane;
}

TmuxPane *tmux_server_next(const TmuxServer *server, const TmuxPane *pane) {
        return pane ? pane->hh.next : server->panes;
}
