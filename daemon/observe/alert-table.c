/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/observe/alert-table.h"

#include <limits.h>
#include <string.h>

#include "daemon/base/cleanup.h"

#define MB 1e6
#define AT_ONCE 0
#define AFTER_A_WHILE (15 * USEC_PER_MINUTE)

const SignalSpec signal_table[_SIGNAL_MAX] = {
                [SIGNAL_CYCLE_SECONDS] =
                                {
                                                .name = "cycle_seconds",
                                                .kind = SIGNAL_SHARE,
                                                .over = {SIGNAL_PART_SUM,
                                                                METRIC_CYCLE_DURATION_SECONDS},
                                                .under = {{SIGNAL_PART_COUNT,
                                                                METRIC_CYCLE_DURATION_SECONDS}},
                                                .component = "agent_monitor",
                                                .checkup = CHECKUP_PERFORMANCE,
                                                .unit = SIGNAL_UNIT_SECONDS,
                                                .text = "cycles take {value}, more than {limit}",
                                },
                [SIGNAL_CYCLE_FAILURES] =
                                {
                                                .name = "cycle_failures",
                                                .kind = SIGNAL_SHARE,
                                                .over = {SIGNAL_PART_VALUE, METRIC_CYCLE_FAILURES},
                                                .under = {{SIGNAL_PART_VALUE,
                                                                          METRIC_CYCLE_FAILURES},
                                                                {SIGNAL_PART_COUNT,
                                                                                METRIC_CYCLE_DURATION_SECONDS}},
                                                .least = 5,
                                                .component = "agent_monitor",
                                                .checkup = CHECKUP_PERFORMANCE,
                                                .unit = SIGNAL_UNIT_SHARE,
                                                .text = "{value} of the cycles fail, more than "
                                                        "{limit}",
                                },
                [SIGNAL_MEMORY] =
                                {
                                                .name = "memory_bytes",
                                                .kind = SIGNAL_VALUE,
                                                .over = {SIGNAL_PART_VALUE,
                                                                METRIC_SELF_RESIDENT_BYTES},
                                                .component = "metrics",
                                                .checkup = CHECKUP_RESOURCES,
                                                .unit = SIGNAL_UNIT_BYTES,
                                                .text = "the daemon holds {value} of memory, more "
                                                        "than {limit}",
                                },
                [SIGNAL_CPU] =
                                {
                                                .name = "cpu",
                                                .kind = SIGNAL_RATE,
                                                .over = {SIGNAL_PART_VALUE,
                                                                METRIC_SELF_CPU_SECONDS},
                                                .component = "metrics",
                                                .checkup = CHECKUP_RESOURCES,
                                                .unit = SIGNAL_UNIT_SHARE,
                                                .text = "the daemon takes {value} of a core, more "
                                                        "than {limit}",
                                },
                [SIGNAL_COST] =
                                {
                                                .name = "cost",
                                                .kind = SIGNAL_VALUE,
                                                .over = {SIGNAL_PART_VALUE,
                                                                METRIC_COST_BUDGET_USED},
                                                .component = "metrics",
                                                .checkup = CHECKUP_RESOURCES,
                                                .unit = SIGNAL_UNIT_SHARE,
                                                .text = "watching costs {value} of "
                                                        "monitoring.cost_budget, more than {limit}",
                                },
                [SIGNAL_LOAD_SECONDS] =
                                {
                                                .name = "load_seconds",
                                                .kind = SIGNAL_VALUE,
                                                .over = {SIGNAL_PART_VALUE,
                                                                METRIC_COMPONENT_LOAD_SECONDS},
                                                .checkup = CHECKUP_PERFORMANCE,
                                                .unit = SIGNAL_UNIT_SECONDS,
                                                .text = "{label} took {value} to start, more than "
                                                        "{limit}",
                                },
                [SIGNAL_STATE_FILE] =
                                {
                                                .name = "state_file_bytes",
                                                .kind = SIGNAL_VALUE,
                                                .over = {SIGNAL_PART_VALUE,
                                                                METRIC_STATE_FILE_BYTES},
                                                .component = "state_store",
                                                .checkup = CHECKUP_STATE,
                                                .unit = SIGNAL_UNIT_BYTES,
                                                .text = "the state file has {value}, more than "
                                                        "{limit}",
                                },
                [SIGNAL_ERRORS] =
                                {
                                                .name = "errors_per_minute",
                                                .kind = SIGNAL_RATE,
                                                .over = {SIGNAL_PART_VALUE, METRIC_ERRORS},
                                                .scale = 60,
                                                .component = "metrics",
                                                .checkup = CHECKUP_PERFORMANCE,
                                                .text = "{value} errors in a minute, more than "
                                                        "{limit}",
                                },
                [SIGNAL_POOL] =
                                {
                                                .name = "pool_utilization",
                                                .kind = SIGNAL_VALUE,
                                                .over = {SIGNAL_PART_VALUE,
                                                                METRIC_POOL_UTILIZATION},
                                                .component = "tmux_pool",
                                                .checkup = CHECKUP_PERFORMANCE,
                                                .unit = SIGNAL_UNIT_SHARE,
                                                .text = "{value} of the pool is in use, more than "
                                                        "{limit}",
                                },
                [SIGNAL_CACHE] =
                                {
                                                .name = "cache_hit_rate",
                                                .kind = SIGNAL_SHARE,
                                                .over = {SIGNAL_PART_VALUE, METRIC_CACHE_HITS},
                                                .under = {{SIGNAL_PART_VALUE, METRIC_CACHE_HITS},
                                                                {SIGNAL_PART_VALUE,
                                                                                METRIC_CACHE_MISSES}},
                                                .least = 100,
                                                .component = "cache",
                                                .checkup = CHECKUP_PERFORMANCE,
                                                .unit = SIGNAL_UNIT_SHARE,
                                                .text = "the cache answers {value} of the "
                                                        "questions, less than {limit}",
                                },
                [SIGNAL_DETECTION_ERRORS] =
                                {
                                                .name = "detection_errors_per_second",
                                                .kind = SIGNAL_RATE,
                                                .over = {SIGNAL_PART_VALUE,
                                                                METRIC_AGENT_DETECTION_ERRORS},
                                                .component = "agent_monitor",
                                                .checkup = CHECKUP_PERFORMANCE,
                                                .text = "{value} reports a second contradict what "
                                                        "is known of agents, more than {limit}",
                                },
                [SIGNAL_STRATEGY] =
                                {
                                                .name = "strategies_failing",
                                                .kind = SIGNAL_VALUE,
                                                .over = {SIGNAL_PART_VALUE,
                                                                METRIC_STRATEGIES_FAILING},
                                                .component = "strategy",
                                                .checkup = CHECKUP_HEARTBEAT,
                                                .text = "a strategy fails, and its agents are "
                                                        "polled",
                                },
                [SIGNAL_GIVEN_UP] =
                                {
                                                .name = "agents_given_up",
                                                .kind = SIGNAL_VALUE,
                                                .over = {SIGNAL_PART_VALUE, METRIC_AGENTS_GIVEN_UP},
                                                .component = "recovery",
                                                .checkup = CHECKUP_HEARTBEAT,
                                                .text = "agents that crashed too often are given "
                                                        "up: {value}",
                                },
                [SIGNAL_UP] =
                                {
                                                .name = "up",
                                                .kind = SIGNAL_VALUE,
                                                .over = {SIGNAL_PART_VALUE, METRIC_COMPONENT_UP},
                                                .checkup = CHECKUP_HEARTBEAT,
                                                .text = "{label} is down",
                                },
};

/* clang-format off */
const AlertRule alert_rules[] = {
        {"CyclesSlow",         ALERT_INFO,     SIGNAL_CYCLE_SECONDS,    true,  0,        false, AT_ONCE},
        {"CyclesSlow",         ALERT_WARNING,  SIGNAL_CYCLE_SECONDS,    true,  0,        false, AFTER_A_WHILE},
        {"CyclesSlow",         ALERT_CRITICAL, SIGNAL_CYCLE_SECONDS,    true,  0,        false, AT_ONCE},
        {"CyclesFail",         ALERT_WARNING,  SIGNAL_CYCLE_FAILURES,   false, 0.01,     false, AFTER_A_WHILE},
        {"CyclesFail",         ALERT_CRITICAL, SIGNAL_CYCLE_FAILURES,   false, 0.02,     false, AT_ONCE},
        {"MemoryHigh",         ALERT_INFO,     SIGNAL_MEMORY,           false, 100 * MB, false, AT_ONCE},
        {"MemoryHigh",         ALERT_WARNING,  SIGNAL_MEMORY,           false, 150 * MB, false, AFTER_A_WHILE},
        {"MemoryHigh",         ALERT_CRITICAL, SIGNAL_MEMORY,           false, 200 * MB, false, AT_ONCE},
        {"CpuHigh",            ALERT_INFO,     SIGNAL_CPU,              false, 0.1,      false, AT_ONCE},
        {"CpuHigh",            ALERT_WARNING,  SIGNAL_CPU,              false, 0.2,      false, AFTER_A_WHILE},
        {"CpuHigh",            ALERT_CRITICAL, SIGNAL_CPU,              false, 0.3,      false, AT_ONCE},
        {"BudgetExceeded",     ALERT_INFO,     SIGNAL_COST,             false, 1.2,      false, AT_ONCE},
        {"BudgetExceeded",     ALERT_WARNING,  SIGNAL_COST,             false, 2,        false, AFTER_A_WHILE},
        {"ComponentLoadSlow",  ALERT_INFO,     SIGNAL_LOAD_SECONDS,     false, 5,        false, AT_ONCE},
        {"ComponentLoadSlow",  ALERT_WARNING,  SIGNAL_LOAD_SECONDS,     false, 10,       false, AFTER_A_WHILE},
        {"ComponentLoadSlow",  ALERT_CRITICAL, SIGNAL_LOAD_SECONDS,     false, 15,       false, AT_ONCE},
        {"StateFileLarge",     ALERT_INFO,     SIGNAL_STATE_FILE,       false, 10 * MB,  false, AT_ONCE},
        {"StateFileLarge",     ALERT_WARNING,  SIGNAL_STATE_FILE,       false, 20 * MB,  false, AFTER_A_WHILE},
        {"StateFileLarge",     ALERT_CRITICAL, SIGNAL_STATE_FILE,       false, 50 * MB,  false, AT_ONCE},
        {"ErrorsMany",         ALERT_WARNING,  SIGNAL_ERRORS,           false, 5,        false, AFTER_A_WHILE},
        {"PoolBusy",           ALERT_WARNING,  SIGNAL_POOL,             false, 0.8,      false, AFTER_A_WHILE},
        {"PoolBusy",           ALERT_CRITICAL, SIGNAL_POOL,             false, 0.9,      false, AT_ONCE},
        {"CacheHitRateLow",    ALERT_WARNING,  SIGNAL_CACHE,            false, 0.7,      true,  AFTER_A_WHILE},
        {"CacheHitRateLow",    ALERT_CRITICAL, SIGNAL_CACHE,            false, 0.6,      true,  AT_ONCE},
        {"DetectionErrors",    ALERT_WARNING,  SIGNAL_DETECTION_ERRORS, false, 0.1,      false, AFTER_A_WHILE},
        {"StrategyFails",      ALERT_WARNING,  SIGNAL_STRATEGY,         false, 0.5,      false, AT_ONCE},
        {"AgentGivenUp",       ALERT_CRITICAL, SIGNAL_GIVEN_UP,         false, 0.5,      false, AT_ONCE},
        {"ComponentDown",      ALERT_CRITICAL, SIGNAL_UP,               false, 0.5,      true,  USEC_PER_MINUTE},
};

/* From 200 agents on each row doubles: cycles grow with the agents. */
const CycleLimits cycle_limits[] = {
        /*               info  warning critical */
        {10,       {0.02, 0.03, 0.05}},
        {25,       {0.04, 0.06, 0.1}},
        {50,       {0.08, 0.12, 0.2}},
        {100,      {0.16, 0.25, 0.4}},
        {200,      {0.35, 0.5,  0.75}},
        {400,      {0.7,  1,    1.5}},
        {800,      {1.4,  2,    3}},
        {UINT_MAX, {2.8,  4,    6}},
};
/* clang-format on */

const size_t alert_n_rules = ELEMENTSOF(alert_rules);
const size_t cycle_n_limits = ELEMENTSOF(cycle_limits);

static const char *const severity_names[_ALERT_SEVERITY_MAX] = {
                [ALERT_INFO] = "info",
                [ALERT_WARNING] = "warning",
                [ALERT_CRITICAL] = "critical",
};

const char *alert_severity_to_string(AlertSeverity severity) {
        return severity_names[severity];
}

AlertSeverity alert_severity_from_string(const char *s) {
        for (AlertSeverity i = 0; i < _ALERT_SEVERITY_MAX; i++)
                if (s && strcmp(severity_names[i], s) == 0)
                        return i;

        return _ALERT_SEVERITY_INVALID;
}

const char *checkup_to_string(Checkup checkup) {
        static const char *const names[_CHECKUP_MAX] = {
                        [CHECKUP_HEARTBEAT] = "heartbeat",
                        [CHECKUP_RESOURCES] = "resources",
                        [CHECKUP_PERFORMANCE] = "performance",
                        [CHECKUP_STATE] = "state",
        };

        return names[checkup];
}

size_t signal_spec_n_under(const SignalSpec *spec) {
        size_t n = 0;

        while (n < SIGNAL_UNDER_MAX && spec->under[n].part != SIGNAL_PART_NONE)
                n++;

        return n;
}

double alert_rule_limit(const AlertRule *rule, double agents) {
        const CycleLimits *row = cycle_limits;

        if (!rule->by_agents)
                return rule->limit;

        while (agents > row->agents)
                row++;
        return row->limits[rule->severity];
}
