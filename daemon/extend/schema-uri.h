/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* URIs (RFC 3986), as far as schemas need them: is it one, and what does a reference mean. */

#include <stdbool.h>

bool schema_is_uri(const char *s);
bool schema_is_uri_reference(const char *s);
/* The same with characters of all scripts (RFC 3987). */
bool schema_is_iri(const char *s);
bool schema_is_iri_reference(const char *s);

/* @base is absolute. -EINVAL: @reference is none, or there is no sense in it there; -ENOMEM. */
int schema_uri_resolve(const char *base, const char *reference, char **ret);
/* Undoes the percent signs, in place. */
void schema_uri_unescape(char *s);
