/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Recent
 *
 * Percentiles of what was added within the last while. Values are in two histograms that take
 * turns: what is told is of half the window at least, and of all of it at most. Its memory is
 * fixed.
 */

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/cleanup.h"

typedef struct Recent Recent;

int recent_new(Recent **ret);
Recent *recent_free(Recent *recent);
DEFINE_CLEANUP(Recent *, recent_free)

void recent_add(Recent *recent, uint64_t value);
/* Forgets what is older than @window_usec. @now_usec: CLOCK_MONOTONIC. Call it now and then. */
void recent_turn(Recent *recent, uint64_t now_usec, uint64_t window_usec);

/* As histogram_percentile(), @n of them. -ENOMEM. */
int recent_percentiles(const Recent *recent, const double *percents, size_t n, uint64_t *ret);
