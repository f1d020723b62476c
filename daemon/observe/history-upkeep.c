/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/observe/history-upkeep.h"

#include <assert.h>
#include <errno.h>

#include "daemon/base/clock.h"
#include "daemon/observe/history-schema.h"

#define CHUNK 20000
/* Of one upkeep: what is left is done a minute later. */
#define CHUNKS_MAX 20U
/* Names that nothing bears any more are looked for once there are so many more. */
#define NAMES_MIN 20000

typedef struct Level {
        const char *mark; /* until when it is put together */
        uint64_t span_sec;
        const char *sql;
} Level;

#define PUT_TOGETHER(from, to, span) \
        "INSERT OR REPLACE INTO sample_" to " SELECT time / " span " * " span ", series, " \
        "sum(n), sum(sum), min(min), max(max) FROM sample_" from \
        " WHERE time >= ?1 AND time < ?2 GROUP BY 1, 2"

static const Level levels[] = {
                {"minute", 60, PUT_TOGETHER("raw", "minute", "60")},
                {"hour", 3600, PUT_TOGETHER("minute", "hour", "3600")},
                {"day", 86400, PUT_TOGETHER("hour", "day", "86400")},
};

static int get_mark(sqlite3 *db, const char *key, uint64_t *ret) {
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        int r;

        r = sql_prepare(db, &s, "SELECT value FROM mark WHERE key = ?1", "s", key);
        if (r >= 0)
                r = sql_step(s);
        if (r < 0)
                return r;
        *ret = r > 0 ? sql_column_u64(s, 0) : 0;
        return 0;
}

static int set_mark(sqlite3 *db, const char *key, uint64_t value) {
        return sql_run(db, "INSERT OR REPLACE INTO mark VALUES(?1, ?2)", "su", key, value);
}

/* Spans are made anew as wholes, so that doing it twice is doing it once. */
static int put_together(sqlite3 *db, const Level *l, uint64_t now_sec, uint64_t *oldest_sec) {
        uint64_t until = now_sec / l->span_sec * l->span_sec, since;
        int r;

        r = get_mark(db, l->mark, &since);
        if (r < 0)
                return r;
        since = MIN(since, *oldest_sec) / l->span_sec * l->span_sec;
        *oldest_sec = since;
        if (since >= until)
                return 0;

        r = sql_run(db, l->sql, "uu", since, until);
        return r >= 0 ? set_mark(db, l->mark, until) : r;
}

static int put_all_together(sqlite3 *db, uint64_t now_sec, uint64_t oldest_sec) {
        int r;

        r = sql_exec(db, "BEGIN IMMEDIATE");
        if (r < 0)
                return r;
        FOREACH_ELEMENT (l, levels) {
                r = put_together(db, l, now_sec, &oldest_sec);
                if (r < 0)
                        break;
        }
        if (r >= 0)
                r = sql_exec(db, "COMMIT");
        if (r < 0)
                (void)sql_exec(db, "ROLLBACK");
        return r;
}

static uint64_t before(uint64_t now_usec, uint64_t span_usec) {
        return now_usec > span_usec ? now_usec - span_usec : 0;
}

/* What is later than tomorrow was written by a clock that was wrong. */
static int forget_samples(sqlite3 *db, const HistoryLimits *l, uint64_t now_usec) {
        const struct {
                const char *sql;
                uint64_t usec;
        } rows[] = {
                        {"DELETE FROM sample_raw WHERE time < ?1 OR time > ?2", l->raw_usec},
                        {"DELETE FROM sample_minute WHERE time < ?1 OR time > ?2",
                                        MAX(l->raw_usec, HISTORY_MINUTES_USEC)},
                        {"DELETE FROM sample_hour WHERE time < ?1 OR time > ?2", l->episodes_usec},
                        {"DELETE FROM sample_day WHERE time < ?1 OR time > ?2", HISTORY_DAYS_USEC},
        };
        uint64_t tomorrow = (now_usec + USEC_PER_DAY) / USEC_PER_SEC;
        int r = 0;

        FOREACH_ELEMENT (row, rows) {
                r = sql_run(db, row->sql, "uu", before(now_usec, row->usec) / USEC_PER_SEC,
                                tomorrow);
                if (r < 0)
                        break;
        }
        return r;
}

static int forget_old_episodes(sqlite3 *db, uint64_t until_usec) {
        int r = 0;

        for (unsigned i = 0; i < CHUNKS_MAX && r >= 0; i++) {
                r = sql_run(db,
                                "DELETE FROM episode WHERE id IN (SELECT id FROM episode "
                                "WHERE until > 0 AND until < ?1 LIMIT ?2)",
                                "uu", until_usec, (uint64_t)CHUNK);
                if (sqlite3_changes(db) < CHUNK)
                        break;
        }
        return r;
}

static int forget_oldest(sqlite3 *db, int64_t n) {
        return sql_run(db,
                        "DELETE FROM episode WHERE id IN (SELECT id FROM episode "
                        "WHERE until > 0 ORDER BY id LIMIT ?1)",
                        "i", n);
}

static int forget_too_many(sqlite3 *db, uint64_t max) {
        int64_t n;
        int r;

        /* Without counting them: they come and go in order. */
        r = sql_number(db, &n,
                        "SELECT coalesce((SELECT max(id) FROM episode) - "
                        "(SELECT min(id) FROM episode) + 1, 0)");
        if (r < 0 || (uint64_t)n <= max)
                return r;

        for (n -= (int64_t)max; n > 0 && r >= 0; n -= CHUNK) {
                r = forget_oldest(db, MIN(n, (int64_t)CHUNK));
                if (sqlite3_changes(db) == 0)
                        break;
        }
        return r;
}

static int used_bytes(sqlite3 *db, uint64_t *ret) {
        int64_t pages, free_pages, size;
        int r;

        r = sql_number(db, &pages, "PRAGMA page_count");
        if (r >= 0)
                r = sql_number(db, &free_pages, "PRAGMA freelist_count");
        if (r >= 0)
                r = sql_number(db, &size, "PRAGMA page_size");
        if (r < 0)
                return r;
        *ret = (uint64_t)((pages - free_pages) * size);
        return 0;
}

static int forget_too_big(sqlite3 *db, uint64_t max_bytes) {
        for (unsigned i = 0; i < CHUNKS_MAX; i++) {
                uint64_t bytes;
                int r;

                r = used_bytes(db, &bytes);
                if (r < 0 || bytes <= max_bytes)
                        return r;

                r = forget_oldest(db, CHUNK);
                if (r < 0)
                        return r;
                if (sqlite3_changes(db) > 0)
                        continue;
                r = sql_run(db,
                                "DELETE FROM sample_minute WHERE time < (SELECT "
                                "min(time) + 86400 FROM sample_minute)",
                                NULL);
                if (r < 0 || sqlite3_changes(db) == 0)
                        return r;
        }
        return 0;
}

static int forget_names(sqlite3 *db) {
        int64_t n;
        uint64_t last;
        int r;

        r = sql_number(db, &n, "SELECT max(id) FROM name");
        if (r >= 0)
                r = get_mark(db, "names", &last);
        if (r < 0 || (uint64_t)n < last + NAMES_MIN)
                return r;

        r = sql_exec(db,
                        "DELETE FROM name WHERE id NOT IN ("
                        "SELECT agent FROM episode UNION SELECT type FROM episode UNION "
                        "SELECT state FROM episode UNION SELECT attention FROM episode UNION "
                        "SELECT rule FROM episode UNION SELECT series FROM sample_raw UNION "
                        "SELECT series FROM sample_minute UNION SELECT series FROM sample_hour "
                        "UNION SELECT series FROM sample_day)");
        return r >= 0 ? set_mark(db, "names", (uint64_t)n) : r;
}

int history_upkeep(HistoryFile *f, const HistoryLimits *limits, uint64_t now_usec,
                uint64_t oldest_usec, bool clock_is_settled) {
        int r;

        assert(f && f->db && limits);

        r = put_all_together(f->db, now_usec / USEC_PER_SEC, oldest_usec / USEC_PER_SEC);
        if (r >= 0 && clock_is_settled)
                r = forget_samples(f->db, limits, now_usec);
        if (r >= 0 && clock_is_settled)
                r = forget_old_episodes(f->db, before(now_usec, limits->episodes_usec));
        if (r >= 0)
                r = forget_too_many(f->db, limits->max_episodes);
        if (r >= 0)
                r = forget_too_big(f->db, limits->max_bytes);
        if (r >= 0)
                r = forget_names(f->db);
        if (r >= 0)
                r = sql_exec(f->db, "PRAGMA incremental_vacuum(2000)");
        return r;
}
