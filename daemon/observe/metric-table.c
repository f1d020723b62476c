/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/observe/metric-table.h"

#include "daemon/base/clock.h"

#define MSEC USEC_PER_MSEC

/* How many different programs agents can be before the rest is counted as "other". */
#define TYPES_MAX 32U
#define STATES_MAX 9U
#define COMPONENTS_MAX 32U
/* Of plugins, and of the ways in which an execution ends. */
#define PLUGINS_MAX 32U
#define RESULTS_MAX 6U
#define STRATEGIES_MAX 16U

const MetricSpec metric_table[_METRIC_MAX] = {
                [METRIC_AGENTS_TOTAL] = {"agents_total", METRIC_TYPE_GAUGE, NULL,
                                "Agents that are watched."},
                [METRIC_AGENTS] = {"agents", METRIC_TYPE_GAUGE, NULL, "Agents by state and type.",
                                {"state", "type"}, STATES_MAX *TYPES_MAX},
                [METRIC_AGENTS_HEALTHY] = {"agents_healthy", METRIC_TYPE_GAUGE, NULL,
                                "Agents that neither crashed nor show an error, on servers that "
                                "answer."},
                [METRIC_AGENTS_IDLE] = {"agents_idle", METRIC_TYPE_GAUGE, NULL,
                                "Agents that wait for work."},
                [METRIC_AGENTS_GIVEN_UP] = {"agents_given_up", METRIC_TYPE_GAUGE, NULL,
                                "Agents that crashed too often to be started again."},
                [METRIC_AGENTS_PER_SECOND] = {"agents_per_second", METRIC_TYPE_GAUGE, NULL,
                                "Agents of the last cycle by the time it took."},
                [METRIC_STATE_CHANGES] = {"state_changes_total", METRIC_TYPE_COUNTER, NULL,
                                "Changes of an agent from one state to another.", {"from", "to"},
                                STATES_MAX *STATES_MAX},
                [METRIC_AGENT_DETECTION_ERRORS] = {"agent_detection_errors", METRIC_TYPE_COUNTER,
                                NULL, "Reports on agents that contradict what is known."},
                [METRIC_AGENTS_LOW_MEMORY] = {"agents_low_memory", METRIC_TYPE_GAUGE, NULL,
                                "Agents near the limit of their memory, or waiting for memory."},
                [METRIC_AGENT_MEMORY_BYTES] = {"agent_memory_bytes", METRIC_TYPE_GAUGE, "bytes",
                                "Memory of the agents of a type: of their control groups, else of "
                                "their processes.",
                                {"type"}, TYPES_MAX},
                [METRIC_AGENT_OOM_KILLS] = {"agent_oom_kills_total", METRIC_TYPE_COUNTER, NULL,
                                "Agents that were killed for want of memory, probably or surely.",
                                {"type"}, TYPES_MAX},
                [METRIC_CYCLE_DURATION_SECONDS] = {"cycle_duration_seconds", METRIC_TYPE_HISTOGRAM,
                                "seconds", "Time that cycles took.", {}, 0,
                                {5 * MSEC, 10 * MSEC, 20 * MSEC, 30 * MSEC, 40 * MSEC, 60 * MSEC,
                                                80 * MSEC, 120 * MSEC, 160 * MSEC, 250 * MSEC,
                                                350 * MSEC, 500 * MSEC, 750 * MSEC, 1000 * MSEC,
                                                2500 * MSEC}},
                [METRIC_CYCLE_DURATION] = {"cycle_duration", METRIC_TYPE_GAUGE, NULL,
                                "Time that the last cycle took, in seconds."},
                [METRIC_CYCLE_FAILURES] = {"cycle_failures_total", METRIC_TYPE_COUNTER, NULL,
                                "Cycles that could not be brought to an end."},
                [METRIC_STRATEGY_INFO] = {"strategy_info", METRIC_TYPE_GAUGE, NULL,
                                "1 for the strategy that plans.", {"strategy"}, 1},
                [METRIC_STRATEGY_AGENTS] = {"strategy_agents", METRIC_TYPE_GAUGE, NULL,
                                "Agents that a strategy has.", {"strategy"}, STRATEGIES_MAX},
                [METRIC_STRATEGY_CYCLES] = {"strategy_cycles_total", METRIC_TYPE_COUNTER, NULL,
                                "Rounds that a strategy planned, or that watchers made where it "
                                "leaves the pace to them.",
                                {"strategy"}, STRATEGIES_MAX},
                [METRIC_STRATEGY_CYCLE_DURATION] = {"strategy_cycle_duration_seconds",
                                METRIC_TYPE_HISTOGRAM, "seconds",
                                "Time that the looks of a strategy's rounds took.", {"strategy"},
                                STRATEGIES_MAX,
                                {5 * MSEC, 20 * MSEC, 80 * MSEC, 350 * MSEC, 1000 * MSEC,
                                                2500 * MSEC}},
                [METRIC_STRATEGY_LOOKS] = {"strategy_looks_total", METRIC_TYPE_COUNTER, NULL,
                                "Agents that a strategy had looked at.", {"strategy"},
                                STRATEGIES_MAX},
                [METRIC_STRATEGY_PLAN_DURATION] = {"strategy_plan_duration_seconds",
                                METRIC_TYPE_HISTOGRAM, "seconds",
                                "Time from the question for a plan to the plan.", {"strategy"},
                                STRATEGIES_MAX,
                                {1 * MSEC, 2 * MSEC, 5 * MSEC, 10 * MSEC, 50 * MSEC, 250 * MSEC,
                                                1000 * MSEC}},
                [METRIC_STRATEGY_FAILURES] = {"strategy_failures_total", METRIC_TYPE_COUNTER, NULL,
                                "Plans that a strategy did not give, or that could not be carried "
                                "out.",
                                {"strategy"}, STRATEGIES_MAX},
                [METRIC_STRATEGIES_FAILING] = {"strategies_failing", METRIC_TYPE_GAUGE, NULL,
                                "Strategies at work that fail, so that their agents are polled."},
                [METRIC_CACHE_HIT_RATE] = {"cache_hit_rate", METRIC_TYPE_GAUGE, NULL,
                                "Share of questions that the cache answered since the start, 0 to "
                                "1; not there before the first question."},
                [METRIC_CACHE_HITS] = {"cache_hits_total", METRIC_TYPE_COUNTER, NULL,
                                "Questions that the cache answered.", {"layer"}, 16},
                [METRIC_CACHE_MISSES] = {"cache_misses_total", METRIC_TYPE_COUNTER, NULL,
                                "Questions that the cache could not answer.", {"layer"}, 16},
                [METRIC_CACHE_EVICTIONS] = {"cache_evictions_total", METRIC_TYPE_COUNTER, NULL,
                                "Entries that went to make room.", {"layer"}, 16},
                [METRIC_CACHE_ENTRIES] = {"cache_entries", METRIC_TYPE_GAUGE, NULL,
                                "Entries that are kept.", {"layer"}, 16},
                [METRIC_POOL_CONNECTIONS] = {"pool_connections", METRIC_TYPE_GAUGE, NULL,
                                "Slots for connections to tmux servers that the pools keep."},
                [METRIC_POOL_IN_USE] = {"pool_in_use", METRIC_TYPE_GAUGE, NULL,
                                "Slots that hold a connection now."},
                [METRIC_POOL_WAITING] = {"pool_waiting", METRIC_TYPE_GAUGE, NULL,
                                "Looks that wait for a slot."},
                [METRIC_POOL_UTILIZATION] = {"pool_utilization", METRIC_TYPE_GAUGE, NULL,
                                "Share of the slots that may be had at most that is in use, 0 to "
                                "1; not there without a watcher."},
                [METRIC_PLUGIN_ERRORS_ALL] = {"plugin_errors", METRIC_TYPE_COUNTER, NULL,
                                "Executions of plugins that failed, all together."},
                [METRIC_PLUGIN_ERRORS] = {"plugin_errors_total", METRIC_TYPE_COUNTER, NULL,
                                "Executions of a plugin that failed.", {"plugin"}, PLUGINS_MAX},
                [METRIC_PLUGIN_EXECUTIONS] = {"plugin_executions_total", METRIC_TYPE_COUNTER, NULL,
                                "Executions of a plugin by how they ended.", {"plugin", "result"},
                                PLUGINS_MAX *RESULTS_MAX},
                [METRIC_PLUGIN_DURATION_SECONDS] = {"plugin_duration_seconds",
                                METRIC_TYPE_HISTOGRAM, "seconds",
                                "Time that executions took that a plugin answered.", {"plugin"},
                                PLUGINS_MAX,
                                {1 * MSEC, 5 * MSEC, 10 * MSEC, 25 * MSEC, 50 * MSEC, 100 * MSEC,
                                                250 * MSEC, 500 * MSEC, 1000 * MSEC, 2500 * MSEC,
                                                5000 * MSEC, 10000 * MSEC}},
                [METRIC_COMPONENT_HEALTH] = {"component_health", METRIC_TYPE_GAUGE, NULL,
                                "1 for green, 0.5 for yellow, 0 for red.", {"component"},
                                COMPONENTS_MAX},
                [METRIC_COMPONENT_UP] = {"component_up", METRIC_TYPE_GAUGE, NULL,
                                "1 while the component does its work, however well; 0 if it does "
                                "not.",
                                {"component"}, COMPONENTS_MAX},
                [METRIC_COMPONENT_LOAD_SECONDS] = {"component_load_seconds", METRIC_TYPE_GAUGE,
                                "seconds", "Time that the component took to start.", {"component"},
                                COMPONENTS_MAX},
                [METRIC_ERRORS] = {"errors_total", METRIC_TYPE_COUNTER, NULL,
                                "What failed, by the component that tried.", {"component"},
                                COMPONENTS_MAX},
                [METRIC_ALERTS] = {"alerts", METRIC_TYPE_GAUGE, NULL,
                                "Alerts that are raised now, by severity.", {"severity"}, 3},
                [METRIC_STATE_FILE_BYTES] = {"state_file_bytes", METRIC_TYPE_GAUGE, "bytes",
                                "Size of the file that keeps what is known over a restart."},
                [METRIC_HISTORY_FILE_BYTES] = {"history_file_bytes", METRIC_TYPE_GAUGE, "bytes",
                                "Size of the history with its log; not there without one."},
                [METRIC_COST_BUDGET_USED] = {"cost_budget_used", METRIC_TYPE_GAUGE, NULL,
                                "CPU time of the service, its watchers and tmux for them, as a "
                                "share of what monitoring.cost_budget allows."},
                [METRIC_SELF_CPU_SECONDS] = {"self_cpu_seconds_total", METRIC_TYPE_COUNTER,
                                "seconds", "Processor time of the daemon."},
                [METRIC_SELF_RESIDENT_BYTES] = {"self_resident_bytes", METRIC_TYPE_GAUGE, "bytes",
                                "Memory of the daemon that is resident."},
                [METRIC_BUILD_INFO] = {"build_info", METRIC_TYPE_GAUGE, NULL,
                                "1 for the version that runs.", {"version"}, 1},
};

const char *metric_type_to_string(MetricType type) {
        switch (type) {
        case METRIC_TYPE_GAUGE:
                return "gauge";
        case METRIC_TYPE_COUNTER:
                return "counter";
        case METRIC_TYPE_HISTOGRAM:
                return "histogram";
        }

        return "unknown";
}

size_t metric_spec_n_labels(const MetricSpec *spec) {
        size_t n = 0;

        while (n < METRIC_LABELS_MAX && spec->labels[n])
                n++;

        return n;
}

size_t metric_spec_n_bounds(const MetricSpec *spec) {
        size_t n = 0;

        while (n < METRIC_BOUNDS_MAX && spec->bounds_usec[n] > 0)
                n++;

        return n;
}
