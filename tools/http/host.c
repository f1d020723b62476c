/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/http/host.h"

#include <string.h>
#include <strings.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/text.h"

/* The length of the name without its port, or 0 if the port is none. */
static size_t name_length(const char *header) {
        const char *end = header[0] == '[' ? strchr(header, ']') : NULL;
        const char *colon = strchr(end ?: header, ':');
        uint64_t port;

        if (header[0] == '[' && (!end || (end[1] != ':' && end[1] != '\0')))
                return 0;
        if (!colon)
                return strlen(header);
        if (parse_u64(colon + 1, 1, 65535, &port) < 0)
                return 0;

        return (size_t)(colon - header);
}

static bool is_name(const char *header, size_t n, const char *name) {
        return strlen(name) == n && strncasecmp(header, name, n) == 0;
}

bool host_is_allowed(const char *header, char *const *allowed) {
        static const char *const ours[] = {"localhost", "127.0.0.1", "[::1]"};
        size_t n = header ? name_length(header) : 0;

        if (n == 0)
                return false;

        FOREACH_ELEMENT (o, ours)
                if (is_name(header, n, *o))
                        return true;
        for (; allowed && *allowed; allowed++)
                if (is_name(header, n, *allowed))
                        return true;

        return false;
}
