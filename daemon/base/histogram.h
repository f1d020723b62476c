/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Histogram
 *
 * How whole numbers are spread, durations in microseconds above all. Adding takes the same time
 * whatever was added before, and the memory is fixed: about 9 KiB.
 *
 * Percentiles are of everything that was added, not of a sample. Values below 32 are told as they
 * are; larger ones share a bucket with those of the same five leading bits after the first, so that
 * what a percentile says is at most 1/64 (1.6 %) away from a value that was added. From
 * HISTOGRAM_VALUE_MAX on values count as the largest one.
 *
 * Besides there can be bounds, as Prometheus has them: for each it is counted exactly how many
 * values were not above it.
 */

#include <json-c/json.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/cleanup.h"

#define HISTOGRAM_VALUE_MAX (UINT64_C(1) << 40) /* in microseconds: 12 days */
#define HISTOGRAM_BOUNDS_MAX 64U

typedef struct Histogram Histogram;

/* @bounds rise, are copied, and may be none. -EINVAL: they do not rise, or are too many. */
int histogram_new(const uint64_t *bounds, size_t n_bounds, Histogram **ret);
Histogram *histogram_free(Histogram *h);
DEFINE_CLEANUP(Histogram *, histogram_free)

void histogram_add(Histogram *h, uint64_t value);
/* Adds all that was added to @from. -EINVAL: they have different bounds. */
int histogram_merge(Histogram *h, const Histogram *from);
/* Forgets every value; the bounds stay. */
void histogram_reset(Histogram *h);

uint64_t histogram_count(const Histogram *h);
uint64_t histogram_sum(const Histogram *h); /* stays at UINT64_MAX once it is there */
/* Exact; 0 if nothing was added. */
uint64_t histogram_min(const Histogram *h);
uint64_t histogram_max(const Histogram *h);

/*
 * The value that @percent (0 to 100) of all values do not exceed, by nearest rank; 0 if nothing was
 * added. Never below the least nor above the largest.
 */
uint64_t histogram_percentile(const Histogram *h, double percent);

size_t histogram_n_bounds(const Histogram *h);
uint64_t histogram_bound(const Histogram *h, size_t i);
/* How many values were not above the bound @i. */
uint64_t histogram_count_at_bound(const Histogram *h, size_t i);

/* All that was added, so that it outlives a restart. */
int histogram_save(const Histogram *h, json_object **ret);
/* Into one to which nothing was added. -EBADMSG: it makes no sense, or has other bounds; then
 * nothing is added. */
int histogram_restore(Histogram *h, json_object *saved);
