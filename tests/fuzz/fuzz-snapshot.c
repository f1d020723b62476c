/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <errno.h>

#include "daemon/agents/snapshot.h"
#include "daemon/base/json.h"
#include "tests/fuzz/fuzz.h"

/* What was restored can be taken again, and is the same then. */
static void take_and_restore(const Registry *before) {
        _cleanup_(registry_freep) Registry *after = NULL;
        _cleanup_json_ json_object *first = NULL, *second = NULL;

        assert(snapshot_take(before, &first) == 0);
        assert(registry_new(NULL, &after) == 0);
        if (snapshot_restore(after, first) < 0)
                return;
        assert(snapshot_take(after, &second) == 0);
        assert(registry_count_agents(before) == registry_count_agents(after));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(registry_freep) Registry *registry = NULL;
        _cleanup_json_ json_object *o = NULL;
        int r;

        if (json_parse((const char *)data, size, 8, &o) < 0)
                return 0;

        assert(registry_new(NULL, &registry) == 0);
        r = snapshot_restore(registry, o);
        assert(r == 0 || r == -EBADMSG);
        take_and_restore(registry);
        return 0;
}
