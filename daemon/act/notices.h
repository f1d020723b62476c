/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Notices
 *
 * The episodes of all agents: begins and ends them as the agents' states come, and says what is due
 * to be told. Who hears of it, and how, is not known here. Whoever tells confirms it, so that what
 * could not be told is told later, and nothing is told twice, whatever restarts in between. Pure:
 * the clock is an argument.
 */

#include <json-c/json.h>

#include "daemon/act/episode.h"

/* At most so many episodes; the oldest that were told make room. */
#define NOTICES_MAX 4096U

typedef struct Notices Notices;

/* An agent as it is now. Borrowed. */
typedef struct NoticeSubject {
        const char *agent, *type, *target;
        uid_t uid;
        AgentState state;
        Attention attention;
        unsigned attributes;
        uint64_t since_usec; /* in this state */
} NoticeSubject;

typedef struct NoticesEvents {
        /* Tell it, then notices_told(); or notices_postpone(). Not called again before that. */
        void (*due)(void *userdata, const Episode *e, EpisodeDue what);
        /* It is over; @e was told if n_told says so, and goes when this returns. */
        void (*ended)(void *userdata, const Episode *e);
} NoticesEvents;

int notices_new(const NoticesEvents *events, void *userdata, Notices **ret);
Notices *notices_free(Notices *n);
DEFINE_CLEANUP(Notices *, notices_free)

/* Episodes whose cause is not among the policy's any more end. */
void notices_set_policy(Notices *n, const EpisodePolicy *policy);

/* Of an agent whose state is unknown nothing is concluded. -ENOMEM. */
int notices_update(Notices *n, const NoticeSubject *subject, uint64_t now_usec);
/* The agent is not there any more. */
void notices_forget(Notices *n, const char *agent);

/* Says what is due; returns when to call again, UINT64_MAX if not before something changes. */
uint64_t notices_run(Notices *n, uint64_t now_usec);

void notices_told(Notices *n, const char *id, EpisodeDue what, uint64_t now_usec);
/* Whether the agent's project manager is still to be told. */
void notices_set_pending(Notices *n, const char *id, bool pending);
/* What the screen was like then; see act/guard.h. */
void notices_set_token(Notices *n, const char *id, const char *token);
void notices_postpone(Notices *n, const char *id, uint64_t until_usec);

/* Of the agent's episode. -ENXIO: it has none. -EALREADY. */
int notices_acknowledge(Notices *n, const char *agent);
int notices_snooze(Notices *n, const char *agent, uint64_t until_usec);

/* Borrowed, until the next call. NULL: none; start with NULL. */
const Episode *notices_find(const Notices *n, const char *id);
const Episode *notices_of_agent(const Notices *n, const char *agent);
const Episode *notices_next(const Notices *n, const Episode *previous);

/* All that must outlive a restart, and back. -EBADMSG: no sense; what came before it is there. */
int notices_save(const Notices *n, json_object **ret);
int notices_restore(Notices *n, const json_object *saved);
