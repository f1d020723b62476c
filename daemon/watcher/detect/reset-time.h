/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Reset times
 *
 * Finds in a piece of a screen when a usage limit ends: "resets 3pm (UTC)", "try again in 2h 5m",
 * "try again at Nov 24th, 2026 9:14 AM". Knows the words that announce such a time, and nothing of
 * agents. Takes any text, in time proportional to its length.
 */

#include <stdint.h>

/*
 * The lowest announcement on the screen counts; if there is none, @text itself may be a time. A
 * time of day is its next occurrence (the minute that is just running counts); a date without a
 * year is the nearest one, so the result can lie in the past when the screen is old. A time
 * without a zone is in that of the process.
 * -EINVAL: there is no such time here; -ERANGE: it is more than 40 days away.
 */
int reset_time_parse(const char *text, uint64_t now_usec, uint64_t *ret_usec);
