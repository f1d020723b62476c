/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * History
 *
 * What agents were in and how the service did, over a restart and for months. The loop says what
 * happens and never waits: once a second, if there is something, a thread writes it down, and
 * another reads for reports. What cannot be written is kept and tried again, up to a limit.
 */

#include <systemd/sd-event.h>

#include "daemon/observe/history-batch.h"
#include "daemon/observe/history-upkeep.h"

/* How often samples are taken; their spans begin at its multiples. */
#define HISTORY_SAMPLE_USEC (15 * USEC_PER_SEC)
/* Of what could not be written yet; the oldest goes. */
#define HISTORY_ENTRIES_MAX 100000U

typedef struct History History;
typedef struct HistoryReading HistoryReading;

typedef struct HistorySettings {
        HistoryLimits limits;
        uint64_t backup_usec; /* a copy is made that often; 0: never */
} HistorySettings;

typedef struct HistoryState {
        int error;          /* of the last attempt to write; 0: fine */
        int backup_error;   /* of the last attempt to copy */
        uint64_t written;   /* entries that are in the file for certain */
        uint64_t forgotten; /* entries that never got there */
        size_t waiting;
        uint64_t bytes;      /* of the file */
        uint64_t write_usec; /* that the last batch took, in its thread */
} HistoryState;

typedef struct HistoryEvents {
        /* The error is another one than before. */
        void (*changed)(void *userdata, const HistoryState *state);
        /* The file was damaged: what is so now must be told anew. */
        void (*mended)(void *userdata, HistoryMishap mishap);
} HistoryEvents;

/* The file is opened in the thread: there may be none yet, and no error here. */
int history_new(sd_event *event, const char *path, const HistorySettings *settings,
                const HistoryEvents *events, void *userdata, History **ret);
/* Writes what is left, and waits for that. */
History *history_free(History *h);
DEFINE_CLEANUP(History *, history_free)

void history_set_settings(History *h, const HistorySettings *settings);
HistoryState history_state(const History *h);
const char *history_path(const History *h);

/* As in history-batch.h. Without memory they are lost, which is counted. */
void history_begin(History *h, const HistoryEpisode *episode);
void history_end(History *h, const char *agent, uint64_t until_usec);
void history_sample(History *h, uint64_t time_usec, const HistorySample *sample);

/*
 * Has @read make a text in the other thread, from a file that is open for reading, and tells @done
 * in the loop, exactly once unless it is dropped. @free_userdata is for @read_userdata, which
 * belongs to the reading in any case. -EBUSY: too many wait.
 */
typedef int (*HistoryRead)(void *read_userdata, HistoryFile *f, char **ret);
typedef void (*HistoryDone)(void *userdata, int error, const char *text);
int history_read(History *h, HistoryRead read, void *read_userdata, void (*free_userdata)(void *),
                HistoryDone done, void *userdata, HistoryReading **ret);
/* Nobody waits for it any more. NULL is fine; returns NULL. */
HistoryReading *history_reading_drop(HistoryReading *reading);
