/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Writers of the formats that metrics are exported in. */

#include <stdio.h>

#include "daemon/observe/metrics.h"

#define METRIC_NUMBER_MAX 32U

/* The shortest text that gives the same number again, whatever the locale; returns @buffer. */
const char *metric_number_to_text(double value, char buffer[static METRIC_NUMBER_MAX]);

/* Return -ENOMEM. */
int metrics_write_text(const Metrics *metrics, bool openmetrics, FILE *f);
int metrics_write_json(const Metrics *metrics, FILE *f);
