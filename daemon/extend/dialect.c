/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/extend/dialect.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/base/text.h"

#define MCP_VERSION "2025-06-18"
#define SENTENCE_MAX 512U

static bool is_mcp(const Manifest *m) {
        return m->protocol == PLUGIN_PROTOCOL_MCP;
}

static int initialize_mcp(json_object *params) {
        json_object *client = json_object_new_object();
        int r;

        r = json_set(params, "clientInfo", client);
        if (r >= 0)
                r = json_set_string(client, "name", "tmux-orchestrator");
        if (r >= 0)
                r = json_set_string(client, "version", PROJECT_VERSION);
        if (r >= 0)
                r = json_set_string(params, "protocolVersion", MCP_VERSION);
        if (r >= 0)
                r = json_set(params, "capabilities", json_object_new_object());
        return r;
}

static int initialize_ours(const Manifest *m, json_object *params) {
        int r;

        r = json_set_u64(params, "api", m->api);
        if (r >= 0)
                r = json_set_string(params, "name", m->name);
        if (r >= 0)
                r = json_set_string(params, "kind", plugin_kind_to_string(m->kind));
        if (r >= 0)
                r = json_set(params, "settings",
                                m->settings ? json_object_get(m->settings)
                                            : json_object_new_object());
        return r;
}

int dialect_initialize(const Manifest *m, const char **ret_method, json_object **ret_params) {
        _cleanup_json_ json_object *params = json_object_new_object();
        int r;

        if (!params)
                return -ENOMEM;
        r = is_mcp(m) ? initialize_mcp(params) : initialize_ours(m, params);
        if (r < 0)
                return r;

        *ret_method = "initialize";
        *ret_params = TAKE_PTR(params);
        return 0;
}

int dialect_take_initialized(const Manifest *m, json_object *result, char **reterr) {
        const char *version = json_get_string(result, "version");

        if (is_mcp(m))
                return 0;
        if (version && strcmp(version, m->version) == 0)
                return 0;

        if (asprintf(reterr, "it says that it is version '%.64s', its manifest '%s'", version ?: "",
                            m->version) < 0)
                *reterr = NULL;
        return -EPROTO;
}

const char *dialect_initialized(const Manifest *m) {
        return is_mcp(m) ? "notifications/initialized" : NULL;
}

int dialect_execute(const Manifest *m, json_object *input, uint64_t timeout_usec,
                const char **ret_method, json_object **ret_params) {
        _cleanup_json_ json_object *params = json_object_new_object();
        int r;

        if (!params)
                return -ENOMEM;
        /* A NULL member is a JSON null. */
        if (json_object_object_add(
                            params, is_mcp(m) ? "arguments" : "input", json_object_get(input)) < 0)
                return -ENOMEM;
        r = is_mcp(m) ? json_set_string(params, "name", m->tool[0] != '\0' ? m->tool : m->name)
                      : json_set_u64(params, "timeout", timeout_usec);
        if (r < 0)
                return r;

        *ret_method = is_mcp(m) ? "tools/call" : "execute";
        *ret_params = TAKE_PTR(params);
        return 0;
}

/* The first text among what it says. */
static void describe_failure(json_object *result, char **reterr) {
        json_object *content = json_get_typed(result, "content", json_type_array);
        const char *text = NULL;

        for (size_t i = 0; content && !text && i < json_object_array_length(content); i++)
                text = json_get_string(json_object_array_get_idx(content, i), "text");
        *reterr = text_clean(text ?: "it failed, and does not say why",
                        strlen(text ?: "it failed, and does not say why"), SENTENCE_MAX);
}

/* What it gives for programs to read, else all that it says. */
static int take_mcp(json_object *result, json_object **ret, char **reterr) {
        json_object *structured = json_get(result, "structuredContent");

        if (!json_object_is_type(result, json_type_object))
                return -EPROTO;
        if (json_get_bool(result, "isError", false)) {
                describe_failure(result, reterr);
                return -EREMOTEIO;
        }

        *ret = json_object_get(structured ?: result);
        return 0;
}

int dialect_take_output(const Manifest *m, json_object *result, json_object **ret, char **reterr) {
        json_object *output;

        if (is_mcp(m))
                return take_mcp(result, ret, reterr);
        if (!json_object_is_type(result, json_type_object) ||
                        !json_object_object_get_ex(result, "output", &output))
                return -EPROTO;

        *ret = output ? json_object_get(output) : NULL;
        return 0;
}

const char *dialect_sign_of_life(const Manifest *m) {
        return is_mcp(m) ? "ping" : NULL;
}

int dialect_cancel(
                const Manifest *m, unsigned id, const char **ret_method, json_object **ret_params) {
        _cleanup_json_ json_object *params = json_object_new_object();
        int r;

        if (!params)
                return -ENOMEM;
        r = json_set_u64(params, is_mcp(m) ? "requestId" : "id", id);
        if (r < 0)
                return r;

        *ret_method = is_mcp(m) ? "notifications/cancelled" : "cancel";
        *ret_params = TAKE_PTR(params);
        return 0;
}
