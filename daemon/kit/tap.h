/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Results as the Test Anything Protocol has them, on standard output. */

#include <stdbool.h>

#include "daemon/base/cleanup.h"

typedef struct Tap {
        unsigned n;
        unsigned n_failed;
} Tap;

void tap_begin(void);
/* How many there were: without it, not all were run. */
void tap_end(const Tap *t);
/* Returns @ok. */
bool tap_result(Tap *t, bool ok, const char *sentence);
void tap_skip(Tap *t, const char *sentence, const char *why);
/* A line for people; control characters are taken out. */
void tap_note(const char *format, ...) _printf_(1, 2);
