/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Worker
 *
 * A thread for what waits on a disk, so that the loop does not. Jobs are done one after the other,
 * in the order in which they came; the loop is told of each. A job belongs to the thread while it
 * is done and to the loop before and after that: nothing is shared, so nothing needs a lock.
 */

#include <systemd/sd-event.h>

#include "daemon/base/cleanup.h"

typedef struct Worker Worker;
typedef struct WorkerJob WorkerJob;

struct WorkerJob {
        void (*run)(WorkerJob *job);  /* in the thread */
        void (*done)(WorkerJob *job); /* in the loop; owns the job from here on */
        WorkerJob *next;
};

/* @name: at most 15 bytes, as ps shows it. */
int worker_new(sd_event *event, const char *name, Worker **ret);
/* Waits until all jobs are done, and tells of them. */
Worker *worker_free(Worker *worker);
DEFINE_CLEANUP(Worker *, worker_free)

void worker_add(Worker *worker, WorkerJob *job);
