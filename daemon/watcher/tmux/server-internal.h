/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What server.c, look.c and look-rows.c share, and nobody else sees. */

#include "daemon/watcher/proc/process-watch.h"
#include "daemon/watcher/tmux/server.h"
#include "daemon/watcher/tmux/stillness.h"

/* Somebody who wants to be told at the end of a look. */
typedef struct TmuxWaiter {
        TmuxLookFunc look; /* NULL: nobody, or it is a refresh */
        TmuxRefreshFunc refresh;
        void *userdata;
        uint32_t pane; /* for a refresh */
        struct TmuxWaiter *next;
} TmuxWaiter;

/* Commands that are no look. */
typedef struct TmuxRun {
        TmuxServer *server;
        TmuxWords words;
        TmuxReplyFunc func;
        void *userdata;
        TmuxCall *call; /* NULL: it waits for its turn */
        struct TmuxRun *prev, *next;
} TmuxRun;

typedef enum TmuxWant {
        TMUX_WANT_SCREEN,
        TMUX_WANT_BARE,  /* only to see that it is what it was */
        TMUX_WANT_ALONE, /* did not fit in with others */
} TmuxWant;

typedef struct TmuxWanted {
        uint32_t pane;
        TmuxWant how;
} TmuxWanted;

/* Of the file: another server makes another. All 0: there is none. */
typedef struct TmuxSocketMark {
        uint64_t device;
        uint64_t inode;
        uint64_t change_sec;
        uint64_t change_nsec;
} TmuxSocketMark;

/* One run of batches, from the list to the last screen. */
typedef struct TmuxLook {
        bool refresh; /* only of the panes that are waited for */
        bool full;
        bool is_still;    /* there is nothing to ask for; of a refresh: but for that */
        bool rows_wanted; /* whole ones, for brief ones did not do */
        TmuxBatch batch;  /* the one that is under way */
        TmuxCall *call;
        uint64_t batch_usec;
        uint64_t batch_realtime;
        uint64_t start_usec;
        TmuxSocketMark socket; /* when it began */
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
        Stillness *stillness; /* NULL: not known */

        TmuxPane *panes; /* by id */
        TmuxLook *look;  /* the one that runs */
        TmuxRun *runs;   /* the first may be under way */
        TmuxWaiter *looks_wanted;
        TmuxWaiter *refreshes_wanted;
        bool full_wanted;
        uint64_t n_looks;
        uint64_t full_usec;         /* of the last full look; 0: none */
        uint64_t rows_usec;         /* of the last whole rows; 0: none */
        TmuxSocketMark rows_socket; /* whose they are */
        uint64_t list_usec;         /* of the last rows that were enough; 0: none */
        bool rows_hold;             /* the server did nothing since */
        TmuxPlace *places;          /* of the panes in them */
        size_t n_places;
        bool is_lean;              /* by which lean rows can be told apart, and are worth it */
        bool left_out;             /* a pane that may have changed rested */
        int64_t clock_offset_usec; /* realtime minus time since boot, at the last look */
        TmuxLookStats last_look;

        sd_event_source *writing; /* inotify on the terminals; NULL: not yet */
        bool is_deaf;             /* it cannot be had */
        TmuxPane *watched;        /* by their watches */

        sd_event_source *start_source;
        sd_event_source *settle_source; /* until it is done with a look */
        uint64_t settle_until_usec;
        unsigned n_failures;
        sd_event_source *retry_source; /* while we wait for it to come back */
        sd_event_source *grace_source; /* until a death shows, or it was none */
};

/* look.c */
/* Starts what is wanted from the loop, never at once: who asks may be in the middle of a look. */
int look_schedule(TmuxServer *s);
/* Ends what runs and what is wanted with @error. */
void look_fail(TmuxServer *s, int error);

/* glance.c */
/* Has the kernel tell when the pane is written to. Whatever is written later than this is told;
 * what was written before is there for whoever asks tmux now. */
void glance_watch(TmuxServer *s, TmuxPane *pane);
void glance_watch_all(TmuxServer *s);
/* Of one that goes. */
void glance_forget(TmuxServer *s, TmuxPane *pane);

/* run.c */
/* Whether one is under way now; a look waits for it. */
bool run_start(TmuxServer *s);
void run_fail(TmuxServer *s, int error);

/* look-batch.c */
int look_first_batch(TmuxServer *s, TmuxLook *l);
/* Of the panes that are waited for, with no more about others than is needed. */
void look_refresh_batch(TmuxServer *s, TmuxLook *l);
/* Returns false when all is done. */
bool look_next_batch(TmuxLook *l);
int look_want(TmuxLook *l, uint32_t pane, TmuxWant how);
/* Panes that come and go between two commands of a batch shift its lines: each by itself then. */
int look_want_again(TmuxLook *l);
/* Those that the rows show to be stale, and were not captured in this look. */
int look_want_stale(TmuxServer *s);

/* look-rows.c */
int look_take_rows(TmuxServer *s, TmuxAnswer *a);
/* Of some panes only. */
int look_take_own_rows(TmuxServer *s, TmuxAnswer *a);
/* Whether those that are waited for were all captured. */
bool look_is_answered(const TmuxServer *s, const TmuxLook *l);
/* Of brief, lean or live rows, or of heights. Returns -ESTALE if whole rows are needed. */
int look_take_brief(TmuxServer *s, TmuxAnswer *a);
int look_take_screens(TmuxServer *s, TmuxAnswer *a);

/* server.c */
void server_drop_panes(TmuxServer *s);
/* 0 if it may be asked. */
int server_is_ready(TmuxServer *s);
/* At the front of the list. */
int server_add_waiter(TmuxWaiter **list, const TmuxWaiter *w);
/* Who answered. May tell that it was replaced. */
void server_seen(TmuxServer *s, const TmuxAnswer *answer);
/* The look failed: finds out why, sets the liveness, and ends the look. */
void server_failed(TmuxServer *s, const TmuxReply *reply);
/* An answer that is none. */
void server_confused(TmuxServer *s);
