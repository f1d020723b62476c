/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Values of signals as people read them, and sentences with such values in them. */

#include <stddef.h>

#include "daemon/observe/alert-table.h"

#define SIGNAL_NUMBER_MAX 32U

/* "63 ms", "152 MB", "12 %", "5.5"; returns @buffer. */
const char *signal_value_to_text(
                SignalUnit unit, double value, char buffer[static SIGNAL_NUMBER_MAX]);

/* @text with its three words replaced; cut where @n_ret ends. */
void signal_text_fill(const char *text, const char *label, const char *value, const char *limit,
                char *ret, size_t n_ret);
