/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/observe/history-samples.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/observe/history-upkeep.h"

/* Each level from where the one above it ends; the coarsest is the finest that reaches so far. */
#define LEVEL(level, from, until) \
        "SELECT series, n, sum, min, max FROM sample_" level " WHERE time >= " from \
        " AND time < min(?2, " until ")"
#define MARK(key) "coalesce((SELECT value FROM mark WHERE key = '" key "'), 0)"
#define FIRST(level) "coalesce((SELECT min(time) FROM sample_" level "), 0)"
#define AFTER(key) "max(?1, " MARK(key) ")"

#define QUERY(coarse) \
        "SELECT text, sum(n), sum(sum), min(min), max(max) FROM (" coarse \
        ") JOIN name ON name.id = series GROUP BY series ORDER BY text"

#define RAW LEVEL("raw", AFTER("minute"), "?2")
#define BY_MINUTE LEVEL("minute", "?1 / 60 * 60", MARK("minute")) " UNION ALL " RAW
#define BY_HOUR \
        LEVEL("hour", "?1 / 3600 * 3600", MARK("hour")) \
        " UNION ALL " LEVEL("minute", AFTER("hour"), MARK("minute")) " UNION ALL " RAW
#define BY_DAY \
        LEVEL("day", "?1 / 86400 * 86400", MARK("day")) \
        " UNION ALL " LEVEL("hour", AFTER("day"), MARK("hour")) " UNION ALL " LEVEL( \
                        "minute", AFTER("hour"), MARK("minute")) " UNION ALL " RAW

static int add(Samples *s, sqlite3_stmt *row) {
        SampleSum *items;

        items = reallocarray(s->items, s->n_items + 1, sizeof(*items));
        if (!items)
                return -ENOMEM;
        s->items = items;
        items[s->n_items] = (SampleSum){
                        .series = strdup(sql_column_text(row, 0)),
                        .n = sql_column_u64(row, 1),
                        .sum = sqlite3_column_double(row, 2),
                        .min = sqlite3_column_double(row, 3),
                        .max = sqlite3_column_double(row, 4),
        };
        if (!items[s->n_items].series)
                return -ENOMEM;
        s->n_items++;
        return 0;
}

static int choose(sqlite3 *db, uint64_t since_sec, uint64_t until_sec, const char **ret) {
        int64_t first_minute, first_hour;
        int r;

        r = sql_number(db, &first_minute, "SELECT " FIRST("minute"));
        if (r >= 0)
                r = sql_number(db, &first_hour, "SELECT " FIRST("hour"));
        if (r < 0)
                return r;

        if (until_sec - since_sec <= HISTORY_MINUTES_USEC / USEC_PER_SEC &&
                        (since_sec >= (uint64_t)first_minute || first_minute <= first_hour))
                *ret = QUERY(BY_MINUTE);
        else if (since_sec >= (uint64_t)first_hour || until_sec - since_sec <= 62 * 86400)
                *ret = QUERY(BY_HOUR);
        else
                *ret = QUERY(BY_DAY);
        return 0;
}

int samples_load(sqlite3 *db, uint64_t since_usec, uint64_t until_usec, Samples *ret) {
        _cleanup_(samples_done) Samples s = {};
        _cleanup_statement_ sqlite3_stmt *rows = NULL;
        uint64_t since = since_usec / USEC_PER_SEC;
        uint64_t until = (until_usec + USEC_PER_SEC - 1) / USEC_PER_SEC;
        const char *sql;
        int r;

        assert(db && ret && since_usec <= until_usec);

        r = choose(db, since, until, &sql);
        if (r >= 0)
                r = sql_prepare(db, &rows, sql, "uu", since, until);
        while (r >= 0 && (r = sql_step(rows)) > 0)
                r = add(&s, rows);
        if (r < 0)
                return r;

        *ret = s;
        s = (Samples){};
        return 0;
}

void samples_done(Samples *s) {
        for (size_t i = 0; i < s->n_items; i++)
                free(s->items[i].series);
        free(s->items);
        *s = (Samples){};
}

const SampleSum *samples_find(const Samples *s, const char *series) {
        for (size_t i = 0; i < s->n_items; i++)
                if (strcmp(s->items[i].series, series) == 0)
                        return &s->items[i];
        return NULL;
}

const SampleSum *samples_next(const Samples *s, const char *metric, const SampleSum *previous) {
        size_t i = previous ? (size_t)(previous - s->items) + 1 : 0, n = strlen(metric);

        for (; i < s->n_items; i++)
                if (strncmp(s->items[i].series, metric, n) == 0 && s->items[i].series[n] == ':')
                        return &s->items[i];
        return NULL;
}

const char *sample_label(const SampleSum *sum) {
        const char *colon = strchr(sum->series, ':');

        return colon ? colon + 1 : "";
}

double samples_sum(const Samples *s, const char *series) {
        const SampleSum *sum = samples_find(s, series);

        return sum ? sum->sum : 0;
}

double samples_mean(const Samples *s, const char *series) {
        const SampleSum *sum = samples_find(s, series);

        return sum && sum->n > 0 ? sum->sum / (double)sum->n : 0;
}

double samples_max(const Samples *s, const char *series) {
        const SampleSum *sum = samples_find(s, series);

        return sum ? sum->max : 0;
}

double samples_total(const Samples *s, const char *metric) {
        const SampleSum *sum = NULL;
        double total = 0;

        while ((sum = samples_next(s, metric, sum)))
                total += sum->sum;
        return total;
}
