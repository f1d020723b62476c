/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the files of the metrics share. For them alone. */

#include "daemon/observe/metrics.h"

/* The series of these values; that of the others if there are too many; NULL without memory. */
MetricSeries *metrics_obtain(Metrics *metrics, MetricId id, const char *first, const char *second);
