/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Document
 *
 * Headings, lines and tables, for a terminal or as Markdown.
 */

#include "tools/tmux-orc/output.h"

typedef struct Document {
        Context *context;
        bool markdown;
        bool begun; /* there is something above */
        int error;  /* the first that was met; what comes after it is passed over */
} Document;

void document_title(Document *d, const char *format, ...) _printf_(2, 3);
void document_heading(Document *d, const char *text);
void document_line(Document *d, const char *format, ...) _printf_(2, 3);
/* Columns as in table.h; "none" if there are no rows. */
void document_table(Document *d, const Column *columns, json_object *rows);
/* One row as a list of facts. */
void document_facts(Document *d, const Column *columns, json_object *row);
