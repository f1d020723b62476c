/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* One thing to be written, as the batch keeps it and the writer reads it. */

#include "daemon/observe/history-batch.h"

typedef enum HistoryEntryKind {
        HISTORY_ENTRY_BEGIN,
        HISTORY_ENTRY_END,
        HISTORY_ENTRY_SAMPLE,
} HistoryEntryKind;

struct HistoryEntry {
        HistoryEntryKind kind;
        char *agent; /* or the series */
        char *type, *rule;
        uid_t uid;
        AgentState state;
        Attention attention;
        uint64_t time_usec;
        double value;
};
