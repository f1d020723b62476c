/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Samples of a time
 *
 * All series, each put together over the whole of it, from spans as short as are still kept. A span
 * that lies partly within counts as a whole.
 */

#include <stddef.h>

#include "daemon/observe/sql.h"

typedef struct SampleSum {
        char *series; /* "cache_hits_total:pane_content" */
        uint64_t n;   /* how often it was seen; of a counter: how often it grew */
        double sum;   /* of a counter: by how much it grew */
        double min, max;
} SampleSum;

typedef struct Samples {
        SampleSum *items; /* in order of the series */
        size_t n_items;
} Samples;

int samples_load(sqlite3 *db, uint64_t since_usec, uint64_t until_usec, Samples *ret);
void samples_done(Samples *s);

/* NULL: never seen. */
const SampleSum *samples_find(const Samples *s, const char *series);
/* Those with a label of this metric; start with NULL. */
const SampleSum *samples_next(const Samples *s, const char *metric, const SampleSum *previous);
/* The first label's value, or "". */
const char *sample_label(const SampleSum *sum);

/* 0 if it was never seen. */
double samples_sum(const Samples *s, const char *series);
double samples_mean(const Samples *s, const char *series);
double samples_max(const Samples *s, const char *series);
/* Over all labels. */
double samples_total(const Samples *s, const char *metric);
