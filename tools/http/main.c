/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The exporter's process: options, the socket from systemd, the bus, the loop. */

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "daemon/base/clock.h"
#include "daemon/base/strv.h"
#include "daemon/base/text.h"
#include "tools/http/server.h"

#define IDLE_SECONDS 60U
#define DEADLINE_USEC (10 * USEC_PER_SEC)

typedef struct Settings {
        bool user;
        uint64_t idle_seconds;
        char **allowed_hosts;
} Settings;

static void print_help(void) {
        (void)printf("tmux-orchestrator-http [OPTION…]\n\n"
                     "Answers HTTP GET on a socket that systemd passes, with what the service says "
                     "on D-Bus:\n"
                     "/metrics /health /health/components /health/<component> /api/plugins/list\n"
                     "/api/plugins/<name> /api/plugins/<name>/metrics\n\n"
                     "  --system            asks the service on the system bus (default)\n"
                     "  --user              asks the service on the session bus\n"
                     "  --allow-host=NAME   answers to this Host header too, besides localhost\n"
                     "  --idle-time=SECONDS ends after so long without a connection (default %u)\n"
                     "  --version\n"
                     "  --help\n\n"
                     "To try it: systemd-socket-activate -l 127.0.0.1:8080 PROGRAM --user\n",
                        IDLE_SECONDS);
}

static int fail(int r, const char *what) {
        (void)fprintf(stderr, "tmux-orchestrator-http: cannot %s: %s\n", what, strerror(-r));
        return EXIT_FAILURE;
}

/* 0: go on; 1: that was all; -EINVAL: told. */
static int parse(int argc, char **argv, Settings *ret) {
        static const struct option known[] = {
                        {"system", no_argument, NULL, 's'},
                        {"user", no_argument, NULL, 'u'},
                        {"allow-host", required_argument, NULL, 'a'},
                        {"idle-time", required_argument, NULL, 'i'},
                        {"version", no_argument, NULL, 'v'},
                        {"help", no_argument, NULL, 'h'},
                        {},
        };
        int c;

        while ((c = getopt_long(argc, argv, "", known, NULL)) >= 0) {
                if (c == '?')
                        return -EINVAL;
                if (c == 'a' && strv_extend(&ret->allowed_hosts, optarg) < 0)
                        return -ENOMEM;
                if (c == 'i' && parse_u64(optarg, 1, 86400, &ret->idle_seconds) < 0) {
                        (void)fprintf(stderr, "--idle-time: '%s' is not from 1 to 86400\n", optarg);
                        return -EINVAL;
                }
                if (c == 'v' || c == 'h') {
                        if (c == 'h')
                                print_help();
                        else
                                (void)puts(PROJECT_VERSION);
                        return 1;
                }
                if (c == 's' || c == 'u')
                        ret->user = c == 'u';
        }

        if (optind < argc) {
                (void)fprintf(stderr, "'%s' is not an option; see --help\n", argv[optind]);
                return -EINVAL;
        }

        return 0;
}

static int get_socket(void) {
        int n = sd_listen_fds(true);

        if (n == 1 && sd_is_socket(SD_LISTEN_FDS_START, 0, SOCK_STREAM, true) > 0)
                return SD_LISTEN_FDS_START;

        (void)fprintf(stderr,
                        "tmux-orchestrator-http: one listening socket must be passed: start "
                        "tmux-orchestrator-http.socket, or see --help\n");
        return -EINVAL;
}

static int on_disconnected(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        return sd_event_exit(userdata, 0);
}

static int open_bus(const Settings *settings, sd_event *event, sd_bus **ret) {
        int r;

        r = settings->user ? sd_bus_open_user_with_description(ret, "tmux-orchestrator-http")
                           : sd_bus_open_system_with_description(ret, "tmux-orchestrator-http");
        if (r < 0)
                return r;
        r = sd_bus_match_signal_async(*ret, NULL, "org.freedesktop.DBus.Local", NULL,
                        "org.freedesktop.DBus.Local", "Disconnected", on_disconnected, NULL, event);
        if (r < 0)
                return r;

        return sd_bus_attach_event(*ret, event, SD_EVENT_PRIORITY_NORMAL);
}

static int watch_signals(sd_event *event) {
        sigset_t set;
        int r;

        (void)signal(SIGPIPE, SIG_IGN);
        (void)sigemptyset(&set);
        (void)sigaddset(&set, SIGTERM);
        (void)sigaddset(&set, SIGINT);
        if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
                return -errno;

        r = sd_event_add_signal(event, NULL, SIGTERM, NULL, NULL);
        return r < 0 ? r : sd_event_add_signal(event, NULL, SIGINT, NULL, NULL);
}

static int run(const Settings *settings) {
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(server_freep) Server *server = NULL;
        ServerOptions options = {
                        .idle_usec = settings->idle_seconds * USEC_PER_SEC,
                        .deadline_usec = DEADLINE_USEC,
                        .allowed_hosts = settings->allowed_hosts,
        };
        int fd, r;

        fd = get_socket();
        if (fd < 0)
                return EXIT_FAILURE;
        r = sd_event_default(&event);
        if (r < 0)
                return fail(r, "make a loop");
        r = watch_signals(event);
        if (r < 0)
                return fail(r, "watch signals");
        (void)sd_event_set_watchdog(event, true);
        r = open_bus(settings, event, &bus);
        if (r < 0)
                return fail(r, "reach the bus");
        r = server_new(event, bus, fd, &options, &server);
        if (r < 0)
                return fail(r, "serve");

        (void)sd_notify(false, "READY=1");
        r = sd_event_loop(event);
        (void)sd_notify(false, "STOPPING=1");
        return r < 0 ? fail(r, "go on") : EXIT_SUCCESS;
}

int main(int argc, char **argv) {
        Settings settings = {.idle_seconds = IDLE_SECONDS};
        int r;

        r = parse(argc, argv, &settings);
        r = r < 0 ? 2 : r > 0 ? EXIT_SUCCESS : run(&settings);
        strv_free(settings.allowed_hosts);
        return r;
}
