/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/clock.h"
#include "daemon/watcher/detect/reset-time.h"
#include "tests/fuzz/fuzz.h"

#define NOW (1795262400ULL * USEC_PER_SEC)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = strndup((const char *)data, size);
        uint64_t usec = 0;
        int r;

        assert(text);
        r = reset_time_parse(text, NOW, &usec);
        if (r < 0)
                assert(usec == 0 && (r == -EINVAL || r == -ERANGE));
        else
                assert(usec <= NOW + 40 * USEC_PER_DAY && usec + 40 * USEC_PER_DAY >= NOW);
        return 0;
}
