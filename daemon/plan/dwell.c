/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/plan/dwell.h"

#include <assert.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/clock.h"

#define FIRST_USEC (250.0 * USEC_PER_MSEC) /* end of the first bucket; each ends at twice that */
#define KEEP 0.97F                         /* of what was there, with each new one */
#define OTHERS_WEIGHT 4.0                  /* at most, in times of one's own */
#define KNOWN_MIN 0.9                      /* less than that is no knowledge */

static double bucket_end(unsigned i) {
        return FIRST_USEC * (double)(1ULL << i);
}

static double bucket_begin(unsigned i) {
        return i == 0 ? 0 : bucket_end(i - 1);
}

void dwell_note(Dwell *d, uint64_t usec) {
        unsigned i = 0;

        while (i + 1 < DWELL_BUCKETS && (double)usec >= bucket_end(i))
                i++;
        FOREACH_ELEMENT (w, d->weight)
                *w *= KEEP;
        d->weight[i] += 1;
}

static double sum(const Dwell *d) {
        double n = 0;

        FOREACH_ELEMENT (w, d->weight)
                n += (double)*w;
        return n;
}

typedef struct Mix {
        double weight[DWELL_BUCKETS];
} Mix;

static Mix mix(const Dwell *own, const Dwell *others) {
        double n = others ? sum(others) : 0, share = n > OTHERS_WEIGHT ? OTHERS_WEIGHT / n : 1;
        Mix m;

        for (unsigned i = 0; i < DWELL_BUCKETS; i++) {
                m.weight[i] = (double)own->weight[i];
                if (others)
                        m.weight[i] += (double)others->weight[i] * share;
        }
        return m;
}

/* Of those in the bucket, as many as stayed longer than @usec. */
static double later(const Mix *m, unsigned i, double usec) {
        double begin = bucket_begin(i), end = bucket_end(i);

        if (usec <= begin)
                return m->weight[i];
        return usec >= end ? 0 : m->weight[i] * (end - usec) / (end - begin);
}

/* When so many of them are left. */
static double when_left(const Mix *m, double age, double left) {
        double after = 0;

        for (unsigned i = DWELL_BUCKETS; i-- > 0;) {
                double here = later(m, i, age), begin = MAX(bucket_begin(i), age);

                if (after + here >= left && here > 0)
                        return bucket_end(i) - (bucket_end(i) - begin) * (left - after) / here;
                after += here;
        }
        return age;
}

uint64_t dwell_remaining(const Dwell *own, const Dwell *others, uint64_t age_usec) {
        Mix m = mix(own, others);
        double age = (double)age_usec, known = 0, n = 0;

        for (unsigned i = 0; i < DWELL_BUCKETS; i++) {
                known += m.weight[i];
                n += later(&m, i, age);
        }
        if (known < KNOWN_MIN)
                return UINT64_MAX;
        /* Longer than anybody before: as long again. */
        if (n < known / 1000)
                return age_usec;
        return (uint64_t)(when_left(&m, age, n / 2) - age);
}
