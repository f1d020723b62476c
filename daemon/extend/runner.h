/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Runner
 *
 * Keeps one plugin running: starts its host when somebody needs it, again when it failed (later and
 * later, and then not for a while), swaps it for a new one without losing a call, and stops it.
 */

#include "daemon/extend/host.h"
#include "daemon/extend/plugin.h"

typedef struct Runner Runner;
typedef struct RunnerWait RunnerWait;

/* What all runners share; borrowed. */
typedef struct RunnerSetup {
        sd_event *event;
        HostPlaces places;
        uid_t owner; /* besides root, whose plugins are run */
        HostSandbox sandbox_min;
} RunnerSetup;

typedef struct RunnerEvents {
        /* The plugin's status or error is another one. */
        void (*changed)(void *userdata, Plugin *plugin);
        void (*log)(void *userdata, Plugin *plugin, int level, const char *line);
        void (*refused)(void *userdata, Plugin *plugin, const char *what);
} RunnerEvents;

int runner_new(const RunnerSetup *setup, Plugin *plugin, const RunnerEvents *events, void *userdata,
                Runner **ret);
Runner *runner_free(Runner *r);
DEFINE_CLEANUP(Runner *, runner_free)

/* @error 0 and a host that is ready, borrowed until the loop goes on; else a sentence. */
typedef void (*RunnerReady)(void *userdata, int error, const char *sentence, Host *host);

/*
 * A host that is ready: at once in @ret_host, or by @ready later. -ERFKILL disabled, -EHOSTDOWN it
 * failed and is not tried now; the plugin's error says why.
 */
int runner_need(Runner *r, RunnerReady ready, void *userdata, Host **ret_host, RunnerWait **ret);
RunnerWait *runner_wait_drop(RunnerWait *wait);

/*
 * Starts @manifest beside what runs. Only when it has proved itself it takes over, what runs then
 * finishes what it has begun. @ready is told how that went; on an error all is as it was.
 */
int runner_reload(
                Runner *r, Manifest *manifest, RunnerReady ready, void *userdata, RunnerWait **ret);

/* Ends the process. The plugin becomes @status, for @sentence. */
void runner_stop(Runner *r, PluginStatus status, const char *sentence);
/* Forgets all failures. */
void runner_pardon(Runner *r);
/* An execution went well. */
void runner_praise(Runner *r);
bool runner_is_running(const Runner *r);
