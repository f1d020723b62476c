/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/journal-plugins.h"
#include "daemon/service.h"

#define UNIT_SOCKETS "/run/tmux-orchestrator/"

/* Where systemd listens, it starts the hosts. */
static const char *socket_if_there(const Service *s, const char *path) {
        return !s->options->user && access(path, W_OK) == 0 ? path : NULL;
}

static HostSandbox sandbox_of(const Service *s) {
        return (HostSandbox)host_sandbox_from_string(s->config.config.plugins.sandbox);
}

int service_plugins_start(Service *s) {
        PluginsSetup setup = {.user_mode = s->options->user};
        unsigned n;
        int r;

        r = host_program_find(&s->plugin_host);
        if (r < 0)
                return r;
        setup.runner = (RunnerSetup){
                        .event = s->event,
                        .owner = getuid(),
                        .sandbox_min = sandbox_of(s),
                        .places.program = s->plugin_host,
                        .places.strict_socket = socket_if_there(s, UNIT_SOCKETS "plugin"),
                        .places.network_socket = socket_if_there(s, UNIT_SOCKETS "plugin-net"),
        };

        r = plugins_new(&setup, &s->plugins);
        if (r < 0)
                return r;
        r = journal_plugins_attach(s->plugins);
        if (r < 0)
                return r;
        plugins_set_unwanted(s->plugins, s->config.config.plugins.disabled);
        /* What lies there may be anything: the service runs all the same. */
        r = plugins_scan(s->plugins, &n);
        if (r < 0)
                log_warning("cannot look for plugins: %s", strerror(-r));
        return 0;
}

void service_plugins_reload(Service *s) {
        int r;

        plugins_set_sandbox(s->plugins, sandbox_of(s));
        plugins_set_unwanted(s->plugins, s->config.config.plugins.disabled);
        r = plugins_scan(s->plugins, NULL);
        if (r < 0)
                log_warning("cannot look for plugins: %s", strerror(-r));
}

void service_plugins_stop(Service *s) {
        if (s->plugins)
                journal_plugins_detach(s->plugins);
        s->plugins = plugins_free(s->plugins);
        free(s->plugin_host);
        s->plugin_host = NULL;
}
