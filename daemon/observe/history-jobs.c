/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the history's threads do. Of History they touch the path, which stays, and the file. */

#include <errno.h>

#include "daemon/base/clock.h"
#include "daemon/observe/history-private.h"

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

static int do_write(HistoryWriteJob *j) {
        HistoryFile *f = &j->history->file;
        int r = 0;

        if (!f->db)
                r = open_first(j);
        else if (j->suspect)
                r = open_again(j);
        if (r >= 0 && !j->written && j->batch.n_entries > 0)
                r = history_batch_write(f, &j->batch);
        if (r < 0)
                return r;

        j->written = true;
        return j->upkeep ? history_upkeep(f, &j->limits, j->now_usec, j->oldest_usec,
                                           j->clock_is_settled)
                         : 0;
}

void history_run_write(WorkerJob *job) {
        HistoryWriteJob *j = CONTAINER_OF(job, HistoryWriteJob, job);
        HistoryFile *f = &j->history->file;
        uint64_t start = now_monotonic();

        j->error = do_write(j);
        if (j->error == -EUCLEAN && f->db) {
                j->error = history_file_mend(f, &j->mishap);
                if (j->error >= 0)
                        j->error = history_file_doubt_episodes(f);
                if (j->error >= 0) {
                        j->written = false;
                        j->suspect = false;
                        j->error = do_write(j);
                }
        }

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
}
