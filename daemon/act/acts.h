/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Acts
 *
 * Everything that is done to agents goes through here, whoever wants it: a caller on the bus or a
 * policy. It carries the order to the watcher's hands, and tells of every deed, also of one that
 * nobody waits for any more. Whether it is safe is decided where it can be seen: by the watcher.
 */

#include "daemon/link/watchers.h"
#include "daemon/wire/acting.h"

#define ACTS_MAX 256U

typedef struct Acts Acts;
typedef struct ActsTask ActsTask;

/* Who is behind it. */
typedef struct ActCause {
        const char *why; /* constant: "call", "crash", "limit", "draft" */
        uid_t uid;       /* UID_INVALID: nobody called */
        pid_t pid;       /* 0: not known */
} ActCause;

typedef struct ActDeed {
        const char *agent, *type, *pane, *server; /* ids */
        ActKind kind;
        ActCause cause;
        const ActOutcome *outcome; /* NULL: see @error */
        int error;
        size_t n_text;
        uint64_t text_hash; /* XXH3 of it */
        const char *text;   /* what was to be typed; NULL: none */
        uint64_t usec;
} ActDeed;

typedef void (*ActsTell)(void *userdata, const ActDeed *deed);
/* @error as of watchers_ask_screen(); @outcome is borrowed, and NULL on error. */
typedef void (*ActsDone)(void *userdata, int error, const ActOutcome *outcome);

/* How the hands are reached. */
typedef struct ActsPort {
        int (*ask)(void *userdata, const Agent *agent, const ActOrder *order, WatchersAnswer answer,
                        void *answer_userdata, WatchersQuestion **ret);
        void (*drop)(void *userdata, WatchersQuestion *question);
} ActsPort;

/* @port and @tell must live as long. */
int acts_new(const ActsPort *port, void *port_userdata, ActsTell tell, void *tell_userdata,
                Acts **ret);
Acts *acts_free(Acts *acts);
DEFINE_CLEANUP(Acts *, acts_free)

/*
 * Takes over what @order holds, also on failure. @done is called once, from the loop, unless this
 * fails or the task is forgotten. -EDQUOT: too many at once.
 */
int acts_do(Acts *acts, const Agent *agent, ActOrder *order, const ActCause *cause, ActsDone done,
                void *userdata, ActsTask **ret);
/* It is done all the same, and told; only @done is not called. NULL is fine. */
void acts_task_forget(ActsTask *task);
