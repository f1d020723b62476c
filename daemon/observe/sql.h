/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * SQLite, with ownership and errnos
 *
 * -EUCLEAN: the file is damaged, or is none of SQLite's. -EPROTO: what was asked does not fit it:
 * its tables are others, its rows break their own rules, or a transaction was left open. -ENOSPC:
 * the disk is full. -EROFS, -EACCES: it may not be written, or opened. -EBUSY: somebody else holds
 * it. -EIO: the disk does not do what it should.
 */

#include <sqlite3.h>
#include <stdint.h>

#include "daemon/base/cleanup.h"

static inline void sql_finalizep(sqlite3_stmt **s) {
        (void)sqlite3_finalize(*s);
}
#define _cleanup_statement_ _cleanup_(sql_finalizep)

int sql_errno(int code);
int sql_exec(sqlite3 *db, const char *sql);
/*
 * Prepares, and binds what follows by @types: 'u' uint64_t, 'i' int64_t, 'd' double, 's' a string
 * that lives until the end.
 */
int sql_prepare(sqlite3 *db, sqlite3_stmt **ret, const char *sql, const char *types, ...);
/* From the beginning, with other values. */
int sql_bind(sqlite3_stmt *s, const char *types, ...);
/* 1: there is a row; 0: no more. */
int sql_step(sqlite3_stmt *s);
/* All in one; rows are passed over. */
int sql_run(sqlite3 *db, const char *sql, const char *types, ...);
/* The first column of the first row; 0 if it is NULL or there is none. */
int sql_number(sqlite3 *db, int64_t *ret, const char *sql);

static inline uint64_t sql_column_u64(sqlite3_stmt *s, int i) {
        sqlite3_int64 v = sqlite3_column_int64(s, i);

        return v < 0 ? 0 : (uint64_t)v;
}
/* Never NULL. */
const char *sql_column_text(sqlite3_stmt *s, int i);
