/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/observe/history-batch.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/observe/history-entry.h"

/* What reports of agents hold is shorter; metrics' names too. */
#define NAME_BYTES_MAX 256U

static void entry_done(HistoryEntry *e) {
        free(e->agent);
        free(e->type);
        free(e->rule);
        *e = (HistoryEntry){};
}

void history_batch_done(HistoryBatch *b) {
        for (size_t i = 0; i < b->n_entries; i++)
                entry_done(&b->entries[i]);
        free(b->entries);
        *b = (HistoryBatch){};
}

static int reserve(HistoryBatch *b, size_t n) {
        size_t wanted = MAX(b->n_allocated, (size_t)16);
        HistoryEntry *entries;

        while (wanted < b->n_entries + n)
                wanted *= 2;
        if (wanted == b->n_allocated)
                return 0;

        entries = realloc(b->entries, wanted * sizeof(*entries));
        if (!entries)
                return -ENOMEM;
        b->entries = entries;
        b->n_allocated = wanted;
        return 0;
}

static int copy_name(const char *s, char **ret) {
        *ret = strndup(s, NAME_BYTES_MAX);
        return *ret ? 0 : -ENOMEM;
}

/* Takes @e over, also when it fails. */
static int add(HistoryBatch *b, HistoryEntry *e, int r) {
        if (r >= 0)
                r = reserve(b, 1);
        if (r < 0) {
                entry_done(e);
                return r;
        }

        b->n_samples += e->kind == HISTORY_ENTRY_SAMPLE;
        b->entries[b->n_entries++] = *e;
        return 0;
}

int history_batch_begin(HistoryBatch *b, const HistoryEpisode *episode) {
        HistoryEntry e = {
                        .kind = HISTORY_ENTRY_BEGIN,
                        .uid = episode->uid,
                        .state = episode->state,
                        .attention = episode->attention,
                        .time_usec = episode->since_usec,
        };
        int r;

        assert(b);

        r = copy_name(episode->agent, &e.agent);
        if (r >= 0)
                r = copy_name(episode->type, &e.type);
        if (r >= 0)
                r = copy_name(episode->rule, &e.rule);
        return add(b, &e, r);
}

int history_batch_end(HistoryBatch *b, const char *agent, uint64_t until_usec) {
        HistoryEntry e = {.kind = HISTORY_ENTRY_END, .time_usec = until_usec};

        assert(b);

        return add(b, &e, copy_name(agent, &e.agent));
}

int history_batch_sample(HistoryBatch *b, uint64_t time_usec, const HistorySample *sample) {
        HistoryEntry e = {
                        .kind = HISTORY_ENTRY_SAMPLE,
                        .time_usec = time_usec,
                        .value = sample->value,
        };

        assert(b);

        return add(b, &e, copy_name(sample->series, &e.agent));
}

int history_batch_append(HistoryBatch *b, HistoryBatch *newer) {
        int r;

        r = reserve(b, newer->n_entries);
        if (r < 0)
                return r;

        if (newer->n_entries > 0)
                memcpy(b->entries + b->n_entries, newer->entries,
                                newer->n_entries * sizeof(*b->entries));
        b->n_entries += newer->n_entries;
        b->n_samples += newer->n_samples;
        b->now_usec = MAX(b->now_usec, newer->now_usec);
        newer->n_entries = 0;
        history_batch_done(newer);
        return 0;
}

size_t history_batch_shorten(HistoryBatch *b, size_t n) {
        size_t excess = b->n_entries > n ? b->n_entries - n : 0;

        for (size_t i = 0; i < excess; i++) {
                b->n_samples -= b->entries[i].kind == HISTORY_ENTRY_SAMPLE;
                entry_done(&b->entries[i]);
        }
        if (excess > 0)
                memmove(b->entries, b->entries + excess, n * sizeof(*b->entries));
        b->n_entries -= excess;
        return excess;
}
