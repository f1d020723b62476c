/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Lists of strings, ended by NULL. NULL is the empty list. */

#include <stdbool.h>
#include <stddef.h>

#include "daemon/base/cleanup.h"

#define STRV_FOREACH(s, l) for (char **s = (l); s && *s; s++)

/* Returns NULL, so that a list can be cleared and freed in one line. */
char **strv_free(char **l);
static inline void strv_freep(char ***l) {
        strv_free(*l);
}
#define _cleanup_strv_free_ _cleanup_(strv_freep)

size_t strv_length(char *const *l);
bool strv_contains(char *const *l, const char *s);

/* Appends a copy of @s; the list is what it was if this fails. */
int strv_extend(char ***l, const char *s);
int strv_copy(char *const *l, char ***ret);
