/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Exports
 *
 * All our objects on one connection, as long as that connection lasts. Holds no facts of its own:
 * everything is read from the parts when it is asked for, and told when they say that it changed.
 */

#include <systemd/sd-bus.h>

#include "daemon/act/acts.h"
#include "daemon/act/notices.h"
#include "daemon/agents/cache.h"
#include "daemon/agents/health-check.h"
#include "daemon/agents/registry.h"
#include "daemon/config/config.h"
#include "daemon/config/kept-config.h"
#include "daemon/extend/plugins.h"
#include "daemon/link/watchers.h"
#include "daemon/observe/alerts.h"
#include "daemon/observe/components.h"
#include "daemon/observe/history.h"
#include "daemon/observe/metrics.h"
#include "daemon/observe/report.h"
#include "daemon/plan/cost.h"
#include "daemon/plan/cycle.h"
#include "dbus/authorize.h"

/* What the bus asks of others and cannot do by reading; main joins them, tests stand in for them.
 */
typedef struct BusActions {
        int (*ask_screen)(void *userdata, const Agent *agent, unsigned lines, WatchersAnswer answer,
                        void *answer_userdata, WatchersQuestion **ret);
        int (*ask_explain)(void *userdata, const Agent *agent, WatchersAnswer answer,
                        void *answer_userdata, WatchersQuestion **ret);
        /* @pid: whose word it is; 0 if that is not known. */
        int (*send_event)(void *userdata, const Agent *agent, pid_t pid, const char *source,
                        const char *event, json_object *details, WatchersAnswer answer,
                        void *answer_userdata, WatchersQuestion **ret);
        /* Of what the agent needs somebody for. -ENXIO: for nothing. */
        int (*acknowledge)(void *userdata, const Agent *agent);
        int (*snooze)(void *userdata, const Agent *agent, uint64_t usec);
        void (*drop)(void *userdata, WatchersQuestion *question);
        /* -EBADMSG: the configuration is refused for @reterr, and what was goes on. */
        int (*reload)(void *userdata, char **reterr);
        /*
         * -ENXIO: there is no such setting; -EBADMSG: refused for @reterr; -EOPNOTSUPP: there is no
         * place to keep it in; -ENOENT: there is no such version. Nothing was changed then. @value
         * is NULL to forget what was set.
         */
        int (*set_config)(void *userdata, const char *key, const ConfigValue *value, bool persist,
                        uid_t caller, char **reterr);
        int (*roll_back_config)(void *userdata, unsigned version, uid_t caller, char **reterr);
        int (*export_config)(void *userdata, char **ret);
        int (*import_config)(void *userdata, const char *yaml, uid_t caller, char **reterr);
        void (*forget_state)(void *userdata);
        int (*list_config_versions)(void *userdata, KeptVersions *ret);
        /* @uid: whose agents; UID_INVALID: everybody's. -ERFKILL: there is no history. */
        int (*make_report)(void *userdata, ReportKind kind, uint64_t since_usec,
                        uint64_t until_usec, uid_t uid, HistoryDone done, void *done_userdata,
                        HistoryReading **ret);
        int (*update_baseline)(void *userdata, uint64_t since_usec, uint64_t until_usec,
                        HistoryDone done, void *done_userdata, HistoryReading **ret);
        /* What is wrong with what is kept, a line each. */
        int (*validate_state)(void *userdata, HistoryDone done, void *done_userdata,
                        HistoryReading **ret);
} BusActions;

/* Borrowed, and outlive the exports. */
typedef struct BusParts {
        sd_event *event;
        Registry *registry;
        Cycle *cycle;
        const Cost *cost;
        Components *components;
        Metrics *metrics;
        Alerts *alerts;
        const Notices *notices;
        Cache *cache;
        HealthChecks *health;
        Plugins *plugins;
        Acts *acts;
        const Config *config; /* the running one; what it holds changes with a reload */
        Authorizer *authorizer;
        const BusActions *actions;
        void *userdata; /* of the actions */
        bool user_mode;
        const char *instance; /* NULL: the main one */
} BusParts;

typedef struct BusExports BusExports;

int bus_exports_new(sd_bus *bus, const BusParts *parts, BusExports **ret);
BusExports *bus_exports_free(BusExports *exports);
DEFINE_CLEANUP(BusExports *, bus_exports_free)

/*
 * Whether signals are sent. New exports send them. Who does not have the name is silent and listens
 * to the one that has it; who gets it tells all that is so now, and the changes that the other did
 * not tell any more.
 */
int bus_exports_listen(BusExports *exports);
int bus_exports_speak(BusExports *exports);
bool bus_exports_speaks(const BusExports *exports);

/* Who answers the method TakeOver; it replies to the message, now or later. */
void bus_exports_set_take_over(BusExports *exports,
                int (*take_over)(void *userdata, sd_bus_message *m, sd_bus_error *reterr),
                void *userdata);

/* @what is done about an episode: tell, remind, escalate; or it is over. */
void bus_exports_notice(BusExports *exports, const Episode *episode, const char *what);

/* The running configuration is another one. */
void bus_exports_config_changed(BusExports *exports);

/* The interfaces as they are in the vtables; free the result. */
int bus_exports_introspect(char **ret);
