/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Writing a batch: in a thread, one transaction. */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/observe/history-entry.h"
#include "daemon/observe/history-schema.h"

typedef struct Writer {
        sqlite3 *db;
        sqlite3_stmt *find_name, *add_name, *find_open, *reopen, *close, *insert, *sample;
} Writer;

typedef struct Open {
        int64_t id, type, state, attention;
        uint64_t uid, since_usec, until_usec;
        bool doubtful;
} Open;

static int writer_prepare(Writer *w, sqlite3 *db) {
        const struct {
                sqlite3_stmt **statement;
                const char *sql;
        } rows[] = {
                        {&w->find_name, "SELECT id FROM name WHERE text = ?1"},
                        {&w->add_name, "INSERT INTO name(text) VALUES(?1)"},
                        {&w->find_open,
                                        "SELECT id, type, state, attention, uid, since, until "
                                        "FROM episode WHERE agent = ?1 "
                                        "AND " HISTORY_EPISODE_IS_OPEN},
                        {&w->reopen, "UPDATE episode SET until = NULL WHERE id = ?1"},
                        {&w->close, "UPDATE episode SET until = ?2 WHERE id = ?1"},
                        {&w->insert,
                                        "INSERT INTO episode(agent, type, uid, state, attention, "
                                        "rule, "
                                        "since) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"},
                        /* Of a second in which the clock was set back there are two. */
                        {&w->sample,
                                        "INSERT INTO sample_raw VALUES(?1, ?2, 1, ?3, ?3, ?3) "
                                        "ON CONFLICT DO UPDATE SET n = n + 1, sum = sum + "
                                        "excluded.sum, "
                                        "min = min(min, excluded.min), max = max(max, "
                                        "excluded.max)"},
        };
        int r = 0;

        w->db = db;
        FOREACH_ELEMENT (row, rows) {
                r = sql_prepare(db, row->statement, row->sql, NULL);
                if (r < 0)
                        break;
        }

        return r;
}

static void writer_done(Writer *w) {
        sqlite3_stmt *statements[] = {w->find_name, w->add_name, w->find_open, w->reopen, w->close,
                        w->insert, w->sample};

        FOREACH_ELEMENT (s, statements)
                (void)sqlite3_finalize(*s);
}

static int run(sqlite3_stmt *s) {
        int r = sql_step(s);

        (void)sqlite3_reset(s);
        return r;
}

static int name_id(Writer *w, const char *text, int64_t *ret) {
        int r;

        r = sql_bind(w->find_name, "s", text);
        if (r >= 0)
                r = sql_step(w->find_name);
        if (r > 0)
                *ret = sqlite3_column_int64(w->find_name, 0);
        (void)sqlite3_reset(w->find_name);
        if (r != 0)
                return r;

        r = sql_bind(w->add_name, "s", text);
        if (r >= 0)
                r = run(w->add_name);
        if (r >= 0)
                *ret = sqlite3_last_insert_rowid(w->db);
        return r;
}

/* 1: there is one. */
static int find_open(Writer *w, int64_t agent, Open *ret) {
        sqlite3_stmt *s = w->find_open;
        int64_t until;
        int r;

        r = sql_bind(s, "i", agent);
        if (r >= 0)
                r = sql_step(s);
        if (r > 0) {
                until = sqlite3_column_int64(s, 6);
                *ret = (Open){
                                .id = sqlite3_column_int64(s, 0),
                                .type = sqlite3_column_int64(s, 1),
                                .state = sqlite3_column_int64(s, 2),
                                .attention = sqlite3_column_int64(s, 3),
                                .uid = sql_column_u64(s, 4),
                                .since_usec = sql_column_u64(s, 5),
                                .until_usec = (uint64_t)(until < 0 ? -until : 0),
                                .doubtful = until < 0,
                };
        }
        (void)sqlite3_reset(s);
        return r;
}

static int close_episode(Writer *w, const Open *open, uint64_t until_usec) {
        uint64_t until = open->doubtful ? open->until_usec : MAX(open->since_usec, until_usec);
        int r;

        r = sql_bind(w->close, "iu", open->id, until);
        return r >= 0 ? run(w->close) : r;
}

static int begin(Writer *w, const HistoryEntry *e) {
        uint64_t since = e->time_usec;
        int64_t agent, type, state, attention, rule;
        Open open;
        int r;

        if ((r = name_id(w, e->agent, &agent)) < 0 || (r = name_id(w, e->type, &type)) < 0 ||
                        (r = name_id(w, agent_state_to_string(e->state), &state)) < 0 ||
                        (r = name_id(w, attention_to_string(e->attention), &attention)) < 0 ||
                        (r = name_id(w, e->rule, &rule)) < 0)
                return r;

        r = find_open(w, agent, &open);
        if (r < 0)
                return r;
        if (r > 0) {
                bool same = open.type == type && open.state == state &&
                                open.attention == attention && open.uid == e->uid;

                /* It may have begun later than its state: with what it waits for. */
                if (same && open.since_usec >= since) {
                        r = open.doubtful ? sql_bind(w->reopen, "i", open.id) : 0;
                        return r >= 0 && open.doubtful ? run(w->reopen) : r;
                }
                r = close_episode(w, &open, since);
                if (r < 0)
                        return r;
                /* What was seen then is not seen differently now. */
                if (open.doubtful)
                        since = MAX(since, open.until_usec);
        }

        r = sql_bind(w->insert, "iiuiiiu", agent, type, (uint64_t)e->uid, state, attention, rule,
                        since);
        return r >= 0 ? run(w->insert) : r;
}

static int end(Writer *w, const HistoryEntry *e) {
        int64_t agent;
        Open open;
        int r;

        r = name_id(w, e->agent, &agent);
        if (r >= 0)
                r = find_open(w, agent, &open);
        return r > 0 ? close_episode(w, &open, e->time_usec) : r;
}

static int add_sample(Writer *w, const HistoryEntry *e) {
        int64_t series;
        int r;

        r = name_id(w, e->agent, &series);
        if (r >= 0)
                r = sql_bind(w->sample, "uid", e->time_usec / USEC_PER_SEC, series, e->value);
        return r >= 0 ? run(w->sample) : r;
}

static int write_entry(Writer *w, const HistoryEntry *e) {
        switch (e->kind) {
        case HISTORY_ENTRY_BEGIN:
                return begin(w, e);
        case HISTORY_ENTRY_END:
                return end(w, e);
        case HISTORY_ENTRY_SAMPLE:
                return add_sample(w, e);
        }

        return -EINVAL;
}

static int write_entries(HistoryFile *f, const HistoryBatch *b, size_t from, size_t n) {
        _cleanup_(writer_done) Writer w = {};
        int r;

        r = writer_prepare(&w, f->db);
        for (size_t i = from; i < from + n && r >= 0; i++)
                r = write_entry(&w, &b->entries[i]);
        if (r < 0)
                return r;

        return sql_run(f->db, "INSERT OR REPLACE INTO mark VALUES('seen', ?1)", "u", b->now_usec);
}

int history_batch_write_part(HistoryFile *f, const HistoryBatch *b, size_t from, size_t n) {
        int r;

        assert(f && f->db && b);
        assert(from + n <= b->n_entries);

        r = sql_exec(f->db, "BEGIN IMMEDIATE");
        if (r < 0)
                return r;
        r = write_entries(f, b, from, n);
        if (r >= 0)
                r = sql_exec(f->db, "COMMIT");
        if (r < 0)
                (void)sql_exec(f->db, "ROLLBACK");
        return r;
}

int history_file_doubt_episodes(HistoryFile *f) {
        assert(f && f->db);

        return sql_exec(f->db,
                        "BEGIN IMMEDIATE;"
                        "UPDATE episode SET until = -until WHERE until < 0;"
                        "UPDATE episode SET until = -max(since, coalesce("
                        "  (SELECT value FROM mark WHERE key = 'seen'), since))"
                        "  WHERE until IS NULL;"
                        "COMMIT;");
}
