/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the files of the notices share. */

#include <uthash.h>

#include "daemon/act/notices.h"

/* An agent of which something was told, or is to be. */
typedef struct NoticeEntry {
        char *agent;
        Episode *episode;   /* NULL: it needs nobody */
        uint64_t told_usec; /* when something was told of it last */
        bool pending;       /* somebody is about to tell */
        UT_hash_handle hh;
} NoticeEntry;

struct Notices {
        NoticesEvents events;
        void *userdata;
        EpisodePolicy policy;
        NoticeEntry *entries; /* by agent, in the order in which they came */
};

NoticeEntry *notices_entry(const Notices *n, const char *agent);
int notices_entry_get(Notices *n, const char *agent, NoticeEntry **ret);
