/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Patterns
 *
 * PCRE2 expressions, compiled once and matched by the interpreter under limits: neither a pattern
 * nor a text can make one match take long. Knows nothing of rules.
 */

#include <stdbool.h>
#include <stddef.h>

#include "daemon/base/cleanup.h"

#define PATTERN_LENGTH_MAX 1024U
/* Of a longer subject only so much is looked at. */
#define PATTERN_SUBJECT_MAX (16U * 1024U)
#define PATTERN_MATCH_LIMIT 4000U
#define PATTERN_DEPTH_LIMIT 250U
#define PATTERN_HEAP_LIMIT_KIB 256U

typedef struct Pattern Pattern;
/* What matching needs besides; one for many matches, not for two threads. */
typedef struct Matcher Matcher;

typedef struct PatternMatch {
        size_t start, end;             /* of the whole */
        size_t group_start, group_end; /* of the first group; equal if there is none */
} PatternMatch;

/*
 * UTF-8, ^ and $ at every line. Returns -EBADMSG with a reason in @error, which holds @n_error
 * bytes.
 */
int pattern_new(const char *text, char *error, size_t n_error, Pattern **ret);
Pattern *pattern_free(Pattern *p);
DEFINE_CLEANUP(Pattern *, pattern_free)

int matcher_new(Matcher **ret);
Matcher *matcher_free(Matcher *m);
DEFINE_CLEANUP(Matcher *, matcher_free)

/* @subject must be valid UTF-8. A match that hits a limit is no match. */
bool pattern_match(const Pattern *p, Matcher *m, const char *subject, size_t n, PatternMatch *ret);
