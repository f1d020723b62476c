/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reports, what they are compared with, and whether what is kept is in order. */

#include <errno.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "dbus/bus-check.h"
#include "dbus/bus-error.h"
#include "dbus/bus-manager.h"
#include "dbus/bus-pending.h"

/* Behind the kind: of all users' agents, for those who may. */
#define ALL_USERS ":all"
#define KIND_BYTES_MAX 64U

static int fail_history(sd_bus_error *reterr, int error) {
        switch (error) {
        case -ERFKILL:
                return sd_bus_error_set(reterr, BUS_ERROR_DISABLED,
                                "no history is kept: see history.enabled");
        case -ENOENT:
                return sd_bus_error_set(reterr, BUS_ERROR_DISABLED,
                                "nothing is written down yet: try again in a moment");
        case -EUCLEAN:
                return sd_bus_error_set(reterr, BUS_ERROR_STATE_DAMAGED,
                                "the history is damaged: it will be restored from its last good "
                                "copy");
        case -ENODATA:
                return sd_bus_error_set(reterr, BUS_ERROR_INVALID_ARGUMENT,
                                "in that time nothing was measured that could be a baseline");
        case -EBUSY:
                return sd_bus_error_set(reterr, BUS_ERROR_BUSY, "too many reports are being made");
        case -EINVAL:
                return sd_bus_error_set(reterr, BUS_ERROR_INVALID_ARGUMENT,
                                "the time of a report must end after it begins");
        default:
                return bus_error_set_core(reterr, error, NULL);
        }
}

static void fail_pending(BusPending *p, int error) {
        _cleanup_(sd_bus_error_free) sd_bus_error e = SD_BUS_ERROR_NULL;

        (void)fail_history(&e, error);
        (void)sd_bus_reply_method_error(p->message, &e);
        bus_pending_free(p);
}

static void on_report(void *userdata, int error, const char *text) {
        BusPending *p = userdata;

        p->reading = NULL;
        if (error < 0)
                fail_pending(p, error);
        else
                bus_pending_reply_string(p, text);
}

/* "daily", "daily:all". */
static int parse_kind(const char *text, ReportKind *ret, bool *ret_all, sd_bus_error *reterr) {
        char name[KIND_BYTES_MAX];
        char *all;

        (void)snprintf(name, sizeof(name), "%s", text);
        all = strstr(name, ALL_USERS);
        *ret_all = all && strcmp(all, ALL_USERS) == 0;
        if (*ret_all)
                *all = '\0';
        *ret = report_kind_from_string(name);
        if (*ret >= 0)
                return 0;

        return sd_bus_error_setf(reterr, BUS_ERROR_INVALID_ARGUMENT,
                        "there is no report '%.32s': daily, weekly, monthly, performance, "
                        "baseline, capacity, cache",
                        text);
}

/* Everybody sees their own agents; root and whose service it is see all without asking for it. */
static int find_whose(
                BusExports *e, sd_bus_message *m, bool all, uid_t *ret, sd_bus_error *reterr) {
        uid_t sender;
        int r;

        if (all) {
                *ret = UID_INVALID;
                return authorize(
                                e->parts.authorizer, m, AUTHORIZE_VIEW_REPORT, UID_INVALID, reterr);
        }

        r = authorize_get_sender(e->parts.authorizer, m, &sender);
        if (r < 0)
                return sd_bus_error_set(
                                reterr, SD_BUS_ERROR_ACCESS_DENIED, "nobody knows who you are");
        *ret = sender == 0 || sender == getuid() ? UID_INVALID : sender;
        return 0;
}

static void settle_time(ReportKind kind, uint64_t *since_usec, uint64_t *until_usec) {
        if (*until_usec == 0)
                *until_usec = now_realtime();
        if (*since_usec == 0)
                *since_usec = *until_usec - MIN(*until_usec, report_kind_span(kind));
}

int bus_manager_get_report(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        _cleanup_(bus_pending_freep) BusPending *p = NULL;
        uint64_t since_usec, until_usec;
        BusExports *e = userdata;
        const char *text;
        ReportKind kind;
        uid_t uid;
        bool all;
        int r;

        r = sd_bus_message_read(m, "stt", &text, &since_usec, &until_usec);
        if (r < 0)
                return r;
        r = parse_kind(text, &kind, &all, reterr);
        if (r < 0)
                return r;
        settle_time(kind, &since_usec, &until_usec);
        if (since_usec >= until_usec)
                return fail_history(reterr, -EINVAL);

        r = find_whose(e, m, all, &uid, reterr);
        if (r != 0)
                return r;

        r = bus_pending_new(e, m, NULL, &p, reterr);
        if (r < 0)
                return r;
        r = e->parts.actions->make_report(e->parts.userdata, kind, since_usec, until_usec, uid,
                        on_report, p, &p->reading);
        if (r < 0)
                return fail_history(reterr, r);

        (void)TAKE_PTR(p);
        return 1;
}

int bus_manager_update_baseline(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        _cleanup_(bus_pending_freep) BusPending *p = NULL;
        uint64_t since_usec, until_usec;
        BusExports *e = userdata;
        int r;

        r = sd_bus_message_read(m, "tt", &since_usec, &until_usec);
        if (r < 0)
                return r;
        settle_time(REPORT_PERFORMANCE, &since_usec, &until_usec);
        if (since_usec >= until_usec)
                return fail_history(reterr, -EINVAL);

        r = authorize(e->parts.authorizer, m, AUTHORIZE_MANAGE_MONITORING, UID_INVALID, reterr);
        if (r != 0)
                return r;

        r = bus_pending_new(e, m, NULL, &p, reterr);
        if (r < 0)
                return r;
        r = e->parts.actions->update_baseline(
                        e->parts.userdata, since_usec, until_usec, on_report, p, &p->reading);
        if (r < 0)
                return fail_history(reterr, r);

        (void)TAKE_PTR(p);
        return 1;
}

static int append_lines(sd_bus_message *reply, const char *text) {
        int r;

        r = sd_bus_message_append(reply, "b", text[0] == '\0');
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "s");
        while (r >= 0 && *text) {
                size_t n = strcspn(text, "\n");
                _cleanup_free_ char *line = strndup(text, n);

                if (!line)
                        return -ENOMEM;
                r = sd_bus_message_append(reply, "s", line);
                text += n + (text[n] == '\n');
        }
        return r >= 0 ? sd_bus_message_close_container(reply) : r;
}

static void on_validated(void *userdata, int error, const char *text) {
        BusPending *p = userdata;
        int r;

        p->reading = NULL;
        if (error == -EUCLEAN) {
                text = "the history is damaged and cannot be read";
                error = 0;
        }
        /* Nothing was written yet, so nothing can be wrong with it. */
        if (error == -ENOENT) {
                text = "";
                error = 0;
        }
        if (error < 0) {
                fail_pending(p, error);
                return;
        }

        r = sd_bus_message_new_method_return(p->message, &p->reply);
        if (r >= 0)
                r = append_lines(p->reply, text);
        if (r < 0) {
                bus_pending_fail(p, r);
                return;
        }
        (void)sd_bus_send(NULL, p->reply, NULL);
        bus_pending_free(p);
}

int bus_manager_validate_state(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        _cleanup_(bus_pending_freep) BusPending *p = NULL;
        BusExports *e = userdata;
        int r;

        /* It reads all of a file that may be large. */
        r = authorize(e->parts.authorizer, m, AUTHORIZE_MANAGE_MONITORING, UID_INVALID, reterr);
        if (r != 0)
                return r;

        r = bus_pending_new(e, m, NULL, &p, reterr);
        if (r < 0)
                return r;
        r = e->parts.actions->validate_state(e->parts.userdata, on_validated, p, &p->reading);
        if (r < 0)
                return fail_history(reterr, r);

        (void)TAKE_PTR(p);
        return 1;
}
