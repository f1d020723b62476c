/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/extend/rate-limit.h"

#include <assert.h>

#include "daemon/base/cleanup.h"

void rate_limit_set(RateLimit *limit, uint64_t calls, uint64_t per_usec) {
        assert(limit);

        if (calls == 0 || per_usec == 0) {
                limit->step_usec = limit->burst_usec = 0;
                return;
        }
        /* Rounded up: rather too few than too many. */
        limit->step_usec = per_usec / calls + (per_usec % calls != 0);
        limit->burst_usec = (calls - 1) * limit->step_usec;
}

void rate_limit_init(RateLimit *limit, uint64_t calls, uint64_t per_usec) {
        assert(limit);

        limit->spent_usec = 0;
        rate_limit_set(limit, calls, per_usec);
}

/* Each call moves the time that is paid for; the bucket is how far that may be ahead of now. */
bool rate_limit_take(RateLimit *limit, uint64_t now_usec, uint64_t *ret_wait_usec) {
        uint64_t spent;

        assert(limit);

        if (limit->step_usec == 0)
                return true;

        spent = MAX(limit->spent_usec, now_usec);
        if (spent - now_usec > limit->burst_usec) {
                if (ret_wait_usec)
                        *ret_wait_usec = spent - now_usec - limit->burst_usec;
                return false;
        }
        limit->spent_usec = spent + limit->step_usec;
        return true;
}
