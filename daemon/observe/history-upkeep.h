/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Upkeep of the history
 *
 * Samples are put together by minute, hour and day once those are over, and what is too old or too
 * much goes, the oldest first. In a thread; each step is a transaction of its own.
 */

#include "daemon/observe/history-file.h"

typedef struct HistoryLimits {
        uint64_t raw_usec;      /* samples as they were taken are kept so long */
        uint64_t episodes_usec; /* episodes, and samples by the hour */
        uint64_t max_episodes;
        uint64_t max_bytes; /* of the file */
} HistoryLimits;

/* Samples by the minute and by the day. */
#define HISTORY_MINUTES_USEC (2 * USEC_PER_DAY)
#define HISTORY_DAYS_USEC (730 * USEC_PER_DAY)

/*
 * @now_usec: CLOCK_REALTIME. @oldest_usec: of the samples that were written since the last time,
 * for a clock may be set back. Unless @clock_is_settled nothing goes for its age: a clock that is
 * wrong for a moment must not cost a year.
 */
int history_upkeep(HistoryFile *f, const HistoryLimits *limits, uint64_t now_usec,
                uint64_t oldest_usec, bool clock_is_settled);
