/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "daemon/base/clock.h"
#include "daemon/extend/manifest-file.h"
#include "daemon/extend/plugins-private.h"

/* A reload or a start that somebody waits for. */
struct PluginsTask {
        Plugins *plugins;
        char *plugin;
        const char *action;
        PluginsCaller caller;
        PluginsDone done;
        void *userdata;
        uint64_t start_usec;
        RunnerWait *wait;
};

static void task_free(PluginsTask *t) {
        runner_wait_drop(t->wait);
        free(t->plugin);
        free(t);
}
DEFINE_CLEANUP(PluginsTask *, task_free)

PluginsTask *plugins_task_drop(PluginsTask *t) {
        if (t)
                t->done = NULL;
        return NULL;
}

static void on_ready(void *userdata, int error, const char *sentence, Host *host) {
        _cleanup_(task_freep) PluginsTask *t = userdata;
        const PluginsDeed deed = {
                        .action = t->action,
                        .plugin = t->plugin,
                        .version = host ? host_manifest(host)->version : NULL,
                        .caller = t->caller,
                        .error = error,
                        .sentence = sentence,
                        .usec = now_monotonic() - t->start_usec,
        };

        t->wait = NULL;
        if (host && plugins_entry(t->plugins, t->plugin))
                executor_renew(plugins_entry(t->plugins, t->plugin));
        plugins_tell_done(t->plugins, &deed);
        if (t->done)
                t->done(t->userdata, error, sentence);
}

static int task_new(PluginEntry *e, const char *action, const PluginsCaller *caller,
                PluginsDone done, void *userdata, PluginsTask **ret) {
        PluginsTask *t = calloc(1, sizeof(*t));

        if (!t)
                return -ENOMEM;
        *t = (PluginsTask){
                        .plugins = e->plugins,
                        .plugin = strdup(e->plugin->name),
                        .action = action,
                        .caller = *caller,
                        .done = done,
                        .userdata = userdata,
                        .start_usec = now_monotonic(),
        };
        if (!t->plugin) {
                task_free(t);
                return -ENOMEM;
        }
        *ret = t;
        return 0;
}

int plugins_reload(Plugins *p, const char *name, const PluginsCaller *caller, PluginsDone done,
                void *userdata, PluginsTask **ret, char **reterr) {
        _cleanup_(manifest_unrefp) Manifest *m = NULL;
        _cleanup_(task_freep) PluginsTask *t = NULL;
        PluginEntry *e = plugins_entry(p, name);
        struct stat seen;
        int r;

        *reterr = NULL;
        if (!e)
                return -ENXIO;
        r = manifest_file_read(e->plugin->folder, p->setup.runner.owner, &seen, &m, reterr);
        if (r < 0)
                return -ENOEXEC;
        r = task_new(e, "reload", caller, done, userdata, &t);
        if (r < 0)
                return r;

        runner_pardon(e->runner);
        r = runner_reload(e->runner, m, on_ready, t, &t->wait);
        if (r < 0)
                return r;
        e->seen = seen;
        *ret = TAKE_PTR(t);
        return 0;
}

/* 0 with *ret NULL: it runs already. */
int plugins_warm(Plugins *p, const char *name, const PluginsCaller *caller, PluginsDone done,
                void *userdata, PluginsTask **ret) {
        _cleanup_(task_freep) PluginsTask *t = NULL;
        PluginEntry *e = plugins_entry(p, name);
        Host *host;
        int r;

        *ret = NULL;
        if (!e)
                return -ENXIO;
        r = task_new(e, "warm", caller, done, userdata, &t);
        if (r >= 0)
                r = runner_need(e->runner, on_ready, t, &host, &t->wait);
        if (r < 0 || host)
                return r;

        *ret = TAKE_PTR(t);
        return 0;
}
