/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/base/recent.h"

#include <assert.h>
#include <errno.h>

#include "daemon/base/histogram.h"

struct Recent {
        Histogram *now, *before;
        uint64_t turned_usec; /* 0: not yet */
};

int recent_new(Recent **ret) {
        _cleanup_(recent_freep) Recent *r = NULL;
        int e;

        assert(ret);

        r = calloc(1, sizeof(*r));
        if (!r)
                return -ENOMEM;
        e = histogram_new(NULL, 0, &r->now);
        if (e >= 0)
                e = histogram_new(NULL, 0, &r->before);
        if (e < 0)
                return e;

        *ret = TAKE_PTR(r);
        return 0;
}

Recent *recent_free(Recent *r) {
        if (!r)
                return NULL;

        histogram_free(r->now);
        histogram_free(r->before);
        free(r);
        return NULL;
}

void recent_add(Recent *r, uint64_t value) {
        histogram_add(r->now, value);
}

void recent_turn(Recent *r, uint64_t now_usec, uint64_t window_usec) {
        uint64_t half = window_usec / 2, passed;
        Histogram *oldest;

        if (r->turned_usec == 0)
                r->turned_usec = now_usec;
        passed = now_usec - r->turned_usec;
        if (passed < half)
                return;

        /* Nobody turned it for long: what is in there may be of any age. */
        if (passed >= window_usec)
                histogram_reset(r->now);
        oldest = r->before;
        histogram_reset(oldest);
        r->before = r->now;
        r->now = oldest;
        r->turned_usec = now_usec;
}

int recent_percentiles(const Recent *r, const double *percents, size_t n, uint64_t *ret) {
        _cleanup_(histogram_freep) Histogram *both = NULL;
        int e;

        e = histogram_new(NULL, 0, &both);
        if (e >= 0)
                e = histogram_merge(both, r->now);
        if (e >= 0)
                e = histogram_merge(both, r->before);
        if (e < 0)
                return e;

        for (size_t i = 0; i < n; i++)
                ret[i] = histogram_percentile(both, percents[i]);
        return 0;
}
