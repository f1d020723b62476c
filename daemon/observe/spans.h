/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Spans
 *
 * What was done, from when to when and how it ended, until somebody takes it along. Bounded: who
 * takes nothing loses the oldest, and is told how many.
 */

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/cleanup.h"

#define SPANS_MAX 256U
#define SPAN_SUBJECT_MAX 64U

typedef struct Span {
        const char *name;               /* a constant: "cycle", "execute", "recover" */
        char subject[SPAN_SUBJECT_MAX]; /* which plugin, component or type of agent; "" */
        uint64_t start_usec;            /* CLOCK_REALTIME */
        uint64_t usec;
        bool failed;
} Span;

/* All zero: there are none. */
typedef struct Spans {
        Span ring[SPANS_MAX];
        size_t next, n;
        uint64_t lost;
} Spans;

/* @subject may be NULL. It ends at @end_usec. */
void spans_add(Spans *spans, const char *name, const char *subject, uint64_t end_usec,
                uint64_t usec, bool failed);

/* An array of all, the oldest first; they are forgotten. -ENOMEM: nothing is forgotten. */
int spans_take(Spans *spans, json_object **ret);
