/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/extend/manifest.h"

#define HEAD "name: x\nversion: 1.0\nkind: tool\napi: 1\ndescription: d\n"

static Manifest *parse(const char *text) {
        YamlError error = {};
        Manifest *m = NULL;

        if (manifest_parse(text, strlen(text), &m, &error) < 0)
                fail_msg("line %u: %s", error.line, error.message);
        return m;
}

static void what_is_left_out_has_a_value(void **state) {
        _cleanup_(manifest_unrefp) Manifest *m = parse(HEAD "payload: x.so\n");

        assert_string_equal(m->name, "x");
        assert_string_equal(m->version, "1.0");
        assert_int_equal(m->kind, PLUGIN_TOOL);
        assert_false(manifest_is_program(m));
        assert_true(m->requires_auth);
        assert_int_equal(m->timeout_usec, 5 * USEC_PER_SEC);
        assert_int_equal(m->memory_bytes, 32 << 20);
        assert_int_equal(m->rate_usec, 0);
        assert_false(m->network);
}

static void every_key_is_read(void **state) {
        _cleanup_(manifest_unrefp) Manifest *m = parse(
                        "name: a-b_9\nversion: 2\nkind: exporter\napi: 1\ndescription: d\n"
                        "program: [run, --stdio]\nprotocol: mcp\ntool: echo\nrequires_auth: no\n"
                        "timeout: 250ms\nrate_limit: 60/m\ncache_ttl: 1h\nconcurrency: 9\n"
                        "profile: network\nlimits: {memory: 1.5M, cpu: 7, tasks: 3}\n"
                        "on_failure: stop\nsettings: {a: [1, \"1\", null, yes]}\n");

        assert_int_equal(m->kind, PLUGIN_EXPORTER);
        assert_string_equal(m->program[1], "--stdio");
        assert_int_equal(m->protocol, PLUGIN_PROTOCOL_MCP);
        assert_false(m->requires_auth);
        assert_int_equal(m->timeout_usec, 250 * USEC_PER_MSEC);
        assert_int_equal(m->rate_calls, 60);
        assert_int_equal(m->rate_usec, USEC_PER_MINUTE);
        assert_int_equal(m->cache_ttl_usec, USEC_PER_HOUR);
        assert_int_equal(m->concurrency, 9);
        assert_true(m->network);
        assert_int_equal(m->memory_bytes, 1572864);
        assert_int_equal(m->cpu_percent, 7);
        assert_int_equal(m->tasks, 3);
        assert_int_equal(m->failure, PLUGIN_FAILURE_STOP);
        assert_string_equal(json_object_to_json_string_ext(m->settings, JSON_C_TO_STRING_PLAIN),
                        "{\"a\":[1,\"1\",null,\"yes\"]}");
}

static void what_is_wrong_is_named_with_its_line(void **state) {
        static const struct {
                const char *text;
                unsigned line;
                const char *message;
        } rows[] = {
                        {HEAD "payload: x.so\nmemory: 3\n", 7, "no key 'memory'"},
                        {HEAD "payload: ../x.so\n", 6, "beside the manifest"},
                        {HEAD "payload: .x.so\n", 6, "beside the manifest"},
                        {HEAD "program: [./x]\n", 6, "beside the manifest"},
                        {HEAD "program: []\n", 6, "names a file"},
                        {HEAD, 1, "'payload'"},
                        {HEAD "payload: x.so\nprogram: [x]\n", 1, "not both"},
                        {HEAD "payload: x.so\nprotocol: mcp\n", 1, "no 'protocol'"},
                        {HEAD "payload: x.so\ntool: t\n", 1, "'tool' belongs"},
                        {HEAD "payload: x.so\ntimeout: -1\n", 7, "'timeout' is a time"},
                        {HEAD "payload: x.so\ntimeout: 11m\n", 7, "'timeout' is a time"},
                        {HEAD "payload: x.so\nrate_limit: 60\n", 7, "such as 60/m"},
                        {HEAD "payload: x.so\nrate_limit: 60/\n", 7, "such as 60/m"},
                        {HEAD "payload: x.so\nlimits: {memory: 1T}\n", 7, "such as 64M"},
                        {HEAD "payload: x.so\ninput_schema: 3\n", 7, "is a mapping"},
                        {HEAD "payload: x.so\nname: y\n", 7, "name"},
                        {"name: X\n", 1, "lower-case"},
                        {"name: x\nkind: toy\n", 2, "strategy, tool, notifier, exporter"},
                        {"name: x\napi: 2\n", 2, "from 1 to 1"},
                        {"name: x\n", 1, "'version' is missing"},
                        {"- x\n", 1, "a mapping"},
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                YamlError error = {};
                Manifest *m = NULL;

                assert_int_equal(manifest_parse(rows[i].text, strlen(rows[i].text), &m, &error),
                                -EBADMSG);
                if (error.line != rows[i].line || !strstr(error.message, rows[i].message))
                        fail_msg("row %zu: line %u: %s", i, error.line, error.message);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(what_is_left_out_has_a_value),
                        cmocka_unit_test(every_key_is_read),
                        cmocka_unit_test(what_is_wrong_is_named_with_its_line),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
