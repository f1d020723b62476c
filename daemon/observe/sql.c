/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/observe/sql.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>

int sql_errno(int code) {
        static const struct {
                int code, error;
        } rows[] = {
                        {SQLITE_CORRUPT, -EUCLEAN},
                        {SQLITE_NOTADB, -EUCLEAN},
                        {SQLITE_FORMAT, -EUCLEAN},
                        {SQLITE_ERROR, -EPROTO},
                        {SQLITE_CONSTRAINT, -EPROTO},
                        {SQLITE_MISMATCH, -EPROTO},
                        {SQLITE_SCHEMA, -EPROTO},
                        {SQLITE_MISUSE, -EPROTO},
                        {SQLITE_FULL, -ENOSPC},
                        {SQLITE_READONLY, -EROFS},
                        {SQLITE_CANTOPEN, -EACCES},
                        {SQLITE_PERM, -EACCES},
                        {SQLITE_AUTH, -EACCES},
                        {SQLITE_BUSY, -EBUSY},
                        {SQLITE_LOCKED, -EBUSY},
                        {SQLITE_NOMEM, -ENOMEM},
                        {SQLITE_TOOBIG, -E2BIG},
                        {SQLITE_INTERRUPT, -ECANCELED},
        };

        if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW)
                return 0;
        FOREACH_ELEMENT (row, rows)
                if (row->code == (code & 0xff))
                        return row->error;

        return -EIO;
}

int sql_exec(sqlite3 *db, const char *sql) {
        return sql_errno(sqlite3_exec(db, sql, NULL, NULL, NULL));
}

static int bind_all(sqlite3_stmt *s, const char *types, va_list ap) {
        int r = SQLITE_OK;

        for (int i = 1; types && types[i - 1] && r == SQLITE_OK; i++)
                switch (types[i - 1]) {
                case 'u':
                        r = sqlite3_bind_int64(s, i, (sqlite3_int64)va_arg(ap, uint64_t));
                        break;
                case 'i':
                        r = sqlite3_bind_int64(s, i, va_arg(ap, int64_t));
                        break;
                case 'd':
                        r = sqlite3_bind_double(s, i, va_arg(ap, double));
                        break;
                case 's':
                        r = sqlite3_bind_text(s, i, va_arg(ap, const char *), -1, SQLITE_STATIC);
                        break;
                default:
                        assert(!"a type that is known");
                }

        return sql_errno(r);
}

static int prepare_all(
                sqlite3 *db, sqlite3_stmt **ret, const char *sql, const char *types, va_list ap) {
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        int r;

        r = sql_errno(sqlite3_prepare_v2(db, sql, -1, &s, NULL));
        if (r >= 0)
                r = bind_all(s, types, ap);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

int sql_prepare(sqlite3 *db, sqlite3_stmt **ret, const char *sql, const char *types, ...) {
        va_list ap;
        int r;

        assert(db && ret && sql);

        va_start(ap, types);
        r = prepare_all(db, ret, sql, types, ap);
        va_end(ap);
        return r;
}

int sql_bind(sqlite3_stmt *s, const char *types, ...) {
        va_list ap;
        int r;

        assert(s);

        (void)sqlite3_reset(s);
        va_start(ap, types);
        r = bind_all(s, types, ap);
        va_end(ap);
        return r;
}

int sql_step(sqlite3_stmt *s) {
        int code = sqlite3_step(s);

        return code == SQLITE_ROW ? 1 : sql_errno(code);
}

int sql_run(sqlite3 *db, const char *sql, const char *types, ...) {
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        va_list ap;
        int r;

        assert(db && sql);

        va_start(ap, types);
        r = prepare_all(db, &s, sql, types, ap);
        va_end(ap);
        if (r < 0)
                return r;

        do
                r = sql_step(s);
        while (r > 0);
        return r;
}

int sql_number(sqlite3 *db, int64_t *ret, const char *sql) {
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        int r;

        r = sql_prepare(db, &s, sql, NULL);
        if (r >= 0)
                r = sql_step(s);
        if (r < 0)
                return r;

        *ret = r > 0 ? sqlite3_column_int64(s, 0) : 0;
        return 0;
}

const char *sql_column_text(sqlite3_stmt *s, int i) {
        return (const char *)sqlite3_column_text(s, i) ?: "";
}
