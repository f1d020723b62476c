/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

#include "daemon/base/cleanup.h"

#define TMUX_SCREEN_MAX (256U * 1024U)

/*
 * A copy of a captured screen that is valid UTF-8 without control characters but newlines and tabs,
 * and not longer than TMUX_SCREEN_MAX: more is cut off at a line. tmux prints nothing else, but a
 * server that is not tmux may. It may have several owners, and is not changed any more. Returns
 * -ENOMEM.
 */
int screen_text_new(const char *text, size_t n_text, char **ret, size_t *ret_n);
/* Only of what screen_text_new() gave. */
char *screen_text_ref(const char *text);
char *screen_text_unref(char *text);
DEFINE_CLEANUP(char *, screen_text_unref)
