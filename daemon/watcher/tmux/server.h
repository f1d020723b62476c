/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Server
 *
 * One tmux server, known by its socket: its panes as they were last seen, and whether it lives. It
 * looks when it is asked to, one request at a time, and by itself only to find out whether a server
 * that did not answer does so again. It does not know what an agent is.
 */

#include <systemd/sd-event.h>

#include "daemon/base/agent-state.h"
#include "daemon/watcher/tmux/pane.h"
#include "daemon/watcher/tmux/transport.h"

typedef struct TmuxServer TmuxServer;

/* How a server that is absent came to its end. */
typedef enum TmuxServerEnd {
        TMUX_SERVER_END_UNKNOWN, /* not seen, or the kernel does not say */
        TMUX_SERVER_END_CLEAN,   /* it left by itself: kill-server, or nothing was left to do */
        TMUX_SERVER_END_DIED,    /* killed, or it fell */
} TmuxServerEnd;

/*
 * All are called after the fact. They may read the server and ask it to look, and must not free
 * it. A pane is told of once per look, with all that changed.
 */
typedef struct TmuxServerEvents {
        void (*pane_changed)(void *userdata, TmuxServer *server, TmuxPane *pane, unsigned changes);
        /* NULL: nobody wants to know. A process wrote to a pane's terminal for the first time
         * since the pane was captured: a glance will show what. @stirs: it had not changed for a
         * second. */
        void (*written)(void *userdata, TmuxServer *server, bool stirs);
        /* Last words: the pane goes right after. */
        void (*pane_gone)(void *userdata, TmuxServer *server, TmuxPane *pane);
        /* When it is absent now, its panes can still be read in here; they go right after, and
         * pane_gone is not called for them. */
        void (*liveness_changed)(void *userdata, TmuxServer *server, Liveness old);
        /* Another server has the socket now. Panes of the old one as above. */
        void (*replaced)(void *userdata, TmuxServer *server);
} TmuxServerEvents;

typedef enum TmuxLookMode {
        TMUX_LOOK_NORMAL, /* screens only of panes that may have changed; full now and then */
        TMUX_LOOK_FULL,
} TmuxLookMode;

typedef struct TmuxLookStats {
        unsigned panes;
        unsigned captured;
        unsigned chunks; /* connections */
        uint64_t usec;
} TmuxLookStats;

/*
 * @error: 0, -ETIMEDOUT, -ENOTCONN (it is absent now), -ECANCELED (the server is freed), or what
 * else kept us from an answer; the server's reason says it in words.
 */
typedef void (*TmuxLookFunc)(
                void *userdata, TmuxServer *server, int error, const TmuxLookStats *stats);
/* As above; -ENXIO: there is no such pane. @pane is NULL on error. */
typedef void (*TmuxRefreshFunc)(void *userdata, TmuxServer *server, int error, TmuxPane *pane);

/* @transport and @events are borrowed. Nothing is asked of the server yet: it is unknown. */
int tmux_server_new(sd_event *event, TmuxTransport *transport, const char *socket,
                const TmuxServerEvents *events, void *userdata, TmuxServer **ret);
TmuxServer *tmux_server_free(TmuxServer *server);
DEFINE_CLEANUP(TmuxServer *, tmux_server_free)

/*
 * @func may be NULL; it is called once, from the loop. A look that is asked for while one runs
 * joins it. Returns -ENOTCONN if nobody listens on the socket, -EAGAIN while we wait for one that
 * did not answer to come back; then @func is not called.
 */
int tmux_server_look(TmuxServer *server, TmuxLookMode mode, TmuxLookFunc func, void *userdata);

typedef enum TmuxWanting {
        TMUX_WANTS_NOTHING,
        TMUX_WANTS,
        TMUX_WANTS_URGENTLY,
} TmuxWanting;

/*
 * Captures the panes that were written to, or that tmux_pane_want() was called for, and lists
 * nothing. @urgent: of these only who had been still, or was wanted urgently. Returns 1, and then
 * @func is called as of a look; 0 if there is none. Errors as above.
 */
int tmux_server_glance(TmuxServer *server, bool urgent, TmuxLookFunc func, void *userdata);
TmuxWanting tmux_server_wants(const TmuxServer *server);
/* Whether each of its panes tells by itself that it is written to. */
bool tmux_server_is_covered(const TmuxServer *server);

/* A fresh capture of one pane, "%12". Errors as above, and -EINVAL if that is no pane's name. */
int tmux_server_refresh_pane(
                TmuxServer *server, const char *name, TmuxRefreshFunc func, void *userdata);

/*
 * Runs commands that are no look, between two looks. @words is copied. @func is called once, from
 * the loop, unless this fails; its reply is borrowed. Errors as of a look.
 */
int tmux_server_run(TmuxServer *server, const TmuxWords *words, TmuxReplyFunc func, void *userdata);

const char *tmux_server_socket(const TmuxServer *server);
Liveness tmux_server_liveness(const TmuxServer *server);
/* A sentence; "" if alive. */
const char *tmux_server_reason(const TmuxServer *server);
TmuxServerEnd tmux_server_end(const TmuxServer *server);
pid_t tmux_server_pid(const TmuxServer *server);           /* 0: not known */
uint64_t tmux_server_start_usec(const TmuxServer *server); /* CLOCK_REALTIME; 0: not known */
const char *tmux_server_version(const TmuxServer *server); /* "3.3a"; "" if not known */
const TmuxLookStats *tmux_server_last_look(const TmuxServer *server);

/* Nothing that shows can have happened since it was listed, not long ago; it is not asked. */
bool tmux_server_is_at_rest(const TmuxServer *server);
unsigned tmux_server_count(const TmuxServer *server);
/* NULL if there is none. */
TmuxPane *tmux_server_find(const TmuxServer *server, const char *name);
/* The first for NULL; NULL after the last. */
TmuxPane *tmux_server_next(const TmuxServer *server, const TmuxPane *pane);
