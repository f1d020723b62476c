/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Signals
 *
 * What signal_table makes of the metrics. Counters are noted now and then, so that their growth
 * over the window can be told. Pure: time is an argument, the memory is fixed.
 */

#include "daemon/observe/alert-table.h"
#include "daemon/observe/metrics.h"

/* Notes that come sooner after each other than this are not kept. */
#define SIGNALS_NOTE_USEC (10 * USEC_PER_SEC)
#define SIGNALS_NOTES_MAX (SIGNAL_WINDOW_USEC / SIGNALS_NOTE_USEC + 1)
/* Of what grew for a shorter time than this nothing is said. */
#define SIGNALS_LEAST_USEC (30 * USEC_PER_SEC)

typedef struct SignalsNote {
        uint64_t at_usec;
        double over[_SIGNAL_MAX];
        double under[_SIGNAL_MAX];
} SignalsNote;

/* All zero: nothing was noted yet. */
typedef struct Signals {
        SignalsNote notes[SIGNALS_NOTES_MAX]; /* a ring */
        size_t next, n;
} Signals;

/* @metrics are as they are now: collect them first. */
void signals_note(Signals *signals, const Metrics *metrics, uint64_t now_usec);

/* Called for every value that can be told; @label is "" unless there is one for each. */
typedef void (*SignalVisitor)(void *userdata, const char *label, double value);
void signals_visit(const Signals *signals, const Metrics *metrics, SignalId id, SignalVisitor visit,
                void *userdata);
