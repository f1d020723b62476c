/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/detect/verdict.h"

#include <stddef.h>

static const char *const source_names[_EVIDENCE_SOURCE_MAX] = {
                [EVIDENCE_HOOK] = "hook",
                [EVIDENCE_PROCESS] = "process",
                [EVIDENCE_TITLE] = "title",
                [EVIDENCE_SCREEN] = "screen",
                [EVIDENCE_CHANGE] = "change",
};

const char *evidence_source_to_string(EvidenceSource s) {
        return (int)s >= 0 && s < _EVIDENCE_SOURCE_MAX ? source_names[s] : NULL;
}
