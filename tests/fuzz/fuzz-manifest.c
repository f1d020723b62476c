/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <string.h>

#include "daemon/extend/manifest.h"
#include "tests/fuzz/fuzz.h"

/* A manifest that is taken has all that others rely on; one that is not says where. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(manifest_unrefp) Manifest *m = NULL;
        YamlError error = {};

        if (manifest_parse((const char *)data, size, &m, &error) < 0) {
                assert(!m && error.line > 0 && error.message[0] != '\0');
                return 0;
        }

        assert(manifest_name_is_valid(m->name) && m->version && m->description && m->category);
        assert(manifest_is_program(m) == (m->payload[0] == '\0'));
        assert(plugin_kind_to_string(m->kind) && m->api == MANIFEST_API);
        assert(m->timeout_usec > 0 && m->concurrency > 0 && m->memory_bytes > 0);
        return 0;
}
