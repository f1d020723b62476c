/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/extend/plugins.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/base/strv.h"
#include "daemon/extend/plugins-private.h"

int plugins_new(const PluginsSetup *setup, Plugins **ret) {
        _cleanup_(plugins_freep) Plugins *p = calloc(1, sizeof(*p));
        int r;

        assert(setup && ret);

        if (!p)
                return -ENOMEM;
        p->setup = *setup;
        r = executor_init(p);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(p);
        return 0;
}

Plugins *plugins_free(Plugins *p) {
        PluginEntry *e, *next;

        if (!p)
                return NULL;

        p->n_observers = 0;
        plugins_end_checks(p);
        HASH_ITER (hh, p->entries, e, next)
                plugins_remove_entry(e);
        executor_done(p);
        strv_free(p->unwanted);
        free(p);
        return NULL;
}

int plugins_add_observer(Plugins *p, const PluginsObserver *observer, void *userdata) {
        if (p->n_observers >= PLUGINS_OBSERVERS_MAX)
                return -E2BIG;
        p->observers[p->n_observers].observer = observer;
        p->observers[p->n_observers++].userdata = userdata;
        return 0;
}

void plugins_remove_observer(Plugins *p, const void *userdata) {
        for (size_t i = 0; i < p->n_observers; i++) {
                if (p->observers[i].userdata != userdata)
                        continue;
                p->n_observers--;
                memmove(&p->observers[i], &p->observers[i + 1],
                                (p->n_observers - i) * sizeof(p->observers[0]));
                return;
        }
}

void plugins_tell_changed(Plugins *p, Plugin *plugin) {
        for (size_t i = 0; i < p->n_observers; i++)
                if (p->observers[i].observer->changed)
                        p->observers[i].observer->changed(p->observers[i].userdata, plugin);
}

void plugins_tell_done(Plugins *p, const PluginsDeed *deed) {
        for (size_t i = 0; i < p->n_observers; i++)
                if (p->observers[i].observer->done)
                        p->observers[i].observer->done(p->observers[i].userdata, deed);
}

PluginEntry *plugins_entry(const Plugins *p, const char *name) {
        PluginEntry *e;

        HASH_FIND_STR(p->entries, name, e);
        return e;
}

const Plugin *plugins_find(const Plugins *p, const char *name) {
        PluginEntry *e = plugins_entry(p, name);

        return e ? e->plugin : NULL;
}

const Plugin *plugins_next(const Plugins *p, const Plugin *previous) {
        PluginEntry *e = previous ? plugins_entry(p, previous->name) : NULL;

        e = previous ? (e ? e->hh.next : NULL) : p->entries;
        return e ? e->plugin : NULL;
}

bool plugins_is_unwanted(const Plugins *p, const char *name) {
        return strv_contains(p->unwanted, name);
}

static void tell_deed(PluginEntry *e, const char *action, const PluginsCaller *caller, int error) {
        const PluginsDeed deed = {
                        .action = action,
                        .plugin = e->plugin->name,
                        .version = plugin_version(e->plugin),
                        .caller = *caller,
                        .error = error,
        };

        plugins_tell_done(e->plugins, &deed);
}

int plugins_disable(Plugins *p, const char *name, const PluginsCaller *caller) {
        PluginEntry *e = plugins_entry(p, name);

        if (!e)
                return -ENXIO;
        if (e->plugin->status == PLUGIN_DISABLED)
                return -EALREADY;

        runner_stop(e->runner, PLUGIN_DISABLED, "it was disabled");
        tell_deed(e, "disable", caller, 0);
        return 0;
}

/* A plugin that is not disabled is pardoned: that is what somebody who enables it wants. */
int plugins_enable(Plugins *p, const char *name, const PluginsCaller *caller) {
        PluginEntry *e = plugins_entry(p, name);

        if (!e)
                return -ENXIO;
        if (e->plugin->status == PLUGIN_LOADED)
                return -EALREADY;
        if (!e->plugin->manifest)
                return -ENOEXEC;

        runner_pardon(e->runner);
        if (e->plugin->status != PLUGIN_DISCOVERED &&
                        plugin_set_status(e->plugin, PLUGIN_DISCOVERED, NULL) >= 0)
                plugins_tell_changed(p, e->plugin);
        tell_deed(e, "enable", caller, 0);
        return 0;
}

int plugins_restart(Plugins *p) {
        PluginEntry *e, *next;

        assert(p);

        HASH_ITER (hh, p->entries, e, next) {
                if (e->plugin->status == PLUGIN_DISABLED || !e->plugin->manifest)
                        continue;
                runner_stop(e->runner, PLUGIN_DISABLED, "all plugins are restarted");
                runner_pardon(e->runner);
                if (plugin_set_status(e->plugin, PLUGIN_DISCOVERED, NULL) >= 0)
                        plugins_tell_changed(p, e->plugin);
        }

        return plugins_scan(p, NULL);
}

void plugins_set_sandbox(Plugins *p, HostSandbox minimum) {
        assert(p);

        if (p->setup.runner.sandbox_min == minimum)
                return;
        p->setup.runner.sandbox_min = minimum;
        (void)plugins_restart(p); /* what cannot be scanned is what was there before */
}

/* Those that the configuration does not want, and those that it wants again. */
void plugins_set_unwanted(Plugins *p, char *const *names) {
        PluginEntry *e, *next;

        p->unwanted = strv_free(p->unwanted);
        (void)strv_copy(names, &p->unwanted); /* without memory none is unwanted */
        HASH_ITER (hh, p->entries, e, next) {
                bool unwanted = plugins_is_unwanted(p, e->plugin->name);

                if (unwanted && e->plugin->status != PLUGIN_DISABLED)
                        runner_stop(e->runner, PLUGIN_DISABLED, "plugins.disabled names it");
                else if (!unwanted && e->plugin->status == PLUGIN_DISABLED &&
                                strcmp(e->plugin->error, "plugins.disabled names it") == 0)
                        (void)plugins_enable(p, e->plugin->name, &(PluginsCaller){(uid_t)-1, 0});
        }
}
