/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/tmux/screen-text.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/text.h"

typedef struct SharedText {
        size_t n_refs;
        char text[];
} SharedText;

static SharedText *shared_of(const char *text) {
        return (SharedText *)(text - offsetof(SharedText, text));
}

char *screen_text_ref(const char *text) {
        SharedText *shared = shared_of(text);

        shared->n_refs++;
        return shared->text;
}

char *screen_text_unref(char *text) {
        if (text && --shared_of(text)->n_refs == 0)
                free(shared_of(text));
        return NULL;
}

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
        size_t n = cut_at_line(text, n_text), k = 0;
        SharedText *shared;
        char *out;

        shared = malloc(sizeof(*shared) + n + 1);
        if (!shared)
                return -ENOMEM;
        shared->n_refs = 1;
        out = shared->text;

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
        *ret = out;
        *ret_n = k;
        return 0;
}
