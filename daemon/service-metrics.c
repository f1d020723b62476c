/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "daemon/base/clock.h"
#include "daemon/service-history.h"

static void on_agent_changed(void *userdata, const Agent *a, AgentState old) {
        Service *s = userdata;

        if (a->last.state != old)
                metrics_add(s->metrics, METRIC_STATE_CHANGES, agent_state_to_string(old),
                                agent_state_to_string(a->last.state), 1);
        if (a->last.state != old && a->last.attributes & ATTRIBUTE_OOM_KILLED)
                metrics_add(s->metrics, METRIC_AGENT_OOM_KILLS, a->last.type, NULL, 1);
}

static const RegistryObserver observer = {.agent_changed = on_agent_changed};

static void on_cycle(void *userdata, int error, uint64_t usec, unsigned agents) {
        double seconds = (double)usec / (double)USEC_PER_SEC;
        Service *s = userdata;

        service_export_note(s, "cycle", NULL, usec, error < 0);
        if (error < 0) {
                metrics_add(s->metrics, METRIC_CYCLE_FAILURES, NULL, NULL, 1);
                return;
        }

        metrics_observe(s->metrics, METRIC_CYCLE_DURATION_SECONDS, NULL, NULL, usec);
        metrics_set(s->metrics, METRIC_CYCLE_DURATION, NULL, NULL, seconds);
        if (usec > 0)
                metrics_set(s->metrics, METRIC_AGENTS_PER_SECOND, NULL, NULL,
                                (double)agents / seconds);
}

static const char *result_of(int error) {
        static const struct {
                int error;
                const char *result;
        } rows[] = {{-ETIME, "timeout"}, {-EUSERS, "rate_limited"}, {-EBUSY, "busy"},
                        {-EILSEQ, "invalid_input"}};

        if (error >= 0)
                return "ok";
        FOREACH_ELEMENT (row, rows)
                if (row->error == error)
                        return row->result;
        return "failed";
}

static void on_plugin_done(void *userdata, const PluginsDeed *deed) {
        Service *s = userdata;

        service_export_note(s, deed->action, deed->plugin, deed->usec, deed->error < 0);
        if (strcmp(deed->action, "execute") != 0)
                return;

        metrics_add(s->metrics, METRIC_PLUGIN_EXECUTIONS, deed->plugin, result_of(deed->error), 1);
        if (deed->error >= 0)
                metrics_observe(s->metrics, METRIC_PLUGIN_DURATION_SECONDS, deed->plugin, NULL,
                                deed->usec);
        metrics_add(s->metrics, METRIC_PLUGIN_ERRORS, deed->plugin, NULL, deed->error < 0);
        metrics_add(s->metrics, METRIC_PLUGIN_ERRORS_ALL, NULL, NULL, deed->error < 0);
}

static void on_restarted(void *userdata, const Component *c, int error, uint64_t usec) {
        service_export_note(userdata, "recover", c->spec->name, usec, error < 0);
}

static const PluginsObserver plugins_observer = {.done = on_plugin_done};

static void on_round(void *userdata, const Planner *p, int error, uint64_t usec) {
        const Service *s = userdata;

        if (error >= 0)
                metrics_observe(s->metrics, METRIC_STRATEGY_CYCLE_DURATION, planner_name(p), NULL,
                                usec);
}

static void on_planned(void *userdata, const Planner *p, uint64_t usec) {
        const Service *s = userdata;

        metrics_observe(s->metrics, METRIC_STRATEGY_PLAN_DURATION, planner_name(p), NULL, usec);
}

static void on_health(void *userdata, const Planner *p) {
        Service *s = userdata;

        service_strategy_note_health(p);
        components_check(s->components);
}

static const CycleMeter meter = {
                .cycle = on_cycle,
                .round = on_round,
                .planned = on_planned,
                .health = on_health,
};

/* Counters of a strategy begin anew when it is set again. */
static void collect_strategies(const Service *s, Metrics *m) {
        const Planner *p = NULL;
        unsigned failing = 0;

        metrics_clear(m, METRIC_STRATEGY_INFO);
        metrics_set(m, METRIC_STRATEGY_INFO, cycle_get_strategy(s->cycle), NULL, 1);
        metrics_clear(m, METRIC_STRATEGY_AGENTS);
        while ((p = cycle_next_planner(s->cycle, p))) {
                const PlannerStats *stats = planner_stats(p);
                const char *name = planner_name(p);

                metrics_set(m, METRIC_STRATEGY_AGENTS, name, NULL, cycle_count_agents(s->cycle, p));
                metrics_set(m, METRIC_STRATEGY_CYCLES, name, NULL, (double)stats->rounds);
                metrics_set(m, METRIC_STRATEGY_LOOKS, name, NULL, (double)stats->looks);
                failing += planner_error(p) != NULL;
                metrics_set(m, METRIC_STRATEGY_FAILURES, name, NULL, (double)stats->failures);
        }
        metrics_set(m, METRIC_STRATEGIES_FAILING, NULL, NULL, failing);
}

static bool is_healthy(const Agent *a) {
        HealthLook look = {
                        .alive = a->server->last.liveness == LIVENESS_ALIVE,
                        .state = a->last.state,
        };
        const char *sentence;

        return health_of_look(&look, &sentence) == HEALTH_GREEN;
}

static void collect_agents(const Service *s, Metrics *m) {
        const Agent *a = NULL;
        unsigned healthy = 0, low_memory = 0;

        metrics_clear(m, METRIC_AGENTS);
        metrics_clear(m, METRIC_AGENT_MEMORY_BYTES);
        while ((a = registry_next_agent(s->registry, a))) {
                metrics_add(m, METRIC_AGENTS, agent_state_to_string(a->last.state), a->last.type,
                                1);
                healthy += is_healthy(a);
                low_memory += (a->last.attributes & ATTRIBUTE_LOW_MEMORY) != 0;
                if (a->last.memory_bytes > 0)
                        metrics_add(m, METRIC_AGENT_MEMORY_BYTES, a->last.type, NULL,
                                        (double)a->last.memory_bytes);
        }

        metrics_set(m, METRIC_AGENTS_TOTAL, NULL, NULL, registry_count_agents(s->registry));
        metrics_set(m, METRIC_AGENTS_HEALTHY, NULL, NULL, healthy);
        metrics_set(m, METRIC_AGENTS_LOW_MEMORY, NULL, NULL, low_memory);
        metrics_set(m, METRIC_AGENTS_IDLE, NULL, NULL,
                        registry_count_state(s->registry, AGENT_IDLE));
        metrics_set(m, METRIC_AGENTS_GIVEN_UP, NULL, NULL,
                        s->keeper ? keeper_count_given_up(s->keeper) : 0);
        metrics_set(m, METRIC_AGENT_DETECTION_ERRORS, NULL, NULL,
                        (double)registry_count_refused(s->registry));
}

static void collect_cache(const Service *s, Metrics *m) {
        double hits = 0, questions = 0;

        for (CacheLayer l = 0; l < _CACHE_LAYER_MAX; l++) {
                const char *layer = cache_layer_to_string(l);
                CacheStats stats = cache_stats(s->cache, l);

                metrics_set(m, METRIC_CACHE_HITS, layer, NULL, (double)stats.hits);
                metrics_set(m, METRIC_CACHE_MISSES, layer, NULL, (double)stats.misses);
                metrics_set(m, METRIC_CACHE_EVICTIONS, layer, NULL, (double)stats.evictions);
                metrics_set(m, METRIC_CACHE_ENTRIES, layer, NULL, (double)stats.entries);
                hits += (double)stats.hits;
                questions += (double)(stats.hits + stats.misses);
        }

        if (questions > 0)
                metrics_set(m, METRIC_CACHE_HIT_RATE, NULL, NULL, hits / questions);
}

static void collect_components(const Service *s, Metrics *m) {
        static const double worth[_HEALTH_MAX] = {
                        [HEALTH_GREEN] = 1, [HEALTH_YELLOW] = 0.5, [HEALTH_RED] = 0};
        const Component *c = NULL;

        while ((c = components_next(s->components, c))) {
                metrics_set(m, METRIC_COMPONENT_HEALTH, c->spec->name, NULL, worth[c->last.health]);
                metrics_set(m, METRIC_COMPONENT_UP, c->spec->name, NULL,
                                c->own.health != HEALTH_RED);
                metrics_set(m, METRIC_ERRORS, c->spec->name, NULL, (double)c->last.errors);
        }
}

static void collect_pool(const Service *s, Metrics *m) {
        const PoolStats *pool = &s->cost.pool;

        metrics_set(m, METRIC_POOL_CONNECTIONS, NULL, NULL, (double)pool->slots);
        metrics_set(m, METRIC_POOL_IN_USE, NULL, NULL, (double)pool->in_use);
        metrics_set(m, METRIC_POOL_WAITING, NULL, NULL, (double)pool->waiting);
        metrics_clear(m, METRIC_POOL_UTILIZATION);
        if (pool->maximum > 0)
                metrics_set(m, METRIC_POOL_UTILIZATION, NULL, NULL,
                                (double)pool->in_use / (double)pool->maximum);
}

static void collect_cost(const Service *s, Metrics *m) {
        if (s->cost.budget > 0 && s->cost.known_usec > 0)
                metrics_set(m, METRIC_COST_BUDGET_USED, NULL, NULL,
                                s->cost.percent / s->cost.budget);
}

static void collect_alerts(const Service *s, Metrics *m) {
        for (AlertSeverity i = 0; s->alerts && i < _ALERT_SEVERITY_MAX; i++)
                metrics_set(m, METRIC_ALERTS, alert_severity_to_string(i), NULL,
                                alerts_count(s->alerts, i));
}

static void collect_state(const Service *s, Metrics *m) {
        HistoryState history;
        struct stat st;

        if (s->state_path && stat(s->state_path, &st) == 0)
                metrics_set(m, METRIC_STATE_FILE_BYTES, NULL, NULL, (double)st.st_size);
        if (service_history_state(s, &history) >= 0)
                metrics_set(m, METRIC_HISTORY_FILE_BYTES, NULL, NULL, (double)history.bytes);
}

static uint64_t resident_bytes(void) {
        _cleanup_fclose_ FILE *f = fopen("/proc/self/statm", "re");
        unsigned long long size, resident;

        if (!f || fscanf(f, "%llu %llu", &size, &resident) != 2)
                return 0;

        return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static double seconds_of(const struct timeval *tv) {
        return (double)tv->tv_sec + (double)tv->tv_usec / (double)USEC_PER_SEC;
}

static void collect_self(Metrics *m) {
        uint64_t resident = resident_bytes();
        struct rusage usage;

        if (getrusage(RUSAGE_SELF, &usage) == 0)
                metrics_set(m, METRIC_SELF_CPU_SECONDS, NULL, NULL,
                                seconds_of(&usage.ru_utime) + seconds_of(&usage.ru_stime));
        if (resident > 0)
                metrics_set(m, METRIC_SELF_RESIDENT_BYTES, NULL, NULL, (double)resident);
}

static void forget_self(Metrics *m) {
        metrics_clear(m, METRIC_SELF_CPU_SECONDS);
        metrics_clear(m, METRIC_SELF_RESIDENT_BYTES);
}

static void collect(void *userdata, Metrics *m) {
        const Service *s = userdata;

        metrics_turn(m, now_monotonic(),
                        s->config.config.monitoring.metrics.retention_minutes * USEC_PER_MINUTE);
        collect_agents(s, m);
        collect_cache(s, m);
        collect_components(s, m);
        collect_pool(s, m);
        collect_cost(s, m);
        collect_state(s, m);
        collect_alerts(s, m);
        if (s->config.config.monitoring.metrics.performance)
                collect_self(m);
        else
                forget_self(m);
        collect_strategies(s, m);
        metrics_set(m, METRIC_BUILD_INFO, PROJECT_VERSION, NULL, 1);
}

int service_metrics_start(Service *s) {
        int r;

        metrics_set_collector(s->metrics, collect, s);
        cycle_set_meter(s->cycle, &meter, s);
        components_set_meter(s->components, on_restarted, s);
        /* So that their growth can be seen from the first failure on. */
        metrics_add(s->metrics, METRIC_CYCLE_FAILURES, NULL, NULL, 0);
        metrics_add(s->metrics, METRIC_PLUGIN_ERRORS_ALL, NULL, NULL, 0);
        r = plugins_add_observer(s->plugins, &plugins_observer, s);
        if (r < 0)
                return r;
        return registry_add_observer(s->registry, &observer, s);
}

void service_metrics_stop(Service *s) {
        if (s->registry)
                registry_remove_observer(s->registry, s);
        if (s->plugins)
                plugins_remove_observer(s->plugins, s);
        if (s->cycle)
                cycle_set_meter(s->cycle, NULL, NULL);
        s->metrics = metrics_free(s->metrics);
}
