/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the files of the plugins share. */

#include <sys/stat.h>
#include <uthash.h>

#include "daemon/extend/plugins.h"
#include "daemon/extend/rate-limit.h"
#include "daemon/extend/result-cache.h"

#define PLUGINS_MAX 256U
#define PLUGINS_OBSERVERS_MAX 8U

/* A plugin, and what is done with it. */
typedef struct PluginEntry {
        Plugin *plugin;
        Plugins *plugins;
        Runner *runner;
        struct stat seen;      /* the manifest as it was read */
        Execution *executions; /* in the order in which they came */
        unsigned n_running;
        RateLimit rate;
        bool found; /* by the scan that is going on */
        UT_hash_handle hh;
} PluginEntry;

struct Plugins {
        PluginsSetup setup;
        PluginEntry *entries; /* in order of name */
        struct {
                const PluginsObserver *observer;
                void *userdata;
        } observers[PLUGINS_OBSERVERS_MAX];
        size_t n_observers;
        char **unwanted;
        PluginsCheck *checks;
        ResultCache *cache;
        sd_event_source *settle; /* executions that are over are told from the loop */
};

PluginEntry *plugins_entry(const Plugins *p, const char *name);
void plugins_tell_changed(Plugins *p, Plugin *plugin);
void plugins_tell_done(Plugins *p, const PluginsDeed *deed);
bool plugins_is_unwanted(const Plugins *p, const char *name);

/* plugins-scan.c */
void plugins_remove_entry(PluginEntry *entry);

/* plugins-check.c: those that are under way are not told of. */
void plugins_end_checks(Plugins *p);

/* executor.c */
int executor_init(Plugins *p);
void executor_done(Plugins *p);
/* Its manifest may be another one: other limits, and what it answered before counts no more. */
void executor_renew(PluginEntry *entry);
/* Answers all that wait for this plugin; it goes. */
void executor_give_up(PluginEntry *entry, int error, const char *sentence);
