/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dbus/bus-manager.h"
#include "daemon/base/strv.h"

static int property_get_version(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        return sd_bus_message_append(reply, "s", PROJECT_VERSION);
}

static int property_get_environment(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        BusExports *e = userdata;

        return sd_bus_message_append(reply, "s", e->parts.config->environment);
}

static int property_get_active(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        return sd_bus_message_append(reply, "b", bus_exports_speaks(userdata));
}

static int property_get_mode(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        BusExports *e = userdata;

        return sd_bus_message_append(reply, "s", e->parts.user_mode ? "user" : "system");
}

static int property_get_health(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        BusExports *e = userdata;

        return sd_bus_message_append(
                        reply, "s", health_to_string(components_health(e->parts.components)));
}

static int property_get_strategy(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        BusExports *e = userdata;

        return sd_bus_message_append(reply, "s", cycle_get_strategy(e->parts.cycle));
}

static int property_get_strategies(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        BusExports *e = userdata;

        _cleanup_strv_free_ char **names = NULL;
        int r;

        r = cycle_strategies(e->parts.cycle, &names);
        return r < 0 ? r : sd_bus_message_append_strv(reply, names);
}

static int property_get_rollout(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        BusExports *e = userdata;

        return sd_bus_message_append(reply, "d", cycle_get_rollout(e->parts.cycle));
}

static int property_get_interval(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        BusExports *e = userdata;

        return sd_bus_message_append(reply, "t", cycle_get_interval(e->parts.cycle));
}

static int property_get_last_cycle(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        BusExports *e = userdata;

        return sd_bus_message_append(reply, "t", cycle_last_usec(e->parts.cycle));
}

static int property_get_cycles(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        BusExports *e = userdata;

        return sd_bus_message_append(reply, "t", cycle_count(e->parts.cycle));
}

static int property_get_total(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        BusExports *e = userdata;

        return sd_bus_message_append(reply, "u", registry_count_agents(e->parts.registry));
}

static int property_get_counts(sd_bus *bus, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        BusExports *e = userdata;
        int r;

        r = sd_bus_message_open_container(reply, 'a', "{su}");
        if (r < 0)
                return r;

        for (AgentState s = 0; s < _AGENT_STATE_MAX; s++) {
                r = sd_bus_message_append(reply, "{su}", agent_state_to_string(s),
                                registry_count_state(e->parts.registry, s));
                if (r < 0)
                        return r;
        }

        return sd_bus_message_close_container(reply);
}

const sd_bus_vtable bus_manager_vtable[] = {
                SD_BUS_VTABLE_START(0),
                PROPERTY_CONST("Version", "s", property_get_version, 0),
                PROPERTY_CHANGES("Environment", "s", property_get_environment, 0),
                PROPERTY_CHANGES("Active", "b", property_get_active, 0),
                PROPERTY_CONST("Mode", "s", property_get_mode, 0),
                PROPERTY_CHANGES("Health", "s", property_get_health, 0),
                PROPERTY_CHANGES("Strategy", "s", property_get_strategy, 0),
                PROPERTY_CHANGES("Strategies", "as", property_get_strategies, 0),
                PROPERTY_CHANGES("Rollout", "d", property_get_rollout, 0),
                PROPERTY_CHANGES("CycleIntervalUSec", "t", property_get_interval, 0),
                PROPERTY_CHANGES("CycleIntervalReason", "s", bus_manager_get_interval_reason, 0),
                PROPERTY_SILENT("LastCycleUSec", "t", property_get_last_cycle, 0),
                PROPERTY_SILENT("Cycles", "t", property_get_cycles, 0),
                PROPERTY_SILENT("CostPercent", "d", bus_manager_get_cost_percent, 0),
                PROPERTY_CHANGES("CostBudgetPercent", "d", bus_manager_get_cost_budget, 0),
                PROPERTY_SILENT("CostOwnUSec", "t", bus_manager_get_cost_own, 0),
                PROPERTY_SILENT("CostTmuxUSec", "t", bus_manager_get_cost_tmux, 0),
                PROPERTY_SILENT("Pool", "a{st}", bus_manager_get_pool, 0),
                PROPERTY_CHANGES("AgentsTotal", "u", property_get_total, 0),
                PROPERTY_CHANGES("AgentCounts", "a{su}", property_get_counts, 0),

                SD_BUS_METHOD_WITH_ARGS("ListAgents", SD_BUS_NO_ARGS,
                                SD_BUS_RESULT("a(sssso)", agents), bus_manager_list_agents,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("ListServers", SD_BUS_NO_ARGS,
                                SD_BUS_RESULT("a(susso)", servers), bus_manager_list_servers,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("ListComponents", SD_BUS_NO_ARGS,
                                SD_BUS_RESULT("a(ssso)", components), bus_manager_list_components,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("ListNotices", SD_BUS_NO_ARGS,
                                SD_BUS_RESULT("a(ssstttb)", notices), bus_manager_list_notices,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("ListAlerts", SD_BUS_NO_ARGS,
                                SD_BUS_RESULT("a(sssto)", alerts), bus_manager_list_alerts,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("GetAlertHistory", SD_BUS_NO_ARGS,
                                SD_BUS_RESULT("a(ssstt)", alerts), bus_manager_get_alert_history,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("GetAgentByPane", SD_BUS_ARGS("s", pane),
                                SD_BUS_RESULT("o", agent), bus_manager_get_agent_by_pane,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("GetHealth", SD_BUS_NO_ARGS,
                                SD_BUS_RESULT("s", health, "a(sss)", components),
                                bus_manager_get_health, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("CheckAgents", SD_BUS_ARGS("as", ids, "t", max_age_usec),
                                SD_BUS_RESULT("a(sssst)", agents), bus_manager_check_agents,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("RunCycle", SD_BUS_NO_ARGS,
                                SD_BUS_RESULT("t", usec, "u", agents), bus_manager_run_cycle,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("SetStrategy", SD_BUS_ARGS("s", name, "a{sv}", options),
                                SD_BUS_NO_RESULT, bus_manager_set_strategy,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("ReportEvent",
                                SD_BUS_ARGS("s", pane, "s", source, "s", event, "s", json),
                                SD_BUS_NO_RESULT, bus_manager_report_event,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("ClearCache", SD_BUS_ARGS("s", layer),
                                SD_BUS_RESULT("u", entries), bus_manager_clear_cache,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("GetCacheStats", SD_BUS_NO_ARGS,
                                SD_BUS_RESULT("a(sttttt)", layers), bus_manager_get_cache_stats,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("GetMetrics", SD_BUS_NO_ARGS,
                                SD_BUS_RESULT("a(sa{ss}d)", metrics), bus_manager_get_metrics,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("ExportMetrics", SD_BUS_ARGS("s", format),
                                SD_BUS_RESULT("s", text), bus_manager_export_metrics,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("GetReport",
                                SD_BUS_ARGS("s", kind, "t", since_usec, "t", until_usec),
                                SD_BUS_RESULT("s", json), bus_manager_get_report,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("UpdateBaseline",
                                SD_BUS_ARGS("t", since_usec, "t", until_usec),
                                SD_BUS_RESULT("s", json), bus_manager_update_baseline,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("ValidateState", SD_BUS_NO_ARGS,
                                SD_BUS_RESULT("b", valid, "as", problems),
                                bus_manager_validate_state, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("GetConfig", SD_BUS_ARGS("s", key),
                                SD_BUS_RESULT("v", value), bus_manager_get_config,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("ListConfig", SD_BUS_NO_ARGS,
                                SD_BUS_RESULT("a(svss)", settings), bus_manager_list_config,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("SetConfig",
                                SD_BUS_ARGS("s", key, "v", value, "b", persist), SD_BUS_NO_RESULT,
                                bus_manager_set_config, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("ResetConfig", SD_BUS_ARGS("s", key), SD_BUS_NO_RESULT,
                                bus_manager_reset_config, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("ListConfigVersions", SD_BUS_NO_ARGS,
                                SD_BUS_RESULT("a(uts)", versions), bus_manager_list_config_versions,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("RollBackConfig", SD_BUS_ARGS("u", version),
                                SD_BUS_NO_RESULT, bus_manager_roll_back_config,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("ExportConfig", SD_BUS_NO_ARGS, SD_BUS_RESULT("s", yaml),
                                bus_manager_export_config, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("ImportConfig", SD_BUS_ARGS("s", yaml), SD_BUS_NO_RESULT,
                                bus_manager_import_config, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("ValidateConfig", SD_BUS_ARGS("s", yaml),
                                SD_BUS_RESULT("b", valid, "a(uss)", problems),
                                bus_manager_validate_config, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("ListPlugins", SD_BUS_NO_ARGS,
                                SD_BUS_RESULT("a(sssso)", plugins), bus_manager_list_plugins,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("ScanPlugins", SD_BUS_NO_ARGS, SD_BUS_RESULT("u", plugins),
                                bus_manager_scan_plugins, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("ValidatePlugin", SD_BUS_ARGS("s", name_or_file),
                                SD_BUS_RESULT("b", valid, "a(sss)", findings),
                                bus_manager_validate_plugin, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("ReloadPlugin", SD_BUS_ARGS("s", name), SD_BUS_NO_RESULT,
                                bus_manager_reload_plugin, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("WarmPlugin", SD_BUS_ARGS("s", name), SD_BUS_NO_RESULT,
                                bus_manager_warm_plugin, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("EnablePlugin", SD_BUS_ARGS("s", name), SD_BUS_NO_RESULT,
                                bus_manager_enable_plugin, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("DisablePlugin", SD_BUS_ARGS("s", name), SD_BUS_NO_RESULT,
                                bus_manager_disable_plugin, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("ExecutePlugin",
                                SD_BUS_ARGS("s", name, "s", json, "a{sv}", options),
                                SD_BUS_RESULT("s", json, "a{sv}", info), bus_manager_execute_plugin,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("TakeOver", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT,
                                bus_manager_take_over, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("Reload", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT,
                                bus_manager_reload, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("ForgetState", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT,
                                bus_manager_forget_state, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD_WITH_ARGS("RestartComponent", SD_BUS_ARGS("s", name),
                                SD_BUS_NO_RESULT, bus_manager_restart_component,
                                SD_BUS_VTABLE_UNPRIVILEGED),

                SD_BUS_SIGNAL_WITH_ARGS("AgentStateChanged",
                                SD_BUS_ARGS("o", agent, "s", old, "s", new, "s", rule), 0),
                SD_BUS_SIGNAL_WITH_ARGS(
                                "ServerChanged", SD_BUS_ARGS("o", server, "s", liveness), 0),
                SD_BUS_SIGNAL_WITH_ARGS("AlertRaised",
                                SD_BUS_ARGS("o", alert, "s", severity, "s", summary), 0),
                SD_BUS_SIGNAL_WITH_ARGS("AlertCleared", SD_BUS_ARGS("o", alert, "s", summary), 0),
                SD_BUS_SIGNAL_WITH_ARGS("Notice",
                                SD_BUS_ARGS("s", id, "s", agent, "s", cause, "s", what), 0),
                SD_BUS_SIGNAL_WITH_ARGS("PluginChanged",
                                SD_BUS_ARGS("s", name, "s", status, "s", version), 0),
                SD_BUS_SIGNAL_WITH_ARGS("StrategyChanged", SD_BUS_ARGS("s", old, "s", new), 0),
                SD_BUS_VTABLE_END,
};
