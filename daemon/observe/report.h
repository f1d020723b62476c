/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Reports
 *
 * What the history says of a time, as JSON. Made in a thread, from the file and from what was so
 * when the report was asked for; nothing else is touched.
 */

#include <errno.h>
#include <json-c/json.h>
#include <sys/types.h>

#include "daemon/observe/history-file.h"
#include "daemon/observe/history-samples.h"

typedef enum ReportKind {
        REPORT_DAILY,
        REPORT_WEEKLY,
        REPORT_MONTHLY,
        REPORT_PERFORMANCE,
        REPORT_BASELINE,
        REPORT_CAPACITY,
        REPORT_CACHE,
        _REPORT_KIND_MAX,
        _REPORT_KIND_INVALID = -EINVAL,
} ReportKind;

const char *report_kind_to_string(ReportKind kind);
ReportKind report_kind_from_string(const char *s);
/* What it is of unless somebody says. */
uint64_t report_kind_span(ReportKind kind);

typedef struct ReportRequest {
        ReportKind kind;
        uint64_t since_usec, until_usec; /* CLOCK_REALTIME */
        uid_t uid;                       /* whose agents; UID_INVALID: everybody's */
        /* As it is now. */
        uint64_t now_usec;
        unsigned agents;
        unsigned agents_max; /* of one user, as configured */
        unsigned processors;
        double cost_budget;                /* per cent of one core */
        json_object *components, *plugins; /* owned; NULL: none */
} ReportRequest;

void report_request_done(ReportRequest *r);

/*
 * Makes the performance of the request's time what later reports are compared with, and gives it.
 * -ENODATA: nothing was measured in it.
 */
int report_make_baseline(const ReportRequest *request, HistoryFile *f, json_object **ret);

/* -EUCLEAN: the file is damaged. -EINVAL: the time ends before it begins. */
int report_make(const ReportRequest *request, HistoryFile *f, json_object **ret);
