/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Episode
 *
 * An agent needs somebody, from the moment it begins to until it does not any more. One episode has
 * one id, however long it takes and however often the service restarts. What may be told of it, and
 * when, is decided here from the times that it carries and the policy. Pure: the clock is an
 * argument. All times are CLOCK_REALTIME in microseconds, for they outlive a boot.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/base/agent-state.h"
#include "daemon/base/cleanup.h"

/* Why it needs somebody. The order is that of urgency, the most urgent first. */
typedef enum EpisodeCause {
        EPISODE_WAITING,
        EPISODE_OOM_KILLED, /* where nobody is told of this, it crashed */
        EPISODE_CRASHED,
        EPISODE_LOW_MEMORY,
        EPISODE_ERROR,
        EPISODE_RATE_LIMITED,
        EPISODE_STALLED,
        EPISODE_UNSUBMITTED,
        EPISODE_IDLE,
        _EPISODE_CAUSE_MAX,
        EPISODE_NONE = -1,
        _EPISODE_CAUSE_INVALID = -EINVAL,
} EpisodeCause;

const char *episode_cause_to_string(EpisodeCause cause);
EpisodeCause episode_cause_from_string(const char *s);
/* What the agent's state means, among the causes of the mask; EPISODE_NONE: nothing. */
EpisodeCause episode_cause_of(AgentState state, unsigned attributes, unsigned mask);

/* Times are durations, but for quiet hours: minutes of the day, as the clock on the wall has it. */
typedef struct EpisodePolicy {
        unsigned causes;          /* mask of 1 << EpisodeCause */
        uint64_t delay_usec;      /* it must last that long to be told */
        uint64_t cooldown_usec;   /* between what is told of one agent */
        uint64_t remind_usec;     /* 0: never again */
        uint64_t escalate_usec;   /* 0: never */
        int quiet_from, quiet_to; /* the same: there are no quiet hours */
} EpisodePolicy;

/* What is due. */
typedef enum EpisodeDue {
        EPISODE_NOTHING,
        EPISODE_TELL,
        EPISODE_REMIND,
        EPISODE_ESCALATE,
} EpisodeDue;

typedef struct Episode {
        char *id;    /* "1000-default-12-5f3a…": the agent, and when it began */
        char *agent; /* its id */
        uid_t uid;
        char *type, *target; /* as last known */
        EpisodeCause cause;
        Attention attention;
        uint64_t began_usec;
        uint64_t told_usec;       /* last; 0: not yet */
        uint64_t escalated_usec;  /* 0: not yet */
        uint64_t not_before_usec; /* snoozed, or somebody was looking at it */
        unsigned n_told;
        bool acknowledged;
        bool pm_pending; /* its project manager is still to be told */
        char *token;     /* of the screen as it was when it was told; NULL: not known */
} Episode;

/*
 * What is due now; else when to ask again is in @ret_next (UINT64_MAX: only if something changes).
 * @last_told: when something was told of this agent before this episode; 0: never.
 */
EpisodeDue episode_due(const Episode *e, const EpisodePolicy *policy, uint64_t last_told_usec,
                uint64_t now_usec, uint64_t *ret_next);

/* When the quiet hours that hold at @now_usec end; 0: they do not hold. By the local time zone. */
uint64_t episode_quiet_until(const EpisodePolicy *policy, uint64_t now_usec);

/* "claude in work:0.1 waits for a permission": one line, no word of what is on its screen. */
int episode_describe(const Episode *e, char **ret);

Episode *episode_free(Episode *e);
DEFINE_CLEANUP(Episode *, episode_free)
