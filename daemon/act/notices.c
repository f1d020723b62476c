/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/act/notices-private.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int notices_new(const NoticesEvents *events, void *userdata, Notices **ret) {
        Notices *n = calloc(1, sizeof(*n));

        assert(events && events->due && events->ended);

        if (!n)
                return -ENOMEM;
        *n = (Notices){.events = *events, .userdata = userdata};
        *ret = n;
        return 0;
}

static NoticeEntry *entry_free(NoticeEntry *e) {
        episode_free(e->episode);
        free(e->agent);
        free(e);
        return NULL;
}

Notices *notices_free(Notices *n) {
        NoticeEntry *e, *next;

        if (!n)
                return NULL;
        HASH_ITER (hh, n->entries, e, next) {
                HASH_DEL(n->entries, e);
                entry_free(e);
        }
        free(n);
        return NULL;
}

NoticeEntry *notices_entry(const Notices *n, const char *agent) {
        NoticeEntry *e;

        HASH_FIND_STR(n->entries, agent, e);
        return e;
}

int notices_entry_get(Notices *n, const char *agent, NoticeEntry **ret) {
        NoticeEntry *e = notices_entry(n, agent);

        if (!e) {
                e = calloc(1, sizeof(*e));
                if (!e)
                        return -ENOMEM;
                e->agent = strdup(agent);
                if (!e->agent) {
                        free(e);
                        return -ENOMEM;
                }
                HASH_ADD_KEYPTR(hh, n->entries, e->agent, strlen(e->agent), e);
        }
        *ret = e;
        return 0;
}

static void end(Notices *n, NoticeEntry *e) {
        if (!e->episode)
                return;
        n->events.ended(n->userdata, e->episode);
        e->episode = episode_free(e->episode);
        e->pending = false;
}

static void drop(Notices *n, NoticeEntry *e) {
        end(n, e);
        HASH_DEL(n->entries, e);
        entry_free(e);
}

/* Ids differ as long as an agent does not need somebody twice in a microsecond. */
static int begin(NoticeEntry *e, const NoticeSubject *s, EpisodeCause cause, uint64_t now_usec) {
        _cleanup_(episode_freep) Episode *new = calloc(1, sizeof(*new));
        uint64_t began = s->since_usec > 0 && s->since_usec < now_usec ? s->since_usec : now_usec;

        if (!new)
                return -ENOMEM;
        *new = (Episode){.cause = cause, .uid = s->uid, .began_usec = began};
        if (asprintf(&new->id, "%s-%" PRIx64, s->agent, now_usec) < 0) {
                new->id = NULL;
                return -ENOMEM;
        }
        new->agent = strdup(s->agent);
        if (!new->agent)
                return -ENOMEM;
        e->episode = TAKE_PTR(new);
        return 0;
}

static int set_string(char **p, const char *value) {
        char *copy;

        if (*p && strcmp(*p, value) == 0)
                return 0;
        copy = strdup(value);
        if (!copy)
                return -ENOMEM;
        free(*p);
        *p = copy;
        return 0;
}

static int describe(Episode *e, const NoticeSubject *s) {
        int r = set_string(&e->type, s->type);

        if (r >= 0)
                r = set_string(&e->target, s->target);
        e->attention = s->attention;
        return r;
}

/* Another question is another episode; what somebody waits for while it is asked is not. */
static bool goes_on(const Episode *e, EpisodeCause cause, const NoticeSubject *s) {
        return e && e->cause == cause && (cause != EPISODE_WAITING || e->attention == s->attention);
}

int notices_update(Notices *n, const NoticeSubject *s, uint64_t now_usec) {
        EpisodeCause cause = episode_cause_of(s->state, s->attributes, n->policy.causes);
        NoticeEntry *e = notices_entry(n, s->agent);
        int r;

        if (s->state == AGENT_UNKNOWN || s->state == AGENT_STARTING)
                return 0;
        if (e && e->episode && !goes_on(e->episode, cause, s))
                end(n, e);
        if (cause == EPISODE_NONE)
                return 0;

        r = notices_entry_get(n, s->agent, &e);
        if (r >= 0 && !e->episode)
                r = begin(e, s, cause, now_usec);
        return r < 0 ? r : describe(e->episode, s);
}

void notices_forget(Notices *n, const char *agent) {
        NoticeEntry *e = notices_entry(n, agent);

        if (e)
                drop(n, e);
}

void notices_set_policy(Notices *n, const EpisodePolicy *policy) {
        NoticeEntry *e, *next;

        n->policy = *policy;
        HASH_ITER (hh, n->entries, e, next)
                if (e->episode && !(policy->causes & 1U << e->episode->cause))
                        end(n, e);
}

/* What has been told longest ago is worth the least. */
static void make_room(Notices *n) {
        while (HASH_COUNT(n->entries) > NOTICES_MAX) {
                NoticeEntry *e, *next, *oldest = NULL;

                HASH_ITER (hh, n->entries, e, next)
                        if (!e->episode && (!oldest || e->told_usec < oldest->told_usec))
                                oldest = e;
                if (!oldest)
                        oldest = n->entries; /* they stand in the order in which they came */
                drop(n, oldest);
        }
}

uint64_t notices_run(Notices *n, uint64_t now_usec) {
        uint64_t next_usec = UINT64_MAX;
        NoticeEntry *e, *next;

        make_room(n);
        HASH_ITER (hh, n->entries, e, next) {
                EpisodeDue what;
                uint64_t at;

                if (!e->episode || e->pending)
                        continue;
                what = episode_due(e->episode, &n->policy, e->told_usec, now_usec, &at);
                if (what == EPISODE_NOTHING) {
                        next_usec = MIN(next_usec, at);
                        continue;
                }
                e->pending = true;
                n->events.due(n->userdata, e->episode, what);
        }
        return next_usec;
}

static NoticeEntry *find(const Notices *n, const char *id) {
        NoticeEntry *e, *next;

        HASH_ITER (hh, n->entries, e, next)
                if (e->episode && strcmp(e->episode->id, id) == 0)
                        return e;
        return NULL;
}

void notices_told(Notices *n, const char *id, EpisodeDue what, uint64_t now_usec) {
        NoticeEntry *e = find(n, id);

        if (!e)
                return; /* it ended meanwhile */
        e->pending = false;
        e->told_usec = e->episode->told_usec = now_usec;
        e->episode->n_told++;
        if (what == EPISODE_ESCALATE)
                e->episode->escalated_usec = now_usec;
}

void notices_set_pending(Notices *n, const char *id, bool pending) {
        NoticeEntry *e = find(n, id);

        if (e)
                e->episode->pm_pending = pending;
}

void notices_set_token(Notices *n, const char *id, const char *token) {
        NoticeEntry *e = find(n, id);

        if (e)
                (void)set_string(&e->episode->token, token); /* without it nothing is approved */
}

void notices_postpone(Notices *n, const char *id, uint64_t until_usec) {
        NoticeEntry *e = find(n, id);

        if (!e)
                return;
        e->pending = false;
        e->episode->not_before_usec = MAX(e->episode->not_before_usec, until_usec);
}

int notices_acknowledge(Notices *n, const char *agent) {
        NoticeEntry *e = notices_entry(n, agent);

        if (!e || !e->episode)
                return -ENXIO;
        if (e->episode->acknowledged)
                return -EALREADY;
        e->episode->acknowledged = true;
        return 0;
}

int notices_snooze(Notices *n, const char *agent, uint64_t until_usec) {
        NoticeEntry *e = notices_entry(n, agent);

        if (!e || !e->episode)
                return -ENXIO;
        e->episode->not_before_usec = until_usec;
        return 0;
}

const Episode *notices_find(const Notices *n, const char *id) {
        NoticeEntry *e = find(n, id);

        return e ? e->episode : NULL;
}

const Episode *notices_of_agent(const Notices *n, const char *agent) {
        NoticeEntry *e = notices_entry(n, agent);

        return e ? e->episode : NULL;
}

const Episode *notices_next(const Notices *n, const Episode *previous) {
        NoticeEntry *e = n->entries;

        if (previous)
                e = notices_entry(n, previous->agent)->hh.next;
        while (e && !e->episode)
                e = e->hh.next;
        return e ? e->episode : NULL;
}
