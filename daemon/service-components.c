/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/messages.h"
#include "daemon/service-history.h"

static void check_bus(void *userdata, ComponentReport *report) {
        const Service *s = userdata;

        report->restarts = bus_service_reconnects(s->bus);
        report->errors = bus_service_reconnects(s->bus);
        if (!bus_service_is_up(s->bus))
                component_report_set(report, HEALTH_RED, "not on the bus");
        else
                component_report_set(report, HEALTH_GREEN, "on the %s bus",
                                s->options->user ? "session" : "system");
}

static void check_config(void *userdata, ComponentReport *report) {
        const Service *s = userdata;

        report->errors = s->config.refusals;
        if (s->config.error)
                component_report_set(report, HEALTH_YELLOW, "refused: %s", s->config.error);
        else
                component_report_set(report, HEALTH_GREEN, "in use");
}

static int restart_config(void *userdata) {
        return service_reload(userdata);
}

static void tell_pace(const Service *s, ComponentReport *report, Health health) {
        double seconds = (double)s->cost.interval_usec / (double)USEC_PER_SEC;
        char reason[COMPONENT_TEXT_MAX / 2];

        cost_describe(&s->cost, reason, sizeof(reason));
        component_report_set(report, health, "agents are looked at every %.1f s only: %s", seconds,
                        reason);
}
/* Every watcher tells of its looking every two seconds: who does not stands still. */
#define SILENCE_MAX_USEC (30 * USEC_PER_SEC)

bool service_has_silent_watcher(const Service *s) {
        return watchers_silent_usec(s->watchers, now_monotonic()) > SILENCE_MAX_USEC;
}

static void check_agent_monitor(void *userdata, ComponentReport *report) {
        const Service *s = userdata;
        unsigned n = watchers_count(s->watchers);

        report->restarts = watchers_own_restarts(s->watchers);
        report->errors = cycle_failures(s->cycle);
        if (n == 0)
                component_report_set(report, HEALTH_YELLOW, "no watcher is connected");
        else if (service_has_silent_watcher(s))
                component_report_set(report, HEALTH_RED,
                                "a watcher has told nothing for more than %llu s",
                                (unsigned long long)(SILENCE_MAX_USEC / USEC_PER_SEC));
        else if (s->cost.reason == PACE_LIMIT)
                tell_pace(s, report, HEALTH_YELLOW);
        else if (cost_is_slowed(&s->cost))
                tell_pace(s, report, HEALTH_GREEN);
        else
                component_report_set(report, HEALTH_GREEN, "%u watcher%s", n, n == 1 ? "" : "s");
}

static int restart_agent_monitor(void *userdata) {
        Service *s = userdata;

        return watchers_restart(s->watchers);
}

static void check_tmux_pool(void *userdata, ComponentReport *report) {
        unsigned n[_LIVENESS_MAX] = {};
        const Service *s = userdata;
        const Server *server = NULL;

        while ((server = registry_next_server(s->registry, server)))
                n[server->last.liveness]++;

        if (n[LIVENESS_UNKNOWN] > 0)
                component_report_set(report, HEALTH_YELLOW, "%u of %u tmux servers do not answer",
                                n[LIVENESS_UNKNOWN], n[LIVENESS_UNKNOWN] + n[LIVENESS_ALIVE]);
        else
                component_report_set(report, HEALTH_GREEN, "%u tmux server%s", n[LIVENESS_ALIVE],
                                n[LIVENESS_ALIVE] == 1 ? "" : "s");
}

/* Every watcher makes its pool anew. */
static int restart_tmux_pool(void *userdata) {
        Service *s = userdata;

        return watchers_renew_pools(s->watchers);
}

static void check_strategy(void *userdata, ComponentReport *report) {
        const Planner *p = NULL, *failing = NULL;
        const Service *s = userdata;

        while ((p = cycle_next_planner(s->cycle, p))) {
                report->errors += planner_stats(p)->failures;
                if (planner_error(p))
                        failing = failing ?: p;
        }

        if (s->strategy_missing)
                component_report_set(report, HEALTH_YELLOW, "there is no '%s' here: %s instead",
                                config_strategy(&s->config.config), cycle_get_strategy(s->cycle));
        else if (failing)
                component_report_set(report, HEALTH_YELLOW, "%s fails, its agents are polled: %s",
                                planner_name(failing), planner_error(failing));
        else
                component_report_set(report, HEALTH_GREEN, "%s", cycle_get_strategy(s->cycle));
}

static void check_cache(void *userdata, ComponentReport *report) {
        const Service *s = userdata;

        if (s->config.config.monitoring.cache.enabled)
                component_report_set(report, HEALTH_GREEN, "in use");
        else
                component_report_set(report, HEALTH_GREEN, "switched off");
}

static int restart_cache(void *userdata) {
        Service *s = userdata;

        for (CacheLayer l = 0; l < _CACHE_LAYER_MAX; l++)
                (void)cache_clear(s->cache, l);

        return 0;
}

static void check_plugin_manager(void *userdata, ComponentReport *report) {
        const Service *s = userdata;
        unsigned n = 0, n_bad = 0;
        const Plugin *p = NULL, *bad = NULL;

        while ((p = plugins_next(s->plugins, p))) {
                n++;
                report->restarts += (unsigned)p->stats.restarts;
                if (p->status == PLUGIN_FAILED || p->status == PLUGIN_QUARANTINED) {
                        bad = bad ?: p;
                        n_bad++;
                }
        }

        if (bad)
                component_report_set(report, HEALTH_YELLOW, "%u of %u plugins cannot be used: %s",
                                n_bad, n, bad->name);
        else
                component_report_set(report, HEALTH_GREEN, "%u plugin%s", n, n == 1 ? "" : "s");
}

/* All hosts end, and what lies on disk is found anew. */
static int restart_plugin_manager(void *userdata) {
        Service *s = userdata;

        return plugins_restart(s->plugins);
}

/* Tries to write once more, now. */
static int restart_state_store(void *userdata) {
        Service *s = userdata;

        if (!s->state_path)
                return -EOPNOTSUPP;
        s->state_changed = true;
        service_state_save(s);
        return s->state_error;
}

static void on_healed(void *userdata, const Component *c, int error) {
        const LogField *fields = LOG_FIELDS({LOG_FIELD_COMPONENT, c->spec->name},
                        {LOG_FIELD_RESULT, error < 0 ? "failed" : "done"});

        if (error == -EHOSTDOWN)
                log_full(LOG_ERR, MESSAGE_COMPONENT_GIVEN_UP, fields,
                                "%s is not restarted any more: %s", c->spec->name, c->last.text);
        else if (error < 0)
                log_full(LOG_WARNING, MESSAGE_COMPONENT_RESTARTED, fields,
                                "%s has failed and could not be restarted: %s", c->spec->name,
                                strerror(-error));
        else
                log_full(LOG_NOTICE, MESSAGE_COMPONENT_RESTARTED, fields,
                                "%s has failed and was restarted", c->spec->name);
}

void service_heal(Service *s) {
        components_heal(s->components, now_monotonic(), on_healed, s);
}

static void check_metrics(void *userdata, ComponentReport *report) {
        const Service *s = userdata;

        /* Not what it costs now: that changes with every report. */
        component_report_set(report, HEALTH_GREEN, "%g %% of a core may be used", s->cost.budget);
}

static void check_alerts(void *userdata, ComponentReport *report) {
        const Service *s = userdata;
        unsigned n = 0;

        for (AlertSeverity i = ALERT_WARNING; s->alerts && i < _ALERT_SEVERITY_MAX; i++)
                n += alerts_count(s->alerts, i);
        component_report_set(report, HEALTH_GREEN, "%u raised", n);
}

/* What is lost meanwhile is the oldest of what could not be written. */
static void tell_waiting(const HistoryState *history, ComponentReport *report) {
        char lost[48] = "";

        if (history->forgotten > 0)
                (void)snprintf(lost, sizeof(lost), ", %" PRIu64 " were lost", history->forgotten);
        component_report_set(report, HEALTH_YELLOW,
                        "cannot write the history: %s; %zu entries wait for it%s",
                        strerror(-history->error), history->waiting, lost);
}

static void check_state_store(void *userdata, ComponentReport *report) {
        const Service *s = userdata;
        HistoryState history = {};

        report->errors = s->state_failures;
        if (!s->state_path)
                component_report_set(report, HEALTH_YELLOW,
                                "there is no place for it: a restart forgets what is known");
        else if (s->state_error < 0)
                component_report_set(report, HEALTH_YELLOW, "cannot write %s: %s", s->state_path,
                                strerror(-s->state_error));
        else if (service_history_state(s, &history) >= 0 && history.error < 0)
                tell_waiting(&history, report);
        else if (history.backup_error < 0)
                component_report_set(report, HEALTH_YELLOW, "cannot copy the history: %s",
                                strerror(-history.backup_error));
        else
                component_report_set(report, HEALTH_GREEN, "%s", s->state_path);
}

static const char *const needs_config[] = {"config", NULL};
static const char *const needs_metrics[] = {"metrics", NULL};
static const char *const needs_monitor[] = {"agent_monitor", NULL};
static const char *const needs_plugins[] = {"agent_monitor", "plugin_manager", NULL};
static const char *const needs_pool[] = {"config", "tmux_pool", NULL};

static void check_crash_detector(void *userdata, ComponentReport *report) {
        const Service *s = userdata;
        unsigned n = registry_count_state(s->registry, AGENT_CRASHED);

        component_report_set(report, HEALTH_GREEN, "%u agent%s crashed", n, n == 1 ? "" : "s");
}

static void check_recovery(void *userdata, ComponentReport *report) {
        const Service *s = userdata;
        unsigned n = keeper_count_given_up(s->keeper);

        if (n > 0)
                component_report_set(report, HEALTH_YELLOW,
                                "%u agent%s given up: 'tmux-orc list --state crashed' names them",
                                n, n == 1 ? "" : "s");
        else
                component_report_set(report, HEALTH_GREEN,
                                "crashes: %s, usage limits: %s, unsubmitted: %s",
                                s->config.config.acting.crash_policy,
                                s->config.config.acting.limit_policy,
                                s->config.config.acting.unsubmitted_policy);
}

static void check_notifier(void *userdata, ComponentReport *report) {
        service_notices_check(userdata, report);
}

static int restart_notifier(void *userdata) {
        return service_notices_restart(userdata);
}

static void check_http(void *userdata, ComponentReport *report) {
        const Service *s = userdata;

        service_http_judge(&s->http.socket, &s->http.exporter, report);
}

const ComponentSpec service_components[] = {
                {"bus", NULL, check_bus, NULL},
                {"config", NULL, check_config, restart_config},
                {"tmux_pool", needs_config, check_tmux_pool, restart_tmux_pool},
                {"agent_monitor", needs_pool, check_agent_monitor, restart_agent_monitor,
                                .counts_restarts = true},
                {"cache", needs_config, check_cache, restart_cache},
                {"plugin_manager", needs_config, check_plugin_manager, restart_plugin_manager},
                {"strategy", needs_monitor, check_strategy, NULL},
                {"state_store", needs_config, check_state_store, restart_state_store},
                {"metrics", needs_config, check_metrics, NULL},
                {"alerts", needs_metrics, check_alerts, NULL},
                {"crash_detector", needs_monitor, check_crash_detector, NULL},
                {"recovery", needs_monitor, check_recovery, NULL},
                {"notifier", needs_plugins, check_notifier, restart_notifier},
                {"http", needs_metrics, check_http, NULL},
                {},
};
