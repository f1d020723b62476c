/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the history's parts share: history.c (the loop), history-jobs.c (the threads). */

#include "daemon/base/worker.h"
#include "daemon/observe/history.h"

#define HISTORY_READINGS_MAX 32U

struct History {
        char *path;
        const HistoryEvents *events;
        void *userdata;
        HistorySettings settings;
        Worker *writer, *reader;
        sd_event_source *timer;
        HistoryBatch batch; /* not yet handed over */
        HistoryState state;
        bool started;          /* the file was asked for */
        bool writing;          /* a batch is with the writer */
        bool backing_up;       /* so is a copy with the reader */
        bool suspect;          /* somebody says that the file may be damaged */
        unsigned n_readings;   /* that wait */
        uint64_t upkeep_usec;  /* CLOCK_MONOTONIC: when the next is due */
        uint64_t oldest_usec;  /* of the samples since the last one */
        int64_t clock_offset;  /* of CLOCK_REALTIME from CLOCK_BOOTTIME */
        uint64_t settled_usec; /* CLOCK_BOOTTIME: from then on the clock is believed */

        HistoryFile file; /* the writer's own */
};

typedef struct HistoryWriteJob {
        WorkerJob job;
        History *history;
        HistoryBatch batch;
        HistoryLimits limits;
        uint64_t now_usec, oldest_usec;
        bool suspect, upkeep, clock_is_settled;
        /* What came of it. */
        int error;
        size_t n_written; /* of the batch */
        HistoryMishap mishap;
        uint64_t bytes, usec;
} HistoryWriteJob;

typedef struct HistoryBackupJob {
        WorkerJob job;
        History *history;
        int error;
} HistoryBackupJob;

struct HistoryReading {
        WorkerJob job;
        History *history;
        HistoryRead read;
        void *read_userdata;
        void (*free_userdata)(void *);
        HistoryDone done; /* NULL: dropped */
        void *userdata;
        int error;
        char *text;
};

/* In the threads. */
void history_run_write(WorkerJob *job);
void history_run_backup(WorkerJob *job);
void history_run_reading(WorkerJob *job);
