/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A page of a manual, as Markdown or as man(7) wants it. What is written is escaped. */

#include <stdbool.h>

#include "daemon/base/cleanup.h"

typedef struct Page {
        FILE *out;
        bool man;
} Page;

void page_title(const Page *p, const char *name, const char *summary);
void page_section(const Page *p, const char *heading);
void page_text(const Page *p, const char *text);
/* One of a list: a term, and what it is. */
void page_item(const Page *p, const char *term, const char *format, ...) _printf_(3, 4);
/* As it is; many lines. */
void page_code(const Page *p, const char *text);
