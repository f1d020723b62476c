/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/monitor-unit.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/text.h"
#include "tools/tmux-orc/bus.h"

#define SYSTEMD "org.freedesktop.systemd1"
#define SYSTEMD_PATH "/org/freedesktop/systemd1"
#define SYSTEMD_MANAGER SYSTEMD ".Manager"

/* Longer than the service may take to stop and to start. */
#define JOB_TIMEOUT_USEC (90 * USEC_PER_SEC)
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
#define NAME_MAX_BYTES 64U
#define DIGITS_MAX 15U

typedef struct Job {
        const char *path;
        char result[32]; /* "": not over yet */
} Job;

int monitor_parse_size(const char *text, uint64_t *ret) {
        static const char units[] = "KMGT";
        size_t n = strspn(text, "0123456789");
        const char *unit = text[n] ? strchr(units, text[n]) : NULL;
        unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;
        uint64_t size;

        if (n == 0 || n > DIGITS_MAX || (text[n] && (!unit || text[n + 1])))
                return -EINVAL;
        size = strtoull(text, NULL, 10);
        if (size == 0 || size > (UINT64_MAX >> 1) >> shift)
                return -EINVAL;
        *ret = size << shift;
        return 0;
}

static CommandResult name_unit(const Context *c, const char *environment, char **ret) {
        size_t n = environment ? strspn(environment, NAME_CHARACTERS) : 0;
        int r;

        if (environment && (n == 0 || n > NAME_MAX_BYTES || environment[n]))
                return context_usage(c, "'%s' is not the name of an environment", environment);

        r = environment ? asprintf(ret, "tmux-orchestrator@%s.service", environment)
                        : asprintf(ret, "tmux-orchestrator.service");
        if (r >= 0)
                return COMMAND_OK;
        *ret = NULL;
        context_error(c, "out of memory");
        return COMMAND_FAILED;
}

static bool is_one_of(const sd_bus_error *e, const char *const *names) {
        for (; *names; names++)
                if (sd_bus_error_has_name(e, *names))
                        return true;
        return false;
}

static CommandResult tell(const Context *c, const char *unit, const sd_bus_error *e, int r) {
        static const char *const absent[] = {
                        SD_BUS_ERROR_SERVICE_UNKNOWN, SD_BUS_ERROR_NAME_HAS_NO_OWNER, NULL};
        static const char *const denied[] = {SD_BUS_ERROR_ACCESS_DENIED,
                        SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED, NULL};
        const char *bus = c->bus_name ?: "message";

        if (is_one_of(e, absent)) {
                context_error(c, "there is no systemd on the %s bus that could do it", bus);
                context_hint(c,
                                "Without systemd whoever started the service must do it; "
                                "'tmux-orc doctor' says more.");
                return COMMAND_UNREACHABLE;
        }
        if (is_one_of(e, denied)) {
                context_error(c, "systemd does not let you do this with %s", unit);
                context_hint(c, "Root may: sudo tmux-orc --system monitor …");
                return COMMAND_DENIED;
        }
        if (sd_bus_error_has_name(e, SYSTEMD ".NoSuchUnit")) {
                context_error(c, "there is no unit %s on the %s's systemd", unit, bus);
                context_hint(c,
                                "Is the package installed? 'tmux-orc doctor' says what is "
                                "missing.");
                return COMMAND_FAILED;
        }

        context_error(c, "%s: %s", unit, e->message ?: strerror(-r));
        return COMMAND_FAILED;
}

static int ask(Context *c, const char *member, sd_bus_message **ret, sd_bus_error *reterr,
                const char *types, ...) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        va_list arguments;
        int r;

        r = sd_bus_message_new_method_call(
                        c->bus, &m, SYSTEMD, SYSTEMD_PATH, SYSTEMD_MANAGER, member);
        if (r < 0)
                return r;
        va_start(arguments, types);
        r = sd_bus_message_appendv(m, types, arguments);
        va_end(arguments);
        if (r < 0)
                return r;

        (void)sd_bus_message_set_allow_interactive_authorization(m, c->terminal.is_tty);
        return sd_bus_call(c->bus, m, 0, reterr, ret);
}

static int on_job_removed(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        const char *path, *unit, *result;
        Job *job = userdata;
        uint32_t id;

        if (sd_bus_message_read(m, "uoss", &id, &path, &unit, &result) >= 0 && job->path &&
                        strcmp(path, job->path) == 0)
                (void)snprintf(job->result, sizeof(job->result), "%s", result);
        return 0;
}

static int wait_for_job(sd_bus *bus, const Job *job) {
        uint64_t end = now_monotonic() + JOB_TIMEOUT_USEC;

        while (job->result[0] == '\0') {
                uint64_t now = now_monotonic();
                int r = sd_bus_process(bus, NULL);

                if (r == 0 && now >= end)
                        return -ETIMEDOUT;
                if (r == 0)
                        r = sd_bus_wait(bus, end - now);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* The job's end may be told before its beginning is answered: signals wait in line until then. */
static int run_job(Context *c, const char *member, const char *unit, Job *job,
                sd_bus_message **reply, sd_bus_error *reterr) {
        _cleanup_(sd_bus_slot_unrefp) sd_bus_slot *slot = NULL;
        int r;

        r = sd_bus_match_signal(c->bus, &slot, SYSTEMD, SYSTEMD_PATH, SYSTEMD_MANAGER, "JobRemoved",
                        on_job_removed, job);
        if (r >= 0)
                r = ask(c, "Subscribe", NULL, reterr, "");
        if (r >= 0)
                r = ask(c, member, reply, reterr, "ss", unit, "replace");
        if (r >= 0)
                r = sd_bus_message_read(*reply, "o", &job->path);
        if (r >= 0)
                r = wait_for_job(c->bus, job);
        (void)ask(c, "Unsubscribe", NULL, NULL, "");
        return r;
}

/* A unit that is not there, or not running, has nothing to be killed. */
static void kill_unit(Context *c, const char *unit) {
        (void)ask(c, "KillUnit", NULL, NULL, "ssi", unit, "all", SIGKILL);
        (void)ask(c, "ResetFailedUnit", NULL, NULL, "s", unit);
}

static CommandResult prepare(Context *c, const UnitOrder *order, const char *unit) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        uint64_t size;
        int r;

        if (order->fresh && bus_service_runs(c)) {
                CommandResult result = bus_call_manager(c, "ForgetState", NULL, NULL);

                if (result != COMMAND_OK)
                        return result;
        }
        if (order->emergency)
                kill_unit(c, unit);
        if (!order->max_memory)
                return COMMAND_OK;

        if (monitor_parse_size(order->max_memory, &size) < 0)
                return context_usage(c, "'%s' is not a size such as 256M", order->max_memory);
        r = ask(c, "SetUnitProperties", NULL, &error, "sba(sv)", unit, 1, 1, "MemoryMax", "t",
                        size);
        return r < 0 ? tell(c, unit, &error, r) : COMMAND_OK;
}

static CommandResult conclude(
                Context *c, const UnitOrder *order, const char *unit, const Job *job) {
        const char *done = strcmp(order->verb, "stop") == 0   ? "stopped"
                        : strcmp(order->verb, "restart") == 0 ? "restarted"
                                                              : "started";

        if (strcmp(job->result, "done") != 0) {
                context_error(c, "%s could not be %s: %s", unit, done, job->result);
                context_hint(c, "'systemctl %sstatus %s' may tell why.",
                                c->bus_name && strcmp(c->bus_name, "user") == 0 ? "--user " : "",
                                unit);
                return COMMAND_FAILED;
        }
        if (!c->quiet && !c->json)
                (void)fprintf(c->out, "%s is %s.\n", unit, done);
        return COMMAND_OK;
}

CommandResult monitor_unit(Context *c, const UnitOrder *order) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const char *member = strcmp(order->verb, "stop") == 0 ? "StopUnit"
                        : strcmp(order->verb, "restart") == 0 ? "RestartUnit"
                                                              : "StartUnit";
        _cleanup_free_ char *unit = NULL;
        CommandResult result;
        Job job = {};
        int r;

        result = name_unit(c, order->environment, &unit);
        if (result == COMMAND_OK)
                result = bus_open(c);
        if (result == COMMAND_OK)
                result = prepare(c, order, unit);
        if (result != COMMAND_OK)
                return result;

        r = run_job(c, member, unit, &job, &reply, &error);
        return r < 0 ? tell(c, unit, &error, r) : conclude(c, order, unit, &job);
}
