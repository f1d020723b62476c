/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * schema-suite FILE...: runs files of the JSON Schema Test Suite and prints a JSON object for each
 * case: file (as it was given), group, case, and result: "pass", "fail", or "refused" where the
 * schema was not taken.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/base/read-file.h"
#include "daemon/extend/schema.h"

#define SIZE_MAX_BYTES (4U << 20)

static int read_json(const char *path, json_object **ret) {
        _cleanup_free_ char *text = NULL;
        size_t n;
        int r;

        r = read_regular_file(path, SIZE_MAX_BYTES, &text, &n);
        return r < 0 ? r : json_parse(text, n, 64, ret);
}

static int tell(const char *file, const json_object *group, const json_object *test,
                const char *result, const char *why) {
        _cleanup_json_ json_object *line = json_object_new_object();

        if (!line || json_set_string(line, "file", file) < 0 ||
                        json_set_string(line, "group", json_get_string(group, "description")) < 0 ||
                        json_set_string(line, "case", json_get_string(test, "description")) < 0 ||
                        json_set_string(line, "result", result) < 0 ||
                        json_set_string(line, "why", why) < 0)
                return -ENOMEM;
        return puts(json_object_to_json_string_ext(line, JSON_C_TO_STRING_PLAIN)) < 0 ? -EIO : 0;
}

static int run_test(const char *file, const json_object *group, const json_object *test,
                const Schema *schema, const char *refused) {
        _cleanup_free_ char *why = NULL;
        bool valid;

        if (!schema)
                return tell(file, group, test, "refused", refused);
        valid = schema_check(schema, json_get(test, "data"), &why) == 0;
        return tell(file, group, test,
                        valid == json_get_bool(test, "valid", !valid) ? "pass" : "fail", why);
}

static int run_group(const char *file, const json_object *group) {
        json_object *tests = json_get_typed(group, "tests", json_type_array);
        _cleanup_(schema_freep) Schema *schema = NULL;
        _cleanup_free_ char *why = NULL;
        int r;

        r = schema_new(json_get(group, "schema"), &schema, &why);
        if (r < 0 && r != -EBADMSG)
                return r;

        r = tests ? 0 : -EBADMSG;
        for (size_t i = 0; r >= 0 && i < json_object_array_length(tests); i++)
                r = run_test(file, group, json_object_array_get_idx(tests, i), schema, why);
        return r;
}

static int run_file(const char *path) {
        _cleanup_json_ json_object *groups = NULL;
        int r;

        r = read_json(path, &groups);
        if (r >= 0 && !json_object_is_type(groups, json_type_array))
                r = -EBADMSG;
        for (size_t i = 0; r >= 0 && i < json_object_array_length(groups); i++)
                r = run_group(path, json_object_array_get_idx(groups, i));
        return r;
}

int main(int argc, char **argv) {
        for (int i = 1; i < argc; i++) {
                int r = run_file(argv[i]);

                if (r < 0) {
                        (void)fprintf(stderr, "%s: %s\n", argv[i], strerror(-r));
                        return 1;
                }
        }
        return 0;
}
