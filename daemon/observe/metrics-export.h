/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Metrics for others to read
 *
 * As flat samples (a histogram is its buckets, its sum and its count), and as the texts that
 * monitoring systems know. A counter whose name does not end in _total, or another metric whose
 * name does, is untyped there, as their names promise another type.
 */

#include <errno.h>

#include "daemon/observe/metrics.h"

#define METRIC_SAMPLE_LABELS_MAX (METRIC_LABELS_MAX + 1U) /* and le */

/* Valid during the call. */
typedef struct MetricSample {
        const MetricSpec *spec;
        const char *suffix; /* after the name: "", "_bucket", "_sum", "_count" */
        const char *labels[METRIC_SAMPLE_LABELS_MAX];
        const char *values[METRIC_SAMPLE_LABELS_MAX];
        size_t n_labels;
        double value;
} MetricSample;

/* A negative result ends the walk and is its result. */
typedef int (*MetricVisitor)(void *userdata, const MetricSample *sample);
int metrics_visit(const Metrics *metrics, MetricId id, MetricVisitor visit, void *userdata);

typedef enum MetricsFormat {
        METRICS_PROMETHEUS,
        METRICS_OPENMETRICS,
        METRICS_JSON,
        _METRICS_FORMAT_MAX,
        _METRICS_FORMAT_INVALID = -EINVAL,
} MetricsFormat;

MetricsFormat metrics_format_from_string(const char *s);

/* All metrics that have a value, collected anew; free the result. */
int metrics_export(Metrics *metrics, MetricsFormat format, char **ret);
