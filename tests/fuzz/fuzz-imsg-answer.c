/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/base/cleanup.h"
#include "daemon/watcher/tmux/imsg.h"
#include "tests/fuzz/fuzz.h"

static void check_event(const ImsgEvent *e, const uint8_t *data, size_t n) {
        if (e->kind == IMSG_OPEN || e->kind == IMSG_TEXT)
                assert(e->stream == 1 || e->stream == 2);
        if (e->n_text > 0) {
                assert((const uint8_t *)e->text >= data);
                assert((const uint8_t *)e->text + e->n_text <= data + n);
        }
}

/* A conversation from its first byte, read in one piece and again byte for byte. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        ImsgReader whole = {}, piecewise = {};
        ImsgEvent a, b;
        size_t at = 0;
        ssize_t n, m = 0;

        do {
                _cleanup_free_ uint8_t *rest = malloc(size - at + 1);

                assert(rest);
                memcpy(rest, data + at, size - at);
                n = imsg_read(&whole, rest, size - at, &a);
                for (size_t i = 0; i <= size - at && (m = imsg_read(&piecewise, rest, i, &b)) == 0;
                                i++)
                        assert(b.kind == IMSG_NEED_MORE);
                assert(n == m);
                if (n <= 0)
                        break;
                assert((size_t)n >= IMSG_HEADER && (size_t)n <= IMSG_MAX && a.kind == b.kind);
                check_event(&a, rest, (size_t)n);
                at += (size_t)n;
        } while (true);
        assert(n == 0 || n == -EPROTO);
        return 0;
}
