/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The daemon's process: options, signals, the loop. */

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/messages.h"
#include "daemon/base/state-dir.h"
#include "daemon/service.h"

#define TRIM_USEC (20 * USEC_PER_SEC)

static int on_stop(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata) {
        (void)sd_notify(false, "STOPPING=1");
        return sd_event_exit(sd_event_source_get_event(source), 0);
}

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata) {
        (void)service_reload(userdata); /* it has told the log, and nobody else asked */
        return 0;
}

static int watch_signals(sd_event *event, Service *service) {
        sigset_t set;
        int r;

        (void)sigemptyset(&set);
        (void)sigaddset(&set, SIGTERM);
        (void)sigaddset(&set, SIGINT);
        (void)sigaddset(&set, SIGHUP);
        (void)sigaddset(&set, SIGCHLD);
        if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
                return -errno;

        r = sd_event_add_signal(event, NULL, SIGTERM, on_stop, NULL);
        if (r < 0)
                return r;
        r = sd_event_add_signal(event, NULL, SIGINT, on_stop, NULL);
        if (r < 0)
                return r;

        return sd_event_add_signal(event, NULL, SIGHUP, on_hangup, service);
}

/*
 * What hundreds of first reports, a scrape or a query leave free lies between what is kept, and is
 * given back by nobody else.
 */
static int on_trim(sd_event_source *source, uint64_t usec, void *userdata) {
        int r;

        (void)malloc_trim(0);
        r = sd_event_source_set_time_relative(source, TRIM_USEC);
        return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int run(const Options *options) {
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(service_done) Service service = {.state_memory.fd = -1};
        int r;

        r = sd_event_default(&event);
        if (r < 0)
                return r;
        r = watch_signals(event, &service);
        if (r < 0)
                return r;
        (void)sd_event_set_watchdog(event, true);
        r = sd_event_add_time_relative(
                        event, NULL, CLOCK_MONOTONIC, TRIM_USEC, TRIM_USEC / 2, on_trim, NULL);
        if (r < 0)
                return r;

        r = service_start(&service, options, event);
        if (r < 0)
                return r;

        r = sd_event_loop(event);
        if (r == 0)
                log_full(LOG_INFO, MESSAGE_SERVICE_STOPPED, NULL, "stopped");

        return r;
}

static int introspect(void) {
        _cleanup_free_ char *xml = NULL;
        int r;

        r = bus_exports_introspect(&xml);
        if (r < 0)
                return r;

        return fputs(xml, stdout) < 0 ? -EIO : 0;
}

/* A further instance knows things of its own: below the folder of the first one. */
static int use_own_state(const Options *options) {
        _cleanup_free_ char *folder = NULL, *own = NULL;
        int r;

        if (options_is_main(options) || getenv("STATE_DIRECTORY"))
                return 0;
        r = state_dir_find(options->user, &folder);
        if (r < 0)
                return 0; /* whoever needs it says so */
        if (asprintf(&own, "%s/environments/%s", folder, options->environment) < 0) {
                own = NULL;
                return -ENOMEM;
        }
        return setenv("STATE_DIRECTORY", own, 1) < 0 ? -errno : 0;
}

int main(int argc, char **argv) {
        Options options;
        int r = 0;

        if (options_parse(argc, argv, &options) < 0)
                return 2;

        log_open("tmux-orchestrator", LOG_INFO);
        if (options.environment && setenv("TMUX_ORC_ENV", options.environment, 1) < 0)
                return EXIT_FAILURE;
        if (options.task == OPTIONS_RUN && use_own_state(&options) < 0)
                return EXIT_FAILURE;

        switch (options.task) {
        case OPTIONS_HELP:
                options_print_help();
                break;
        case OPTIONS_VERSION:
                (void)puts(PROJECT_VERSION);
                break;
        case OPTIONS_INTROSPECT:
                r = introspect();
                break;
        case OPTIONS_RUN:
                r = run(&options);
                break;
        }

        return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
