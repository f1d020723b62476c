/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Metrics
 *
 * The numbers themselves, one series per metric and set of label values. What happens is counted
 * when it happens; what is so is asked of a collector before somebody reads. The number of series
 * is bounded: values that come after that share one series whose labels are all "other".
 */

#include <json-c/json.h>
#include <stdbool.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/histogram.h"
#include "daemon/base/recent.h"
#include "daemon/observe/metric-table.h"

#define METRIC_VALUE_MAX 64U /* bytes of a label's value */
#define METRIC_OTHER "other"

/* Read-only. @values has one for each label, then NULL. */
typedef struct MetricSeries {
        const MetricSpec *spec;
        char *values[METRIC_LABELS_MAX];
        double value;         /* of gauges and counters */
        double before;        /* of counters: what an earlier process had counted */
        Histogram *histogram; /* of histograms */
        Recent *recent;       /* the same, for percentiles of the last while */
        struct MetricSeries *next;
} MetricSeries;

typedef struct Metrics Metrics;

int metrics_new(Metrics **ret);
Metrics *metrics_free(Metrics *metrics);
DEFINE_CLEANUP(Metrics *, metrics_free)

/*
 * @first and @second are the values of the metric's labels, NULL where it has none. Memory that is
 * out loses the number, as there is nobody who could do anything about it.
 */
void metrics_add(Metrics *metrics, MetricId id, const char *first, const char *second, double n);
void metrics_set(
                Metrics *metrics, MetricId id, const char *first, const char *second, double value);
void metrics_observe(Metrics *metrics, MetricId id, const char *first, const char *second,
                uint64_t usec);
/* Percentiles are of no more than the last @window_usec; @now_usec: CLOCK_MONOTONIC. */
void metrics_turn(Metrics *metrics, uint64_t now_usec, uint64_t window_usec);
/* Forgets its series, before all of them are set anew. */
void metrics_clear(Metrics *metrics, MetricId id);

/*
 * What was counted outlives a restart: counters and histograms go on from there, whether they are
 * added to or set. What of @saved makes no sense is left out.
 */
int metrics_save(const Metrics *metrics, json_object **ret);
void metrics_restore(Metrics *metrics, json_object *saved);

/* Called before anything is read. */
typedef void (*MetricsCollector)(void *userdata, Metrics *metrics);
void metrics_set_collector(Metrics *metrics, MetricsCollector collect, void *userdata);
void metrics_collect(Metrics *metrics);

/* NULL: none. Borrowed: until the next change. */
const MetricSeries *metrics_find(
                const Metrics *metrics, MetricId id, const char *first, const char *second);
const MetricSeries *metrics_first(const Metrics *metrics, MetricId id);
/* The sum of all series of a metric; 0 if there are none. */
double metrics_sum(const Metrics *metrics, MetricId id);
