/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <string.h>

#include "daemon/extend/plugin-lint.h"

#define HEAD "name: x\nversion: 1.0\nkind: tool\napi: 1\npayload: x.so\ndescription: d\n"
#define SCHEMAS "input_schema: {type: object}\noutput_schema: {type: object}\n"

static void what_is_seldom_meant_is_found(void **state) {
        static const struct {
                const char *text, *code; /* NULL: nothing is found */
        } rows[] = {
                        {HEAD SCHEMAS, NULL},
                        {HEAD "output_schema: {}\n", "input-schema"},
                        {HEAD "input_schema: {}\n", "output-schema"},
                        {HEAD "estimated_time: 9s\ntimeout: 1s\n" SCHEMAS, "timeout"},
                        {HEAD "profile: network\nrequires_auth: false\n" SCHEMAS, "authorization"},
                        {HEAD "output_schema: {}\ninput_schema: {not: {}}\n", "input-example"},
                        {HEAD "output_schema: {}\n"
                              "input_schema: {type: object, examples: [{}, 3]}\n",
                                        "example"},
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(plugin_findings_done) PluginFindings found = {};
                _cleanup_(manifest_unrefp) Manifest *m = NULL;
                YamlError error = {};

                if (manifest_parse(rows[i].text, strlen(rows[i].text), &m, &error) < 0)
                        fail_msg("row %zu: line %u: %s", i, error.line, error.message);
                assert_int_equal(plugin_lint(m, &found), 0);
                assert_int_equal(found.n_items, rows[i].code ? 1 : 0);
                if (rows[i].code)
                        assert_string_equal(found.items[0].code, rows[i].code);
                assert_false(plugin_findings_have_error(&found));
        }
}

static void only_an_error_is_one(void **state) {
        _cleanup_(plugin_findings_done) PluginFindings f = {};

        assert_int_equal(plugin_findings_add(&f, PLUGIN_NOTE, "a", "%d", 1), 0);
        assert_int_equal(plugin_findings_add(&f, PLUGIN_WARNING, "b", "%d", 2), 0);
        assert_false(plugin_findings_have_error(&f));
        assert_int_equal(plugin_findings_add(&f, PLUGIN_ERROR, "c", "%d", 3), 0);
        assert_true(plugin_findings_have_error(&f));
        assert_string_equal(f.items[2].message, "3");
        assert_string_equal(plugin_severity_to_string(PLUGIN_WARNING), "warning");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(what_is_seldom_meant_is_found),
                        cmocka_unit_test(only_an_error_is_one),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
