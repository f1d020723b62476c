/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/base/strv.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

char **strv_free(char **l) {
        STRV_FOREACH (s, l)
                free(*s);
        free(l);
        return NULL;
}

size_t strv_length(char *const *l) {
        size_t n = 0;

        while (l && l[n])
                n++;
        return n;
}

bool strv_contains(char *const *l, const char *s) {
        for (; l && *l; l++)
                if (strcmp(*l, s) == 0)
                        return true;
        return false;
}

int strv_extend(char ***l, const char *s) {
        size_t n = strv_length(*l);
        _cleanup_free_ char *copy = NULL;
        char **longer;

        assert(s);

        copy = strdup(s);
        if (!copy)
                return -ENOMEM;

        longer = reallocarray(*l, n + 2, sizeof(char *));
        if (!longer)
                return -ENOMEM;

        longer[n] = TAKE_PTR(copy);
        longer[n + 1] = NULL;
        *l = longer;
        return 0;
}

int strv_copy(char *const *l, char ***ret) {
        _cleanup_strv_free_ char **copy = NULL;
        int r;

        for (; l && *l; l++) {
                r = strv_extend(&copy, *l);
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(copy);
        return 0;
}
