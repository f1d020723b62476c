/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/strv.h"
#include "daemon/extend/dialect.h"
#include "daemon/extend/host-private.h"

/* A unit must be started, its namespaces made. */
#define LOAD_TIMEOUT_USEC (10 * USEC_PER_SEC)
/* A program's run time must come up. */
#define INITIALIZE_TIMEOUT_USEC (20 * USEC_PER_SEC)
#define SELFTEST_TIMEOUT_USEC (5 * USEC_PER_SEC)

static void give_up(Host *h, const char *what, int error, const char *sentence) {
        if (error == -ECONNRESET)
                return; /* whoever saw it end has the better words */
        if (error == -ETIMEDOUT)
                host_cut_off(h, error, "%s took too long", what);
        else
                host_cut_off(h, error, "%s failed: %s", what, sentence ?: strerror(-error));
}

static int set_arguments(json_object *params, char *const *program) {
        json_object *list = json_object_new_array();
        int r = json_set(params, "arguments", list);

        for (size_t i = 0; program && program[i] && r >= 0; i++)
                r = json_append_string(list, program[i]);
        return r;
}

static int describe_setup(const Host *h, const char *folder, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();
        const Manifest *m = h->manifest;

        if (!o || json_set_string(o, "name", m->name) < 0 ||
                        json_set_string(o, "kind", plugin_kind_to_string(m->kind)) < 0 ||
                        json_set_string(o, "payload",
                                        manifest_is_program(m) ? "program" : "object") < 0 ||
                        json_set_string(o, "profile", m->network ? "network" : "strict") < 0 ||
                        json_set_string(o, "folder", folder) < 0 ||
                        json_set_u64(o, "memory", m->memory_bytes) < 0 ||
                        json_set_u64(o, "tasks", m->tasks) < 0 ||
                        json_set_u64(o, "cpu", m->cpu_percent) < 0 ||
                        set_arguments(o, m->program) < 0)
                return -ENOMEM;
        if (m->settings && json_set(o, "settings", json_object_get(m->settings)) < 0)
                return -ENOMEM;

        *ret = TAKE_PTR(o);
        return 0;
}

static HostSandbox judge_sandbox(const Host *h, json_object *walls) {
        if (!json_get_bool(walls, "limits", false))
                return HOST_SANDBOX_NONE;
        if (!json_get_bool(walls, "filter", false))
                return HOST_SANDBOX_LIMITS;
        if (json_get_int(walls, "landlock", 0) <= 0)
                return HOST_SANDBOX_FILTERED;
        return h->process.in_unit || json_get_bool(walls, "namespaces", false)
                        ? HOST_SANDBOX_ISOLATED
                        : HOST_SANDBOX_WALLED;
}

static void on_selftest(void *userdata, int error, const char *sentence, json_object *result) {
        Host *h = userdata;

        /* A program need not have one. */
        if (error < 0 && error != -EOPNOTSUPP) {
                give_up(h, "its self-test", error, sentence);
                return;
        }
        h->ready = true;
        h->events->started(h->userdata, h, 0, NULL);
}

static int ask_selftest(Host *h) {
        const char *method = h->manifest->protocol == PLUGIN_PROTOCOL_MCP ? "ping" : "selftest";

        return host_call(h, method, json_object_new_object(), SELFTEST_TIMEOUT_USEC, on_selftest, h,
                        NULL);
}

static void on_initialized(void *userdata, int error, const char *sentence, json_object *result) {
        _cleanup_free_ char *reason = NULL;
        Host *h = userdata;
        const char *next = dialect_initialized(h->manifest);

        if (error >= 0) {
                error = dialect_take_initialized(h->manifest, result, &reason);
                sentence = reason;
        }
        if (error >= 0 && next)
                error = rpc_peer_notify(h->peer, next, NULL);
        if (error >= 0)
                error = ask_selftest(h);
        if (error < 0)
                give_up(h, "its start", error, sentence);
}

static int ask_initialize(Host *h) {
        json_object *params;
        const char *method;
        int r;

        r = dialect_initialize(h->manifest, &method, &params);
        return r < 0 ? r
                     : host_call(h, method, params, INITIALIZE_TIMEOUT_USEC, on_initialized, h,
                                       NULL);
}

static void on_loaded(void *userdata, int error, const char *sentence, json_object *result) {
        Host *h = userdata;

        if (error >= 0) {
                h->sandbox = judge_sandbox(h, result);
                if (h->sandbox < h->sandbox_min) {
                        host_cut_off(h, -EPERM,
                                        "its sandbox would be '%s', and plugins.sandbox wants '%s'",
                                        host_sandbox_to_string(h->sandbox),
                                        host_sandbox_to_string(h->sandbox_min));
                        return;
                }
                error = ask_initialize(h);
        }
        if (error < 0)
                give_up(h, "its host", error, sentence);
}

int host_greet(Host *h, const char *folder) {
        json_object *params;
        int r;

        r = describe_setup(h, folder, &params);
        return r < 0 ? r : host_call(h, "load", params, LOAD_TIMEOUT_USEC, on_loaded, h, NULL);
}
