/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/journal-plugins.h"

#include <stdio.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/messages.h"

static void on_changed(void *userdata, const Plugin *p) {
        static const struct {
                int level;
                const char *message_id;
        } kinds[_PLUGIN_STATUS_MAX] = {
                        [PLUGIN_DISCOVERED] = {LOG_DEBUG, NULL},
                        [PLUGIN_LOADED] = {LOG_INFO, MESSAGE_PLUGIN_LOADED},
                        [PLUGIN_FAILED] = {LOG_WARNING, MESSAGE_PLUGIN_FAILED},
                        [PLUGIN_DISABLED] = {LOG_NOTICE, MESSAGE_PLUGIN_DISABLED},
                        [PLUGIN_QUARANTINED] = {LOG_ERR, MESSAGE_PLUGIN_QUARANTINED},
        };

        log_full(kinds[p->status].level, kinds[p->status].message_id,
                        LOG_FIELDS({LOG_FIELD_PLUGIN, p->name},
                                        {LOG_FIELD_STATE, plugin_status_to_string(p->status)},
                                        {LOG_FIELD_COMPONENT, "plugin_manager"}),
                        "plugin %s %s is %s%s%s", p->name, plugin_version(p),
                        plugin_status_to_string(p->status), p->error[0] ? ": " : "", p->error);
}

static void on_added(void *userdata, const Plugin *p) {
        if (p->status != PLUGIN_DISCOVERED)
                on_changed(userdata, p);
}

/* What the service does by itself, again and again, is no news while it succeeds. */
static int level_of(const PluginsDeed *d) {
        if (d->error < 0)
                return LOG_NOTICE;
        return d->caller.uid == (uid_t)-1 ? LOG_DEBUG : LOG_INFO;
}

static void on_done(void *userdata, const PluginsDeed *d) {
        char uid[16], pid[16], usec[24], result[32];

        (void)snprintf(uid, sizeof(uid), "%u", (unsigned)d->caller.uid);
        (void)snprintf(pid, sizeof(pid), "%d", (int)d->caller.pid);
        (void)snprintf(usec, sizeof(usec), "%llu", (unsigned long long)d->usec);
        (void)snprintf(result, sizeof(result), "%s", d->error < 0 ? "failed" : "done");

        log_full(level_of(d), MESSAGE_PLUGIN_DEED,
                        LOG_FIELDS({LOG_FIELD_PLUGIN, d->plugin[0] ? d->plugin : NULL},
                                        {LOG_FIELD_ACTION, d->action}, {LOG_FIELD_RESULT, result},
                                        {LOG_FIELD_USEC, usec},
                                        {LOG_FIELD_CALLER_UID,
                                                        d->caller.uid == (uid_t)-1 ? NULL : uid},
                                        {LOG_FIELD_CALLER_PID, d->caller.pid > 0 ? pid : NULL}),
                        "plugin%s%s: %s %s%s%s", d->plugin[0] ? " " : "s", d->plugin, d->action,
                        result, d->sentence ? ": " : "", d->sentence ?: "");
}

static void on_log(void *userdata, const Plugin *p, int level, const char *line) {
        log_full(level, NULL, LOG_FIELDS({LOG_FIELD_PLUGIN, p->name}), "%s: %s", p->name, line);
}

static void on_refused(void *userdata, const Plugin *p, const char *what) {
        log_full(LOG_NOTICE, MESSAGE_PLUGIN_REFUSED,
                        LOG_FIELDS({LOG_FIELD_PLUGIN, p->name}, {LOG_FIELD_ACTION, what},
                                        {LOG_FIELD_RESULT, "refused"},
                                        {LOG_FIELD_COMPONENT, "plugin_manager"}),
                        "plugin %s: its sandbox did not let it: %s", p->name, what);
}

static const PluginsObserver observer = {
                .added = on_added,
                .changed = on_changed,
                .done = on_done,
                .log = on_log,
                .refused = on_refused,
};

int journal_plugins_attach(Plugins *plugins) {
        return plugins_add_observer(plugins, &observer, (void *)&observer);
}

void journal_plugins_detach(Plugins *plugins) {
        plugins_remove_observer(plugins, &observer);
}
