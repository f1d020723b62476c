/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Commands for tmux, as words that a test spells out; a ";" between them begins the next. */

#include <stdbool.h>
#include <string.h>

#include "daemon/watcher/tmux/words.h"

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static inline TmuxWords words_of(const char *const *list) {
        TmuxWords words = {};
        bool first = true;

        for (; *list; list++) {
                bool parts = strcmp(*list, ";") == 0;

                if (!parts && first)
                        tmux_words_command(&words, *list);
                else if (!parts)
                        tmux_words_add(&words, *list);
                first = parts;
        }
        return words;
}
