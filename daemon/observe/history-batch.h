/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What is to be written
 *
 * Collected in the loop in the order in which it happened, and written as one transaction: all of
 * it or nothing. What had to wait for long is written in parts, so that it fits what room there is.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "daemon/base/agent-state.h"
#include "daemon/observe/history-file.h"

typedef struct HistoryEpisode {
        const char *agent;
        const char *type;
        uid_t uid;
        AgentState state;
        Attention attention;
        const char *rule;
        uint64_t since_usec; /* CLOCK_REALTIME */
} HistoryEpisode;

typedef struct HistorySample {
        const char *series; /* "cache_hits_total:pane_content" */
        double value;
} HistorySample;

typedef struct HistoryEntry HistoryEntry;

typedef struct HistoryBatch {
        HistoryEntry *entries;
        size_t n_entries, n_allocated;
        size_t n_samples;
        uint64_t now_usec; /* CLOCK_REALTIME: until then we were there */
} HistoryBatch;

void history_batch_done(HistoryBatch *b);

/*
 * The agent's episode before ends where this one begins. If it is the same one that goes on (we may
 * have been away meanwhile), it does.
 */
int history_batch_begin(HistoryBatch *b, const HistoryEpisode *episode);
int history_batch_end(HistoryBatch *b, const char *agent, uint64_t until_usec);
/* Of the span that begins at @time_usec. */
int history_batch_sample(HistoryBatch *b, uint64_t time_usec, const HistorySample *sample);

/* Puts @newer behind what is there; @newer is empty then. */
int history_batch_append(HistoryBatch *b, HistoryBatch *newer);
/* Forgets the oldest until @n are left; returns how many were forgotten. */
size_t history_batch_shorten(HistoryBatch *b, size_t n);

/* @n of them, from the one at @from, as one transaction. */
int history_batch_write_part(HistoryFile *f, const HistoryBatch *b, size_t from, size_t n);
static inline int history_batch_write(HistoryFile *f, const HistoryBatch *b) {
        return history_batch_write_part(f, b, 0, b->n_entries);
}

/* Called with a file that was just opened: nobody knows which episodes go on. */
int history_file_doubt_episodes(HistoryFile *f);
