/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/observe/history-file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/observe/history-schema.h"

#define BUSY_MSEC 2000
#define LOG_BYTES_MAX "4194304"
/* Ours, in the file's header. */
#define APPLICATION_ID "1953460835"

static int name(const char *path, const char *suffix, char **ret) {
        if (asprintf(ret, "%s%s", path, suffix) < 0) {
                *ret = NULL;
                return -ENOMEM;
        }
        return 0;
}

void history_file_close(HistoryFile *f) {
        (void)sqlite3_close(f->db);
        free(f->path);
        *f = (HistoryFile){};
}

/* A file of others, or one with triggers and views in it, is not trusted either. */
static int set_up(sqlite3 *db) {
        (void)sqlite3_busy_timeout(db, BUSY_MSEC);
        (void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        (void)sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
        (void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
        (void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);

        return sql_exec(db,
                        "PRAGMA cell_size_check = ON;"
                        "PRAGMA cache_size = -2048;"
                        "PRAGMA temp_store = MEMORY;");
}

/* "ok", or the first thing that is wrong. */
static int check(sqlite3 *db, const char *pragma) {
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        int r;

        r = sql_prepare(db, &s, pragma, NULL);
        if (r >= 0)
                r = sql_step(s);
        if (r < 0)
                return r;

        return r > 0 && strcmp(sql_column_text(s, 0), "ok") == 0 ? 0 : -EUCLEAN;
}

static int check_version(sqlite3 *db) {
        int64_t version;
        int r;

        r = sql_number(db, &version, "PRAGMA user_version");
        if (r < 0)
                return r;
        if (version == 0)
                return sql_exec(db,
                                "PRAGMA auto_vacuum = INCREMENTAL;"
                                "PRAGMA application_id = " APPLICATION_ID ";");

        /* One of a later version is of no use to us, and we would be none to it. */
        return version == HISTORY_SCHEMA_VERSION ? 0 : -EUCLEAN;
}

/*
 * NORMAL: the log is brought to the disk before its pages go to the file, and not with every
 * commit. The end of the process costs nothing that was committed, that of the machine the last
 * commits; neither costs the file.
 */
static int prepare(sqlite3 *db) {
        int r;

        r = set_up(db);
        if (r >= 0)
                r = check_version(db);
        if (r >= 0)
                r = sql_exec(db,
                                "PRAGMA journal_mode = WAL;"
                                "PRAGMA synchronous = NORMAL;"
                                "PRAGMA journal_size_limit = " LOG_BYTES_MAX ";");
        if (r >= 0)
                r = check(db, "PRAGMA quick_check(1)");
        if (r >= 0)
                r = sql_exec(db, history_schema);

        return r;
}

static int open_path(const char *path, int flags, HistoryFile *ret) {
        _cleanup_(history_file_close) HistoryFile f = {};
        int r;

        f.path = strdup(path);
        if (!f.path)
                return -ENOMEM;
        r = sql_errno(sqlite3_open_v2(
                        path, &f.db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL));
        if (r < 0)
                return r;

        *ret = f;
        f = (HistoryFile){};
        return 0;
}

static int open_to_write(const char *path, HistoryFile *ret) {
        _cleanup_(history_file_close) HistoryFile f = {};
        int r;

        /* What agents do is nobody else's business, whatever the umask. */
        r = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (r < 0)
                return -errno;
        (void)close(r);

        r = open_path(path, SQLITE_OPEN_READWRITE, &f);
        if (r >= 0)
                r = prepare(f.db);
        /* Nobody was here before: then it is the tables that are none of ours. */
        if (r == -EPROTO)
                r = -EUCLEAN;
        if (r < 0)
                return r;

        *ret = f;
        f = (HistoryFile){};
        return 0;
}

int history_file_open_to_read(const char *path, HistoryFile *ret) {
        _cleanup_(history_file_close) HistoryFile f = {};
        int64_t version;
        int r;

        assert(path && ret);

        if (access(path, F_OK) < 0)
                return -errno;
        /* A log can only be read by one who may also write its index. */
        r = open_path(path, SQLITE_OPEN_READWRITE, &f);
        if (r >= 0)
                r = set_up(f.db);
        if (r >= 0)
                r = sql_exec(f.db, "PRAGMA query_only = ON");
        if (r >= 0)
                r = sql_number(f.db, &version, "PRAGMA user_version");
        if (r < 0)
                return r;
        /* Just now it is being made. */
        if (version == 0)
                return -ENOENT;

        *ret = f;
        f = (HistoryFile){};
        return 0;
}

static void move(const char *path, const char *suffix, const char *to) {
        _cleanup_free_ char *from = NULL, *aside = NULL;

        if (name(path, suffix, &from) < 0 || asprintf(&aside, "%s%s%s", path, to, suffix) < 0)
                return;
        if (rename(from, aside) < 0)
                (void)unlink(from);
}

/* With its log, or that would be played onto the next file. */
static void set_aside(const char *path) {
        move(path, "-wal", ".damaged");
        move(path, "-shm", ".damaged");
        move(path, "", ".damaged");
}

/* The copy goes away with this: what cannot be opened must not be tried for ever. */
static int restore(const char *path, HistoryFile *ret) {
        _cleanup_free_ char *backup = NULL;
        int r;

        r = name(path, ".backup", &backup);
        if (r < 0)
                return r;
        if (rename(backup, path) < 0)
                return -errno;
        r = open_to_write(path, ret);
        if (r < 0)
                return r;

        (void)history_file_back_up(path);
        return 0;
}

static int start_anew(const char *path, HistoryFile *ret, HistoryMishap *ret_mishap) {
        int r;

        set_aside(path);
        *ret_mishap = HISTORY_RESTORED;
        r = restore(path, ret);
        if (r != -ENOENT && r != -EUCLEAN)
                return r;

        if (r == -EUCLEAN)
                set_aside(path);
        *ret_mishap = HISTORY_LOST;
        return open_to_write(path, ret);
}

int history_file_open(const char *path, HistoryFile *ret, HistoryMishap *ret_mishap) {
        int r;

        assert(path && ret && ret_mishap);

        *ret_mishap = HISTORY_UNHARMED;
        r = open_to_write(path, ret);
        return r == -EUCLEAN ? start_anew(path, ret, ret_mishap) : r;
}

int history_file_mend(HistoryFile *f, HistoryMishap *ret_mishap) {
        _cleanup_free_ char *path = NULL;
        int r;

        assert(f && f->path && ret_mishap);

        path = TAKE_PTR(f->path);
        history_file_close(f);
        r = start_anew(path, f, ret_mishap);
        return r;
}

/* All at once: one who copies in parts begins again whenever somebody writes. */
static int copy(sqlite3 *from, const char *path) {
        _cleanup_(history_file_close) HistoryFile to = {};
        sqlite3_backup *b;
        int r;

        r = open_path(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &to);
        if (r < 0)
                return r;
        b = sqlite3_backup_init(to.db, "main", from, "main");
        if (!b)
                return sql_errno(sqlite3_errcode(to.db));

        r = sqlite3_backup_step(b, -1);
        (void)sqlite3_backup_finish(b);
        r = sql_errno(r);
        /* It is one file, and opened as such wherever it goes. */
        if (r >= 0)
                r = sql_exec(to.db, "PRAGMA journal_mode = DELETE");
        return r >= 0 ? check(to.db, "PRAGMA quick_check(1)") : r;
}

int history_file_back_up(const char *path) {
        _cleanup_(history_file_close) HistoryFile f = {};
        _cleanup_free_ char *backup = NULL, *new = NULL;
        int r;

        assert(path);

        r = name(path, ".backup", &backup);
        if (r >= 0)
                r = name(path, ".backup.new", &new);
        if (r >= 0)
                r = history_file_open_to_read(path, &f);
        if (r < 0)
                return r;

        /* Left over by one that ended in the middle. */
        (void)unlink(new);
        r = copy(f.db, new);
        if (r >= 0 && (chmod(new, 0600) < 0 || rename(new, backup) < 0))
                r = -errno;
        if (r < 0)
                (void)unlink(new);
        return r;
}

int history_file_validate(const char *path, char **ret) {
        _cleanup_(history_file_close) HistoryFile f = {};
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        _cleanup_free_ char *text = NULL;
        size_t n_text = 0;
        FILE *out;
        int r;

        assert(path && ret);

        r = history_file_open_to_read(path, &f);
        if (r >= 0)
                r = sql_prepare(f.db, &s, "PRAGMA integrity_check(20)", NULL);
        if (r < 0 && r != -EUCLEAN && r != -EPROTO)
                return r;

        out = open_memstream(&text, &n_text);
        if (!out)
                return -ENOMEM;
        while (r >= 0 && (r = sql_step(s)) > 0)
                if (strcmp(sql_column_text(s, 0), "ok") != 0)
                        (void)fprintf(out, "%s\n", sql_column_text(s, 0));
        if (r < 0)
                (void)fprintf(out, "%s\n", sqlite3_errmsg(f.db));
        if (fclose(out) != 0)
                return -ENOMEM;

        *ret = TAKE_PTR(text);
        return 0;
}

uint64_t history_file_size(const char *path) {
        _cleanup_free_ char *log = NULL;
        uint64_t size = 0;
        struct stat st;

        assert(path);

        if (stat(path, &st) == 0)
                size += (uint64_t)st.st_size;
        if (name(path, "-wal", &log) >= 0 && stat(log, &st) == 0)
                size += (uint64_t)st.st_size;
        return size;
}
