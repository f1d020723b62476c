/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/observe/history.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/base/clock.h"
#include "daemon/observe/history-private.h"

#define WRITE_USEC USEC_PER_SEC
#define RETRY_USEC (5 * USEC_PER_SEC)
#define UPKEEP_USEC USEC_PER_MINUTE
#define ACCURACY_USEC (50 * USEC_PER_MSEC)
/* A step of the clock that counts, and how long after it nothing goes for its age. */
#define STEP_USEC ((int64_t)USEC_PER_MINUTE)
#define SETTLE_USEC USEC_PER_HOUR

static void wake_in(History *h, uint64_t usec) {
        (void)sd_event_source_set_time_relative(h->timer, usec);
        (void)sd_event_source_set_enabled(h->timer, SD_EVENT_ONESHOT);
}

static bool clock_is_settled(History *h, uint64_t now_usec) {
        uint64_t up = clock_usec(CLOCK_BOOTTIME);
        int64_t offset = (int64_t)now_usec - (int64_t)up;
        int64_t step = offset - h->clock_offset;

        if (step > STEP_USEC || step < -STEP_USEC)
                h->settled_usec = up + SETTLE_USEC;
        h->clock_offset = offset;
        return up >= h->settled_usec;
}

static void on_written(WorkerJob *job);
static void on_backed_up(WorkerJob *job);

static void write_now(History *h) {
        uint64_t now = now_realtime();
        HistoryWriteJob *j;

        j = calloc(1, sizeof(*j));
        if (!j) {
                wake_in(h, RETRY_USEC);
                return;
        }

        *j = (HistoryWriteJob){
                        .job = {.run = history_run_write, .done = on_written},
                        .history = h,
                        .batch = h->batch,
                        .limits = h->settings.limits,
                        .now_usec = now,
                        .oldest_usec = h->oldest_usec,
                        .suspect = h->suspect,
                        .upkeep = now_monotonic() >= h->upkeep_usec,
                        .clock_is_settled = clock_is_settled(h, now),
        };
        j->batch.now_usec = now;
        h->batch = (HistoryBatch){};
        h->writing = true;
        worker_add(h->writer, &j->job);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        History *h = userdata;

        h->started = true;
        if (!h->writing)
                write_now(h);
        return 0;
}

static void note_error(History *h, int error) {
        bool changed = h->state.error != error;

        h->state.error = error;
        if (changed && h->events->changed)
                h->events->changed(h->userdata, &h->state);
}

/* In front of what came meanwhile. */
static void take_back(History *h, HistoryBatch *older) {
        if (history_batch_append(older, &h->batch) < 0) {
                h->state.forgotten += h->batch.n_entries;
                history_batch_done(&h->batch);
        }
        h->batch = *older;
        *older = (HistoryBatch){};
        h->state.forgotten += history_batch_shorten(&h->batch, HISTORY_ENTRIES_MAX);
}

static bool backup_is_due(const History *h) {
        _cleanup_free_ char *path = NULL;
        uint64_t now = now_realtime(), made;
        struct stat st;

        if (h->settings.backup_usec == 0 || h->backing_up ||
                        asprintf(&path, "%s.backup", h->path) < 0)
                return false;
        if (stat(path, &st) < 0)
                return errno == ENOENT;

        made = (uint64_t)st.st_mtim.tv_sec * USEC_PER_SEC;
        return made > now || now - made >= h->settings.backup_usec;
}

static void back_up(History *h) {
        HistoryBackupJob *j = calloc(1, sizeof(*j));

        if (!j)
                return;
        *j = (HistoryBackupJob){.job = {history_run_backup, on_backed_up}, .history = h};
        h->backing_up = true;
        worker_add(h->reader, &j->job);
}

static void on_backed_up(WorkerJob *job) {
        HistoryBackupJob *j = CONTAINER_OF(job, HistoryBackupJob, job);
        History *h = j->history;

        h->backing_up = false;
        h->state.backup_error = j->error;
        /* What cannot be read again is looked at as a whole. */
        h->suspect = h->suspect || j->error == -EUCLEAN;
        free(j);
}

static void note_written(History *h, HistoryWriteJob *j) {
        h->state.bytes = j->bytes;
        h->state.write_usec = j->usec;
        h->state.written += j->n_written;
        (void)history_batch_shorten(&j->batch, j->batch.n_entries - j->n_written);
        if (j->batch.n_entries > 0)
                take_back(h, &j->batch);
        if (j->error >= 0)
                h->suspect = false;
        if (j->error >= 0 && j->upkeep) {
                h->oldest_usec = UINT64_MAX;
                h->upkeep_usec = now_monotonic() + UPKEEP_USEC;
        }
}

static void on_written(WorkerJob *job) {
        HistoryWriteJob *j = CONTAINER_OF(job, HistoryWriteJob, job);
        History *h = j->history;

        h->writing = false;
        note_written(h, j);
        if (h->timer) {
                if (h->batch.n_entries > 0)
                        wake_in(h, j->error < 0 ? RETRY_USEC : WRITE_USEC);
                if (j->mishap != HISTORY_UNHARMED && h->events->mended)
                        h->events->mended(h->userdata, j->mishap);
                note_error(h, j->error);
                if (j->error >= 0 && j->upkeep && backup_is_due(h))
                        back_up(h);
        }
        history_batch_done(&j->batch);
        free(j);
}

int history_new(sd_event *event, const char *path, const HistorySettings *settings,
                const HistoryEvents *events, void *userdata, History **ret) {
        _cleanup_(history_freep) History *h = NULL;
        int r;

        assert(event && path && settings && events && ret);

        h = calloc(1, sizeof(*h));
        if (!h)
                return -ENOMEM;
        h->events = events;
        h->userdata = userdata;
        h->settings = *settings;
        h->oldest_usec = UINT64_MAX;
        h->settled_usec = clock_usec(CLOCK_BOOTTIME) + SETTLE_USEC;
        h->path = strdup(path);
        if (!h->path)
                return -ENOMEM;

        r = worker_new(event, "history-write", &h->writer);
        if (r >= 0)
                r = worker_new(event, "history-read", &h->reader);
        if (r >= 0)
                r = sd_event_add_time_relative(
                                event, &h->timer, CLOCK_MONOTONIC, 0, ACCURACY_USEC, on_timer, h);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(h);
        return 0;
}

History *history_free(History *h) {
        if (!h)
                return NULL;

        h->timer = sd_event_source_disable_unref(h->timer);
        worker_free(h->reader);
        if (h->writer && h->batch.n_entries > 0)
                write_now(h);
        worker_free(h->writer);
        history_file_close(&h->file);
        history_batch_done(&h->batch);
        free(h->path);
        free(h);
        return NULL;
}

void history_set_settings(History *h, const HistorySettings *settings) {
        assert(h && settings);
        h->settings = *settings;
}

HistoryState history_state(const History *h) {
        HistoryState state;

        assert(h);

        state = h->state;
        state.waiting = h->batch.n_entries;
        return state;
}

const char *history_path(const History *h) {
        return h->path;
}

static void note_added(History *h, int r) {
        if (r < 0) {
                h->state.forgotten++;
                return;
        }
        if (h->batch.n_entries > HISTORY_ENTRIES_MAX)
                h->state.forgotten += history_batch_shorten(
                                &h->batch, HISTORY_ENTRIES_MAX - HISTORY_ENTRIES_MAX / 10);
        /* The first of a batch starts its second; the very first time the file is opened at once.
         */
        if (h->batch.n_entries == 1 && !h->writing && h->started)
                wake_in(h, WRITE_USEC);
}

void history_begin(History *h, const HistoryEpisode *episode) {
        note_added(h, history_batch_begin(&h->batch, episode));
}

void history_end(History *h, const char *agent, uint64_t until_usec) {
        note_added(h, history_batch_end(&h->batch, agent, until_usec));
}

void history_sample(History *h, uint64_t time_usec, const HistorySample *sample) {
        h->oldest_usec = MIN(h->oldest_usec, time_usec);
        note_added(h, history_batch_sample(&h->batch, time_usec, sample));
}

static void on_read(WorkerJob *job) {
        HistoryReading *j = CONTAINER_OF(job, HistoryReading, job);
        History *h = j->history;

        h->n_readings--;
        h->suspect = h->suspect || j->error == -EUCLEAN;
        if (j->done)
                j->done(j->userdata, j->error, j->text);
        if (j->free_userdata)
                j->free_userdata(j->read_userdata);
        free(j->text);
        free(j);
}

int history_read(History *h, HistoryRead read, void *read_userdata, void (*free_userdata)(void *),
                HistoryDone done, void *userdata, HistoryReading **ret) {
        HistoryReading *j = NULL;

        assert(h && read && done && ret);

        if (h->n_readings < HISTORY_READINGS_MAX)
                j = calloc(1, sizeof(*j));
        if (!j) {
                if (free_userdata)
                        free_userdata(read_userdata);
                return h->n_readings < HISTORY_READINGS_MAX ? -ENOMEM : -EBUSY;
        }

        *j = (HistoryReading){
                        .job = {.run = history_run_reading, .done = on_read},
                        .history = h,
                        .read = read,
                        .read_userdata = read_userdata,
                        .free_userdata = free_userdata,
                        .done = done,
                        .userdata = userdata,
        };
        h->n_readings++;
        worker_add(h->reader, &j->job);
        *ret = j;
        return 0;
}

HistoryReading *history_reading_drop(HistoryReading *j) {
        if (j)
                j->done = NULL;
        return NULL;
}
