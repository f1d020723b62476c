/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Rate limit
 *
 * A token bucket: so many calls may come at once, and as many again in each time. Embedded in what
 * it guards; time is an argument, and never goes back.
 */

#include <stdbool.h>
#include <stdint.h>

typedef struct RateLimit {
        uint64_t step_usec;  /* the price of a call in time; 0: there is no limit */
        uint64_t burst_usec; /* so much may be spent ahead */
        uint64_t spent_usec; /* paid for until then */
} RateLimit;

/* The bucket is full. @calls or @per_usec 0: no limit. */
void rate_limit_init(RateLimit *limit, uint64_t calls, uint64_t per_usec);
/* What was taken stays taken, at the new price. */
void rate_limit_set(RateLimit *limit, uint64_t calls, uint64_t per_usec);

/* Whether a call may happen now; if so it counts. If not, *@ret_wait_usec is when it may. */
bool rate_limit_take(RateLimit *limit, uint64_t now_usec, uint64_t *ret_wait_usec);
