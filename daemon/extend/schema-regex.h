/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The patterns of JSON Schema
 *
 * ECMA 262 expressions on UTF-8, by PCRE2: what only PCRE knows is refused, and no match goes on
 * for longer than it is given. Knows nothing of schemas.
 */

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/cleanup.h"

#define SCHEMA_REGEX_LENGTH_MAX 1024U
#define SCHEMA_REGEX_SUBJECT_MAX 65536U

typedef struct SchemaRegex SchemaRegex;

/* -EBADMSG: @text is none; @reterr, if not NULL, says why and is for the caller to free. */
int schema_regex_new(const char *text, SchemaRegex **ret, char **reterr);
SchemaRegex *schema_regex_free(SchemaRegex *regex);
DEFINE_CLEANUP(SchemaRegex *, schema_regex_free)

/*
 * Returns 1 if it matches anywhere in @s, 0 if not, -ETIME if that is not known before the thread
 * has used @cpu_usec, -EFBIG if @s is too long.
 */
int schema_regex_match(const SchemaRegex *regex, const char *s, size_t n, uint64_t cpu_usec);
