/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The history's file
 *
 * A SQLite database with a write-ahead log: what is committed survives the end of the process at
 * any moment, and readers do not stop the writer. A file that is damaged is set aside as
 * FILE.damaged, and FILE.backup, the last good copy, takes its place.
 *
 * Waits on the disk: for threads other than the loop's.
 */

#include <stdbool.h>

#include "daemon/observe/sql.h"

typedef enum HistoryMishap {
        HISTORY_UNHARMED,
        HISTORY_RESTORED, /* from the last good copy */
        HISTORY_LOST,     /* there was none */
} HistoryMishap;

typedef struct HistoryFile {
        char *path;
        sqlite3 *db; /* NULL: not open */
} HistoryFile;

/*
 * Opens, or makes, or mends as said above. @ret_mishap is set whenever a file was set aside, also
 * on failure.
 */
int history_file_open(const char *path, HistoryFile *ret, HistoryMishap *ret_mishap);
/* For one who only reads. -ENOENT: nothing was written yet. */
int history_file_open_to_read(const char *path, HistoryFile *ret);
/* One that is all zero is fine too. */
void history_file_close(HistoryFile *f);

/* Sets what is there aside and opens as above: for damage that shows later. */
int history_file_mend(HistoryFile *f, HistoryMishap *ret_mishap);

/* Copies it beside itself, looks whether the copy is good, and only then replaces FILE.backup. */
int history_file_back_up(const char *path);

/*
 * Looks at all of it. Returns 0 and what is wrong: sentences, one a line, "" if nothing is; free
 * the result.
 */
int history_file_validate(const char *path, char **ret);

/* Bytes of the file, with its log. */
uint64_t history_file_size(const char *path);
