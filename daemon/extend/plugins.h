/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Plugins
 *
 * All plugins that were found, and what can be done with them. Nothing here waits: what takes time
 * is answered from the loop, exactly once, unless it could not be begun or was dropped.
 */

#include "daemon/extend/plugin-lint.h"
#include "daemon/extend/plugin.h"
#include "daemon/extend/runner.h"

typedef struct Plugins Plugins;
typedef struct Execution Execution;
typedef struct PluginsTask PluginsTask;
typedef struct PluginsCheck PluginsCheck;

typedef struct PluginsSetup {
        RunnerSetup runner; /* what it points to is borrowed */
        bool user_mode;
} PluginsSetup;

/* Who wants something, for limits and for the journal. */
typedef struct PluginsCaller {
        uid_t uid; /* UID_INVALID: the service itself */
        pid_t pid; /* 0: not known */
} PluginsCaller;

/* What was done, for the journal. Strings may be NULL. */
typedef struct PluginsDeed {
        const char *action; /* "execute", "reload", "enable", "disable", "start", … */
        const char *plugin; /* "": all */
        const char *version;
        PluginsCaller caller;
        int error; /* 0, or a negative errno */
        const char *sentence;
        uint64_t usec;
} PluginsDeed;

typedef struct PluginsObserver {
        void (*added)(void *userdata, const Plugin *plugin);
        void (*changed)(void *userdata, const Plugin *plugin);
        void (*removed)(void *userdata, const Plugin *plugin); /* its last moment */
        void (*done)(void *userdata, const PluginsDeed *deed);
        void (*log)(void *userdata, const Plugin *plugin, int level, const char *line);
        /* See HostEvents. */
        void (*refused)(void *userdata, const Plugin *plugin, const char *what);
} PluginsObserver;

int plugins_new(const PluginsSetup *setup, Plugins **ret);
Plugins *plugins_free(Plugins *plugins);
DEFINE_CLEANUP(Plugins *, plugins_free)

/* As in the registry: in the order in which they came; members may be NULL. */
int plugins_add_observer(Plugins *p, const PluginsObserver *observer, void *userdata);
void plugins_remove_observer(Plugins *p, const void *userdata);

/* Looks what there is on disk now: finds new ones, drops those that are gone, reads changed
 * manifests of those that do not run. Gives how many there are. */
int plugins_scan(Plugins *p, unsigned *ret);
/* The same on somebody's behalf. */
int plugins_scan_for(Plugins *p, const PluginsCaller *caller, unsigned *ret);
/* Names of those that are not wanted, ended by NULL. */
void plugins_set_unwanted(Plugins *p, char *const *names);

/* What every sandbox must have at least. If that is another than before, all hosts start anew. */
void plugins_set_sandbox(Plugins *p, HostSandbox minimum);

/* Ends all hosts once they have finished what they have begun, forgets all failures, and scans: who
 * is needed starts anew. What is disabled stays so. */
int plugins_restart(Plugins *p);

/* By name. Borrowed: valid until the next scan. */
const Plugin *plugins_find(const Plugins *p, const char *name);
const Plugin *plugins_next(const Plugins *p, const Plugin *previous);
/* Calls that are under way. */
unsigned plugins_active(const Plugins *p);

/* -ENXIO: there is no such plugin. -EALREADY. */
int plugins_enable(Plugins *p, const char *name, const PluginsCaller *caller);
int plugins_disable(Plugins *p, const char *name, const PluginsCaller *caller);

typedef void (*PluginsDone)(void *userdata, int error, const char *sentence);

/*
 * Reads the manifest anew and swaps: see runner_reload(). -ENXIO, -ERFKILL, -EBUSY; -ENOEXEC: the
 * manifest is of no use, @reterr says why.
 */
int plugins_reload(Plugins *p, const char *name, const PluginsCaller *caller, PluginsDone done,
                void *userdata, PluginsTask **ret, char **reterr);
/* Starts it before it is needed. *ret is NULL if it runs already. */
int plugins_warm(Plugins *p, const char *name, const PluginsCaller *caller, PluginsDone done,
                void *userdata, PluginsTask **ret);
/* It goes on, but nobody waits for it any more. NULL is fine; returns NULL. */
PluginsTask *plugins_task_drop(PluginsTask *task);

/* Borrowed. It can be used unless one of them is an error. */
typedef void (*PluginsChecked)(void *userdata, const PluginFindings *findings);

/*
 * Reads the manifest of the plugin of that name, or of that absolute path, says what there is to
 * say of it, and starts it beside those that run, just to see whether it can. -ENXIO; -EBUSY: many
 * are tried just now.
 */
int plugins_check(Plugins *p, const char *name_or_file, const PluginsCaller *caller,
                PluginsChecked done, void *userdata, PluginsCheck **ret);
/* It goes on, but nobody waits for it any more. NULL is fine; returns NULL. */
PluginsCheck *plugins_check_drop(PluginsCheck *check);

typedef struct PluginsPlan PluginsPlan;

/* @error as of ExecDone; @plan is what the strategy gave, unchecked and borrowed. */
typedef void (*PluginsPlanned)(void *userdata, int error, const char *sentence, json_object *plan);

/*
 * Has a strategy make a plan of @round, which is taken over, also on failure; it is started if it
 * does not run. -ENXIO: there is no such strategy, -ERFKILL, -EHOSTDOWN: it failed, and is not
 * tried now.
 */
int plugins_plan(Plugins *p, const char *name, json_object *round, uint64_t timeout_usec,
                PluginsPlanned done, void *userdata, PluginsPlan **ret);
/* Nobody waits for it any more. NULL is fine; returns NULL. */
PluginsPlan *plugins_plan_drop(PluginsPlan *plan);

typedef struct ExecRequest {
        const char *name;
        json_object *input;    /* a reference is taken; NULL is JSON's null */
        const char *text;      /* the same as it came, to know it again; NULL: not known */
        uint64_t timeout_usec; /* 0: the manifest's */
        bool fresh;            /* no remembered answer will do */
        PluginsCaller caller;
} ExecRequest;

typedef struct ExecInfo {
        bool cached;
        uint64_t usec; /* from the request to the answer */
        const char *version;
} ExecInfo;

/*
 * -ENXIO no such plugin, -ERFKILL disabled, -ENOEXEC its manifest or its process is of no use,
 * -EILSEQ the input does not fit, -EUSERS too often, -EBUSY too much waits, -ETIME no answer in
 * time, -EREMOTEIO the plugin failed, -EPROTO its output does not fit, -ENOMEM.
 */
typedef void (*ExecDone)(void *userdata, int error, const char *sentence, json_object *output,
                const ExecInfo *info);

/* @output is borrowed, and JSON. */
typedef void (*ExecRecalled)(void *userdata, const char *output, const ExecInfo *info);

/*
 * The short way: an answer that is remembered to the very text of @request, whose input need not
 * be known. True if there was one, and @recalled had it. Whoever may not ask must be refused
 * before.
 */
bool plugins_recall(Plugins *p, const ExecRequest *request, ExecRecalled recalled, void *userdata);

/* On failure @reterr may have a sentence. */
int plugins_execute(Plugins *p, const ExecRequest *request, ExecDone done, void *userdata,
                Execution **ret, char **reterr);
/* Nobody waits for it any more, and the plugin is told. NULL is fine; returns NULL. */
Execution *execution_drop(Execution *e);
