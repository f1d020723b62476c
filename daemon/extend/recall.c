/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>

#include "daemon/base/clock.h"
#include "daemon/extend/plugins-private.h"

static const char *find(Plugins *p, const PluginEntry *entry, const ExecRequest *request) {
        const Plugin *plugin = entry->plugin;

        if (request->fresh || plugin->status == PLUGIN_DISABLED || !plugin->manifest ||
                        plugin->manifest->cache_ttl_usec == 0)
                return NULL;
        return result_cache_get_text(p->cache, plugin->name, request->text, now_monotonic());
}

bool plugins_recall(Plugins *p, const ExecRequest *request, ExecRecalled recalled, void *userdata) {
        uint64_t start = now_monotonic();
        PluginEntry *entry;
        const char *output;
        PluginsDeed deed;
        ExecInfo info;

        assert(p && request->text && recalled);

        entry = plugins_entry(p, request->name);
        output = entry ? find(p, entry, request) : NULL;
        if (!output)
                return false;

        entry->plugin->stats.executions++;
        entry->plugin->stats.cache_hits++;
        info = (ExecInfo){.cached = true,
                        .usec = now_monotonic() - start,
                        .version = plugin_version(entry->plugin)};
        deed = (PluginsDeed){.action = "execute",
                        .plugin = entry->plugin->name,
                        .version = info.version,
                        .caller = request->caller,
                        .usec = info.usec};
        /* Who waits for the answer does not wait for the journal. */
        recalled(userdata, output, &info);
        plugins_tell_done(p, &deed);
        return true;
}
