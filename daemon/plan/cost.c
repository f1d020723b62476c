/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/plan/cost.h"

#include <math.h>
#include <stdio.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/clock.h"

#define FORGET_USEC (30.0 * USEC_PER_SEC)
#define SLOW_USEC (1 * USEC_PER_SEC)

/* Nobody waits for the looks where panes tell, unless even they cost too much. */
bool cost_is_slowed(const Cost *c) {
        return c->interval_usec >= SLOW_USEC && c->reason != PACE_CONFIGURED &&
                        c->reason != PACE_USEFUL && (!c->told || c->reason == PACE_LIMIT);
}

/* As long as little is known, all of it counts the same. */
static void learn_percent(Cost *c, uint64_t spent_usec, uint64_t passed_usec) {
        double passed = (double)passed_usec, share = 1 - exp(-passed / FORGET_USEC);

        c->known_usec += passed_usec;
        share = MAX(share, passed / (double)c->known_usec);
        c->percent += (100.0 * (double)spent_usec / passed - c->percent) * share;
}

static bool is_worth_telling(const Cost *c, const WatchReport *sum, uint64_t now) {
        double ratio;

        if (sum->interval_usec == 0)
                return false; /* there is nothing to look at */
        if (c->interval_usec == 0 ||
                        (c->reason == PACE_CONFIGURED) != (sum->reason == PACE_CONFIGURED))
                return true;
        if (now - c->told_usec < COST_TELL_USEC)
                return false;
        ratio = (double)sum->interval_usec / (double)c->interval_usec;
        return ratio > 1.25 || ratio < 0.75 ||
                        (c->reason == PACE_LIMIT) != (sum->reason == PACE_LIMIT) ||
                        c->told != sum->told;
}

static void tell(Cost *c, const WatchReport *sum, uint64_t now, CostChange *ret) {
        bool was_slowed = cost_is_slowed(c);

        c->interval_usec = sum->interval_usec;
        c->reason = sum->reason;
        c->told = sum->told;
        c->told_usec = now;
        ret->interval = true;
        ret->slower = !was_slowed && cost_is_slowed(c);
        ret->usual = was_slowed && !cost_is_slowed(c);
}

void cost_take(Cost *c, const WatchReport *sum, uint64_t daemon_usec, uint64_t now_usec,
                CostChange *ret) {
        uint64_t own = sum->own_usec + daemon_usec;

        *ret = (CostChange){.rounds = sum->rounds - c->rounds};
        if (c->at_usec > 0 && now_usec > c->at_usec) {
                learn_percent(c, own - c->own_usec + sum->tmux_usec - c->tmux_usec,
                                now_usec - c->at_usec);
        }
        c->at_usec = now_usec;
        c->own_usec = own;
        c->tmux_usec = sum->tmux_usec;
        c->rounds = sum->rounds;
        c->pool = sum->pool;
        if (is_worth_telling(c, sum, now_usec))
                tell(c, sum, now_usec, ret);
}

void cost_describe(const Cost *c, char *ret, size_t n_ret) {
        if (c->interval_usec == 0) {
                (void)snprintf(ret, n_ret, "nothing was looked at yet");
                return;
        }
        if (c->told && c->reason != PACE_LIMIT) {
                (void)snprintf(ret, n_ret, "panes that are written to are looked at besides");
                return;
        }
        switch (c->reason) {
        case PACE_CONFIGURED:
                (void)snprintf(ret, n_ret, "monitoring.cycle_interval says so");
                break;
        case PACE_USEFUL:
                (void)snprintf(ret, n_ret, "more often would be of no use");
                break;
        case PACE_BUDGET:
                (void)snprintf(ret, n_ret, "more often would cost more than %g %% of a core",
                                c->budget);
                break;
        case PACE_SLOW:
                (void)snprintf(ret, n_ret, "tmux takes its time to answer");
                break;
        case PACE_LIMIT:
                (void)snprintf(ret, n_ret,
                                "not more rarely, though it costs more than %g %% of a core",
                                c->budget);
                break;
        case _PACE_REASON_MAX:
        case _PACE_REASON_INVALID:
        default:
                (void)snprintf(ret, n_ret, "nobody knows why");
                break;
        }
}
