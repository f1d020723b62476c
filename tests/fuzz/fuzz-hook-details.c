/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <string.h>

#include "daemon/base/json.h"
#include "tests/fuzz/fuzz.h"
#include "tools/tmux-orc/hook-details.h"

/* However much an agent hands over, little of it is told. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_json_ json_object *details = NULL;

        if (hook_details_extract((const char *)data, size, &details) < 0) {
                assert(!details);
                return 0;
        }
        assert(strlen(json_object_to_json_string(details)) < 20000);
        assert(!json_get(details, "prompt") && !json_get(details, "tool_input"));
        return 0;
}
