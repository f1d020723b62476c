/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What server.c, look.c and look-rows.c share, and nobody else sees. */

#include "daemon/watcher/proc/process-watch.h"
#include "daemon/watcher/tmux/server.h"

/* Somebody who wants to be told at the end of a look. */
typedef struct TmuxWaiter {
        TmuxLookFunc look; /* NULL: nobody, or it is a refresh */
        TmuxRefreshFunc refresh;
        void *userdata;
        uint32_t pane; /* for a refresh */
        struct TmuxWaiter *next;
} TmuxWaiter;

typedef struct TmuxWanted {
        uint32_t pane;
        bool alone; /* did not fit in with others */
} TmuxWanted;

/* One run of batches, from the list to the last screen. */
typedef struct TmuxLook {
        bool refresh; /* only of the panes that are waited for */
        bool full;
        bool rows_wanted; /* whole ones, for brief ones did not do */
        TmuxBatch batch;  /* the one that is under way */
        TmuxCall *call;
        uint64_t batch_usec;
        uint64_t batch_realtime;
        uint64_t start_usec;
        TmuxWanted *wanted;
        size_t n_wanted;
        size_t n_allocated;
        size_t next_wanted;
        TmuxLookStats stats;
        TmuxWaiter *waiters;
} TmuxLook;

struct TmuxServer {
        sd_event *event;
        TmuxTransport *transport;
        const TmuxServerEvents *events;
        void *userdata;
        char *socket;

        Liveness liveness;
        TmuxServerEnd end;
        char *reason;
        pid_t pid;
        uint64_t start_usec;
        char version[32];
        ProcessWatch *watch;

        TmuxPane *panes; /* by id */
        TmuxLook *look;  /* the one that runs */
        TmuxWaiter *looks_wanted;
        TmuxWaiter *refreshes_wanted;
        bool full_wanted;
        uint64_t n_looks;
        uint64_t full_usec;        /* of the last full look; 0: none */
        uint64_t rows_usec;        /* of the last whole rows; 0: none */
        int64_t clock_offset_usec; /* realtime minus time since boot, at the last look */
        TmuxLookStats last_look;

        sd_event_source *start_source;
        unsigned n_failures;
        sd_event_source *retry_source; /* while we wait for it to come back */
        sd_event_source *grace_source; /* until a death shows, or it was none */
};

/* look.c */
/* Starts what is wanted from the loop, never at once: who asks may be in the middle of a look. */
int look_schedule(TmuxServer *s);
/* Ends what runs and what is wanted with @error. */
void look_fail(TmuxServer *s, int error);

/* look-rows.c */
int look_take_rows(TmuxServer *s, TmuxAnswer *a);
int look_take_screens(TmuxServer *s, const TmuxAnswer *a);
/* Whether brief rows show no pane that is not what it was. */
bool look_is_as_known(const TmuxServer *s, const TmuxAnswer *a);

/* server.c */
void server_drop_panes(TmuxServer *s);
/* Who answered. May tell that it was replaced. */
void server_seen(TmuxServer *s, const TmuxAnswer *answer);
/* The look failed: finds out why, sets the liveness, and ends the look. */
void server_failed(TmuxServer *s, const TmuxReply *reply);
/* An answer that is none. */
void server_confused(TmuxServer *s);
