/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/wire/watching.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"

#define INTERVAL_MIN_USEC (10 * USEC_PER_MSEC)
#define POOL_MAX 1000U

const WatchSettings watch_settings_default = {
                .cost_budget = 0.5,
                .memory_used = 0.85,
                .memory_pressure = 0.2,
                .transport = "auto",
                .pool_min = 5,
                .pool_max = 20,
                .pool_wait_usec = 30 * USEC_PER_SEC,
                .pool_age_usec = 600 * USEC_PER_SEC,
};

static const char *const reasons[_PACE_REASON_MAX] = {
                [PACE_CONFIGURED] = "configured",
                [PACE_USEFUL] = "useful",
                [PACE_BUDGET] = "budget",
                [PACE_SLOW] = "slow",
                [PACE_LIMIT] = "limit",
};

const char *pace_reason_to_string(PaceReason r) {
        return r >= 0 && r < _PACE_REASON_MAX ? reasons[r] : NULL;
}

PaceReason pace_reason_from_string(const char *s) {
        for (PaceReason r = 0; s && r < _PACE_REASON_MAX; r++)
                if (strcmp(reasons[r], s) == 0)
                        return r;
        return _PACE_REASON_INVALID;
}

const PoolStatsField pool_stats_fields[] = {
                {"minimum", offsetof(PoolStats, minimum)},
                {"maximum", offsetof(PoolStats, maximum)},
                {"slots", offsetof(PoolStats, slots)},
                {"in_use", offsetof(PoolStats, in_use)},
                {"waiting", offsetof(PoolStats, waiting)},
                {"taken", offsetof(PoolStats, taken)},
                {"queued", offsetof(PoolStats, queued)},
                {"timed_out", offsetof(PoolStats, timed_out)},
                {"created", offsetof(PoolStats, created)},
                {"recycled", offsetof(PoolStats, recycled)},
                {"failed", offsetof(PoolStats, failed)},
                {"wait_usec", offsetof(PoolStats, wait_usec)},
                {},
};

static uint64_t *stat_of(PoolStats *s, const PoolStatsField *f) {
        return (uint64_t *)((char *)s + f->offset);
}

void pool_stats_add(PoolStats *sum, const PoolStats *more) {
        PoolStats copy = *more;

        for (const PoolStatsField *f = pool_stats_fields; f->name; f++)
                *stat_of(sum, f) += *stat_of(&copy, f);
}

void watch_report_add_pace(WatchReport *sum, uint64_t interval_usec, PaceReason reason, bool told) {
        if (interval_usec == 0)
                return;
        sum->told = told && (sum->interval_usec == 0 || sum->told);
        if (interval_usec <= sum->interval_usec)
                return;
        sum->interval_usec = interval_usec;
        sum->reason = reason;
}

static int set_pool(json_object *o, const PoolStats *pool) {
        PoolStats copy = *pool;
        json_object *p = json_object_new_object();
        int r = p ? 0 : -ENOMEM;

        for (const PoolStatsField *f = pool_stats_fields; r >= 0 && f->name; f++)
                r = json_set_u64(p, f->name, *stat_of(&copy, f));
        if (r >= 0)
                return json_set(o, "pool", p);
        (void)json_object_put(p);
        return r;
}

/* More than a lifetime in microseconds, and still small enough to be added up. */
#define NUMBER_MAX (1LL << 52)

static bool get_u64(json_object *o, const char *key, uint64_t *ret) {
        json_object *value = json_get_typed(o, key, json_type_int);
        int64_t n = value ? json_object_get_int64(value) : -1;

        *ret = (uint64_t)n;
        return n >= 0 && n <= NUMBER_MAX;
}

static int get_pool(json_object *o, PoolStats *ret) {
        json_object *p = json_get_typed(o, "pool", json_type_object);

        for (const PoolStatsField *f = pool_stats_fields; f->name; f++)
                if (!p || !get_u64(p, f->name, stat_of(ret, f)))
                        return -EBADMSG;
        return 0;
}

typedef struct Member {
        const char *key;
        size_t offset; /* of an uint64_t */
} Member;

static const Member setting_members[] = {
                {"interval_usec", offsetof(WatchSettings, interval_usec)},
                {"pool_min", offsetof(WatchSettings, pool_min)},
                {"pool_max", offsetof(WatchSettings, pool_max)},
                {"pool_wait_usec", offsetof(WatchSettings, pool_wait_usec)},
                {"pool_age_usec", offsetof(WatchSettings, pool_age_usec)},
                {},
};

static const Member report_members[] = {
                {"interval_usec", offsetof(WatchReport, interval_usec)},
                {"own_usec", offsetof(WatchReport, own_usec)},
                {"tmux_usec", offsetof(WatchReport, tmux_usec)},
                {"rounds", offsetof(WatchReport, rounds)},
                {"round_usec", offsetof(WatchReport, round_usec)},
                {},
};

static int set_members(json_object *o, const Member *members, const void *values) {
        int r = 0;

        for (const Member *m = members; r >= 0 && m->key; m++)
                r = json_set_u64(o, m->key, *(const uint64_t *)((const char *)values + m->offset));
        return r;
}

static int get_members(json_object *o, const Member *members, void *values) {
        for (const Member *m = members; m->key; m++)
                if (!get_u64(o, m->key, (uint64_t *)((char *)values + m->offset)))
                        return -EBADMSG;
        return 0;
}

int watch_settings_to_json(const WatchSettings *s, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();
        int r;

        if (!o)
                return -ENOMEM;
        r = set_members(o, setting_members, s);
        if (r >= 0)
                r = json_set_double(o, "cost_budget", s->cost_budget);
        if (r >= 0)
                r = json_set_double(o, "memory_used", s->memory_used);
        if (r >= 0)
                r = json_set_double(o, "memory_pressure", s->memory_pressure);
        if (r >= 0)
                r = json_set_bool(o, "asked", s->asked);
        if (r >= 0)
                r = json_set_string(o, "transport", s->transport);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(o);
        return 0;
}

int watch_report_to_json(const WatchReport *report, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();
        int r;

        if (!o)
                return -ENOMEM;
        r = set_members(o, report_members, report);
        if (r >= 0)
                r = json_set_string(o, "reason", pace_reason_to_string(report->reason));
        if (r >= 0)
                r = json_set_bool(o, "told", report->told);
        if (r >= 0)
                r = set_pool(o, &report->pool);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(o);
        return 0;
}

/* So written that it refuses NaN too. */
static bool is_share(double value) {
        return value >= 0 && value <= 1;
}

static bool settings_are_possible(const WatchSettings *s) {
        return isfinite(s->cost_budget) && s->cost_budget > 0 && s->cost_budget <= 100 &&
                        (s->interval_usec == 0 || s->interval_usec >= INTERVAL_MIN_USEC) &&
                        s->pool_max >= 1 && s->pool_max <= POOL_MAX && s->pool_min <= s->pool_max &&
                        s->pool_age_usec > 0 && is_share(s->memory_used) &&
                        is_share(s->memory_pressure);
}

int watch_settings_from_json(json_object *o, WatchSettings *ret) {
        const char *transport = json_get_string(o, "transport");
        WatchSettings s = {
                        .cost_budget = json_get_double(o, "cost_budget", 0),
                        .memory_used = json_get_double(o, "memory_used", -1),
                        .memory_pressure = json_get_double(o, "memory_pressure", -1),
                        .asked = json_get_bool(o, "asked", false),
        };
        int r;

        r = get_members(o, setting_members, &s);
        if (r < 0)
                return r;
        if (!transport || strlen(transport) >= sizeof(s.transport) || !settings_are_possible(&s))
                return -EBADMSG;
        (void)strcpy(s.transport, transport);
        *ret = s;
        return 0;
}

int watch_report_from_json(json_object *o, WatchReport *ret) {
        WatchReport report = {
                        .reason = pace_reason_from_string(json_get_string(o, "reason")),
                        .told = json_get_bool(o, "told", false),
        };
        int r;

        r = get_members(o, report_members, &report);
        if (r >= 0)
                r = get_pool(o, &report.pool);
        if (r < 0)
                return r;
        if (report.reason < 0)
                return -EBADMSG;
        *ret = report;
        return 0;
}
