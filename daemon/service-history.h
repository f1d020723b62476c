/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The history within the service: what is told to it, and what is asked of it. */

#include "daemon/observe/history-sampler.h"
#include "daemon/observe/report.h"
#include "daemon/service.h"

/* -ERFKILL: there is none. */
int service_history_state(const Service *s, HistoryState *ret);

/* For BusActions, with a Service as userdata. */
int service_history_report(void *userdata, ReportKind kind, uint64_t since_usec,
                uint64_t until_usec, uid_t uid, HistoryDone done, void *done_userdata,
                HistoryReading **ret);
int service_history_update_baseline(void *userdata, uint64_t since_usec, uint64_t until_usec,
                HistoryDone done, void *done_userdata, HistoryReading **ret);
int service_history_validate(
                void *userdata, HistoryDone done, void *done_userdata, HistoryReading **ret);
