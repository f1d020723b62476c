/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>

#include "daemon/base/json.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/programs.h"

/* In user mode the service has a watcher of its own. */
static bool service_watches_already(Context *c) {
        _cleanup_json_ json_object *mode = NULL;

        return bus_try(c, BUS_ROOT, "org.freedesktop.DBus.Properties", "Get", &mode, NULL, "ss",
                               BUS_INTERFACE_MANAGER, "Mode") >= 0 &&
                        strcmp(json_object_get_string(mode) ?: "", "user") == 0;
}

/* Only the number of an error comes back through @report, and only if there is one. */
static void become_watcher(const char *program, int report) {
        int null = open("/dev/null", O_RDWR), error;

        (void)setsid();
        if (null >= 0) {
                (void)dup2(null, STDIN_FILENO);
                (void)dup2(null, STDOUT_FILENO);
                (void)dup2(null, STDERR_FILENO);
        }
        /* A folder that tmux was started in must not be kept busy. */
        if (chdir("/") == 0)
                (void)execl(program, program, (char *)NULL);
        error = errno;
        (void)!write(report, &error, sizeof(error));
        _exit(127);
}

/* Twice forked: whoever calls us, tmux say, is not to wait for it. */
static int start_detached(const char *program) {
        int report[2], error = 0, status;
        pid_t child;

        if (pipe2(report, O_CLOEXEC) < 0)
                return -errno;
        child = fork();
        if (child < 0) {
                error = errno;
                close_fd(report[0]);
                close_fd(report[1]);
                return -error;
        }
        if (child == 0) {
                if (fork() == 0)
                        become_watcher(program, report[1]);
                _exit(0);
        }

        close_fd(report[1]);
        (void)waitpid(child, &status, 0);
        if (read(report[0], &error, sizeof(error)) != (ssize_t)sizeof(error))
                error = 0;
        close_fd(report[0]);
        return -error;
}

static CommandResult start(Context *c, const char *program) {
        int r;

        if (context_has(c, "--watch")) {
                (void)execl(program, program, (char *)NULL);
                r = -errno;
        } else
                r = start_detached(program);
        if (r < 0) {
                context_error(c, "cannot start %s: %s", program, strerror(-r));
                return COMMAND_FAILED;
        }
        if (!c->quiet)
                (void)fputs("A watcher of yours tells the service about your tmux servers.\n",
                                c->out);
        return COMMAND_OK;
}

CommandResult command_register(Context *c) {
        _cleanup_free_ char *program = NULL;
        int r;

        if (c->bus_choice == BUS_HOST)
                return context_usage(c, "a watcher runs where its tmux is, not on another host");
        if (service_watches_already(c)) {
                if (!c->quiet)
                        (void)fputs("The service watches your tmux servers already.\n", c->out);
                return COMMAND_OK;
        }

        r = programs_find("watcher", &program);
        if (r < 0) {
                context_error(c, "the watcher's program is missing");
                context_hint(c, "Is tmux-orchestrator installed completely?");
                return COMMAND_FAILED;
        }

        /* The service would send a second one away, and that one would wait for the first's end. */
        if (programs_is_running(program)) {
                if (!c->quiet)
                        (void)fputs("A watcher of yours runs already.\n", c->out);
                return COMMAND_OK;
        }

        return start(c, program);
}
