/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * How watchers watch
 *
 * What the daemon tells its watchers of the configuration, and what they tell it of their looking:
 * how often, what it costs, and how busy the pool is. Reading enforces the limits, for neither end
 * is sure of the other.
 */

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#define WATCH_TRANSPORT_MAX 16

typedef struct WatchSettings {
        uint64_t interval_usec; /* 0: none is configured, and watchers pace themselves */
        bool asked;             /* looks are asked for: watchers make none but confirmations */
        double cost_budget; /* per cent of one core, for one watcher and what tmux does for it */
        double memory_used; /* share of its limit from which an agent is low on memory; 0: never */
        double memory_pressure; /* and share of ten seconds spent waiting for memory */
        char transport[WATCH_TRANSPORT_MAX];
        uint64_t pool_min;
        uint64_t pool_max;
        uint64_t pool_wait_usec; /* how long a request waits for a slot */
        uint64_t pool_age_usec;  /* how long a slot is kept */
} WatchSettings;

extern const WatchSettings watch_settings_default;

/* Why the looks are not further apart, or nearer to each other. */
typedef enum PaceReason {
        PACE_CONFIGURED,
        PACE_USEFUL, /* more often is of no use */
        PACE_BUDGET, /* more often costs too much */
        PACE_SLOW,   /* tmux takes its time */
        PACE_LIMIT,  /* as rarely as may be, and over the budget all the same */
        _PACE_REASON_MAX,
        _PACE_REASON_INVALID = -22, /* -EINVAL */
} PaceReason;

const char *pace_reason_to_string(PaceReason r);
PaceReason pace_reason_from_string(const char *s);

typedef struct PoolStats {
        uint64_t minimum;
        uint64_t maximum;
        uint64_t slots;
        uint64_t in_use;
        uint64_t waiting;
        /* These only grow. */
        uint64_t taken;     /* requests that got a slot */
        uint64_t queued;    /* of these, those that had to wait for it */
        uint64_t timed_out; /* requests that got none in time */
        uint64_t created;   /* slots */
        uint64_t recycled;  /* slots given up for their age, or because they were too many */
        uint64_t failed;    /* slots given up because their look failed */
        uint64_t wait_usec; /* that requests spent waiting */
} PoolStats;

/* @sum += @more. */
void pool_stats_add(PoolStats *sum, const PoolStats *more);

typedef struct PoolStatsField {
        const char *name;
        size_t offset; /* of an uint64_t */
} PoolStatsField;

/* All of it, by name; ends with a NULL name. */
extern const PoolStatsField pool_stats_fields[];

typedef struct WatchReport {
        uint64_t interval_usec; /* of the server that is looked at least often; 0: there is none */
        PaceReason reason;
        bool told;           /* each pane tells when it is written to, and is looked at then */
        uint64_t own_usec;   /* CPU time of the watcher and of the clients that it ran */
        uint64_t tmux_usec;  /* CPU time that tmux servers spent on looks */
        uint64_t rounds;     /* how often all servers were looked at */
        uint64_t round_usec; /* how long the longest look of the last round took */
        PoolStats pool;
} WatchReport;

/* One more who is looked at so often; told are all or none. */
void watch_report_add_pace(WatchReport *sum, uint64_t interval_usec, PaceReason reason, bool told);

int watch_settings_to_json(const WatchSettings *s, json_object **ret);
int watch_report_to_json(const WatchReport *r, json_object **ret);

/* Return -EBADMSG if a member is missing, of the wrong type or out of range. */
int watch_settings_from_json(json_object *o, WatchSettings *ret);
int watch_report_from_json(json_object *o, WatchReport *ret);
