/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the files of the watchers share. For them alone. */

#include "daemon/base/clock.h"
#include "daemon/link/link.h"
#include "daemon/link/lives.h"
#include "daemon/link/own-watcher.h"
#include "daemon/link/watchers.h"

#define WATCHERS_LOOK_TIMEOUT_USEC (20 * USEC_PER_SEC)

typedef struct WatchersEntry {
        Link *link;
        Watchers *watchers;
        struct WatchersEntry *prev, *next;
} WatchersEntry;

struct Watchers {
        sd_event *event;
        Registry *registry;
        WatchersEntry *entries;
        Lives lives;
        int listener;
        char *path; /* of a socket that we made */
        sd_event_source *listening;
        OwnWatcher *own;

        WatchSettings settings; /* of all together */
        WatchSettings share;    /* of each */
        WatchReport gone;       /* what those that left had counted */
        WatchersReported reported;
        void *reported_userdata;
        WatchersPressed pressed;
        void *pressed_userdata;
};

/* watchers-looking.c: a watcher came, or @leaving is about to go: each has another share. */
void watchers_share(Watchers *w, const Link *leaving);
