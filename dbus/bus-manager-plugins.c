/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "dbus/bus-check.h"
#include "dbus/bus-error.h"
#include "dbus/bus-manager.h"
#include "dbus/bus-pending.h"
#include "dbus/bus-plugin-error.h"
#include "dbus/bus-reply.h"

PluginsCaller bus_plugins_caller(const BusExports *e, sd_bus_message *m) {
        PluginsCaller c = {.uid = UID_INVALID,
                        .pid = authorize_get_sender_pid(e->parts.authorizer, m)};

        if (authorize_get_sender(e->parts.authorizer, m, &c.uid) < 0)
                c.uid = UID_INVALID;
        return c;
}

static int fill_plugins(sd_bus_message *reply, void *userdata) {
        const BusExports *e = userdata;
        const Plugin *p = NULL;
        int r;

        while ((p = plugins_next(e->parts.plugins, p))) {
                _cleanup_free_ char *path = NULL;

                r = bus_path_of_plugin(p, &path);
                if (r < 0)
                        return r;
                r = sd_bus_message_append(reply, "(sssso)", p->name, plugin_version(p),
                                p->manifest ? plugin_kind_to_string(p->manifest->kind) : "",
                                plugin_status_to_string(p->status), path);
                if (r < 0)
                        return r;
        }
        return 0;
}

int bus_manager_list_plugins(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        return bus_reply_list(m, "(sssso)", fill_plugins, userdata);
}

int bus_manager_scan_plugins(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        BusExports *e = userdata;
        PluginsCaller caller = bus_plugins_caller(e, m);
        unsigned n;
        int r;

        r = authorize(e->parts.authorizer, m, AUTHORIZE_MANAGE_PLUGINS, UID_INVALID, reterr);
        if (r != 0)
                return r;
        r = plugins_scan_for(e->parts.plugins, &caller, &n);
        if (r < 0)
                return bus_error_set_core(reterr, r, NULL);

        return sd_bus_reply_method_return(m, "u", (uint32_t)n);
}

static int check_name(const char *name, sd_bus_error *reterr) {
        return bus_check_word(name, "name", reterr);
}

static int check_name_or_file(const char *name, sd_bus_error *reterr) {
        return bus_check_length(name, BUS_TEXT_MAX, "name_or_file", reterr);
}

/* Reads the name, and sees whether this caller may manage it. 0, or what to return. */
static int begin_managing(BusExports *e, sd_bus_message *m,
                int (*check)(const char *name, sd_bus_error *reterr), const char **ret,
                sd_bus_error *reterr) {
        int r;

        r = sd_bus_message_read(m, "s", ret);
        if (r < 0)
                return r;
        r = check(*ret, reterr);
        if (r < 0)
                return r;
        return authorize_about(e->parts.authorizer, m, AUTHORIZE_MANAGE_PLUGINS, UID_INVALID,
                        "plugin", *ret, reterr);
}

static int switch_plugin(sd_bus_message *m, BusExports *e, sd_bus_error *reterr,
                int (*act)(Plugins *, const char *, const PluginsCaller *)) {
        PluginsCaller caller = bus_plugins_caller(e, m);
        const char *name;
        int r;

        r = begin_managing(e, m, check_name, &name, reterr);
        if (r != 0)
                return r;
        r = act(e->parts.plugins, name, &caller);
        /* It is what it was to become. */
        if (r < 0 && r != -EALREADY)
                return bus_plugin_error_set(reterr, r, name, NULL);
        return sd_bus_reply_method_return(m, NULL);
}

int bus_manager_enable_plugin(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        return switch_plugin(m, userdata, reterr, plugins_enable);
}

int bus_manager_disable_plugin(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        return switch_plugin(m, userdata, reterr, plugins_disable);
}

/* The same for what is answered later: the name is the subject of *ret. */
static int begin_waiting(BusExports *e, sd_bus_message *m,
                int (*check)(const char *name, sd_bus_error *reterr), BusPending **ret,
                sd_bus_error *reterr) {
        const char *name;
        int r;

        r = begin_managing(e, m, check, &name, reterr);
        return r != 0 ? r : bus_pending_new(e, m, name, ret, reterr);
}

static void on_task_done(void *userdata, int error, const char *sentence) {
        BusPending *p = userdata;

        p->task = NULL;
        if (error < 0)
                bus_plugin_fail(p, error, sentence);
        else
                bus_pending_reply(p, NULL);
}

int bus_manager_reload_plugin(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        _cleanup_(bus_pending_freep) BusPending *p = NULL;
        _cleanup_free_ char *sentence = NULL;
        BusExports *e = userdata;
        PluginsCaller caller = bus_plugins_caller(e, m);
        int r;

        r = begin_waiting(e, m, check_name, &p, reterr);
        if (r != 0)
                return r;
        r = plugins_reload(e->parts.plugins, p->subject, &caller, on_task_done, p, &p->task,
                        &sentence);
        if (r < 0)
                return bus_plugin_error_set(reterr, r, p->subject, sentence);

        (void)TAKE_PTR(p);
        return 1;
}

int bus_manager_warm_plugin(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        _cleanup_(bus_pending_freep) BusPending *p = NULL;
        BusExports *e = userdata;
        PluginsCaller caller = bus_plugins_caller(e, m);
        int r;

        r = begin_waiting(e, m, check_name, &p, reterr);
        if (r != 0)
                return r;
        r = plugins_warm(e->parts.plugins, p->subject, &caller, on_task_done, p, &p->task);
        if (r < 0)
                return bus_plugin_error_set(reterr, r, p->subject, NULL);
        if (!p->task)
                return sd_bus_reply_method_return(m, NULL);

        (void)TAKE_PTR(p);
        return 1;
}

static int append_findings(sd_bus_message *reply, const PluginFindings *findings) {
        int r;

        r = sd_bus_message_append(reply, "b", !plugin_findings_have_error(findings));
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "(sss)");
        for (size_t i = 0; i < findings->n_items && r >= 0; i++) {
                const PluginFinding *f = &findings->items[i];

                r = sd_bus_message_append(reply, "(sss)", plugin_severity_to_string(f->severity),
                                f->code, f->message);
        }
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static void on_checked(void *userdata, const PluginFindings *findings) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        BusPending *p = userdata;
        int r;

        p->check = NULL;
        r = sd_bus_message_new_method_return(p->message, &reply);
        if (r >= 0)
                r = append_findings(reply, findings);
        if (r >= 0)
                r = sd_bus_send(NULL, reply, NULL);
        if (r < 0)
                bus_pending_fail(p, r);
        else
                bus_pending_free(p);
}

int bus_manager_validate_plugin(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        _cleanup_(bus_pending_freep) BusPending *p = NULL;
        BusExports *e = userdata;
        PluginsCaller caller = bus_plugins_caller(e, m);
        int r;

        r = begin_waiting(e, m, check_name_or_file, &p, reterr);
        if (r != 0)
                return r;
        r = plugins_check(e->parts.plugins, p->subject, &caller, on_checked, p, &p->check);
        if (r < 0)
                return bus_plugin_error_set(reterr, r, p->subject, NULL);

        (void)TAKE_PTR(p);
        return 1;
}
