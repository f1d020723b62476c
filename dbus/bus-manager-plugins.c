/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/text.h"
#include "daemon/wire/rpc-message.h"
#include "dbus/bus-check.h"
#include "dbus/bus-error.h"
#include "dbus/bus-manager.h"
#include "dbus/bus-pending.h"
#include "dbus/bus-plugin-error.h"
#include "dbus/bus-reply.h"

#define TIMEOUT_MAX_USEC (10 * USEC_PER_MINUTE)
#define INPUT_DEPTH_MAX (RPC_DEPTH_MAX - 4U)

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

/* Reads the name, and sees whether this caller may manage it. 0, or what to return. */
static int begin_managing(
                BusExports *e, sd_bus_message *m, const char **ret, sd_bus_error *reterr) {
        int r;

        r = sd_bus_message_read(m, "s", ret);
        if (r < 0)
                return r;
        r = bus_check_word(*ret, "name", reterr);
        if (r < 0)
                return r;
        return authorize(e->parts.authorizer, m, AUTHORIZE_MANAGE_PLUGINS, UID_INVALID, reterr);
}

static int switch_plugin(sd_bus_message *m, BusExports *e, sd_bus_error *reterr,
                int (*act)(Plugins *, const char *, const PluginsCaller *)) {
        PluginsCaller caller = bus_plugins_caller(e, m);
        const char *name;
        int r;

        r = begin_managing(e, m, &name, reterr);
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

static void reply_error(BusPending *p, int error, const char *sentence) {
        _cleanup_(sd_bus_error_free) sd_bus_error e = SD_BUS_ERROR_NULL;

        (void)bus_plugin_error_set(&e, error, p->subject, sentence);
        (void)sd_bus_reply_method_error(p->message, &e);
        bus_pending_free(p);
}

static void on_task_done(void *userdata, int error, const char *sentence) {
        BusPending *p = userdata;

        p->task = NULL;
        if (error < 0)
                reply_error(p, error, sentence);
        else
                bus_pending_reply(p, NULL);
}

int bus_manager_reload_plugin(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        _cleanup_(bus_pending_freep) BusPending *p = NULL;
        _cleanup_free_ char *sentence = NULL;
        BusExports *e = userdata;
        PluginsCaller caller = bus_plugins_caller(e, m);
        const char *name;
        int r;

        r = begin_managing(e, m, &name, reterr);
        if (r != 0)
                return r;
        r = bus_pending_new(e, m, name, &p, reterr);
        if (r < 0)
                return r;
        r = plugins_reload(e->parts.plugins, name, &caller, on_task_done, p, &p->task, &sentence);
        if (r < 0)
                return bus_plugin_error_set(reterr, r, name, sentence);

        (void)TAKE_PTR(p);
        return 1;
}

int bus_manager_warm_plugin(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        _cleanup_(bus_pending_freep) BusPending *p = NULL;
        BusExports *e = userdata;
        PluginsCaller caller = bus_plugins_caller(e, m);
        const char *name;
        int r;

        r = begin_managing(e, m, &name, reterr);
        if (r != 0)
                return r;
        r = bus_pending_new(e, m, name, &p, reterr);
        if (r < 0)
                return r;
        r = plugins_warm(e->parts.plugins, name, &caller, on_task_done, p, &p->task);
        if (r < 0)
                return bus_plugin_error_set(reterr, r, name, NULL);
        if (!p->task)
                return sd_bus_reply_method_return(m, NULL);

        (void)TAKE_PTR(p);
        return 1;
}

static int read_option(
                sd_bus_message *m, const char *key, ExecRequest *request, sd_bus_error *reterr) {
        int flag, r;

        if (strcmp(key, "timeout_usec") == 0) {
                r = sd_bus_message_read(m, "v", "t", &request->timeout_usec);
                if (r < 0)
                        return r;
                if (request->timeout_usec == 0 || request->timeout_usec > TIMEOUT_MAX_USEC)
                        return sd_bus_error_setf(reterr, BUS_ERROR_INVALID_ARGUMENT,
                                        "'timeout_usec' is from 1 to %llu",
                                        (unsigned long long)TIMEOUT_MAX_USEC);
                return 0;
        }
        if (strcmp(key, "fresh") == 0) {
                r = sd_bus_message_read(m, "v", "b", &flag);
                request->fresh = r >= 0 && flag;
                return r;
        }

        return sd_bus_error_setf(
                        reterr, BUS_ERROR_INVALID_ARGUMENT, "there is no option '%.64s'", key);
}

static int read_options(sd_bus_message *m, ExecRequest *request, sd_bus_error *reterr) {
        const char *key;
        int r;

        r = sd_bus_message_enter_container(m, 'a', "{sv}");
        if (r < 0)
                return r;

        while ((r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = sd_bus_message_read(m, "s", &key);
                if (r >= 0)
                        r = read_option(m, key, request, reterr);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* "" is {}. */
static int read_input(const char *text, json_object **ret, sd_bus_error *reterr) {
        int r;

        r = bus_check_length(text, BUS_JSON_MAX, "json", reterr);
        if (r < 0)
                return r;
        if (text[0] == '\0')
                text = "{}";
        r = json_parse(text, strlen(text), INPUT_DEPTH_MAX, ret);
        return r == -EBADMSG ? sd_bus_error_set(reterr, BUS_ERROR_INVALID_INPUT,
                                               "'json' is no JSON, or nested too deep")
                             : r;
}

static int append_info(sd_bus_message *reply, const ExecInfo *info) {
        return sd_bus_message_append(reply, "a{sv}", 3, "cached", "b", (int)info->cached, "usec",
                        "t", info->usec, "version", "s", info->version);
}

static void on_executed(void *userdata, int error, const char *sentence, json_object *output,
                const ExecInfo *info) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        BusPending *p = userdata;
        int r;

        p->execution = NULL;
        if (error < 0) {
                reply_error(p, error, sentence);
                return;
        }

        r = sd_bus_message_new_method_return(p->message, &reply);
        if (r >= 0)
                r = sd_bus_message_append(reply, "s",
                                json_object_to_json_string_ext(output,
                                                JSON_C_TO_STRING_PLAIN |
                                                                JSON_C_TO_STRING_NOSLASHESCAPE));
        if (r >= 0)
                r = append_info(reply, info);
        if (r >= 0)
                r = sd_bus_send(NULL, reply, NULL);
        if (r < 0)
                bus_pending_fail(p, r);
        else
                bus_pending_free(p);
}

int bus_manager_execute_plugin(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        _cleanup_(bus_pending_freep) BusPending *p = NULL;
        _cleanup_free_ char *sentence = NULL;
        _cleanup_json_ json_object *input = NULL;
        BusExports *e = userdata;
        ExecRequest request = {.caller = bus_plugins_caller(e, m)};
        const Plugin *plugin;
        const char *text;
        int r;

        r = sd_bus_message_read(m, "ss", &request.name, &text);
        if (r >= 0)
                r = bus_check_word(request.name, "name", reterr);
        if (r >= 0)
                r = read_input(text, &input, reterr);
        if (r >= 0)
                r = read_options(m, &request, reterr);
        if (r < 0)
                return r;

        plugin = plugins_find(e->parts.plugins, request.name);
        if (!plugin || !plugin->manifest || plugin->manifest->requires_auth) {
                r = authorize(e->parts.authorizer, m, AUTHORIZE_EXECUTE_PLUGIN, UID_INVALID,
                                reterr);
                if (r != 0)
                        return r;
        }

        request.input = input;
        r = bus_pending_new(e, m, request.name, &p, reterr);
        if (r < 0)
                return r;
        r = plugins_execute(e->parts.plugins, &request, on_executed, p, &p->execution, &sentence);
        if (r < 0)
                return bus_plugin_error_set(reterr, r, request.name, sentence);

        (void)TAKE_PTR(p);
        return 1;
}
