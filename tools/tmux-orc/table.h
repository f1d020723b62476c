/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Table
 *
 * Rows are JSON objects, the very ones that --json prints; columns say how people see them. The
 * same columns print many rows as a table and one row as a list of facts. What does not fit the
 * terminal is shortened where the columns allow it.
 */

#include <json-c/json.h>
#include <stdio.h>

#include "tools/tmux-orc/terminal.h"

typedef enum ColumnFlag {
        COLUMN_RIGHT = 1 << 0,
        COLUMN_FLEXIBLE = 1 << 1,  /* may be shortened */
        COLUMN_IF_ANY = 1 << 2,    /* left out if no row has anything there */
        COLUMN_IF_OTHERS = 1 << 3, /* left out if all rows have the same there */
} ColumnFlag;

typedef struct Column {
        const char *heading;
        const char *key; /* member of the row */
        /* The cell's text; NULL only when memory is out. Unset: the member as it is. */
        char *(*text)(json_object *row, const char *key);
        Style (*style)(json_object *row, const char *key);
        unsigned flags;
} Column;

/* Columns end with a NULL heading. Return -ENOMEM. */
int table_print(FILE *out, const Terminal *t, const Column *columns, json_object *rows,
                bool headings);
int table_print_facts(FILE *out, const Terminal *t, const Column *columns, json_object *row);

/* Cells of common kinds, for Column.text. */
char *cell_plain(json_object *row, const char *key);
char *cell_duration(json_object *row, const char *key); /* microseconds; "" for 0 */
char *cell_clock(json_object *row, const char *key);    /* microseconds since 1970 */
char *cell_count(json_object *row, const char *key);    /* "" for 0 */
char *cell_bytes(json_object *row, const char *key);    /* "12.3 KiB" */
char *cell_list(json_object *row, const char *key);     /* strings, by commas */
char *cell_share(json_object *row, const char *key); /* 0.955 is "95.5 %"; "–" if it is not known */
char *cell_seconds(json_object *row, const char *key); /* 0.0213 is "21ms"; "" for 0 */
