/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the history's threads do. Of History they touch the path, which stays, and the file. */

#include <errno.h>

#include "daemon/base/clock.h"
#include "daemon/observe/history-private.h"

#define ENTRIES_AT_ONCE 1000U

static int open_first(HistoryWriteJob *j) {
        HistoryFile *f = &j->history->file;
        int r;

        r = history_file_open(j->history->path, f, &j->mishap);
        return r >= 0 ? history_file_doubt_episodes(f) : r;
}

/* It was fine before: episodes that go on are known to, unless the file is another one now. */
static int open_again(HistoryWriteJob *j) {
        HistoryFile *f = &j->history->file;
        int r;

        history_file_close(f);
        r = history_file_open(j->history->path, f, &j->mishap);
        if (r >= 0 && j->mishap != HISTORY_UNHARMED)
                r = history_file_doubt_episodes(f);
        return r;
}

/* What could not be written for hours does not need as much room at once. */
static int write_parts(HistoryWriteJob *j) {
        while (j->n_written < j->batch.n_entries) {
                size_t n = MIN(j->batch.n_entries - j->n_written, (size_t)ENTRIES_AT_ONCE);
                int r = history_batch_write_part(&j->history->file, &j->batch, j->n_written, n);

                if (r < 0)
                        return r;
                j->n_written += n;
        }
        return 0;
}

static int do_write(HistoryWriteJob *j) {
        HistoryFile *f = &j->history->file;
        int r = 0;

        if (!f->db)
                r = open_first(j);
        else if (j->suspect)
                r = open_again(j);
        if (r >= 0)
                r = write_parts(j);
        if (r < 0)
                return r;

        return j->upkeep ? history_upkeep(f, &j->limits, j->now_usec, j->oldest_usec,
                                           j->clock_is_settled)
                         : 0;
}

/* A transaction that was left open is closed with the file; what still does not fit is damage. */
static int try_afresh(HistoryWriteJob *j) {
        int r;

        j->suspect = true;
        r = do_write(j);
        return r == -EPROTO ? -EUCLEAN : r;
}

static int mend_and_write(HistoryWriteJob *j) {
        HistoryFile *f = &j->history->file;
        int r;

        r = history_file_mend(f, &j->mishap);
        if (r >= 0)
                r = history_file_doubt_episodes(f);
        if (r < 0)
                return r;

        j->n_written = 0;
        j->suspect = false;
        return do_write(j);
}

void history_run_write(WorkerJob *job) {
        HistoryWriteJob *j = CONTAINER_OF(job, HistoryWriteJob, job);
        HistoryFile *f = &j->history->file;
        uint64_t start = now_monotonic();

        j->error = do_write(j);
        if (j->error == -EPROTO && f->db)
                j->error = try_afresh(j);
        if (j->error == -EUCLEAN && f->db)
                j->error = mend_and_write(j);

        j->bytes = history_file_size(j->history->path);
        j->usec = now_monotonic() - start;
}

void history_run_backup(WorkerJob *job) {
        HistoryBackupJob *j = CONTAINER_OF(job, HistoryBackupJob, job);

        j->error = history_file_back_up(j->history->path);
}

void history_run_reading(WorkerJob *job) {
        HistoryReading *j = CONTAINER_OF(job, HistoryReading, job);
        _cleanup_(history_file_close) HistoryFile f = {};

        j->error = history_file_open_to_read(j->history->path, &f);
        /* One moment for all that is read. */
        if (j->error >= 0)
                j->error = sql_exec(f.db, "BEGIN");
        if (j->error >= 0)
                j->error = j->read(j->read_userdata, &f, &j->text);
        /* Whether it is, the writer finds out. */
        if (j->error == -EPROTO)
                j->error = -EUCLEAN;
}
