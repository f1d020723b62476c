/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/extend/manifest-file.h"
#include "daemon/extend/plugin-folders.h"
#include "daemon/extend/plugins-private.h"

static void on_runner_changed(void *userdata, Plugin *plugin) {
        PluginEntry *e = userdata;

        plugins_tell_changed(e->plugins, plugin);
}

static void on_runner_log(void *userdata, Plugin *plugin, int level, const char *line) {
        PluginEntry *e = userdata;
        Plugins *p = e->plugins;

        for (size_t i = 0; i < p->n_observers; i++)
                if (p->observers[i].observer->log)
                        p->observers[i].observer->log(
                                        p->observers[i].userdata, plugin, level, line);
}

static void on_runner_refused(void *userdata, Plugin *plugin, const char *what) {
        Plugins *p = ((PluginEntry *)userdata)->plugins;

        for (size_t i = 0; i < p->n_observers; i++)
                if (p->observers[i].observer->refused)
                        p->observers[i].observer->refused(p->observers[i].userdata, plugin, what);
}

static const RunnerEvents runner_events = {
                .changed = on_runner_changed, .log = on_runner_log, .refused = on_runner_refused};

static void entry_free(PluginEntry *e) {
        runner_free(e->runner);
        plugin_free(e->plugin);
        free(e);
}
DEFINE_CLEANUP(PluginEntry *, entry_free)

void plugins_remove_entry(PluginEntry *e) {
        Plugins *p = e->plugins;

        executor_give_up(e, -ENXIO, "it is not there any more");
        HASH_DEL(p->entries, e);
        for (size_t i = 0; i < p->n_observers; i++)
                if (p->observers[i].observer->removed)
                        p->observers[i].observer->removed(p->observers[i].userdata, e->plugin);
        entry_free(e);
}

/* Reads what its manifest says now; what runs is left as it is. */
static void refresh(Plugins *p, PluginEntry *e) {
        _cleanup_(manifest_unrefp) Manifest *m = NULL;
        _cleanup_free_ char *sentence = NULL;
        int r;

        if (runner_is_running(e->runner))
                return;

        r = manifest_file_read(e->plugin->folder, p->setup.runner.owner, &e->seen, &m, &sentence);
        if (r >= 0) {
                plugin_set_manifest(e->plugin, m);
                executor_renew(e);
        }
        if (plugins_is_unwanted(p, e->plugin->name))
                r = plugin_set_status(e->plugin, PLUGIN_DISABLED, "plugins.disabled names it");
        else if (e->plugin->status != PLUGIN_DISABLED)
                r = plugin_set_status(
                                e->plugin, r < 0 ? PLUGIN_FAILED : PLUGIN_DISCOVERED, sentence);
        if (r >= 0)
                plugins_tell_changed(p, e->plugin);
}

static int add(Plugins *p, const PluginPlace *place) {
        _cleanup_(entry_freep) PluginEntry *e = calloc(1, sizeof(*e));
        PluginEntry *taken;
        int r;

        if (!e)
                return -ENOMEM;
        e->plugins = p;
        r = plugin_new(place->name, place->folder, place->origin, &e->plugin);
        if (r >= 0)
                r = runner_new(&p->setup.runner, e->plugin, &runner_events, e, &e->runner);
        if (r < 0)
                return r;

        refresh(p, e);
        e->found = true;
        taken = TAKE_PTR(e);
        HASH_ADD_KEYPTR(hh, p->entries, taken->plugin->name, strlen(taken->plugin->name), taken);
        for (size_t i = 0; i < p->n_observers; i++)
                if (p->observers[i].observer->added)
                        p->observers[i].observer->added(p->observers[i].userdata, taken->plugin);
        return 0;
}

static bool is_as_seen(const PluginEntry *e) {
        _cleanup_free_ char *path = NULL;
        struct stat st;

        if (asprintf(&path, "%s/" PLUGIN_MANIFEST, e->plugin->folder) < 0) {
                path = NULL;
                return false;
        }
        return stat(path, &st) == 0 && st.st_ino == e->seen.st_ino && st.st_dev == e->seen.st_dev &&
                        st.st_size == e->seen.st_size &&
                        st.st_mtim.tv_sec == e->seen.st_mtim.tv_sec &&
                        st.st_mtim.tv_nsec == e->seen.st_mtim.tv_nsec &&
                        st.st_ctim.tv_sec == e->seen.st_ctim.tv_sec &&
                        st.st_ctim.tv_nsec == e->seen.st_ctim.tv_nsec;
}

static int take_place(Plugins *p, const PluginPlace *place) {
        PluginEntry *e = plugins_entry(p, place->name);
        bool same;

        if (!e)
                return HASH_COUNT(p->entries) < PLUGINS_MAX ? add(p, place) : -E2BIG;

        e->found = true;
        same = strcmp(e->plugin->folder, place->folder) == 0;
        if (same && is_as_seen(e))
                return 0;
        /* One that runs goes on as it is, from where it was, until it is reloaded. */
        if (!same) {
                int r = plugin_move(e->plugin, place->folder, place->origin);

                if (r < 0)
                        return r;
        }
        refresh(p, e);
        return 0;
}

static int compare_entries(PluginEntry *a, PluginEntry *b) {
        return strcmp(a->plugin->name, b->plugin->name);
}

int plugins_scan(Plugins *p, unsigned *ret) {
        _cleanup_(plugin_places_done) PluginPlaces places = {};
        PluginEntry *e, *next;
        int r;

        r = plugin_places_find(p->setup.user_mode, &places);
        if (r < 0)
                return r;

        HASH_ITER (hh, p->entries, e, next)
                e->found = false;
        for (size_t i = 0; i < places.n_items && r >= 0; i++)
                r = take_place(p, &places.items[i]);
        if (r < 0)
                return r;

        HASH_ITER (hh, p->entries, e, next)
                if (!e->found)
                        plugins_remove_entry(e);
        HASH_SORT(p->entries, compare_entries);
        if (ret)
                *ret = HASH_COUNT(p->entries);
        return 0;
}

int plugins_scan_for(Plugins *p, const PluginsCaller *caller, unsigned *ret) {
        uint64_t start = now_monotonic();
        int r = plugins_scan(p, ret);
        const PluginsDeed deed = {
                        .action = "scan",
                        .plugin = "",
                        .caller = *caller,
                        .error = r,
                        .usec = now_monotonic() - start,
        };

        plugins_tell_done(p, &deed);
        return r;
}
