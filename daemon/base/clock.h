/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Time in microseconds, as systemd counts it. */

#include <stdint.h>
#include <time.h>

#define USEC_PER_MSEC 1000ULL
#define USEC_PER_SEC 1000000ULL
#define USEC_PER_MINUTE (60ULL * USEC_PER_SEC)
#define USEC_PER_HOUR (60ULL * USEC_PER_MINUTE)
#define USEC_PER_DAY (24ULL * USEC_PER_HOUR)

static inline uint64_t clock_usec(clockid_t clock) {
        struct timespec ts;

        (void)clock_gettime(clock, &ts);
        return (uint64_t)ts.tv_sec * USEC_PER_SEC + (uint64_t)ts.tv_nsec / 1000;
}

/* For intervals. */
static inline uint64_t now_monotonic(void) {
        return clock_usec(CLOCK_MONOTONIC);
}
/* For what people and other programs are told. */
static inline uint64_t now_realtime(void) {
        return clock_usec(CLOCK_REALTIME);
}
