/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/cost.h"

#include <assert.h>

#define SHARE_NEW 0.2 /* of a mean, that the newest reading has */
#define TAILS_FIRST 8U
#define CALLS_PER_TAIL 16U
/* Less is too short to tell how busy a server is. */
#define GAP_MIN_USEC 20000U

void cost_meter_reset(CostMeter *m) {
        *m = (CostMeter){};
}

static void learn(double *mean, unsigned *n, double value) {
        *mean += *n == 0 ? value - *mean : (value - *mean) * SHARE_NEW;
        (*n)++;
}

static double nsec_since(const CostReading *from, const CostReading *to) {
        return to->cpu_nsec > from->cpu_nsec ? (double)(to->cpu_nsec - from->cpu_nsec) : 0;
}

static uint64_t usec_since(const CostReading *from, const CostReading *to) {
        return to->usec > from->usec ? to->usec - from->usec : 0;
}

/* What the server did meanwhile of itself. */
static double agents_nsec(const CostMeter *m, uint64_t usec) {
        return m->busy * (double)usec * 1000;
}

static void learn_busy(CostMeter *m, const CostReading *now) {
        uint64_t gap = usec_since(&m->ended, now);
        double nsec = nsec_since(&m->ended, now);

        if (!m->known || gap < GAP_MIN_USEC)
                return;
        if (!m->settled)
                nsec = nsec > m->tail_nsec ? nsec - m->tail_nsec : 0;
        learn(&m->busy, &m->n_gaps, nsec / ((double)gap * 1000));
}

void cost_meter_begin(CostMeter *m, CostReading now) {
        assert(!m->running);

        learn_busy(m, &now);
        m->began = now;
        m->running = true;
}

uint64_t cost_meter_end(CostMeter *m, CostReading now) {
        double nsec;

        if (!m->running)
                return 0;

        nsec = nsec_since(&m->began, &now) - agents_nsec(m, usec_since(&m->began, &now));
        m->running = false;
        m->known = true;
        m->settled = false;
        m->ended = now;
        m->n_calls++;
        nsec = (nsec > 0 ? nsec : 0) + m->tail_nsec;
        return (uint64_t)nsec;
}

bool cost_meter_wants_tail(const CostMeter *m) {
        return m->n_tails < TAILS_FIRST || m->n_calls >= CALLS_PER_TAIL;
}

void cost_meter_settle(CostMeter *m, CostReading now) {
        double nsec;

        if (m->running || !m->known || m->settled)
                return; /* the next call has begun */

        nsec = nsec_since(&m->ended, &now) - agents_nsec(m, usec_since(&m->ended, &now));
        /* Before it is known what the agents cost, all of it may be theirs. */
        if (m->n_gaps > 0)
                learn(&m->tail_nsec, &m->n_tails, nsec > 0 ? nsec : 0);
        m->n_calls = 0;
        m->settled = true;
        m->ended = now;
}
