/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <string.h>

#include "daemon/watcher/proc/proc-stat.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        ProcStat s = {.pid = -1};

        if (proc_stat_parse((const char *)data, size, &s) == 0)
                assert(s.pid > 0 && strnlen(s.comm, sizeof(s.comm)) < sizeof(s.comm));
        else
                assert(s.pid == -1);
        return 0;
}
