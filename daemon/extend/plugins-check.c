/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "daemon/base/clock.h"
#include "daemon/base/text.h"
#include "daemon/extend/manifest-file.h"
#include "daemon/extend/plugin-folders.h"
#include "daemon/extend/plugins-private.h"

/* Each is a process for up to half a minute. */
#define CHECKS_MAX 4U

/* A plugin that is tried beside those that run, and forgotten. */
struct PluginsCheck {
        Plugins *plugins;
        char *folder;
        PluginsCaller caller;
        PluginsChecked done; /* NULL: nobody waits any more */
        void *userdata;
        uint64_t start_usec;
        Manifest *manifest; /* NULL: it cannot be read */
        PluginFindings findings;
        Host *host;
        sd_event_source *verdict; /* where there is nothing to start */
        PluginsCheck *prev, *next;
};

static void check_free(PluginsCheck *c) {
        DL_DELETE(c->plugins->checks, c);
        host_free(c->host);
        sd_event_source_disable_unref(c->verdict);
        plugin_findings_done(&c->findings);
        manifest_unref(c->manifest);
        free(c->folder);
        free(c);
}

void plugins_end_checks(Plugins *p) {
        while (p->checks)
                check_free(p->checks);
}

PluginsCheck *plugins_check_drop(PluginsCheck *c) {
        if (c)
                c->done = NULL;
        return NULL;
}

static void tell(PluginsCheck *c) {
        bool refused = plugin_findings_have_error(&c->findings);
        const PluginsDeed deed = {
                        .action = "validate",
                        .plugin = strrchr(c->folder, '/') + 1,
                        .version = c->manifest ? c->manifest->version : NULL,
                        .caller = c->caller,
                        .error = refused ? -ENOEXEC : 0,
                        .usec = now_monotonic() - c->start_usec,
        };

        plugins_tell_done(c->plugins, &deed);
        if (c->done)
                c->done(c->userdata, &c->findings);
        check_free(c);
}

static int on_verdict(sd_event_source *s, void *userdata) {
        tell(userdata);
        return 0;
}

static void on_started(void *userdata, Host *host, int error, const char *sentence) {
        PluginsCheck *c = userdata;

        if (error < 0)
                (void)plugin_findings_add(&c->findings, PLUGIN_ERROR, "start", "%s",
                                sentence ?: strerror(-error));
        else
                (void)plugin_findings_add(&c->findings, PLUGIN_NOTE, "sandbox",
                                "it starts, and its sandbox is '%s'",
                                host_sandbox_to_string(host_sandbox(host)));
        tell(c);
}

/* Between its start and our word of it nothing else happens. */
static void on_ended(void *userdata, Host *host, const char *sentence) {}

static const HostEvents host_events = {.started = on_started, .ended = on_ended};

static int look(PluginsCheck *c) {
        const RunnerSetup *runner = &c->plugins->setup.runner;
        _cleanup_free_ char *sentence = NULL;
        struct stat seen;
        int r;

        r = manifest_file_read(c->folder, runner->owner, &seen, &c->manifest, &sentence);
        if (r < 0)
                return plugin_findings_add(&c->findings, PLUGIN_ERROR, "manifest", "%s",
                                sentence ?: strerror(-r));
        return plugin_lint(c->manifest, &c->findings);
}

static int begin(PluginsCheck *c) {
        const RunnerSetup *runner = &c->plugins->setup.runner;
        const HostSetup setup = {
                        .event = runner->event,
                        .places = &runner->places,
                        .manifest = c->manifest,
                        .folder = c->folder,
                        .owner = runner->owner,
                        .sandbox_min = runner->sandbox_min,
                        .events = &host_events,
                        .userdata = c,
        };

        return c->manifest ? host_new(&setup, &c->host)
                           : sd_event_add_defer(runner->event, &c->verdict, on_verdict, c);
}

/* A plugin that is known by its name, else a folder or the manifest in it. */
static int find_folder(const Plugins *p, const char *name_or_file, char **ret) {
        PluginEntry *e = name_or_file[0] == '/' ? NULL : plugins_entry(p, name_or_file);
        size_t n = strlen(name_or_file);

        if (!e && name_or_file[0] != '/')
                return -ENXIO;
        if (!e && text_ends_with(name_or_file, "/" PLUGIN_MANIFEST))
                n -= strlen("/" PLUGIN_MANIFEST);
        while (!e && n > 1 && name_or_file[n - 1] == '/')
                n--;
        *ret = e ? strdup(e->plugin->folder) : strndup(name_or_file, n);
        return *ret ? 0 : -ENOMEM;
}

int plugins_check(Plugins *p, const char *name_or_file, const PluginsCaller *caller,
                PluginsChecked done, void *userdata, PluginsCheck **ret) {
        _cleanup_free_ char *folder = NULL;
        PluginsCheck *c;
        unsigned n;
        int r;

        r = find_folder(p, name_or_file, &folder);
        if (r < 0)
                return r;
        DL_COUNT(p->checks, c, n);
        if (n >= CHECKS_MAX)
                return -EBUSY;

        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        *c = (PluginsCheck){
                        .plugins = p,
                        .folder = TAKE_PTR(folder),
                        .caller = *caller,
                        .done = done,
                        .userdata = userdata,
                        .start_usec = now_monotonic(),
        };
        DL_APPEND(p->checks, c);

        r = look(c);
        if (r >= 0)
                r = begin(c);
        if (r < 0) {
                check_free(c);
                return r;
        }
        *ret = c;
        return 0;
}
