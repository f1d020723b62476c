/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Time zones
 *
 * From a wall clock's reading to a moment and back, in a zone that a text names. Knows nothing of
 * texts. Not for more than one thread: the C library converts in the zone of the environment only,
 * so that is changed for the length of a call.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define TIME_ZONE_NAME_MAX 64

typedef struct TimeZone {
        bool fixed;                    /* an offset, without a history */
        int offset_sec;                /* east of UTC, if fixed */
        char name[TIME_ZONE_NAME_MAX]; /* else of the database; "" is the zone of the process */
} TimeZone;

/*
 * "" is the local zone; "UTC", "GMT+2", "+02:00", "PDT"; "America/New_York" if the database has it.
 * -EINVAL for anything else.
 */
int time_zone_from_name(const char *name, size_t n_name, TimeZone *ret);

/* Whether the name is an offset or an abbreviation that needs no database. */
bool time_zone_is_fixed(const char *name, size_t n_name);

/* What the clock on the wall shows. */
int time_zone_to_wall(const TimeZone *zone, uint64_t usec, struct tm *ret);

/*
 * When the clock shows @wall (year to second; the day of the week is not read). It shows it twice
 * when the clock is set back: then the two moments differ. What it skips is read as if it went on.
 */
int time_zone_from_wall(const TimeZone *zone, const struct tm *wall, uint64_t *ret_first,
                uint64_t *ret_last);
