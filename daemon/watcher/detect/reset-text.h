/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The grammar of reset times
 *
 * Reads one time, date or duration at the start of a text, as programs print them. Says what is
 * written there, not which moment that is: it knows neither the time nor any time zone.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ResetDay {
        RESET_DAY_ANY, /* only a time of day is given */
        RESET_DAY_TODAY,
        RESET_DAY_TOMORROW,
        RESET_DAY_WEEKDAY,
        RESET_DAY_DATE,
} ResetDay;

typedef struct ResetText {
        bool is_duration;
        uint64_t duration_usec;

        ResetDay day;
        int weekday;                   /* 0 is Sunday */
        int year, month, day_of_month; /* year 0: not given */
        bool has_time;
        int hour, minute, second;
        const char *zone; /* within the text; NULL if none is given */
        size_t n_zone;
} ResetText;

/* "2h 5m", "5 days 3 hours and 12 minutes", "27.5s". False, with @p as it was, if it is not one. */
bool reset_text_take_duration(const char **p, ResetText *ret);
/* "3pm", "Mar 3, 8pm (Asia/Colombo)", "2026-03-03T20:00:00Z", "15:20 on 24 Nov", "Monday". */
bool reset_text_take_moment(const char **p, ResetText *ret);
