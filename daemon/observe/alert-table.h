/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What is alarming
 *
 * Signals are numbers that metrics are turned into: as they are, their growth over a window, or the
 * share of one growth in others. Rules say from which value on a signal is alarming, and how much
 * so. These tables are the only place that says it: the engine, the health of components, the rule
 * file for Prometheus and the documents follow them.
 */

#include <errno.h>
#include <stdbool.h>

#include "daemon/base/clock.h"
#include "daemon/observe/metric-table.h"

/* Growth is that of so long. */
#define SIGNAL_WINDOW_USEC (5 * USEC_PER_MINUTE)
/* So long after its condition held last an alert is cleared: what flickers is one alert. */
#define ALERT_KEEP_USEC (5 * USEC_PER_MINUTE)

typedef enum AlertSeverity {
        ALERT_INFO, /* for the journal only */
        ALERT_WARNING,
        ALERT_CRITICAL,
        _ALERT_SEVERITY_MAX,
        _ALERT_SEVERITY_INVALID = -EINVAL,
} AlertSeverity;

const char *alert_severity_to_string(AlertSeverity severity);
AlertSeverity alert_severity_from_string(const char *s);

/* Kinds of checks of the service's own health; each has its interval. */
typedef enum Checkup {
        CHECKUP_HEARTBEAT,
        CHECKUP_RESOURCES,
        CHECKUP_PERFORMANCE,
        CHECKUP_STATE,
        _CHECKUP_MAX,
} Checkup;

const char *checkup_to_string(Checkup checkup);

typedef enum SignalId {
        SIGNAL_CYCLE_SECONDS,
        SIGNAL_CYCLE_FAILURES,
        SIGNAL_MEMORY,
        SIGNAL_CPU,
        SIGNAL_COST,
        SIGNAL_LOAD_SECONDS,
        SIGNAL_STATE_FILE,
        SIGNAL_ERRORS,
        SIGNAL_POOL,
        SIGNAL_CACHE,
        SIGNAL_DETECTION_ERRORS,
        SIGNAL_STRATEGY,
        SIGNAL_GIVEN_UP,
        SIGNAL_UP,
        _SIGNAL_MAX,
} SignalId;

typedef enum SignalKind {
        SIGNAL_VALUE, /* every series as it is, by the value of its first label */
        SIGNAL_RATE,  /* growth of all series together, by the second */
        SIGNAL_SHARE, /* such growth, divided by that of others */
} SignalKind;

typedef enum SignalPart {
        SIGNAL_PART_NONE,
        SIGNAL_PART_VALUE,
        SIGNAL_PART_SUM, /* of histograms */
        SIGNAL_PART_COUNT,
} SignalPart;

typedef struct SignalTerm {
        SignalPart part;
        MetricId metric;
} SignalTerm;

typedef enum SignalUnit {
        SIGNAL_UNIT_NUMBER,
        SIGNAL_UNIT_SECONDS,
        SIGNAL_UNIT_BYTES,
        SIGNAL_UNIT_SHARE,
} SignalUnit;

#define SIGNAL_UNDER_MAX 2U

typedef struct SignalSpec {
        const char *name;
        SignalKind kind;
        SignalTerm over;
        SignalTerm under[SIGNAL_UNDER_MAX]; /* of shares: their sum divides */
        double scale;                       /* of rates; 0: by the second */
        double least;                       /* of shares: of fewer nothing is said */
        const char *component;              /* that does badly; NULL: the one of the label */
        Checkup checkup;
        SignalUnit unit;
        const char *text; /* for people, with {label}, {value} and {limit} in it */
} SignalSpec;

typedef struct AlertRule {
        const char *name; /* as Prometheus has it */
        AlertSeverity severity;
        SignalId signal;
        bool by_agents; /* the limit is that of the number of agents; else: */
        double limit;
        bool below;         /* alarming is what is below the limit, not what is above */
        uint64_t hold_usec; /* so long without a break before it is raised */
} AlertRule;

/* Limits of cycles, in seconds, for up to so many agents. */
typedef struct CycleLimits {
        unsigned agents;
        double limits[_ALERT_SEVERITY_MAX];
} CycleLimits;

extern const SignalSpec signal_table[_SIGNAL_MAX];
extern const AlertRule alert_rules[];
extern const size_t alert_n_rules;
extern const CycleLimits cycle_limits[];
extern const size_t cycle_n_limits;

size_t signal_spec_n_under(const SignalSpec *spec);

/* The limit that holds for so many agents. */
double alert_rule_limit(const AlertRule *rule, double agents);
static inline bool alert_rule_holds(const AlertRule *rule, double value, double limit) {
        return rule->below ? value < limit : value > limit;
}
