/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a plugin host, or a program in it, may send to the service: lines, messages, and what the
 * two dialects take out of them. */

#include <assert.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/extend/dialect.h"
#include "daemon/wire/rpc-message.h"
#include "tests/fuzz/fuzz.h"

#define HEAD "name: x\nversion: 1.0\nkind: tool\napi: 1\ndescription: d\nprogram: [x]\n"

static Manifest *make_manifest(const char *text) {
        YamlError error = {};
        Manifest *m = NULL;
        int r = manifest_parse(text, strlen(text), &m, &error);

        assert(r == 0);
        return m;
}

static void take_result(const Manifest *m, json_object *result) {
        _cleanup_free_ char *why = NULL, *reason = NULL;
        _cleanup_json_ json_object *output = NULL;
        int r;

        r = dialect_take_initialized(m, result, &why);
        assert(r <= 0 && (r == 0 || why));
        r = dialect_take_output(m, result, &output, &reason);
        assert(r <= 0);
        if (r < 0)
                assert(!output);
        else
                assert(json_object_to_json_string_ext(output, JSON_C_TO_STRING_PLAIN));
}

static void take_line(const Manifest *const *manifests, const char *line, size_t n) {
        _cleanup_(rpc_message_done) RpcMessage m = {};

        if (rpc_message_parse(line, n, &m) < 0)
                return;
        if (m.kind == RPC_FAILURE)
                assert(rpc_code_to_errno(m.code) < 0);
        if (m.kind == RPC_RESULT)
                for (unsigned i = 0; i < 2; i++)
                        take_result(manifests[i], m.result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const Manifest *manifests[2];
        _cleanup_(line_buffer_done) LineBuffer b = {.max = 65536};
        const char *line;
        size_t n;

        if (!manifests[0]) {
                manifests[0] = make_manifest(HEAD);
                manifests[1] = make_manifest(HEAD "protocol: mcp\n");
        }
        if (line_buffer_add(&b, (const char *)data, size) < 0)
                return 0;
        while (line_buffer_next(&b, &line, &n))
                take_line(manifests, line, n);
        return 0;
}
