/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A schema and a value, with a line break between them. */

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/extend/schema.h"
#include "tests/fuzz/fuzz.h"

/* How much a pattern gets done in its time is the only thing that may differ. */
static bool timed_out(const char *why) {
        return why && strstr(why, "takes too long");
}

static void check(const Schema *s, json_object *value) {
        _cleanup_free_ char *why = NULL, *again = NULL;
        int r, q;

        r = schema_check(s, value, &why);
        assert(r == 0 || (r == -EBADMSG && why && why[0] != '\0'));

        q = schema_check(s, value, &again);
        assert(q == r || timed_out(why) || timed_out(again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        const uint8_t *end = memchr(data, '\n', size);
        _cleanup_json_ json_object *schema = NULL, *value = NULL;
        _cleanup_(schema_freep) Schema *s = NULL;
        _cleanup_free_ char *why = NULL;
        size_t n = end ? (size_t)(end - data) : size;
        int r;

        if (json_parse((const char *)data, n, 80, &schema) < 0)
                return 0;

        r = schema_new(schema, &s, &why);
        assert(r == 0 || (r == -EBADMSG && why && !s));
        if (r < 0)
                return 0;

        check(s, schema);
        if (end && json_parse((const char *)end + 1, size - n - 1, 80, &value) >= 0)
                check(s, value);
        return 0;
}
