/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The service
 *
 * All parts of the daemon, made and joined. Holds no decisions: each part has its own.
 */

#include <systemd/sd-event.h>

#include "daemon/act/courier.h"
#include "daemon/act/keeper.h"
#include "daemon/act/notices.h"
#include "daemon/agents/cache.h"
#include "daemon/agents/health-check.h"
#include "daemon/agents/registry.h"
#include "daemon/extend/plugins.h"
#include "daemon/journal-acts.h"
#include "daemon/link/watchers.h"
#include "daemon/observe/alerts.h"
#include "daemon/observe/components.h"
#include "daemon/observe/metrics.h"
#include "daemon/observe/spans.h"
#include "daemon/options.h"
#include "daemon/plan/cost.h"
#include "daemon/plan/cycle.h"
#include "daemon/running-config.h"
#include "daemon/state-memory.h"
#include "dbus/bus-service.h"
#include "dbus/bus-units.h"
#include "polkit/polkit-authorizer.h"

struct Service;

#define SERVICE_EXPORTS_MAX 8U

typedef struct CheckupTimer {
        struct Service *service;
        Checkup kind;
        sd_event_source *timer;
} CheckupTimer;
typedef struct ServiceHistory ServiceHistory;

/* What went wrong where people should have been told. */
typedef struct NoticeTroubles {
        uint64_t n;
        char *channel; /* that could not be used the last time; NULL: all that were used could */
        char *sentence;
} NoticeTroubles;

/* The exporter's units, as systemd told of them. */
typedef struct ServiceHttp {
        BusUnitsQuestion *question;
        BusUnitState socket, exporter;
} ServiceHttp;

typedef struct Service {
        const Options *options; /* borrowed */
        sd_event *event;        /* borrowed */
        RunningConfig config;
        Registry *registry;
        Cache *cache;
        HealthChecks *health;
        Watchers *watchers;
        Cycle *cycle;
        Cost cost;
        Components *components;
        Metrics *metrics;
        uint64_t loaded_usec; /* CLOCK_MONOTONIC: when the last part was made */
        Alerts *alerts;
        sd_event_source *alerts_timer;
        CheckupTimer checkups[_CHECKUP_MAX];
        Spans spans;
        uint64_t started_usec; /* CLOCK_REALTIME */
        sd_event_source *export_timer;
        Execution *exports[SERVICE_EXPORTS_MAX]; /* under way, by place in the configuration */
        int export_errors[SERVICE_EXPORTS_MAX];  /* told already */
        unsigned watchers_seen;                  /* by the last heartbeat */
        OwnerAuthorizer owner;                   /* decides in user mode */
        PolkitAuthorizer polkit;                 /* decides in system mode */
        Plugins *plugins;
        Acts *acts;
        JournalActs journal_acts;
        Keeper *keeper;
        Courier *courier;
        json_object *kept;          /* what was to be done before a restart; NULL: nothing */
        json_object *heard;         /* how far watchers were, before a restart; NULL: nothing */
        json_object *kept_alerts;   /* before those of now are there, and after; NULL: none */
        json_object *kept_drafts;   /* what was told and tried of them; NULL: nothing */
        KeeperRules keeper_rules;   /* borrows from the configuration */
        CourierRules courier_rules; /* the same */
        char *plugin_host;          /* path of the program */
        BusService *bus;
        ServiceHttp http;
        sd_event_source *housekeeping;
        bool strategy_missing; /* the configured one is not here; another runs */
        bool ready;
        bool looks_on; /* another instance has the name: what is to be done is its to do */
        Notices *notices;
        struct NoticeTask *notice_tasks;
        NoticeTroubles notice_troubles;
        ActsTask *pm_report;    /* on its way to a project manager */
        char **pm_episodes;     /* that it is about */
        uint64_t pm_retry_usec; /* not before */
        char *state_path;       /* NULL: there is no place for it */
        StateMemory state_memory;
        uint64_t state_saved_usec;
        int state_error; /* of the last attempt to write it */
        uint64_t state_failures;
        bool state_changed;
        bool state_forget;       /* somebody wants the next start to begin with nothing */
        ServiceHistory *history; /* NULL: there is none */
} Service;

/* Takes the bus name from the loop. On failure the log has been told what could not be done. */
int service_start(Service *s, const Options *options, sd_event *event);
void service_done(Service *s);

/* -EBADMSG: the configuration is refused, and the one before goes on. */
int service_reload(Service *s);

/* Puts into effect what of the configuration can change while everything runs; but for the
 * strategy, which can be changed without the configuration. */
void service_apply_config(Service *s);

/*
 * service-config.c: settings one by one, in effect at once. Returns and @reterr as in
 * running-config.h; @caller is who wants it, UID_INVALID: the service itself.
 */
int service_set_config(Service *s, const char *key, const ConfigValue *value, bool persist,
                uid_t caller, char **reterr);
int service_reset_config(Service *s, const char *key, uid_t caller, char **reterr);
int service_import_config(Service *s, const char *yaml, uid_t caller, char **reterr);
int service_roll_back_config(Service *s, unsigned version, uid_t caller, char **reterr);
/* One setting that another part wants to be so for good, such as the strategy that was chosen. */
int service_keep_setting(
                Service *s, const char *key, const char *value, uid_t caller, char **reterr);

/* service-watch.c: lets watchers come, and starts our own in user mode. Tells the log. */
int service_watch(Service *s);

/* service-health.c: health checks, and what makes remembered ones and remembered screens old. */
int service_health_start(Service *s);
void service_health_reload(Service *s);
void service_health_stop(Service *s);

/* service-metrics.c: counts what happens, and says how things stand when somebody reads. */
int service_metrics_start(Service *s);
void service_metrics_stop(Service *s);

/* service-notices.c: tells people what agents need them for. Its memory is there before the state
 * is loaded into it; it listens once all that it needs is there. */
int service_notices_new(Service *s);
int service_notices_start(Service *s);
void service_notices_reload(Service *s);
void service_notices_run(Service *s);
/* Somebody knows of what the agent needs. -ENXIO: it needs nobody. */
int service_notices_acknowledge(Service *s, const Agent *a);
int service_notices_snooze(Service *s, const Agent *a, uint64_t usec);
void service_notices_stop(Service *s);

/* service-notices-pm.c: gathers what a project manager is told into one message at a time. */
void service_notices_tell_manager(Service *s, const Episode *e);
void service_notices_run_manager(Service *s);
void service_notices_stop_manager(Service *s);

/* Those that are on their way are told anew. */
int service_notices_restart(Service *s);
bool service_notices_is_plugin(const char *channel);

/* service-notices-trouble.c: how telling people goes. */
void service_notices_check(const Service *s, ComponentReport *report);
/* For the component; the journal has it, as it has every deed of a plugin. */
void service_notices_note_trouble(Service *s, const char *channel, const char *sentence);
/* It goes well again, by this channel; NULL: by all. */
void service_notices_forget_trouble(Service *s, const char *channel);

/* service-http.c: how the exporter is, which is a service of its own. */
void service_http_ask(Service *s);
void service_http_judge(
                const BusUnitState *socket, const BusUnitState *exporter, ComponentReport *report);
void service_http_stop(Service *s);

/* service-alerts.c: holds the rules against the metrics, and tells the journal. */
int service_alerts_start(Service *s);
/* With what outlives a restart. */
int service_alerts_save(const Service *s, json_object *state);
void service_alerts_stop(Service *s);

/* service-checkups.c: checks of the service's own health, each kind at its interval. */
int service_checkups_start(Service *s);
void service_checkups_reload(Service *s);
void service_checkups_stop(Service *s);

/* service-export.c: hands exporters the metrics, and what was done. */
int service_export_start(Service *s);
void service_export_reload(Service *s);
void service_export_stop(Service *s);
void service_export_note(
                Service *s, const char *name, const char *subject, uint64_t usec, bool failed);

/* service-state.c: what is known outlives a restart. Saves when it ends; tells the log. */
int service_state_start(Service *s);
void service_state_save(Service *s);
/* Whether what is on disk could be read again: 0 or a negative errno. */
int service_state_check(const Service *s);
void service_state_save_now_and_then(Service *s);
void service_state_stop(Service *s);
/* What is known of agents goes with the process. */
void service_state_forget(Service *s);
/* What is wrong with the state file, a line each. In any thread. */
void service_state_validate(const char *path, FILE *out);

/* service-history.c: writes down what happens, and reads it for reports. The file is not shared:
 * call this when no other instance can be there. Tells the log. */
void service_history_start(Service *s);
void service_history_reload(Service *s);
void service_history_stop(Service *s);

/* service-plugins.c: finds plugins, and where they run. */
int service_plugins_start(Service *s);
void service_plugins_reload(Service *s);
void service_plugins_stop(Service *s);

/* service-acting.c: what is done to agents. */
int service_acting_start(Service *s);
void service_acting_reload(Service *s);
/* Does what is due. */
void service_acting_tick(Service *s);
/* With what outlives a restart; 0 also if there is none. */
int service_acting_save(const Service *s, json_object *state);
void service_acting_stop(Service *s);

/* service-strategy.c: strategies are plugins; which of them plans for whom. */
void service_strategy_start(Service *s);
void service_strategy_reload(Service *s);
/* All that the configuration says of strategies, as one text to compare; NULL: no memory. */
char *service_strategy_configured(const Service *s);
void service_strategy_note_health(const Planner *planner); /* tells the journal */

/* service-cost.c: how often watchers look and what that costs, in both directions. */
void service_cost_start(Service *s);
void service_cost_reload(Service *s);

/* service-components.c: how each part is, with a Service as userdata. */
extern const ComponentSpec service_components[];
/* A watcher is connected and tells nothing. */
bool service_has_silent_watcher(const Service *s);
/* Restarts those that have failed. Tells the log. */
void service_heal(Service *s);
/* service-actions.c: what the bus asks of the other parts, with a Service as userdata. */
extern const BusActions service_actions;
