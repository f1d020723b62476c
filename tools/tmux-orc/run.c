/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/run-scope.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/text.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/monitor-unit.h"
#include "tools/tmux-orc/output.h"
#include "tools/tmux-orc/systemd.h"

/* As env(1) has it. */
#define STATUS_CANNOT_RUN 126
#define STATUS_NOT_FOUND 127
#define RUN_DESCRIPTION_MAX 128U

typedef int (*Parse)(const char *text, uint64_t *ret);

static CommandResult read_limits(const Context *c, RunScope *scope) {
        const struct {
                const char *option, *example;
                Parse parse;
                uint64_t *value;
        } rows[] = {
                        {"--memory-max", "a size such as 2G", monitor_parse_size,
                                        &scope->memory_max},
                        {"--memory-high", "a size such as 2G", monitor_parse_size,
                                        &scope->memory_high},
                        {"--cpu-quota", "a share of one core such as 150%", run_parse_quota,
                                        &scope->cpu_usec_per_sec},
                        {"--tasks-max", "a number such as 500", run_parse_tasks, &scope->tasks_max},
        };

        FOREACH_ELEMENT (row, rows) {
                const char *text = context_option(c, row->option);

                if (text && row->parse(text, row->value) < 0)
                        return context_usage(
                                        c, "%s: '%s' is not %s", row->option, text, row->example);
        }
        return COMMAND_OK;
}

/* Where an old tmux server's environment points to nothing, or to a bus without systemd. */
static CommandResult open_systemd(Context *c) {
        if (c->bus_choice == BUS_HOST)
                return context_usage(c, "'run' runs here, not on another host");
        if (c->bus_choice == BUS_AUTO)
                c->bus_choice = BUS_USER;
        if (bus_try_open(c) >= 0 && systemd_is_there(c))
                return COMMAND_OK;
        if (c->bus_choice == BUS_USER && bus_open_login(c) >= 0 && systemd_is_coming(c))
                return COMMAND_OK;

        context_error(c, "there is no systemd of %s that could make a scope",
                        c->bus_choice == BUS_USER ? "yours" : "the system");
        if (c->bus_choice == BUS_USER)
                context_hint(c,
                                "'loginctl enable-linger' starts yours and keeps it; without it, "
                                "run the command as it is.");
        return COMMAND_UNREACHABLE;
}

static int start_scope(Context *c, const RunScope *scope, bool oom_policy, SystemdJob *job,
                sd_bus_error *reterr) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL, *reply = NULL;
        int r;

        r = systemd_call_new(c, "StartTransientUnit", &call);
        if (r >= 0)
                r = run_scope_append(call, scope, getpid(), oom_policy);
        if (r >= 0)
                r = systemd_run_job(c, call, job, &reply, reterr);
        job->path = NULL;
        return r;
}

/* An older systemd leaves the others alone anyway, and does not know how to be told so. */
static bool knows_no_oom_policy(const sd_bus_error *e) {
        return sd_bus_error_has_name(e, SD_BUS_ERROR_PROPERTY_READ_ONLY) ||
                        sd_bus_error_has_name(e, SD_BUS_ERROR_UNKNOWN_PROPERTY) ||
                        sd_bus_error_has_name(e, SD_BUS_ERROR_INVALID_ARGS);
}

static CommandResult enter_scope(Context *c, const RunScope *scope) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        SystemdJob job = {};
        int r;

        r = start_scope(c, scope, true, &job, &error);
        if (r < 0 && knows_no_oom_policy(&error)) {
                sd_bus_error_free(&error);
                r = start_scope(c, scope, false, &job, &error);
        }
        if (r < 0) {
                context_error(c, "cannot make %s: %s", scope->name, error.message ?: strerror(-r));
                return COMMAND_FAILED;
        }
        if (strcmp(job.result, "done") == 0)
                return COMMAND_OK;
        context_error(c, "cannot make %s: %s", scope->name, job.result);
        context_hint(c, "'journalctl --user -n 20' may tell why.");
        return COMMAND_FAILED;
}

static CommandResult exec_command(const Context *c) {
        int error;

        (void)fflush(NULL);
        (void)execvp(c->operands[0], c->operands);
        error = errno;
        context_error(c, "cannot run '%s': %s", c->operands[0], strerror(error));
        return (CommandResult)(error == ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN);
}

/* Without arguments: a unit's description is for everybody to read. */
static int set_description(const Context *c, RunScope *scope) {
        _cleanup_free_ char *clean =
                        text_clean(c->operands[0], strlen(c->operands[0]), RUN_DESCRIPTION_MAX);

        if (!clean || asprintf(&scope->description, "%s, by tmux-orc run", clean) < 0) {
                scope->description = NULL;
                return -ENOMEM;
        }
        return 0;
}

CommandResult command_run(Context *c) {
        _cleanup_(run_scope_done) RunScope scope = {};
        CommandResult result;
        int r;

        result = read_limits(c, &scope);
        if (result != COMMAND_OK)
                return result;
        r = run_scope_name(context_option(c, "--name") ?: c->operands[0], getpid(), &scope.name);
        if (r >= 0)
                r = set_description(c, &scope);
        if (r < 0)
                return output_failed(c, r);

        result = open_systemd(c);
        if (result == COMMAND_OK)
                result = enter_scope(c, &scope);
        return result == COMMAND_OK ? exec_command(c) : result;
}
