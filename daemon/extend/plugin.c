/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/extend/plugin.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/base/clock.h"

static const char *const names[_PLUGIN_STATUS_MAX] = {
                "discovered", "loaded", "failed", "disabled", "quarantined"};

/* The life of a plugin, whole: rows are "from", columns are "to". */
static const bool edges[_PLUGIN_STATUS_MAX][_PLUGIN_STATUS_MAX] = {
                [PLUGIN_DISCOVERED] = {[PLUGIN_LOADED] = true,
                                [PLUGIN_FAILED] = true,
                                [PLUGIN_DISABLED] = true,
                                [PLUGIN_QUARANTINED] = true},
                [PLUGIN_LOADED] = {[PLUGIN_DISCOVERED] = true,
                                [PLUGIN_FAILED] = true,
                                [PLUGIN_DISABLED] = true,
                                [PLUGIN_QUARANTINED] = true},
                [PLUGIN_FAILED] = {[PLUGIN_DISCOVERED] = true,
                                [PLUGIN_LOADED] = true,
                                [PLUGIN_DISABLED] = true,
                                [PLUGIN_QUARANTINED] = true},
                /* Nothing but being enabled leads out of it. */
                [PLUGIN_DISABLED] = {[PLUGIN_DISCOVERED] = true, [PLUGIN_FAILED] = true},
                [PLUGIN_QUARANTINED] = {[PLUGIN_DISCOVERED] = true,
                                [PLUGIN_LOADED] = true,
                                [PLUGIN_FAILED] = true,
                                [PLUGIN_DISABLED] = true},
};

const char *plugin_status_to_string(PluginStatus status) {
        return status < _PLUGIN_STATUS_MAX ? names[status] : NULL;
}

Plugin *plugin_free(Plugin *p) {
        if (!p)
                return NULL;

        free(p->name);
        free(p->folder);
        free(p->error);
        manifest_unref(p->manifest);
        histogram_free(p->stats.latency);
        free(p);
        return NULL;
}

int plugin_new(const char *name, const char *folder, const char *origin, Plugin **ret) {
        _cleanup_(plugin_freep) Plugin *p = calloc(1, sizeof(*p));
        int r;

        if (!p)
                return -ENOMEM;

        p->name = strdup(name);
        p->folder = strdup(folder);
        p->error = strdup("");
        if (!p->name || !p->folder || !p->error)
                return -ENOMEM;
        r = histogram_new(NULL, 0, &p->stats.latency);
        if (r < 0)
                return r;

        p->origin = origin;
        p->sandbox = "";
        p->since_usec = now_realtime();
        *ret = TAKE_PTR(p);
        return 0;
}

int plugin_set_status(Plugin *p, PluginStatus status, const char *sentence) {
        char *error;

        assert(status < _PLUGIN_STATUS_MAX);

        if (p->status == status && strcmp(p->error, sentence ?: "") == 0)
                return -EALREADY;
        if (p->status != status && !edges[p->status][status])
                return -EBADE;
        error = strdup(sentence ?: "");
        if (!error)
                return -ENOMEM;

        free(p->error);
        p->error = error;
        if (p->status != status)
                p->since_usec = now_realtime();
        p->status = status;
        if (status != PLUGIN_LOADED)
                p->sandbox = "";
        return 0;
}

void plugin_set_manifest(Plugin *p, Manifest *manifest) {
        manifest_ref(manifest);
        manifest_unref(p->manifest);
        p->manifest = manifest;
}

int plugin_move(Plugin *p, const char *folder, const char *origin) {
        char *copy = strdup(folder);

        if (!copy)
                return -ENOMEM;
        free(p->folder);
        p->folder = copy;
        p->origin = origin;
        return 0;
}
