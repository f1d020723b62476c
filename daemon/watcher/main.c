/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The watcher's process: options, the parts, the loop. */

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/log.h"
#include "daemon/base/strv.h"
#include "daemon/base/text.h"
#include "daemon/watcher/environments.h"
#include "daemon/watcher/tmux/transport-choice.h"
#include "daemon/watcher/watcher.h"

#define DEFAULT_SOCKET "/run/tmux-orchestrator/watch"
#define LARGE_BYTES (64 * 1024)

static void print_help(void) {
        (void)printf("watcher [OPTION…]\n\n"
                     "Watches the tmux servers of the user that runs it, and reports their agents "
                     "to\n"
                     "tmux-orchestratord. Usually the service or 'tmux-orc register' starts it.\n\n"
                     "  --connect=PATH  the watch socket (default: " DEFAULT_SOCKET ")\n"
                     "  --fd=N          an inherited connection instead\n"
                     "  --rules=FOLDER  a further folder of detector rules; its files win\n"
                     "  --transport=auto|source|native  the way to tmux servers (default: as\n"
                     "                  the service is configured)\n"
                     "  --debug         log everything\n"
                     "  --version\n"
                     "  --help\n");
}

static int parse_fd(const char *text, int *ret) {
        uint64_t fd;
        int r;

        r = parse_u64(text, 3, 1024, &fd);
        if (r < 0)
                return r;
        if (fcntl((int)fd, F_SETFD, FD_CLOEXEC) < 0)
                return -errno;

        *ret = (int)fd;
        return 0;
}

static int parse_transport(const char *text, int *ret) {
        TmuxTransportMode mode = tmux_transport_mode_from_string(text);

        if (mode < 0)
                return -EINVAL;
        *ret = mode;
        return 0;
}

/* Returns 1 if the program is done, a negative errno for wrong usage. */
static int parse_arguments(int argc, char **argv, WatcherOptions *options) {
        static const struct option known[] = {
                        {"connect", required_argument, NULL, 'c'},
                        {"fd", required_argument, NULL, 'f'},
                        {"rules", required_argument, NULL, 'r'},
                        {"transport", required_argument, NULL, 't'},
                        {"debug", no_argument, NULL, 'd'},
                        {"version", no_argument, NULL, 'v'},
                        {"help", no_argument, NULL, 'h'},
                        {},
        };
        int c;

        while ((c = getopt_long(argc, argv, "", known, NULL)) >= 0) {
                if (c == 'c')
                        options->socket = optarg;
                else if (c == 'f' && parse_fd(optarg, &options->fd) < 0)
                        return -EINVAL;
                else if (c == 'r')
                        options->rules = optarg;
                else if (c == 't' && parse_transport(optarg, &options->transport) < 0)
                        return -EINVAL;
                else if (c == 'd')
                        log_set_level(LOG_DEBUG);
                else if (c == 'v')
                        return puts(PROJECT_VERSION), 1;
                else if (c == 'h')
                        return print_help(), 1;
                else if (c == '?')
                        return -EINVAL;
        }
        return optind == argc ? 0 : -EINVAL;
}

static int fail(int r, const char *what) {
        log_error("cannot %s: %s", what, strerror(-r));
        return r;
}

static int block_signals(void) {
        sigset_t set;

        (void)sigemptyset(&set);
        (void)sigaddset(&set, SIGTERM);
        (void)sigaddset(&set, SIGINT);
        (void)sigaddset(&set, SIGCHLD);
        return sigprocmask(SIG_BLOCK, &set, NULL) < 0 ? -errno : 0;
}

static int watch_environments(sd_event *event, const WatcherOptions *options, Environments **ret) {
        _cleanup_strv_free_ char **arguments = NULL;
        _cleanup_free_ char *rules = NULL;
        int r = 0;

        if (options->rules) {
                if (asprintf(&rules, "--rules=%s", options->rules) < 0) {
                        rules = NULL;
                        return -ENOMEM;
                }
                r = strv_extend(&arguments, rules);
        }
        return r < 0 ? r : environments_new(event, options->socket, arguments, ret);
}

static int run(const WatcherOptions *options) {
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(watcher_freep) Watcher *watcher = NULL;
        _cleanup_(environments_freep) Environments *environments = NULL;
        int r;

        r = block_signals();
        if (r < 0)
                return fail(r, "block signals");
        r = sd_event_default(&event);
        if (r < 0)
                return fail(r, "make an event loop");
        r = sd_event_add_signal(event, NULL, SIGTERM, NULL, NULL);
        if (r >= 0)
                r = sd_event_add_signal(event, NULL, SIGINT, NULL, NULL);
        if (r < 0)
                return fail(r, "watch for signals");
        (void)sd_event_set_watchdog(event, true);

        r = watcher_new(event, options, &watcher);
        if (r < 0)
                return fail(r, "start");
        if (options->fd < 0) {
                r = watch_environments(event, options, &environments);
                if (r < 0)
                        return fail(r, "look for environments");
        }

        (void)sd_notify(false, "READY=1");
        r = sd_event_loop(event);
        return r < 0 ? fail(r, "run the event loop") : 0;
}

int main(int argc, char **argv) {
        WatcherOptions options = {.fd = -1, .socket = DEFAULT_SOCKET, .transport = -1};
        const char *transport = getenv("TMUX_ORC_TRANSPORT");
        int r;

        (void)setlocale(LC_CTYPE, "C.UTF-8");
        /* What tmux answers is large and soon forgotten: back to the system with it, each time. */
        (void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
        log_open("tmux-orchestrator-watcher", LOG_INFO);
        if (transport && parse_transport(transport, &options.transport) < 0)
                log_warning("TMUX_ORC_TRANSPORT is neither auto nor source nor native, ignoring");
        r = parse_arguments(argc, argv, &options);
        if (r < 0) {
                (void)fprintf(stderr, "Try 'watcher --help'.\n");
                return 2;
        }
        return r > 0 || run(&options) >= 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
