/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Samples of the metrics
 *
 * Gives the history every metric that has a value, as "name:first label:second label". Of counters
 * it gives what was added since the last time, and nothing if that is nothing.
 */

#include "daemon/observe/history.h"
#include "daemon/observe/metrics.h"

/* What comes after so many in one sample is left out. */
#define SAMPLER_SERIES_MAX 2000U

typedef struct HistorySampler HistorySampler;

int history_sampler_new(HistorySampler **ret);
HistorySampler *history_sampler_free(HistorySampler *s);
DEFINE_CLEANUP(HistorySampler *, history_sampler_free)

/* Of the span in which @now_usec (CLOCK_REALTIME) lies. */
void history_sampler_begin(HistorySampler *s, History *history, uint64_t now_usec);
/* Collects them first. */
void history_sampler_take(HistorySampler *s, Metrics *metrics);
/* What is no metric of ours. */
void history_sampler_gauge(HistorySampler *s, const char *series, double value);
void history_sampler_counter(HistorySampler *s, const char *series, double value);
