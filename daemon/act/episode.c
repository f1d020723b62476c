/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/act/episode.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/base/clock.h"

#define MINUTES_A_DAY (24 * 60)

static const struct {
        const char *name;
        const char *sentence;
} causes[_EPISODE_CAUSE_MAX] = {
                [EPISODE_WAITING] = {"waiting", "waits"},
                [EPISODE_OOM_KILLED] = {"oom_killed", "was OOM-killed"},
                [EPISODE_CRASHED] = {"crashed", "has crashed"},
                [EPISODE_LOW_MEMORY] = {"low_memory", "is about to run out of memory"},
                [EPISODE_ERROR] = {"error", "stopped with an error"},
                [EPISODE_RATE_LIMITED] = {"rate_limited", "has reached a usage limit"},
                [EPISODE_STALLED] = {"stalled", "says that it works, and nothing moves"},
                [EPISODE_UNSUBMITTED] = {"unsubmitted", "has a text in its input that nobody sent"},
                [EPISODE_IDLE] = {"idle", "has nothing to do"},
};

static const char *const waits[_ATTENTION_MAX] = {
                [ATTENTION_NONE] = "waits for an answer",
                [ATTENTION_PERMISSION] = "waits for a permission",
                [ATTENTION_QUESTION] = "waits for an answer",
                [ATTENTION_PLAN] = "waits for a word on its plan",
                [ATTENTION_TRUST] = "asks whether to trust its folder",
                [ATTENTION_LOGIN] = "waits for a login",
};

const char *episode_cause_to_string(EpisodeCause cause) {
        assert(cause >= 0 && cause < _EPISODE_CAUSE_MAX);
        return causes[cause].name;
}

EpisodeCause episode_cause_from_string(const char *s) {
        for (EpisodeCause c = 0; c < _EPISODE_CAUSE_MAX; c++)
                if (strcmp(causes[c].name, s) == 0)
                        return c;
        return _EPISODE_CAUSE_INVALID;
}

static bool holds(EpisodeCause cause, AgentState state, unsigned attributes) {
        switch (cause) {
        case EPISODE_WAITING:
                return state == AGENT_WAITING;
        case EPISODE_OOM_KILLED:
                return state == AGENT_CRASHED && attributes & ATTRIBUTE_OOM_KILLED;
        case EPISODE_CRASHED:
                return state == AGENT_CRASHED;
        case EPISODE_LOW_MEMORY:
                return attributes & ATTRIBUTE_LOW_MEMORY;
        case EPISODE_ERROR:
                return state == AGENT_ERROR;
        case EPISODE_RATE_LIMITED:
                return state == AGENT_RATE_LIMITED;
        case EPISODE_STALLED:
                return attributes & ATTRIBUTE_STALLED;
        case EPISODE_UNSUBMITTED:
                return state == AGENT_IDLE && attributes & ATTRIBUTE_UNSUBMITTED;
        case EPISODE_IDLE:
                return state == AGENT_IDLE;
        case _EPISODE_CAUSE_MAX:
        case EPISODE_NONE:
        case _EPISODE_CAUSE_INVALID:
        default:
                return false;
        }
}

EpisodeCause episode_cause_of(AgentState state, unsigned attributes, unsigned mask) {
        for (EpisodeCause c = 0; c < _EPISODE_CAUSE_MAX; c++)
                if (mask & 1U << c && holds(c, state, attributes))
                        return c;
        return EPISODE_NONE;
}

uint64_t episode_quiet_until(const EpisodePolicy *policy, uint64_t now_usec) {
        time_t now = (time_t)(now_usec / USEC_PER_SEC);
        struct tm tm;
        int minute, left;

        if (policy->quiet_from == policy->quiet_to || !localtime_r(&now, &tm))
                return 0;

        minute = tm.tm_hour * 60 + tm.tm_min;
        left = (policy->quiet_to - minute + MINUTES_A_DAY) % MINUTES_A_DAY;
        /* Within them if their end comes before their beginning does. */
        if (left == 0 ||
                        left > (policy->quiet_to - policy->quiet_from + MINUTES_A_DAY) %
                                                        MINUTES_A_DAY)
                return 0;
        return now_usec - now_usec % USEC_PER_MINUTE + (uint64_t)left * USEC_PER_MINUTE;
}

/* The first moment at which anything may be said of it. */
static uint64_t earliest(const Episode *e, const EpisodePolicy *policy, uint64_t last_told_usec,
                uint64_t now_usec) {
        uint64_t at = e->told_usec > 0 ? e->told_usec : e->began_usec + policy->delay_usec;

        if (e->told_usec == 0 && last_told_usec > 0)
                at = MAX(at, last_told_usec + policy->cooldown_usec);
        at = MAX(at, e->not_before_usec);
        return MAX(at, episode_quiet_until(policy, now_usec));
}

EpisodeDue episode_due(const Episode *e, const EpisodePolicy *policy, uint64_t last_told_usec,
                uint64_t now_usec, uint64_t *ret_next) {
        uint64_t from = earliest(e, policy, last_told_usec, now_usec), escalate = UINT64_MAX,
                 remind = UINT64_MAX;

        *ret_next = UINT64_MAX;
        if (e->acknowledged)
                return EPISODE_NOTHING;
        if (e->n_told == 0) {
                *ret_next = from;
                return from <= now_usec ? EPISODE_TELL : EPISODE_NOTHING;
        }

        if (policy->escalate_usec > 0 && e->escalated_usec == 0)
                escalate = MAX(e->began_usec + policy->escalate_usec, from);
        if (policy->remind_usec > 0)
                remind = MAX(e->told_usec + policy->remind_usec, from);
        if (escalate <= now_usec)
                return EPISODE_ESCALATE;
        if (remind <= now_usec)
                return EPISODE_REMIND;
        *ret_next = MIN(escalate, remind);
        return EPISODE_NOTHING;
}

int episode_describe(const Episode *e, char **ret) {
        const char *what = e->cause == EPISODE_WAITING ? waits[e->attention]
                                                       : causes[e->cause].sentence;

        return asprintf(ret, "%s in %s %s", e->type, e->target, what) < 0 ? -ENOMEM : 0;
}

Episode *episode_free(Episode *e) {
        if (!e)
                return NULL;

        free(e->id);
        free(e->agent);
        free(e->type);
        free(e->target);
        free(e->token);
        free(e);
        return NULL;
}
