/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <string.h>
#include <strings.h>

#include "daemon/base/cleanup.h"
#include "tests/fuzz/fuzz.h"
#include "tools/http/host.h"
#include "tools/http/route.h"

/* The same bytes as a header and as a path. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const char *const ours[] = {"localhost", "127.0.0.1", "[::1]"};
        _cleanup_free_ char *text = strndup((const char *)data, size);
        char name[ROUTE_NAME_MAX];
        bool begins = false;

        assert(text);
        FOREACH_ELEMENT (o, ours)
                begins = begins || strncasecmp(text, *o, strlen(*o)) == 0;
        assert(begins || !host_is_allowed(text, NULL));

        if (route_find(text, name))
                assert(text[0] == '/' && !strchr(name, '/') && strlen(name) < sizeof(name));
        return 0;
}
