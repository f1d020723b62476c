/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * JSON Schema, draft-07
 *
 * Says whether a JSON value fits a schema, and if not, where and why. A schema is made ready once;
 * checking neither changes nor keeps the value. Schemas and values may come from anybody: size,
 * depth, steps and the time that patterns take are bounded. References stay within the schema:
 * nothing is ever fetched. docs/json-schema.md says what is not supported.
 */

#include <json-c/json.h>

#include "daemon/base/cleanup.h"

#define SCHEMA_DEPTH_MAX 64U     /* of the schema's own JSON */
#define SCHEMA_BYTES_MAX 262144U /* of the schema, written without blanks */
#define SCHEMA_NODES_MAX 4096U   /* schemas within the schema */
#define SCHEMA_PATTERNS_MAX 256U /* pattern, patternProperties */
#define SCHEMA_CHECK_DEPTH 256U  /* of the value and of the references that are followed */
#define SCHEMA_CHECK_STEPS 1000000U
#define SCHEMA_CHECK_PATTERN_USEC 50000U /* CPU time */

typedef struct Schema Schema;

/*
 * Copies what it needs of @schema. Returns -EBADMSG and a sentence in @reterr, which the caller
 * frees, if it is none or is too large.
 */
int schema_new(struct json_object *schema, Schema **ret, char **reterr);
Schema *schema_free(Schema *s);
DEFINE_CLEANUP(Schema *, schema_free)

/*
 * Returns 0 if @value fits, else -EBADMSG and a sentence in @reterr, which the caller frees: it
 * begins with the JSON pointer of what does not fit. A value that takes too much to check does not
 * fit either.
 */
int schema_check(const Schema *s, struct json_object *value, char **reterr);
