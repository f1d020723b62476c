/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/tmux-orc/systemd.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/clock.h"

#define SYSTEMD_PATH "/org/freedesktop/systemd1"
#define SYSTEMD_MANAGER SYSTEMD ".Manager"

/* Longer than the service may take to stop and to start. */
#define JOB_TIMEOUT_USEC (90 * USEC_PER_SEC)
/* Five seconds. */
#define JOIN_LOOKS 50U
#define JOIN_LOOK_USEC (100U * USEC_PER_MSEC)

bool systemd_is_there(const Context *c) {
        return sd_bus_get_name_creds(c->bus, SYSTEMD, 0, NULL) >= 0;
}

bool systemd_is_coming(const Context *c) {
        for (unsigned i = 0; i < JOIN_LOOKS; i++) {
                if (systemd_is_there(c))
                        return true;
                (void)usleep(JOIN_LOOK_USEC);
        }
        return false;
}

int systemd_call_new(const Context *c, const char *member, sd_bus_message **ret) {
        int r;

        r = sd_bus_message_new_method_call(
                        c->bus, ret, SYSTEMD, SYSTEMD_PATH, SYSTEMD_MANAGER, member);
        if (r >= 0)
                (void)sd_bus_message_set_allow_interactive_authorization(*ret, c->terminal.is_tty);
        return r;
}

int systemd_ask(Context *c, const char *member, sd_bus_message **ret, sd_bus_error *reterr,
                const char *types, ...) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        va_list arguments;
        int r;

        r = systemd_call_new(c, member, &m);
        if (r < 0)
                return r;
        va_start(arguments, types);
        r = sd_bus_message_appendv(m, types, arguments);
        va_end(arguments);
        return r < 0 ? r : sd_bus_call(c->bus, m, 0, reterr, ret);
}

static int on_job_removed(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        const char *path, *unit, *result;
        SystemdJob *job = userdata;
        uint32_t id;

        if (sd_bus_message_read(m, "uoss", &id, &path, &unit, &result) >= 0 && job->path &&
                        strcmp(path, job->path) == 0)
                (void)snprintf(job->result, sizeof(job->result), "%s", result);
        return 0;
}

static int wait_for_job(sd_bus *bus, const SystemdJob *job) {
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
int systemd_run_job(Context *c, sd_bus_message *call, SystemdJob *job, sd_bus_message **reply,
                sd_bus_error *reterr) {
        _cleanup_(sd_bus_slot_unrefp) sd_bus_slot *slot = NULL;
        int r;

        r = sd_bus_match_signal(c->bus, &slot, SYSTEMD, SYSTEMD_PATH, SYSTEMD_MANAGER, "JobRemoved",
                        on_job_removed, job);
        if (r >= 0)
                r = systemd_ask(c, "Subscribe", NULL, reterr, "");
        if (r >= 0)
                r = sd_bus_call(c->bus, call, 0, reterr, reply);
        if (r >= 0)
                r = sd_bus_message_read(*reply, "o", &job->path);
        if (r >= 0)
                r = wait_for_job(c->bus, job);
        (void)systemd_ask(c, "Unsubscribe", NULL, NULL, "");
        return r;
}
