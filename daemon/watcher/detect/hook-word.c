/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/detect/hook-word.h"

#include <assert.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/clock.h"
#include "daemon/watcher/detect/debounce.h"

#define SAME_AGE_USEC (300 * USEC_PER_MSEC)

static const char *const standing_names[] = {
                [HOOK_WORD_NONE] = "none",
                [HOOK_WORD_STANDS] = "stands",
                [HOOK_WORD_SPENT] = "spent",
                [HOOK_WORD_OVERRULED] = "overruled",
                [HOOK_WORD_FADED] = "faded",
};

const char *hook_standing_to_string(HookStanding s) {
        assert(s >= 0 && s < (HookStanding)ELEMENTSOF(standing_names));
        return standing_names[s];
}

/* Waiting beats working beats idle. */
static int urgency(AgentState s) {
        switch (s) {
        case AGENT_WAITING:
        case AGENT_RATE_LIMITED:
        case AGENT_ERROR:
                return 3;
        case AGENT_WORKING:
                return 2;
        case AGENT_IDLE:
                return 1;
        case AGENT_STARTING:
        case AGENT_CRASHED:
        case AGENT_EXITED:
        case AGENT_UNKNOWN:
        case _AGENT_STATE_MAX:
        case _AGENT_STATE_INVALID:
        default:
                return 0;
        }
}

bool hook_word_set(HookWord *w, const HookEvent *event, uint64_t now_usec) {
        assert(w);
        assert(event);

        if (w->standing != HOOK_WORD_NONE && now_usec - w->at_usec < SAME_AGE_USEC &&
                        urgency(w->event.state) > urgency(event->state))
                return false;

        *w = (HookWord){
                        .standing = HOOK_WORD_STANDS,
                        .event = *event,
                        .at_usec = now_usec,
        };
        return true;
}

static void contradict(HookWord *w, double weight, uint64_t now_usec) {
        if (w->contradictions > 0 && now_usec - w->last_usec < DEBOUNCE_APART_USEC)
                return;
        if (w->event.state == AGENT_WAITING && now_usec - w->at_usec < HOOK_WORD_GRACE_USEC) {
                w->doubted = true;
                return;
        }

        w->contradictions++;
        w->contradiction += weight;
        w->last_usec = now_usec;
        if (w->contradictions >= HOOK_WORD_LOOKS && w->contradiction >= HOOK_WORD_WEIGHT)
                w->standing = HOOK_WORD_OVERRULED;
}

bool hook_word_weigh(HookWord *w, AgentState state, double weight, uint64_t now_usec) {
        assert(w);

        if (w->standing != HOOK_WORD_STANDS)
                return false;

        if (state == w->event.state)
                w->standing = HOOK_WORD_SPENT;
        else if (state == AGENT_UNKNOWN)
                return true;
        else if (now_usec - w->at_usec > HOOK_WORD_LIFE_USEC)
                w->standing = HOOK_WORD_FADED;
        else
                contradict(w, weight, now_usec);

        return w->standing == HOOK_WORD_STANDS;
}

uint64_t hook_word_next_look(const HookWord *w) {
        assert(w);

        if (w->standing != HOOK_WORD_STANDS)
                return UINT64_MAX;
        if (w->contradictions > 0)
                return w->last_usec + DEBOUNCE_LOOK_USEC;
        return w->doubted ? w->at_usec + HOOK_WORD_GRACE_USEC : UINT64_MAX;
}
