/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/extend/breaker.h"

#include "daemon/base/cleanup.h"
#include "daemon/base/clock.h"

#define DELAY_MIN_USEC (200 * USEC_PER_MSEC)
#define DELAY_MAX_USEC (30 * USEC_PER_SEC)
/* So many failures within that time open it. */
#define FAILURES_MAX 5U
#define WINDOW_USEC USEC_PER_MINUTE
#define OPEN_MIN_USEC USEC_PER_MINUTE
#define OPEN_MAX_USEC USEC_PER_HOUR

static uint64_t delay_after(unsigned failures) {
        uint64_t delay = DELAY_MIN_USEC;

        for (unsigned i = 1; i < failures && delay < DELAY_MAX_USEC; i++)
                delay *= 2;
        return MIN(delay, DELAY_MAX_USEC);
}

bool breaker_fail(Breaker *b, uint64_t now) {
        if (!breaker_is_open(b) && now - b->first_usec > WINDOW_USEC)
                b->failures = 0;
        if (b->failures == 0)
                b->first_usec = now;
        b->failures++;

        if (breaker_is_open(b) || b->failures >= FAILURES_MAX) {
                b->open_usec = b->open_usec == 0 ? OPEN_MIN_USEC
                                                 : MIN(b->open_usec * 2, OPEN_MAX_USEC);
                b->not_before_usec = now + b->open_usec;
                return true;
        }

        b->not_before_usec = now + delay_after(b->failures);
        return false;
}

void breaker_succeed(Breaker *b) {
        *b = (Breaker){};
}

bool breaker_allows(const Breaker *b, uint64_t now) {
        return now >= b->not_before_usec;
}
