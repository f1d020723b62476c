/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/base/text.h"
#include "dbus/bus-check.h"
#include "dbus/bus-error.h"
#include "dbus/bus-pending.h"

/* From why not to the error's name; what is not in here is Busy: it may be otherwise in a moment.
 */
static const struct {
        ActRefusal refusal;
        const char *name;
} names[] = {
                {ACT_NO_AGENT, BUS_ERROR_AGENT_GONE},
                {ACT_REPLACED, BUS_ERROR_AGENT_GONE},
                {ACT_OTHER_PROGRAM, BUS_ERROR_AGENT_GONE},
                {ACT_STALE, BUS_ERROR_STALE},
                {ACT_NO_DIALOG, BUS_ERROR_NO_DIALOG},
                {ACT_UNSUPPORTED, SD_BUS_ERROR_NOT_SUPPORTED},
                {ACT_COMMAND, BUS_ERROR_INVALID_INPUT},
                {ACT_OWNER, BUS_ERROR_OWNER_REFUSES},
                {ACT_DISTURBED, BUS_ERROR_NOT_VERIFIED},
                {ACT_UNVERIFIED, BUS_ERROR_NOT_VERIFIED},
                {ACT_TMUX, BUS_ERROR_WATCHER_FAILED},
};

static const char *name_of(ActRefusal refusal) {
        FOREACH_ELEMENT (n, names)
                if (n->refusal == refusal)
                        return n->name;
        return BUS_ERROR_BUSY;
}

static void fail_refused(BusPending *p, const ActOutcome *o) {
        _cleanup_(sd_bus_error_free) sd_bus_error e = SD_BUS_ERROR_NULL;

        (void)sd_bus_error_setf(&e, name_of(o->refusal), "%s: %s%s%s (%s)", p->subject,
                        act_refusal_describe(o->refusal), o->what[0] ? ": " : "", o->what,
                        act_refusal_to_string(o->refusal));
        (void)sd_bus_reply_method_error(p->message, &e);
        bus_pending_free(p);
}

static void on_done(void *userdata, int error, const ActOutcome *outcome) {
        BusPending *p = userdata;

        p->act = NULL;
        if (error < 0)
                bus_pending_fail(p, error);
        else if (outcome->refusal != ACT_DONE)
                fail_refused(p, outcome);
        else
                bus_pending_reply(p, NULL);
}

static int read_bool(sd_bus_message *m, bool *ret) {
        int r, value;

        r = sd_bus_message_read(m, "v", "b", &value);
        if (r >= 0)
                *ret = value;
        return r;
}

static int read_token(sd_bus_message *m, ActOrder *order, sd_bus_error *reterr) {
        const char *token;
        int r;

        r = sd_bus_message_read(m, "v", "s", &token);
        if (r < 0)
                return r;
        if (strlen(token) >= sizeof(order->token))
                return sd_bus_error_set(
                                reterr, BUS_ERROR_INVALID_ARGUMENT, "that is no token of Look()");
        (void)snprintf(order->token, sizeof(order->token), "%s", token);
        return 1;
}

static int read_option(sd_bus_message *m, const char *key, void *userdata, sd_bus_error *reterr) {
        ActOrder *order = userdata;

        if (strcmp(key, "token") == 0)
                return read_token(m, order, reterr);
        if (order->kind == ACT_KIND_TEXT && strcmp(key, "enter") == 0)
                return read_bool(m, &order->enter);
        if (order->kind == ACT_KIND_TEXT && strcmp(key, "command") == 0)
                return read_bool(m, &order->command);
        return 0;
}

static int read_text(sd_bus_message *m, ActOrder *order, sd_bus_error *reterr) {
        const char *text;
        int r;

        r = sd_bus_message_read(m, "s", &text);
        if (r < 0)
                return r;
        if (act_text_check(text) < 0)
                return sd_bus_error_setf(reterr, BUS_ERROR_INVALID_INPUT,
                                "'text' must have 1 to %u bytes and no control characters",
                                ACT_TEXT_MAX);
        order->text = strdup(text);
        return order->text ? 0 : -ENOMEM;
}

static void read_caller(const BusExports *e, sd_bus_message *m, ActCause *ret) {
        if (authorize_get_sender(e->parts.authorizer, m, &ret->uid) < 0)
                ret->uid = UID_INVALID;
        ret->pid = authorize_get_sender_pid(e->parts.authorizer, m);
}

/* Takes over what @order holds. */
static int act(sd_bus_message *m, const Agent *a, ActOrder *order, sd_bus_error *reterr) {
        BusExports *e = bus_exports_of(sd_bus_message_get_bus(m));
        _cleanup_(bus_pending_freep) BusPending *p = NULL;
        ActCause cause = {.why = "call"};
        int r;

        r = bus_pending_new(e, m, a->id, &p, reterr);
        if (r < 0)
                return r;
        read_caller(e, m, &cause);
        order->pid = a->last.pid;
        r = acts_do(e->parts.acts, a, order, &cause, on_done, p, &p->act);
        if (r < 0)
                return bus_error_set_core(reterr, r, a->id);

        (void)TAKE_PTR(p);
        return 1;
}

static int method(sd_bus_message *m, const Agent *a, ActKind kind, sd_bus_error *reterr) {
        BusExports *e = bus_exports_of(sd_bus_message_get_bus(m));
        _cleanup_(act_order_done) ActOrder order = {.kind = kind, .enter = true};
        int r = 0;

        if (kind == ACT_KIND_TEXT)
                r = read_text(m, &order, reterr);
        if (r >= 0 && kind != ACT_KIND_RESTART)
                r = bus_read_options(m, read_option, &order, reterr);
        if (r < 0)
                return r;
        r = authorize_about(e->parts.authorizer, m, AUTHORIZE_CONTROL_AGENT, a->server->uid,
                        "agent", a->id, reterr);
        return r != 0 ? r : act(m, a, &order, reterr);
}

int bus_agent_send_text(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        return method(m, userdata, ACT_KIND_TEXT, reterr);
}

int bus_agent_approve(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        return method(m, userdata, ACT_KIND_APPROVE, reterr);
}

int bus_agent_deny(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        return method(m, userdata, ACT_KIND_DENY, reterr);
}

int bus_agent_restart(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        return method(m, userdata, ACT_KIND_RESTART, reterr);
}

static void on_look(void *userdata, int error, json_object *result) {
        BusPending *p = userdata;
        const char *screen = json_get_string(result, "screen");
        const char *token = json_get_string(result, "token");

        p->question = NULL;
        if (error >= 0 && (!screen || !token || !utf8_is_valid(screen, strlen(screen))))
                error = -EBADMSG;
        if (error < 0)
                bus_pending_fail(p, error);
        else
                bus_pending_reply(p, "ss", screen, token);
}

/* Always fresh, for something is about to be decided on it. */
int bus_agent_look(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        BusExports *e = bus_exports_of(sd_bus_message_get_bus(m));
        _cleanup_(bus_pending_freep) BusPending *p = NULL;
        const Agent *a = userdata;
        uint32_t lines;
        int r;

        r = bus_agent_read_lines(m, a, &lines, reterr);
        if (r != 0)
                return r;
        r = bus_pending_new(e, m, a->id, &p, reterr);
        if (r < 0)
                return r;
        r = e->parts.actions->ask_screen(e->parts.userdata, a, lines, on_look, p, &p->question);
        if (r < 0)
                return bus_error_set_core(reterr, r, a->id);

        (void)TAKE_PTR(p);
        return 1;
}
