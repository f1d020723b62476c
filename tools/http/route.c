/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/http/route.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/base/text.h"
#include "tools/tmux-orc/bus-json.h"

#define BUS_NAME "org.tmuxorc.Monitor1"
#define BUS_ROOT "/org/tmuxorc/Monitor1"
#define BUS_MANAGER BUS_NAME ".Manager"
#define BUS_PLUGIN BUS_NAME ".Plugin"
#define BUS_ERROR_DISABLED BUS_NAME ".Error.Disabled"

#define TYPE_JSON "application/json"
#define TYPE_METRICS "text/plain; version=0.0.4; charset=utf-8"

static int answer_json(Answer *ret, unsigned status, json_object *o) {
        const char *text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_NOSLASHESCAPE);

        *ret = (Answer){.status = status, .type = TYPE_JSON};
        if (!text || asprintf(&ret->body, "%s\n", text) < 0) {
                ret->body = NULL;
                return -ENOMEM;
        }

        return 0;
}

void answer_error(Answer *ret, unsigned status, const char *text) {
        _cleanup_json_ json_object *o = json_object_new_object();

        *ret = (Answer){.status = status, .type = TYPE_JSON};
        if (o && json_set_string(o, "error", text) >= 0)
                (void)answer_json(ret, status, o);
}

/* It is not for us to start what we look at. */
static int call_new(sd_bus *bus, const char *path, const char *interface, const char *member,
                sd_bus_message **ret) {
        int r;

        r = sd_bus_message_new_method_call(bus, ret, BUS_NAME, path, interface, member);
        return r < 0 ? r : sd_bus_message_set_auto_start(*ret, false);
}

static int ask_metrics(sd_bus *bus, const char *name, sd_bus_message **ret) {
        int r;

        r = call_new(bus, BUS_ROOT, BUS_MANAGER, "ExportMetrics", ret);
        return r < 0 ? r : sd_bus_message_append(*ret, "s", "prometheus");
}

static int answer_metrics(sd_bus_message *reply, const char *name, Answer *ret) {
        const char *text;
        int r;

        r = sd_bus_message_read(reply, "s", &text);
        if (r < 0)
                return r;

        *ret = (Answer){.status = 200, .type = TYPE_METRICS, .body = strdup(text)};
        return ret->body ? 0 : -ENOMEM;
}

static int ask_health(sd_bus *bus, const char *name, sd_bus_message **ret) {
        return call_new(bus, BUS_ROOT, BUS_MANAGER, "GetHealth", ret);
}

/* Load balancers and probes read the status only. */
static unsigned status_of_health(const char *health) {
        return health && strcmp(health, "red") == 0 ? 503 : 200;
}

static int read_health(sd_bus_message *reply, json_object **ret, json_object **ret_components) {
        _cleanup_json_ json_object *o = NULL;
        int r;

        r = bus_json_from_message(reply, &o);
        if (r < 0)
                return r;
        if (!json_object_is_type(o, json_type_array) || json_object_array_length(o) != 2)
                return -EBADMSG;
        r = bus_json_name_tuples(
                        json_object_array_get_idx(o, 1), "component health text", ret_components);
        if (r < 0)
                return r;

        *ret = json_object_get(json_object_array_get_idx(o, 0));
        return 0;
}

static int answer_overall(sd_bus_message *reply, bool with_components, Answer *ret) {
        _cleanup_json_ json_object *health = NULL, *components = NULL, *o = NULL;
        int r;

        r = read_health(reply, &health, &components);
        if (r < 0)
                return r;
        o = json_object_new_object();
        if (!o || json_set(o, "health", json_object_get(health)) < 0)
                return -ENOMEM;
        if (with_components && json_set(o, "components", json_object_get(components)) < 0)
                return -ENOMEM;

        return answer_json(ret, status_of_health(json_object_get_string(health)), o);
}

static int answer_health(sd_bus_message *reply, const char *name, Answer *ret) {
        return answer_overall(reply, false, ret);
}

static int answer_components(sd_bus_message *reply, const char *name, Answer *ret) {
        return answer_overall(reply, true, ret);
}

static int answer_component(sd_bus_message *reply, const char *name, Answer *ret) {
        _cleanup_json_ json_object *health = NULL, *components = NULL;
        int r;

        r = read_health(reply, &health, &components);
        if (r < 0)
                return r;

        for (size_t i = 0; i < json_object_array_length(components); i++) {
                json_object *c = json_object_array_get_idx(components, i);
                const char *its = json_get_string(c, "component");

                if (its && strcmp(its, name) == 0)
                        return answer_json(ret, status_of_health(json_get_string(c, "health")), c);
        }

        answer_error(ret, 404, "there is no such component; /health/components names them");
        return 0;
}

static int ask_plugins(sd_bus *bus, const char *name, sd_bus_message **ret) {
        return call_new(bus, BUS_ROOT, BUS_MANAGER, "ListPlugins", ret);
}

static int answer_plugins(sd_bus_message *reply, const char *name, Answer *ret) {
        _cleanup_json_ json_object *o = NULL, *rows = NULL;
        int r;

        r = bus_json_from_message(reply, &o);
        if (r < 0)
                return r;
        r = bus_json_name_tuples(o, "name version kind status path", &rows);
        return r < 0 ? r : answer_json(ret, 200, rows);
}

static int ask_plugin(sd_bus *bus, const char *name, sd_bus_message **ret) {
        _cleanup_free_ char *path = NULL;
        int r;

        r = sd_bus_path_encode(BUS_ROOT "/plugin", name, &path);
        if (r < 0)
                return r;
        r = call_new(bus, path, "org.freedesktop.DBus.Properties", "GetAll", ret);
        return r < 0 ? r : sd_bus_message_append(*ret, "s", BUS_PLUGIN);
}

static int answer_plugin(sd_bus_message *reply, const char *name, Answer *ret) {
        _cleanup_json_ json_object *o = NULL, *properties = NULL;
        int r;

        r = bus_json_from_message(reply, &o);
        if (r < 0)
                return r;
        r = bus_json_rename(o, &properties);
        return r < 0 ? r : answer_json(ret, 200, properties);
}

static int ask_samples(sd_bus *bus, const char *name, sd_bus_message **ret) {
        return call_new(bus, BUS_ROOT, BUS_MANAGER, "GetMetrics", ret);
}

static bool is_of_plugin(json_object *sample, const char *name) {
        const char *plugin = json_get_string(json_get(sample, "labels"), "plugin");

        return plugin && strcmp(plugin, name) == 0;
}

static int answer_plugin_metrics(sd_bus_message *reply, const char *name, Answer *ret) {
        _cleanup_json_ json_object *o = NULL, *rows = NULL, *chosen = json_object_new_array();
        int r;

        if (!chosen)
                return -ENOMEM;
        r = bus_json_from_message(reply, &o);
        if (r < 0)
                return r;
        r = bus_json_name_tuples(o, "name labels value", &rows);
        if (r < 0)
                return r;

        for (size_t i = 0; i < json_object_array_length(rows); i++) {
                json_object *row = json_object_array_get_idx(rows, i);

                if (is_of_plugin(row, name) && json_append(chosen, json_object_get(row)) < 0)
                        return -ENOMEM;
        }

        return answer_json(ret, 200, chosen);
}

/* The first that matches. */
static const Route routes[] = {
                {"/metrics", NULL, ask_metrics, answer_metrics},
                {"/health", NULL, ask_health, answer_health},
                {"/health/components", NULL, ask_health, answer_components},
                {"/health/", "", ask_health, answer_component},
                {"/api/plugins/list", NULL, ask_plugins, answer_plugins},
                {"/api/plugins/", "/metrics", ask_samples, answer_plugin_metrics},
                {"/api/plugins/", "", ask_plugin, answer_plugin},
};

static bool matches(const Route *r, const char *path, char name[static ROUTE_NAME_MAX]) {
        size_t n_before = strlen(r->before), n_path = strlen(path), n_name;

        name[0] = '\0';
        if (!r->after)
                return strcmp(path, r->before) == 0;
        if (!text_starts_with(path, r->before) || !text_ends_with(path, r->after) ||
                        n_path <= n_before + strlen(r->after))
                return false;

        n_name = n_path - n_before - strlen(r->after);
        if (n_name >= ROUTE_NAME_MAX || memchr(path + n_before, '/', n_name))
                return false;

        memcpy(name, path + n_before, n_name);
        name[n_name] = '\0';
        return true;
}

const Route *route_find(const char *path, char name[static ROUTE_NAME_MAX]) {
        FOREACH_ELEMENT (r, routes)
                if (matches(r, path, name))
                        return r;

        return NULL;
}

/* Errors of the bus as HTTP has them. What the service itself says of one is told. */
static void answer_bus_error(Answer *ret, const sd_bus_error *error) {
        static const struct {
                const char *name;
                unsigned status;
                const char *text;
        } rows[] = {
                        {SD_BUS_ERROR_SERVICE_UNKNOWN, 503, "the service does not run"},
                        {SD_BUS_ERROR_NAME_HAS_NO_OWNER, 503, "the service does not run"},
                        {SD_BUS_ERROR_NO_REPLY, 504, "the service did not answer in time"},
                        {SD_BUS_ERROR_TIMEOUT, 504, "the service did not answer in time"},
                        {"System.Error.ETIMEDOUT", 504, "the service did not answer in time"},
                        {BUS_ERROR_DISABLED, 403, NULL},
                        {SD_BUS_ERROR_UNKNOWN_OBJECT, 404, "there is no such plugin"},
                        {SD_BUS_ERROR_UNKNOWN_METHOD, 501,
                                        "the service that runs does not offer it"},
                        {SD_BUS_ERROR_UNKNOWN_INTERFACE, 501,
                                        "the service that runs does not offer it"},
        };

        FOREACH_ELEMENT (row, rows)
                if (sd_bus_error_has_name(error, row->name)) {
                        answer_error(ret, row->status, row->text ?: error->message ?: "");
                        return;
                }

        answer_error(ret, 502, error->message ?: "the service answered with an error");
}

void route_answer(const Route *route, sd_bus_message *reply, const char *name, Answer *ret) {
        const sd_bus_error *error = sd_bus_message_get_error(reply);

        if (error)
                answer_bus_error(ret, error);
        else if (route->answer(reply, name, ret) < 0) {
                free(ret->body);
                answer_error(ret, 502, "the service gave an answer without sense");
        }
}
