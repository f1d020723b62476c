/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "dbus/bus-exports-private.h"

/*
 * A signal that cannot be sent is not sent again: either memory is out, or the bus is gone, and who
 * comes after that asks for everything anyway. Hence results are not looked at below.
 */

#define NAMES_MAX 32U
/* Within this time a watcher has seen what another one saw. */
#define CATCH_UP_USEC (15 * USEC_PER_SEC)

typedef struct NameOfChange {
        unsigned change;
        const char *property;
} NameOfChange;

/* Not a change of the agent itself: its server's liveness is another one. */
#define AGENT_CHANGED_LIVENESS (1U << 31)

static const NameOfChange agent_names[] = {
                {AGENT_CHANGED_TYPE, "Type"},
                {AGENT_CHANGED_VERSION, "AgentVersion"},
                {AGENT_CHANGED_STATE, "State"},
                {AGENT_CHANGED_ATTENTION, "Attention"},
                {AGENT_CHANGED_ATTRIBUTES, "Attributes"},
                {AGENT_CHANGED_RESET, "ResetTime"},
                {AGENT_CHANGED_RULE, "Rule"},
                {AGENT_CHANGED_CONFIDENCE, "Confidence"},
                {AGENT_CHANGED_SINCE, "StateSince"},
                {AGENT_CHANGED_SESSION, "Session"},
                {AGENT_CHANGED_WINDOW, "Window"},
                {AGENT_CHANGED_TARGET, "Target"},
                {AGENT_CHANGED_PID, "PID"},
                {AGENT_CHANGED_COMMAND, "Command"},
                {AGENT_CHANGED_TITLE, "Title"},
                {AGENT_CHANGED_FAILURES, "Failures"},
                {AGENT_CHANGED_MEMORY, "ControlGroup"},
                {AGENT_CHANGED_MEMORY, "MemoryScope"},
                {AGENT_CHANGED_MEMORY, "MemoryHigh"},
                {AGENT_CHANGED_MEMORY, "MemoryMax"},
                {AGENT_CHANGED_MEMORY, "OOMKills"},
                {AGENT_CHANGED_END, "EndReason"},
                {AGENT_CHANGED_END, "Advice"},
                {AGENT_CHANGED_LIVENESS, "Liveness"},
};

static const NameOfChange server_names[] = {
                {SERVER_CHANGED_LIVENESS, "Liveness"},
                {SERVER_CHANGED_REASON, "Reason"},
                {SERVER_CHANGED_VERSION, "TmuxVersion"},
                {SERVER_CHANGED_PID, "PID"},
                {SERVER_CHANGED_PANES, "Panes"},
                {SERVER_CHANGED_SINCE, "Since"},
                {SERVER_CHANGED_LOST, "Lost"},
};

typedef enum ManagerChange {
        MANAGER_CHANGED_AGENTS = 1 << 0,
        MANAGER_CHANGED_HEALTH = 1 << 1,
        MANAGER_CHANGED_STRATEGY = 1 << 2,
        MANAGER_CHANGED_INTERVAL = 1 << 3,
        MANAGER_CHANGED_CONFIG = 1 << 4,
        MANAGER_CHANGED_STRATEGIES = 1 << 5,
        MANAGER_CHANGED_ACTIVE = 1 << 6,
        MANAGER_CHANGED_ALL = (1 << 7) - 1,
} ManagerChange;

static const NameOfChange manager_names[] = {
                {MANAGER_CHANGED_AGENTS, "AgentsTotal"},
                {MANAGER_CHANGED_AGENTS, "AgentCounts"},
                {MANAGER_CHANGED_HEALTH, "Health"},
                {MANAGER_CHANGED_STRATEGY, "Strategy"},
                {MANAGER_CHANGED_STRATEGY, "Rollout"},
                {MANAGER_CHANGED_STRATEGIES, "Strategies"},
                {MANAGER_CHANGED_INTERVAL, "CycleIntervalUSec"},
                {MANAGER_CHANGED_INTERVAL, "CycleIntervalReason"},
                {MANAGER_CHANGED_CONFIG, "CostBudgetPercent"},
                {MANAGER_CHANGED_CONFIG, "Environment"},
                {MANAGER_CHANGED_ACTIVE, "Active"},
};

static void emit_changed(BusExports *e, const char *path, const char *interface,
                const NameOfChange *table, size_t n_table, unsigned changed) {
        const char *names[NAMES_MAX + 1];
        size_t n = 0;

        assert(n_table <= NAMES_MAX);

        for (size_t i = 0; i < n_table; i++)
                if (changed & table[i].change)
                        names[n++] = table[i].property;
        if (n == 0)
                return;

        names[n] = NULL;
        (void)sd_bus_emit_properties_changed_strv(e->bus, path, interface, (char **)names);
}

static void emit_agent_changed(BusExports *e, const Agent *a, unsigned changed) {
        _cleanup_free_ char *path = NULL;

        if (bus_path_of_agent(a, &path) >= 0)
                emit_changed(e, path, BUS_INTERFACE_AGENT, agent_names, ELEMENTSOF(agent_names),
                                changed);
}

static int on_settle(sd_event_source *s, void *userdata) {
        BusExports *e = userdata;
        unsigned changed = e->settle_what;

        e->settle_what = 0;
        emit_changed(e, BUS_ROOT, BUS_INTERFACE_MANAGER, manager_names, ELEMENTSOF(manager_names),
                        changed);
        return 0;
}

/* The sums are told once for all that happens in one pass of the loop. */
static void settle_later(BusExports *e, ManagerChange change) {
        if (!e->telling)
                return;
        e->settle_what |= change;
        (void)sd_event_source_set_enabled(e->settle, SD_EVENT_ONESHOT);
}

static void on_server_added(void *userdata, const Server *s) {
        _cleanup_free_ char *path = NULL;
        BusExports *e = userdata;

        if (bus_path_of_server(s, &path) >= 0)
                (void)sd_bus_emit_interfaces_added(e->bus, path, BUS_INTERFACE_SERVER, NULL);
}

static void on_server_changed(void *userdata, const Server *s, Liveness old) {
        _cleanup_free_ char *path = NULL;
        BusExports *e = userdata;
        const Agent *a = NULL;

        if (bus_path_of_server(s, &path) < 0)
                return;

        emit_changed(e, path, BUS_INTERFACE_SERVER, server_names, ELEMENTSOF(server_names),
                        s->changed);
        if (!(s->changed & SERVER_CHANGED_LIVENESS))
                return;

        (void)sd_bus_emit_signal(e->bus, BUS_ROOT, BUS_INTERFACE_MANAGER, "ServerChanged", "os",
                        path, liveness_to_string(s->last.liveness));
        while ((a = registry_next_agent(e->parts.registry, a)))
                if (a->server == s)
                        emit_agent_changed(e, a, AGENT_CHANGED_LIVENESS);
}

static void on_server_removed(void *userdata, const Server *s) {
        _cleanup_free_ char *path = NULL;
        BusExports *e = userdata;

        if (bus_path_of_server(s, &path) >= 0)
                (void)sd_bus_emit_interfaces_removed(e->bus, path, BUS_INTERFACE_SERVER, NULL);
}

static void on_agent_added(void *userdata, const Agent *a) {
        _cleanup_free_ char *path = NULL;
        BusExports *e = userdata;

        settle_later(e, MANAGER_CHANGED_AGENTS);
        if (bus_path_of_agent(a, &path) < 0)
                return;
        (void)sd_bus_emit_interfaces_added(e->bus, path, BUS_INTERFACE_AGENT, NULL);
        if (bus_told_state(e->told, path, NULL) < 0)
                bus_told_note(e->told, path, a->last.state);
}

/* From the state that was told last, by whomever, to the one that it is in now. */
static void tell_state(BusExports *e, const Agent *a, const char *path, AgentState old) {
        AgentState told = bus_told_state(e->told, path, NULL);

        if (told >= 0)
                old = told;
        if (a->last.state == old)
                return;

        bus_told_note(e->told, path, a->last.state);
        settle_later(e, MANAGER_CHANGED_AGENTS);
        (void)sd_bus_emit_signal(e->bus, BUS_ROOT, BUS_INTERFACE_MANAGER, "AgentStateChanged",
                        "osss", path, agent_state_to_string(old),
                        agent_state_to_string(a->last.state), a->last.rule);
}

static void on_agent_changed(void *userdata, const Agent *a, AgentState old) {
        _cleanup_free_ char *path = NULL;
        BusExports *e = userdata;

        emit_agent_changed(e, a, a->changed);
        if (a->last.state != old && bus_path_of_agent(a, &path) >= 0)
                tell_state(e, a, path, old);
}

static void on_agent_removed(void *userdata, const Agent *a) {
        _cleanup_free_ char *path = NULL;
        BusExports *e = userdata;

        settle_later(e, MANAGER_CHANGED_AGENTS);
        if (bus_path_of_agent(a, &path) < 0)
                return;
        bus_told_forget(e->told, path);
        (void)sd_bus_emit_interfaces_removed(e->bus, path, BUS_INTERFACE_AGENT, NULL);
}

static const RegistryObserver observer = {
                .server_added = on_server_added,
                .server_changed = on_server_changed,
                .server_removed = on_server_removed,
                .agent_added = on_agent_added,
                .agent_changed = on_agent_changed,
                .agent_removed = on_agent_removed,
};

static void on_cycle_changed(void *userdata, const Cycle *cycle) {
        const char *strategy = cycle_get_strategy(cycle);
        BusExports *e = userdata;

        if (e->interval_usec != cycle_get_interval(cycle)) {
                e->interval_usec = cycle_get_interval(cycle);
                settle_later(e, MANAGER_CHANGED_INTERVAL);
        }
        if (e->rollout < cycle_get_rollout(cycle) || e->rollout > cycle_get_rollout(cycle)) {
                e->rollout = cycle_get_rollout(cycle);
                settle_later(e, MANAGER_CHANGED_STRATEGY);
        }
        if (strcmp(e->strategy ?: "", strategy) != 0) {
                (void)sd_bus_emit_signal(e->bus, BUS_ROOT, BUS_INTERFACE_MANAGER, "StrategyChanged",
                                "ss", e->strategy ?: "", strategy);
                free(e->strategy);
                e->strategy = strdup(strategy);
                settle_later(e, MANAGER_CHANGED_STRATEGY);
        }
}

static void on_component_changed(void *userdata, const Component *c) {
        _cleanup_free_ char *path = NULL;
        BusExports *e = userdata;
        Health health = components_health(e->parts.components);

        if (health != e->health) {
                e->health = health;
                settle_later(e, MANAGER_CHANGED_HEALTH);
        }
        if (bus_path_of_component(c, &path) >= 0)
                (void)sd_bus_emit_properties_changed(e->bus, path, BUS_INTERFACE_COMPONENT,
                                "Health", "StatusText", "Restarts", NULL);
}

void bus_exports_config_changed(BusExports *e) {
        assert(e);
        settle_later(e, MANAGER_CHANGED_CONFIG);
}

void bus_signals_strategies_changed(BusExports *e) {
        settle_later(e, MANAGER_CHANGED_STRATEGIES);
}

/*
 * What the other told is later than what we saw: then we shall see it, and it was told. What we saw
 * is later: then nobody has told it. With @all nothing is waited for any more.
 */
static void catch_up(BusExports *e, bool all) {
        const Agent *a = NULL;

        while ((a = registry_next_agent(e->parts.registry, a))) {
                _cleanup_free_ char *path = NULL;
                uint64_t usec = 0;
                AgentState told;

                if (bus_path_of_agent(a, &path) < 0)
                        continue;
                told = bus_told_state(e->told, path, &usec);
                if (told < 0)
                        bus_told_note(e->told, path, a->last.state);
                else if (all || told == a->last.state || a->since_usec > usec)
                        tell_state(e, a, path, told);
        }
}

static int on_catch_up(sd_event_source *s, uint64_t usec, void *userdata) {
        BusExports *e = userdata;

        e->catch_up = sd_event_source_disable_unref(e->catch_up);
        catch_up(e, true);
        return 0;
}

void bus_signals_announce(BusExports *e) {
        const Server *s = NULL;
        const Plugin *p = NULL;
        const Agent *a = NULL;

        assert(e);

        settle_later(e, MANAGER_CHANGED_ALL);
        while ((p = plugins_next(e->parts.plugins, p)))
                bus_plugin_observer.added(e, p);
        while ((s = registry_next_server(e->parts.registry, s)))
                on_server_added(e, s);
        while ((a = registry_next_agent(e->parts.registry, a)))
                on_agent_added(e, a);

        catch_up(e, false);
        (void)sd_event_add_time_relative(e->parts.event, &e->catch_up, CLOCK_MONOTONIC,
                        CATCH_UP_USEC, 0, on_catch_up, e);
}

int bus_signals_start(BusExports *e) {
        int r;

        r = sd_event_add_defer(e->parts.event, &e->settle, on_settle, e);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(e->settle, SD_EVENT_OFF);
        if (r < 0)
                return r;
        /* After everything that may add to the sums. */
        r = sd_event_source_set_priority(e->settle, SD_EVENT_PRIORITY_NORMAL + 10);
        if (r < 0)
                return r;

        e->strategy = strdup(cycle_get_strategy(e->parts.cycle));
        if (!e->strategy)
                return -ENOMEM;
        e->rollout = cycle_get_rollout(e->parts.cycle);
        e->interval_usec = cycle_get_interval(e->parts.cycle);
        e->health = components_health(e->parts.components);
        cycle_set_observer(e->parts.cycle, on_cycle_changed, e);
        components_set_observer(e->parts.components, on_component_changed, e);
        r = alerts_add_observer(e->parts.alerts, &bus_alert_observer, e);
        if (r < 0)
                return r;
        r = plugins_add_observer(e->parts.plugins, &bus_plugin_observer, e);
        if (r < 0)
                return r;
        return registry_add_observer(e->parts.registry, &observer, e);
}

void bus_signals_stop(BusExports *e) {
        registry_remove_observer(e->parts.registry, e);
        plugins_remove_observer(e->parts.plugins, e);
        alerts_remove_observer(e->parts.alerts, e);
        components_set_observer(e->parts.components, NULL, NULL);
        cycle_set_observer(e->parts.cycle, NULL, NULL);
        e->settle = sd_event_source_disable_unref(e->settle);
        free(e->strategy);
        e->strategy = NULL;
}
