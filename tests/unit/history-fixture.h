/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A history in a folder of its own, and questions to it in SQL. */

#include "tests/unit/test.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/base/clock.h"
#include "daemon/observe/history-batch.h"
#include "daemon/observe/history-upkeep.h"

typedef struct HistoryFixture {
        char folder[64], path[96];
        HistoryFile file;
        HistoryBatch batch;
} HistoryFixture;

static inline int history_setup(void **state) {
        HistoryFixture *f = calloc(1, sizeof(*f));

        (void)snprintf(f->folder, sizeof(f->folder), "/tmp/history-XXXXXX");
        assert_non_null(mkdtemp(f->folder));
        (void)snprintf(f->path, sizeof(f->path), "%s/history.db", f->folder);
        *state = f;
        return 0;
}

static inline int history_teardown(void **state) {
        static const char *const suffixes[] = {"", "-wal", "-shm", ".backup", ".backup.new",
                        ".damaged", ".damaged-wal", ".damaged-shm"};
        HistoryFixture *f = *state;
        char path[128];

        history_file_close(&f->file);
        history_batch_done(&f->batch);
        FOREACH_ELEMENT (suffix, suffixes) {
                (void)snprintf(path, sizeof(path), "%s%s", f->path, *suffix);
                (void)unlink(path);
        }
        assert_int_equal(rmdir(f->folder), 0);
        free(f);
        return 0;
}

static inline HistoryMishap history_open(HistoryFixture *f) {
        HistoryMishap mishap;

        assert_int_equal(history_file_open(f->path, &f->file, &mishap), 0);
        assert_int_equal(history_file_doubt_episodes(&f->file), 0);
        return mishap;
}

static inline void history_reopen(HistoryFixture *f) {
        history_file_close(&f->file);
        assert_int_equal(history_open(f), HISTORY_UNHARMED);
}

static inline void begin(HistoryFixture *f, const char *agent, AgentState state, uint64_t since) {
        HistoryEpisode e = {
                        .agent = agent,
                        .type = "claude",
                        .uid = 1000,
                        .state = state,
                        .attention = state == AGENT_WAITING ? ATTENTION_PERMISSION : ATTENTION_NONE,
                        .rule = "claude/rule",
                        .since_usec = since,
        };

        assert_int_equal(history_batch_begin(&f->batch, &e), 0);
}

static inline void end(HistoryFixture *f, const char *agent, uint64_t until) {
        assert_int_equal(history_batch_end(&f->batch, agent, until), 0);
}

static inline void sample(HistoryFixture *f, uint64_t time_sec, const char *series, double value) {
        HistorySample s = {series, value};

        assert_int_equal(history_batch_sample(&f->batch, time_sec * USEC_PER_SEC, &s), 0);
}

static inline void commit(HistoryFixture *f, uint64_t now) {
        f->batch.now_usec = now;
        assert_int_equal(history_batch_write(&f->file, &f->batch), 0);
        history_batch_done(&f->batch);
}

/* The rows of a question, "a b c\n" each. Valid until the next. */
static inline const char *ask(HistoryFixture *f, const char *sql) {
        static char text[4096];
        sqlite3_stmt *s = NULL;
        size_t n = 0;

        text[0] = '\0';
        assert_int_equal(sql_prepare(f->file.db, &s, sql, NULL), 0);
        while (sql_step(s) > 0) {
                for (int i = 0; i < sqlite3_column_count(s); i++)
                        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", i ? " " : "",
                                        sqlite3_column_type(s, i) == SQLITE_NULL
                                                        ? "-"
                                                        : sql_column_text(s, i));
                n += (size_t)snprintf(text + n, sizeof(text) - n, "\n");
                assert_true(n < sizeof(text));
        }
        (void)sqlite3_finalize(s);
        return text;
}

/* Who was what, from when to when. */
#define EPISODES \
        "SELECT a.text, s.text, since, until FROM episode JOIN name a ON a.id = agent " \
        "JOIN name s ON s.id = state ORDER BY episode.id"
