/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/base/text.h"
#include "dbus/bus-check.h"
#include "dbus/bus-error.h"
#include "dbus/bus-manager.h"
#include "dbus/bus-pending.h"

#define EVENT_DEPTH_MAX 16U

static void on_cycle_done(void *userdata, int error, uint64_t usec, unsigned agents) {
        BusPending *p = userdata;

        if (error < 0)
                bus_pending_fail(p, error);
        else
                bus_pending_reply(p, "tu", usec, (uint32_t)agents);
}

int bus_manager_run_cycle(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        _cleanup_(bus_pending_freep) BusPending *p = NULL;
        BusExports *e = userdata;
        int r;

        r = authorize(e->parts.authorizer, m, AUTHORIZE_MANAGE_MONITORING, UID_INVALID, reterr);
        if (r != 0)
                return r;

        r = bus_pending_new(e, m, NULL, &p, reterr);
        if (r < 0)
                return r;

        r = cycle_run(e->parts.cycle, on_cycle_done, p);
        if (r < 0)
                return bus_error_set_core(reterr, r, NULL);

        (void)TAKE_PTR(p);
        return 1;
}

static void on_event_taken(void *userdata, int error, json_object *result) {
        BusPending *p = userdata;

        p->question = NULL;
        if (error < 0)
                bus_pending_fail(p, error);
        else
                bus_pending_reply(p, NULL);
}

/* "" is none; what is there must be an object. */
static int parse_details(const char *text, json_object **ret, sd_bus_error *reterr) {
        _cleanup_json_ json_object *details = NULL;
        int r;

        r = bus_check_length(text, BUS_JSON_MAX, "json", reterr);
        if (r < 0 || text_is_empty(text))
                return r;

        r = json_parse(text, strlen(text), EVENT_DEPTH_MAX, &details);
        if (r < 0 || !json_object_is_type(details, json_type_object))
                return sd_bus_error_set(reterr, BUS_ERROR_INVALID_INPUT,
                                "'json' must be empty or a JSON object");

        *ret = TAKE_PTR(details);
        return 0;
}

int bus_manager_report_event(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        _cleanup_(bus_pending_freep) BusPending *p = NULL;
        _cleanup_json_ json_object *details = NULL;
        const char *pane, *source, *event, *text;
        BusExports *e = userdata;
        const Agent *a;
        int r;

        r = sd_bus_message_read(m, "ssss", &pane, &source, &event, &text);
        if (r < 0)
                return r;
        r = bus_check_word(source, "source", reterr);
        if (r < 0)
                return r;
        r = bus_check_word(event, "event", reterr);
        if (r < 0)
                return r;
        r = parse_details(text, &details, reterr);
        if (r < 0)
                return r;
        r = bus_manager_find_pane(e, m, pane, &a, reterr);
        if (r < 0)
                return r;

        r = authorize_about(e->parts.authorizer, m, AUTHORIZE_REPORT_EVENT, a->server->uid, "agent",
                        a->id, reterr);
        if (r != 0)
                return r;

        r = bus_pending_new(e, m, a->id, &p, reterr);
        if (r < 0)
                return r;
        r = e->parts.actions->send_event(e->parts.userdata, a,
                        authorize_get_sender_pid(e->parts.authorizer, m), source, event, details,
                        on_event_taken, p, &p->question);
        if (r < 0)
                return bus_error_set_core(reterr, r, a->id);

        (void)TAKE_PTR(p);
        return 1;
}

int bus_manager_reload(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        _cleanup_free_ char *message = NULL;
        BusExports *e = userdata;
        int r;

        r = authorize(e->parts.authorizer, m, AUTHORIZE_CONFIGURE, UID_INVALID, reterr);
        if (r != 0)
                return r;

        r = e->parts.actions->reload(e->parts.userdata, &message);
        if (r == -EBADMSG)
                return sd_bus_error_set(reterr, BUS_ERROR_INVALID_CONFIG,
                                message ?: "the configuration is refused");
        if (r < 0)
                return bus_error_set_core(reterr, r, NULL);

        return sd_bus_reply_method_return(m, NULL);
}

int bus_manager_forget_state(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        BusExports *e = userdata;
        int r;

        r = authorize(e->parts.authorizer, m, AUTHORIZE_MANAGE_MONITORING, UID_INVALID, reterr);
        if (r != 0)
                return r;

        e->parts.actions->forget_state(e->parts.userdata);
        return sd_bus_reply_method_return(m, NULL);
}

int bus_manager_restart_component(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        BusExports *e = userdata;
        const char *name;
        int r;

        r = bus_read_word(m, "name", &name, reterr);
        if (r < 0)
                return r;

        r = authorize_about(e->parts.authorizer, m, AUTHORIZE_MANAGE_MONITORING, UID_INVALID,
                        "component", name, reterr);
        if (r != 0)
                return r;

        r = components_restart(e->parts.components, name);
        if (r == -ENXIO)
                return sd_bus_error_setf(reterr, BUS_ERROR_NO_SUCH_COMPONENT,
                                "%s: there is no such component", name);
        if (r == -EBADMSG)
                return sd_bus_error_set(
                                reterr, BUS_ERROR_INVALID_CONFIG, "the configuration is refused");
        if (r < 0)
                return bus_error_set_core(reterr, r, name);

        return sd_bus_reply_method_return(m, NULL);
}

int bus_manager_take_over(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        BusExports *e = userdata;
        int r;

        r = authorize(e->parts.authorizer, m, AUTHORIZE_CONFIGURE, UID_INVALID, reterr);
        if (r != 0)
                return r;
        if (!e->take_over)
                return sd_bus_error_set(
                                reterr, SD_BUS_ERROR_NOT_SUPPORTED, "there are no names here");

        return e->take_over(e->take_over_userdata, m, reterr);
}
