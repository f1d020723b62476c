/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Documentation of a plugin, from what it says of itself
 *
 * The same text as Markdown or as a page for man. Pure: writes to @out what is in the manifest.
 */

#include "daemon/extend/manifest.h"

typedef enum DocsFormat {
        DOCS_MARKDOWN,
        DOCS_MAN,
        DOCS_JSON,
        _DOCS_FORMAT_MAX,
} DocsFormat;

/* -EINVAL */
int docs_format_from_string(const char *s);
int docs_write(FILE *out, const Manifest *m, DocsFormat format);
