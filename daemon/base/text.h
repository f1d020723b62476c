/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Text from outside, and what may be done with it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A copy of at most @max bytes of @s that is valid UTF-8 and has no control characters: those and
 * broken bytes become '?'. Cut between characters. NULL only when memory is out.
 */
char *text_clean(const char *s, size_t n, size_t max);

/* The length of the UTF-8 character at @s, 1 to 4, or 0 if the bytes there are not one. */
size_t utf8_char_length(const char *s, size_t n);
bool utf8_is_valid(const char *s, size_t n);

/* A whole decimal number within the limits and nothing else: -EINVAL, -ERANGE. */
int parse_u64(const char *s, uint64_t min, uint64_t max, uint64_t *ret);
int parse_i64(const char *s, int64_t min, int64_t max, int64_t *ret);

bool text_starts_with(const char *s, const char *prefix);
bool text_ends_with(const char *s, const char *suffix);
static inline bool text_is_empty(const char *s) {
        return !s || s[0] == '\0';
}
