/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What is measured
 *
 * One row per metric: the only place that says what there is, what it is called, of what kind it
 * is and which labels it has. The export, docs/metrics.md and the tests follow it.
 */

#include <stddef.h>
#include <stdint.h>

#define METRIC_PREFIX "tmux_orchestrator_"
#define METRIC_LABELS_MAX 2U
#define METRIC_BOUNDS_MAX 16U

typedef enum MetricId {
        METRIC_AGENTS_TOTAL,
        METRIC_AGENTS,
        METRIC_AGENTS_HEALTHY,
        METRIC_AGENTS_IDLE,
        METRIC_AGENTS_GIVEN_UP,
        METRIC_AGENTS_PER_SECOND,
        METRIC_STATE_CHANGES,
        METRIC_AGENT_DETECTION_ERRORS,
        METRIC_AGENTS_LOW_MEMORY,
        METRIC_AGENT_MEMORY_BYTES,
        METRIC_AGENT_OOM_KILLS,
        METRIC_CYCLE_DURATION_SECONDS,
        METRIC_CYCLE_DURATION,
        METRIC_CYCLE_FAILURES,
        METRIC_STRATEGY_INFO,
        METRIC_STRATEGY_AGENTS,
        METRIC_STRATEGY_CYCLES,
        METRIC_STRATEGY_CYCLE_DURATION,
        METRIC_STRATEGY_LOOKS,
        METRIC_STRATEGY_PLAN_DURATION,
        METRIC_STRATEGY_FAILURES,
        METRIC_STRATEGIES_FAILING,
        METRIC_CACHE_HIT_RATE,
        METRIC_CACHE_HITS,
        METRIC_CACHE_MISSES,
        METRIC_CACHE_EVICTIONS,
        METRIC_CACHE_ENTRIES,
        METRIC_POOL_CONNECTIONS,
        METRIC_POOL_IN_USE,
        METRIC_POOL_WAITING,
        METRIC_POOL_UTILIZATION,
        METRIC_PLUGIN_ERRORS_ALL,
        METRIC_PLUGIN_ERRORS,
        METRIC_PLUGIN_EXECUTIONS,
        METRIC_PLUGIN_DURATION_SECONDS,
        METRIC_COMPONENT_HEALTH,
        METRIC_COMPONENT_UP,
        METRIC_COMPONENT_LOAD_SECONDS,
        METRIC_ERRORS,
        METRIC_ALERTS,
        METRIC_STATE_FILE_BYTES,
        METRIC_HISTORY_FILE_BYTES,
        METRIC_COST_BUDGET_USED,
        METRIC_SELF_CPU_SECONDS,
        METRIC_SELF_RESIDENT_BYTES,
        METRIC_BUILD_INFO,
        _METRIC_MAX,
} MetricId;

typedef enum MetricType {
        METRIC_TYPE_GAUGE,
        METRIC_TYPE_COUNTER,
        METRIC_TYPE_HISTOGRAM, /* of durations: added in microseconds, told in seconds */
} MetricType;

typedef struct MetricSpec {
        const char *name; /* without the prefix */
        MetricType type;
        const char *unit; /* as OpenMetrics has it; NULL: it has none */
        const char *help;
        const char *labels[METRIC_LABELS_MAX];
        unsigned series_max; /* 0: one */
        uint64_t bounds_usec[METRIC_BOUNDS_MAX];
} MetricSpec;

extern const MetricSpec metric_table[_METRIC_MAX];

const char *metric_type_to_string(MetricType type);
size_t metric_spec_n_labels(const MetricSpec *spec);
size_t metric_spec_n_bounds(const MetricSpec *spec);
