/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The formats of JSON Schema
 *
 * What "format" can name, and whether a string is one. Knows nothing of schemas.
 */

#include <stdbool.h>
#include <stddef.h>

typedef struct SchemaFormat SchemaFormat;

/* NULL if there is none of that name. */
const SchemaFormat *schema_format_find(const char *name);
bool schema_format_check(const SchemaFormat *format, const char *s, size_t n);
/* "a date, as 2024-02-29" */
const char *schema_format_expected(const SchemaFormat *format);
/* One that fits; for generated inputs. */
const char *schema_format_example(const SchemaFormat *format);
