/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dbus/bus-pending.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>
#include <utlist.h>

#include "daemon/base/text.h"
#include "dbus/bus-error.h"
#include "dbus/bus-quota.h"

static const char *caller_of(sd_bus_message *m) {
        return sd_bus_message_get_sender(m) ?: "";
}

static bool is_of_caller(const BusPending *p, sd_bus_message *m, uid_t user) {
        return user != UID_INVALID ? p->user == user
                                   : strcmp(caller_of(p->message), caller_of(m)) == 0;
}

static int check_limits(const BusExports *e, sd_bus_message *m, uid_t user, sd_bus_error *reterr) {
        unsigned n = 0, n_caller = 0;
        const BusPending *p;

        DL_FOREACH (e->pending, p) {
                n++;
                n_caller += is_of_caller(p, m, user);
        }

        if (n < BUS_PENDING_MAX && n_caller < BUS_PENDING_PER_CALLER)
                return 0;

        return bus_error_set_core(reterr, -EDQUOT, NULL);
}

static void on_caller_left(void *userdata) {
        bus_pending_free(userdata);
}

int bus_pending_new(BusExports *e, sd_bus_message *m, const char *subject, BusPending **ret,
                sd_bus_error *reterr) {
        _cleanup_(bus_pending_freep) BusPending *p = NULL;
        uid_t user;
        int r;

        assert(e);
        assert(m);
        assert(ret);

        user = bus_quota_user(e->quota, m);
        r = check_limits(e, m, user, reterr);
        if (r < 0)
                return r;

        p = calloc(1, sizeof(*p));
        if (!p)
                return -ENOMEM;

        p->exports = e;
        p->message = sd_bus_message_ref(m);
        p->user = user;
        DL_APPEND(e->pending, p);
        if (subject) {
                p->subject = strdup(subject);
                if (!p->subject)
                        return -ENOMEM;
        }

        r = senders_watch(e->senders, m, on_caller_left, p, &p->caller);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(p);
        return 0;
}

BusPending *bus_pending_free(BusPending *p) {
        BusExports *e;

        if (!p)
                return NULL;

        e = p->exports;
        if (p->question)
                e->parts.actions->drop(e->parts.userdata, p->question);
        health_batch_drop(p->batch);
        execution_drop(p->execution);
        plugins_task_drop(p->task);
        plugins_check_drop(p->check);
        acts_task_forget(p->act);
        history_reading_drop(p->reading);
        cycle_forget(e->parts.cycle, p);
        DL_DELETE(e->pending, p);
        sender_watch_drop(p->caller);
        sd_bus_message_unref(p->message);
        sd_bus_message_unref(p->reply);
        free(p->key);
        free(p->subject);
        free(p);
        return NULL;
}

/* A reply that cannot be sent has nobody who waits for it. */
void bus_pending_fail(BusPending *p, int error) {
        _cleanup_(sd_bus_error_free) sd_bus_error e = SD_BUS_ERROR_NULL;

        assert(p);

        (void)bus_error_set_core(&e, error, p->subject);
        (void)sd_bus_reply_method_error(p->message, &e);
        bus_pending_free(p);
}

void bus_pending_reply(BusPending *p, const char *types, ...) {
        va_list ap;

        assert(p);

        va_start(ap, types);
        (void)sd_bus_reply_method_returnv(p->message, types, ap);
        va_end(ap);
        bus_pending_free(p);
}

void bus_pending_reply_string(BusPending *p, const char *text) {
        if (!text || !utf8_is_valid(text, strlen(text)))
                bus_pending_fail(p, -EBADMSG);
        else
                bus_pending_reply(p, "s", text);
}
