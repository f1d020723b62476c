/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/monitor-unit.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/systemd.h"

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
#define NAME_MAX_BYTES 64U
#define DIGITS_MAX 15U

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

/* A unit that is not there, or not running, has nothing to be killed. */
static void kill_unit(Context *c, const char *unit) {
        (void)systemd_ask(c, "KillUnit", NULL, NULL, "ssi", unit, "all", SIGKILL);
        (void)systemd_ask(c, "ResetFailedUnit", NULL, NULL, "s", unit);
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
        r = systemd_ask(c, "SetUnitProperties", NULL, &error, "sba(sv)", unit, 1, 1, "MemoryMax",
                        "t", size);
        return r < 0 ? tell(c, unit, &error, r) : COMMAND_OK;
}

static CommandResult conclude(
                Context *c, const UnitOrder *order, const char *unit, const SystemdJob *job) {
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

/*
 * What the order goes to. Were the service alone stopped, the next watcher to knock would start it
 * again; all that needs the socket ends with it. Watchers that are enabled come back with it.
 */
static const char *unit_to_order(const UnitOrder *order, const char *unit) {
        return strcmp(order->verb, "stop") == 0 && !order->environment ? "tmux-orchestrator.socket"
                                                                       : unit;
}

CommandResult monitor_unit(Context *c, const UnitOrder *order) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL, *reply = NULL;
        const char *member = strcmp(order->verb, "stop") == 0 ? "StopUnit"
                        : strcmp(order->verb, "restart") == 0 ? "RestartUnit"
                                                              : "StartUnit";
        _cleanup_free_ char *unit = NULL;
        CommandResult result;
        SystemdJob job = {};
        int r;

        result = name_unit(c, order->environment, &unit);
        if (result == COMMAND_OK)
                result = bus_open(c);
        if (result == COMMAND_OK)
                result = prepare(c, order, unit);
        if (result != COMMAND_OK)
                return result;

        r = systemd_call_new(c, member, &call);
        if (r >= 0)
                r = sd_bus_message_append(call, "ss", unit_to_order(order, unit), "replace");
        if (r >= 0)
                r = systemd_run_job(c, call, &job, &reply, &error);
        return r < 0 ? tell(c, unit, &error, r) : conclude(c, order, unit, &job);
}
