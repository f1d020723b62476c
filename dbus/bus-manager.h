/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Handlers of the Manager interface
 *
 * They live in files by what they are about; bus-manager.c has the table that joins them.
 */

#include "dbus/bus-exports-private.h"

typedef int BusMethod(sd_bus_message *m, void *userdata, sd_bus_error *reterr);

typedef int BusProperty(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *reterr);

/* bus-manager-cost.c: how often watchers look, and what that costs. */
BusProperty bus_manager_get_interval_reason;
BusProperty bus_manager_get_cost_percent;
BusProperty bus_manager_get_cost_budget;
BusProperty bus_manager_get_cost_own;
BusProperty bus_manager_get_cost_tmux;
BusProperty bus_manager_get_pool;

/* bus-manager-list.c: what there is. */
BusMethod bus_manager_list_agents;
BusMethod bus_manager_list_servers;
BusMethod bus_manager_list_components;
BusMethod bus_manager_get_agent_by_pane;
BusMethod bus_manager_get_health;

/* bus-manager-act.c: what can be done. */
BusMethod bus_manager_run_cycle;
BusMethod bus_manager_set_strategy;
BusMethod bus_manager_report_event;
BusMethod bus_manager_reload;
BusMethod bus_manager_take_over;
BusMethod bus_manager_forget_state;
BusMethod bus_manager_restart_component;

/* bus-manager-cache.c: the cache. */
BusMethod bus_manager_clear_cache;
BusMethod bus_manager_get_cache_stats;

/* bus-manager-health.c: health checks. */
BusMethod bus_manager_check_agents;

/* bus-manager-metrics.c: the numbers. */
BusMethod bus_manager_get_metrics;
BusMethod bus_manager_export_metrics;

/* bus-alert.c: what is alarming. */
BusMethod bus_manager_list_alerts;
BusMethod bus_manager_list_notices;
BusMethod bus_manager_get_alert_history;
/* bus-manager-report.c: what was. */
BusMethod bus_manager_get_report;
BusMethod bus_manager_update_baseline;
BusMethod bus_manager_validate_state;

/* bus-manager-config.c: the settings. */
BusMethod bus_manager_get_config;
BusMethod bus_manager_list_config;

/* bus-manager-set.c: settings that are changed. */
BusMethod bus_manager_set_config;
BusMethod bus_manager_reset_config;
/* Who asks; nobody if that is not known, as far as the journal is concerned. */
uid_t bus_manager_caller_of(const BusExports *e, sd_bus_message *m);
/* A setting was not changed: what set_config() gave, as an error. */
int bus_manager_refuse_setting(int r, const char *key, const char *message, sd_bus_error *reterr);
BusMethod bus_manager_list_config_versions;
BusMethod bus_manager_roll_back_config;
BusMethod bus_manager_export_config;
BusMethod bus_manager_import_config;

/* bus-manager-validate.c: would these settings do. */
BusMethod bus_manager_validate_config;

/* bus-manager-plugins.c: plugins. */
BusMethod bus_manager_list_plugins;
BusMethod bus_manager_scan_plugins;
BusMethod bus_manager_reload_plugin;
BusMethod bus_manager_warm_plugin;
BusMethod bus_manager_enable_plugin;
BusMethod bus_manager_disable_plugin;
BusMethod bus_manager_validate_plugin;
/* Who asks, for limits and for the journal. */
PluginsCaller bus_plugins_caller(const BusExports *e, sd_bus_message *m);
/* bus-manager-execute.c: what plugins are for. */
BusMethod bus_manager_execute_plugin;

/*
 * The agent in a pane: of the caller if it has one there, else of anybody. Returns 0, or what a
 * handler should return.
 */
int bus_manager_find_pane(BusExports *e, sd_bus_message *m, const char *pane, const Agent **ret,
                sd_bus_error *reterr);
