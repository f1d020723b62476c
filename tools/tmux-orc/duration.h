/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Spans and points of time, as people read them. */

#include <stddef.h>
#include <stdint.h>

#define DURATION_TEXT_MAX 32

/* The two largest units: "3m 12s", "2h 5m", "4d 3h"; milliseconds below a second. */
const char *duration_to_text(uint64_t usec, char *buffer, size_t n_buffer);
/* Local time: "14:02:11" today, "Nov 03 14:02" otherwise; "" for 0. */
const char *clock_to_text(uint64_t realtime_usec, char *buffer, size_t n_buffer);
