/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Inputs made from a schema
 *
 * Values that fit a schema, and values that do not, to try a plugin with. The same seed gives the
 * same values. What is made is checked with the schema itself before it is given out; for a schema
 * that this cannot find a value for there is none.
 */

#include <stdint.h>

#include "daemon/extend/schema.h"

typedef struct SchemaRandom {
        uint64_t state;
        unsigned budget; /* values that may still be made for the present one */
} SchemaRandom;

void schema_random_init(SchemaRandom *random, uint64_t seed);
/* Below @n; 0 if @n is 0. */
uint64_t schema_random_below(SchemaRandom *random, uint64_t n);

/* -ENODATA: none was found. A null is NULL and 0, as json-c has it. */
int schema_example_valid(const Schema *s, SchemaRandom *random, struct json_object **ret);
int schema_example_invalid(const Schema *s, SchemaRandom *random, struct json_object **ret);

/*
 * A text that matches @pattern, if it is of the plain kind: literals, classes, groups, repetitions.
 * Others give texts that may not match. NULL only when memory is out.
 */
char *schema_example_text(const char *pattern, SchemaRandom *random);
