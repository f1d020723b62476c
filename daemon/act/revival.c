/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/act/revival.h"

#include "daemon/base/cleanup.h"

static uint64_t backoff(const Revival *r, const RevivalRules *rules) {
        unsigned doublings = r->failures > 0 ? r->failures - 1 : 0;
        uint64_t usec = rules->backoff_usec;

        for (; doublings > 0 && usec < rules->backoff_max_usec; doublings--)
                usec *= 2;
        return MIN(usec, rules->backoff_max_usec);
}

/* As many starts as may be lie within the time. */
static bool burst_is_over(const Revival *r, const RevivalRules *rules, uint64_t now_usec) {
        unsigned burst = MIN(rules->burst, REVIVAL_BURST_MAX);
        uint64_t first;

        if (burst == 0 || r->n_starts < burst)
                return false;
        first = r->starts[(r->n_starts - burst) % REVIVAL_BURST_MAX];
        return now_usec - first < rules->burst_usec;
}

static RevivalStep plan(Revival *r, const RevivalRules *rules, uint64_t now_usec) {
        if (r->failures > rules->max_failures || burst_is_over(r, rules, now_usec)) {
                r->given_up = true;
                r->due_usec = 0;
                return REVIVAL_GIVEN_UP;
        }
        r->due_usec = now_usec + backoff(r, rules);
        return REVIVAL_PLANNED;
}

void revival_is_up(Revival *r, const RevivalRules *rules, uint64_t now_usec) {
        if (r->up_usec == 0) {
                r->up_usec = now_usec;
                r->due_usec = 0;
        } else if (now_usec - r->up_usec >= rules->grace_usec) {
                r->failures = 0;
                r->given_up = false;
        }
}

RevivalStep revival_crashed(Revival *r, const RevivalRules *rules, uint64_t now_usec) {
        bool ran_well = r->up_usec > 0 && now_usec - r->up_usec >= rules->grace_usec;

        if (r->given_up && !ran_well)
                return REVIVAL_NOTHING;
        r->given_up = false;
        r->failures = ran_well ? 1 : r->failures + 1;
        r->up_usec = 0;
        return plan(r, rules, now_usec);
}

RevivalStep revival_start_failed(Revival *r, const RevivalRules *rules, uint64_t now_usec) {
        r->failures++;
        r->up_usec = 0;
        return plan(r, rules, now_usec);
}

void revival_postpone(Revival *r, const RevivalRules *rules, uint64_t now_usec) {
        r->due_usec = now_usec + backoff(r, rules);
}

bool revival_is_due(const Revival *r, uint64_t now_usec) {
        return !r->given_up && r->due_usec > 0 && now_usec >= r->due_usec;
}

void revival_started(Revival *r, uint64_t now_usec) {
        r->due_usec = 0;
        r->starts[r->n_starts % REVIVAL_BURST_MAX] = now_usec;
        r->n_starts++;
}

void revival_give_up(Revival *r) {
        r->failures++;
        r->up_usec = r->due_usec = 0;
        r->given_up = true;
}

void revival_reset(Revival *r) {
        *r = (Revival){};
}
