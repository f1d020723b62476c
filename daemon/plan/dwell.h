/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Dwell
 *
 * How long something stays in a state, learned from how long it did before: a histogram over times
 * that double, which forgets slowly. From it, the time that is left to somebody who has been there
 * for a while: half of those who stayed that long had left by then. Pure.
 */

#include <stdint.h>

#define DWELL_BUCKETS 20U

typedef struct Dwell {
        float weight[DWELL_BUCKETS];
} Dwell;

void dwell_note(Dwell *d, uint64_t usec);

/*
 * @others: what is known of all, which counts as much as a few times of one's own; may be NULL.
 * UINT64_MAX: nothing is known.
 */
uint64_t dwell_remaining(const Dwell *own, const Dwell *others, uint64_t age_usec);
