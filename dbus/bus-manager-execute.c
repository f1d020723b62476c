/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/wire/rpc-message.h"
#include "dbus/bus-check.h"
#include "dbus/bus-error.h"
#include "dbus/bus-manager.h"
#include "dbus/bus-pending.h"
#include "dbus/bus-plugin-error.h"

#define TIMEOUT_MAX_USEC (10 * USEC_PER_MINUTE)
#define INPUT_DEPTH_MAX (RPC_DEPTH_MAX - 4U)

static int read_timeout(sd_bus_message *m, ExecRequest *request, sd_bus_error *reterr) {
        int r;

        r = sd_bus_message_read(m, "v", "t", &request->timeout_usec);
        if (r < 0)
                return r;
        if (request->timeout_usec == 0 || request->timeout_usec > TIMEOUT_MAX_USEC)
                return sd_bus_error_setf(reterr, BUS_ERROR_INVALID_ARGUMENT,
                                "'timeout_usec' is from 1 to %llu",
                                (unsigned long long)TIMEOUT_MAX_USEC);
        return 1;
}

static int read_option(sd_bus_message *m, const char *key, void *userdata, sd_bus_error *reterr) {
        ExecRequest *request = userdata;
        int flag, r;

        if (strcmp(key, "timeout_usec") == 0)
                return read_timeout(m, request, reterr);
        if (strcmp(key, "fresh") != 0)
                return 0;
        r = sd_bus_message_read(m, "v", "b", &flag);
        request->fresh = r >= 0 && flag;
        return r;
}

/* "" is {}. */
static int read_request(sd_bus_message *m, ExecRequest *request, sd_bus_error *reterr) {
        int r;

        r = sd_bus_message_read(m, "ss", &request->name, &request->text);
        if (r >= 0)
                r = bus_check_word(request->name, "name", reterr);
        if (r >= 0)
                r = bus_check_length(request->text, BUS_JSON_MAX, "json", reterr);
        if (r < 0)
                return r;
        if (request->text[0] == '\0')
                request->text = "{}";
        return bus_read_options(m, read_option, request, reterr);
}

static int parse_input(const char *text, json_object **ret, sd_bus_error *reterr) {
        int r;

        r = json_parse(text, strlen(text), INPUT_DEPTH_MAX, ret);
        return r == -EBADMSG ? sd_bus_error_set(reterr, BUS_ERROR_INVALID_INPUT,
                                               "'json' is no JSON, or nested too deep")
                             : r;
}

static int send_answer(sd_bus_message *call, const char *output, const ExecInfo *info) {
        return sd_bus_reply_method_return(call, "sa{sv}", output, 3, "cached", "b",
                        (int)info->cached, "usec", "t", info->usec, "version", "s", info->version);
}

static void on_executed(void *userdata, int error, const char *sentence, json_object *output,
                const ExecInfo *info) {
        BusPending *p = userdata;
        int r;

        p->execution = NULL;
        if (error < 0) {
                bus_plugin_fail(p, error, sentence);
                return;
        }

        r = send_answer(p->message,
                        json_object_to_json_string_ext(output,
                                        JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE),
                        info);
        if (r < 0)
                bus_pending_fail(p, r);
        else
                bus_pending_free(p);
}

static void on_recalled(void *userdata, const char *output, const ExecInfo *info) {
        (void)send_answer(userdata, output, info);
}

/* Of a plugin that there is not, or that is of no use, only who may execute others hears so. */
static int may_execute(BusExports *e, sd_bus_message *m, const char *name, sd_bus_error *reterr) {
        const Plugin *plugin = plugins_find(e->parts.plugins, name);

        if (plugin && plugin->manifest && !plugin->manifest->requires_auth)
                return 0;
        return authorize_about(e->parts.authorizer, m, AUTHORIZE_EXECUTE_PLUGIN, UID_INVALID,
                        "plugin", name, reterr);
}

static int execute(BusExports *e, sd_bus_message *m, ExecRequest *request, sd_bus_error *reterr) {
        _cleanup_(bus_pending_freep) BusPending *p = NULL;
        _cleanup_free_ char *sentence = NULL;
        _cleanup_json_ json_object *input = NULL;
        int r;

        r = parse_input(request->text, &input, reterr);
        if (r < 0)
                return r;
        request->input = input;
        r = bus_pending_new(e, m, request->name, &p, reterr);
        if (r < 0)
                return r;
        r = plugins_execute(e->parts.plugins, request, on_executed, p, &p->execution, &sentence);
        if (r < 0)
                return bus_plugin_error_set(reterr, r, request->name, sentence);

        (void)TAKE_PTR(p);
        return 1;
}

int bus_manager_execute_plugin(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        BusExports *e = userdata;
        ExecRequest request = {.caller = bus_plugins_caller(e, m)};
        int r;

        r = read_request(m, &request, reterr);
        if (r < 0)
                return r;
        r = may_execute(e, m, request.name, reterr);
        if (r != 0)
                return r;
        if (plugins_recall(e->parts.plugins, &request, on_recalled, m))
                return 1;
        return execute(e, m, &request, reterr);
}
