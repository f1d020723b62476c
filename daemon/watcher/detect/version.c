/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/detect/version.h"

#include <stdlib.h>

static unsigned long next_number(const char **s) {
        char *end;
        unsigned long n = 0;

        if (**s >= '0' && **s <= '9') {
                n = strtoul(*s, &end, 10);
                *s = *end == '.' ? end + 1 : end;
        }
        return n;
}

static int has_number(const char *s) {
        return *s >= '0' && *s <= '9';
}

int version_compare(const char *a, const char *b) {
        while (has_number(a) || has_number(b)) {
                unsigned long x = next_number(&a), y = next_number(&b);

                if (x != y)
                        return x < y ? -1 : 1;
        }
        return 0;
}
