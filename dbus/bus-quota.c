/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dbus/bus-quota.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

#include "daemon/base/clock.h"
#include "daemon/extend/rate-limit.h"

#define USERS_MAX 1024U
#define REFUSALS_MAX 1024U

typedef struct User {
        uid_t uid;
        RateLimit all, costly;
        UT_hash_handle hh;
} User;

typedef struct Refusal {
        sd_bus_message *answer;
        uint64_t due_usec;
        struct Refusal *prev, *next;
} Refusal;

struct BusQuota {
        BusExports *exports;
        sd_bus_slot *filter;
        User *users;
        Refusal *refusals; /* the first is due first */
        unsigned n_waiting;
        sd_event_source *timer;
        uint64_t n_refused;
};

/* Those for which watchers look, files are read, or much is written. */
static bool is_costly(sd_bus_message *m) {
        static const char *const members[] = {"CheckAgents", "ExecutePlugin", "Explain",
                        "ExportConfig", "ExportMetrics", "ImportConfig", "GetManagedObjects",
                        "GetScreen", "Reload", "ReloadPlugin", "RestartComponent", "RunCycle",
                        "ScanPlugins", "SetConfig", "ValidateConfig", "ValidatePlugin",
                        "ValidateState", "WarmPlugin"};
        const char *member = sd_bus_message_get_member(m);

        FOREACH_ELEMENT (name, members)
                if (member && strcmp(*name, member) == 0)
                        return true;

        return false;
}

static void forget_users(BusQuota *q) {
        User *u, *next;

        HASH_ITER (hh, q->users, u, next) {
                HASH_DEL(q->users, u);
                free(u);
        }
}

uid_t bus_quota_user(BusQuota *q, sd_bus_message *m) {
        uid_t uid;

        if (!sd_bus_message_get_sender(m) || senders_get_uid(q->exports->senders, m, &uid) < 0)
                return UID_INVALID;

        return uid == 0 || uid == geteuid() ? UID_INVALID : uid;
}

static User *find_user(BusQuota *q, uid_t uid) {
        User *u = NULL;

        HASH_FIND(hh, q->users, &uid, sizeof(uid), u);
        if (u)
                return u;

        if (HASH_COUNT(q->users) >= USERS_MAX)
                forget_users(q);
        u = calloc(1, sizeof(*u));
        if (!u)
                return NULL;
        u->uid = uid;
        HASH_ADD(hh, q->users, uid, sizeof(u->uid), u);
        return u;
}

static bool may_call(RateLimit *limit, uint64_t per_second, uint64_t *ret_wait) {
        rate_limit_set(limit, per_second * BUS_QUOTA_BURST_SECONDS,
                        BUS_QUOTA_BURST_SECONDS * USEC_PER_SEC);
        return rate_limit_take(limit, now_monotonic(), ret_wait);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        BusQuota *q = userdata;
        Refusal *r;

        while ((r = q->refusals) && r->due_usec <= usec) {
                DL_DELETE(q->refusals, r);
                q->n_waiting--;
                (void)sd_bus_send(q->exports->bus, r->answer, NULL);
                sd_bus_message_unref(r->answer);
                free(r);
        }
        if (!q->refusals)
                return 0;

        (void)sd_event_source_set_time(source, q->refusals->due_usec);
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int answer_later(BusQuota *q, sd_bus_message *answer) {
        Refusal *r = q->n_waiting < REFUSALS_MAX ? calloc(1, sizeof(*r)) : NULL;

        if (!r)
                return sd_bus_send(q->exports->bus, answer, NULL);

        r->answer = sd_bus_message_ref(answer);
        r->due_usec = now_monotonic() + BUS_QUOTA_DELAY_USEC;
        DL_APPEND(q->refusals, r);
        q->n_waiting++;
        if (q->n_waiting > 1)
                return 0;

        (void)sd_event_source_set_time(q->timer, r->due_usec);
        return sd_event_source_set_enabled(q->timer, SD_EVENT_ONESHOT);
}

static int refuse(BusQuota *q, sd_bus_message *m, uint64_t per_second, const char *what,
                uint64_t wait_usec) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *answer = NULL;
        int r;

        q->n_refused++;
        if (!sd_bus_message_get_expect_reply(m))
                return 1;
        r = sd_bus_message_new_method_errorf(m, &answer, SD_BUS_ERROR_LIMITS_EXCEEDED,
                        "a user may make %llu %s a second; the next one in %llu ms",
                        (unsigned long long)per_second, what,
                        (unsigned long long)(wait_usec / USEC_PER_MSEC + 1));
        if (r >= 0)
                r = answer_later(q, answer);
        return r < 0 ? r : 1;
}

static int on_message(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        BusQuota *q = userdata;
        const typeof(q->exports->parts.config->limits) *limits = &q->exports->parts.config->limits;
        uint64_t wait;
        uint8_t type;
        uid_t uid;
        User *u;

        if (sd_bus_message_get_type(m, &type) < 0 || type != SD_BUS_MESSAGE_METHOD_CALL)
                return 0;
        uid = bus_quota_user(q, m);
        u = uid == UID_INVALID ? NULL : find_user(q, uid);
        if (!u)
                return 0;

        if (!may_call(&u->all, limits->calls_per_user, &wait))
                return refuse(q, m, limits->calls_per_user, "calls", wait);
        if (is_costly(m) && !may_call(&u->costly, limits->costly_calls_per_user, &wait))
                return refuse(q, m, limits->costly_calls_per_user, "calls of this kind", wait);

        return 0;
}

int bus_quota_new(BusExports *e, BusQuota **ret) {
        _cleanup_(bus_quota_freep) BusQuota *q = NULL;
        int r;

        assert(e && ret);

        q = calloc(1, sizeof(*q));
        if (!q)
                return -ENOMEM;
        q->exports = e;
        r = sd_event_add_time(e->parts.event, &q->timer, CLOCK_MONOTONIC, 0, 0, on_timer, q);
        if (r >= 0)
                r = sd_event_source_set_enabled(q->timer, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_bus_add_filter(e->bus, &q->filter, on_message, q);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(q);
        return 0;
}

BusQuota *bus_quota_free(BusQuota *q) {
        Refusal *r, *next;

        if (!q)
                return NULL;

        DL_FOREACH_SAFE (q->refusals, r, next) {
                sd_bus_message_unref(r->answer);
                free(r);
        }
        sd_bus_slot_unref(q->filter);
        sd_event_source_disable_unref(q->timer);
        forget_users(q);
        free(q);
        return NULL;
}

uint64_t bus_quota_refusals(const BusQuota *q) {
        return q->n_refused;
}
