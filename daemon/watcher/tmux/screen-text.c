/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/tmux/screen-text.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/text.h"

static bool is_allowed(const char *s, size_t length) {
        unsigned char c = (unsigned char)s[0];

        if (length == 1)
                return (c >= 0x20 && c != 0x7F) || c == '\n' || c == '\t';
        /* C1 */
        return length > 0 && !(length == 2 && c == 0xC2 && (unsigned char)s[1] < 0xA0);
}

static size_t cut_at_line(const char *text, size_t n) {
        const char *newline;

        if (n <= TMUX_SCREEN_MAX)
                return n;
        newline = memrchr(text, '\n', TMUX_SCREEN_MAX);
        return newline ? (size_t)(newline + 1 - text) : 0;
}

int screen_text_new(const char *text, size_t n_text, char **ret, size_t *ret_n) {
        _cleanup_free_ char *out = NULL;
        size_t n = cut_at_line(text, n_text), k = 0;

        out = malloc(n + 1);
        if (!out)
                return -ENOMEM;

        for (size_t i = 0; i < n;) {
                size_t length = utf8_char_length(text + i, n - i);

                if (is_allowed(text + i, length)) {
                        memcpy(out + k, text + i, length);
                        k += length;
                } else {
                        out[k++] = '?';
                }
                i += MAX(length, (size_t)1);
        }

        out[k] = '\0';
        *ret = TAKE_PTR(out);
        *ret_n = k;
        return 0;
}
