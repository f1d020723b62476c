/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What watched-server.c, watched-glance.c and watched-pane.c share, and nobody else sees. */

#include "daemon/watcher/look-timer.h"
#include "daemon/watcher/pane-slot.h"
#include "daemon/watcher/watched-server.h"

typedef struct Waiter {
        WatchedLookDone done;
        void *userdata;
        struct Waiter *next;
} Waiter;

struct WatchedServer {
        WatchContext context;
        TmuxServer *tmux;
        LookTimer *timer;
        sd_event_source *flush; /* when something is to be told that was held back */
        Waiter *waiters;
        bool looking;
        PaceGlance glance; /* that was begun last */
        /* Since the last look was over. */
        bool moved;   /* a screen is another */
        bool stirred; /* a pane began to move */
        bool reported;
        unsigned reported_panes;
        uint64_t found_usec; /* CLOCK_MONOTONIC */
};

/* In the journal, if @r is an error. */
void watched_server_complain(const WatchedServer *s, int r, const char *what);
/* What was found of it last. */
void watched_server_judge(WatchedServer *s, TmuxPane *pane, TrackerTime now);

/* watched-glance.c */
void watched_glance_written(void *userdata, TmuxServer *tmux, bool stirs);
void watched_glance_due(void *userdata, PaceGlance which);
