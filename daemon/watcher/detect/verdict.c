/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/detect/verdict.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

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

int verdict_keep(const Verdict *verdict, Verdict **v) {
        size_t n = offsetof(Verdict, evidence) + verdict->n_evidence * sizeof(verdict->evidence[0]);
        Verdict *kept = realloc(*v, n);

        if (!kept)
                return -ENOMEM;
        memcpy(kept, verdict, n);
        *v = kept;
        return 0;
}
