/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Plugin
 *
 * What is known of one plugin: where it is, what its manifest says, how it does. Whoever runs it
 * changes its status by the table of edges; everybody else reads.
 */

#include <json-c/json.h>
#include <stdint.h>

#include "daemon/base/histogram.h"
#include "daemon/extend/manifest.h"

typedef enum PluginStatus {
        PLUGIN_DISCOVERED,  /* its manifest is right; it is started when it is needed */
        PLUGIN_LOADED,      /* it runs */
        PLUGIN_FAILED,      /* it cannot be used: see the error */
        PLUGIN_DISABLED,    /* somebody does not want it */
        PLUGIN_QUARANTINED, /* it failed too often, and is left alone for a while */
        _PLUGIN_STATUS_MAX,
} PluginStatus;

const char *plugin_status_to_string(PluginStatus status);

typedef struct PluginStats {
        uint64_t executions; /* all that were asked for, however they ended */
        uint64_t failures;
        uint64_t timeouts;
        uint64_t cache_hits;
        uint64_t rate_limited;
        uint64_t restarts; /* after it failed */
        uint64_t reloads;
        Histogram *latency; /* microseconds, of those that reached the plugin and succeeded */
} PluginStats;

/* Strings are never NULL. */
typedef struct Plugin {
        char *name;
        char *folder;
        const char *origin; /* "system", "organisation", "user" */
        Manifest *manifest; /* NULL: it cannot be read */
        PluginStatus status;
        char *error;         /* why it is failed, disabled or quarantined: a sentence; else "" */
        const char *sandbox; /* how much of it stands; "" while it does not run */
        uint64_t since_usec; /* CLOCK_REALTIME: in this status */
        PluginStats stats;
} Plugin;

int plugin_new(const char *name, const char *folder, const char *origin, Plugin **ret);
Plugin *plugin_free(Plugin *p);
DEFINE_CLEANUP(Plugin *, plugin_free)

/* @sentence may be NULL. -EBADE: there is no such edge. -EALREADY: nothing is different. */
int plugin_set_status(Plugin *p, PluginStatus status, const char *sentence);
void plugin_set_manifest(Plugin *p, Manifest *manifest); /* takes a reference */
int plugin_move(Plugin *p, const char *folder, const char *origin);

static inline const char *plugin_version(const Plugin *p) {
        return p->manifest ? p->manifest->version : "";
}
