/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/act/patience.h"

#include "daemon/base/cleanup.h"
#include "daemon/base/clock.h"

/* After one that was told and hit the limit again, and where nothing is shown. */
#define AGAIN_USEC (5 * USEC_PER_MINUTE)

/* Who works so long after it was told has no limit any more. */
#define SETTLED_USEC (10 * USEC_PER_MINUTE)
/* What is read twice off one screen, in seconds or minutes from now, is not the same to the second.
 */
#define SAME_USEC (2 * USEC_PER_MINUTE)

static PatienceStep plan(Patience *p, const PatienceRules *rules, uint64_t due_usec) {
        if (p->attempts >= rules->attempts) {
                p->given_up = true;
                p->due_usec = 0;
                return PATIENCE_GIVEN_UP;
        }
        p->due_usec = due_usec;
        return PATIENCE_PLANNED;
}

/* "Resets 3pm" is today's until then, and tomorrow's after, while it stands there. */
static bool is_same_time(uint64_t a, uint64_t b) {
        uint64_t apart = (a > b ? a - b : b - a) % USEC_PER_DAY;

        return a > 0 && (apart <= SAME_USEC || apart >= USEC_PER_DAY - SAME_USEC);
}

PatienceStep patience_limited(
                Patience *p, const PatienceRules *rules, uint64_t reset_usec, uint64_t now_usec) {
        bool is_new;

        /* Without a time nobody can know what to wait for. */
        if (reset_usec == 0 || p->given_up)
                return PATIENCE_NOTHING;
        is_new = !is_same_time(p->reset_usec, reset_usec);
        if (!is_new && !p->asked)
                return PATIENCE_NOTHING;
        /* The old text stays on the screen for a while after it was told. */
        if (!is_new && p->worked_usec == 0 && now_usec < p->due_usec + AGAIN_USEC)
                return PATIENCE_NOTHING;
        if (is_new)
                p->reset_usec = reset_usec;
        else
                reset_usec = MAX(p->reset_usec, now_usec + AGAIN_USEC);
        p->asked = false;
        p->worked_usec = 0;
        return plan(p, rules, reset_usec + rules->margin_usec);
}

PatienceStep patience_unlimited(Patience *p, bool works, uint64_t now_usec) {
        if (!p->asked || (p->worked_usec > 0 && now_usec - p->worked_usec >= SETTLED_USEC)) {
                *p = (Patience){};
                return PATIENCE_NOTHING;
        }
        if (!works || p->worked_usec > 0)
                return PATIENCE_NOTHING;
        p->worked_usec = now_usec;
        return PATIENCE_RESOLVED;
}

bool patience_is_due(const Patience *p, uint64_t now_usec) {
        return !p->given_up && !p->asked && p->due_usec > 0 && now_usec >= p->due_usec;
}

void patience_asked(Patience *p) {
        p->asked = true;
        p->attempts++;
}

PatienceStep patience_refused(Patience *p, const PatienceRules *rules, uint64_t now_usec) {
        p->asked = false;
        return plan(p, rules, now_usec + AGAIN_USEC);
}

void patience_cancel(Patience *p) {
        p->given_up = true;
        p->due_usec = 0;
}
