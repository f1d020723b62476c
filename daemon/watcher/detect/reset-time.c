/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/detect/reset-time.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/clock.h"
#include "daemon/watcher/detect/reset-text.h"
#include "daemon/watcher/detect/text-scan.h"
#include "daemon/watcher/detect/time-zone.h"

#define RESET_DISTANCE_MAX (40 * USEC_PER_DAY)

/* Announcements: where in a text a time is to be expected, and of which sort. */

static bool take_either(const char **p, ResetText *ret) {
        return reset_text_take_duration(p, ret) || reset_text_take_moment(p, ret);
}

static bool take_after_in(const char **p, ResetText *ret) {
        return (text_scan_word(p, "in") || text_scan_word(p, "after")) && take_either(p, ret);
}

static void skip_colon(const char **p) {
        text_scan_blanks(p);
        if (**p == ':')
                (*p)++;
}

/* "at 3pm", "on Mar 3", "in 2h", ": 15:20", "3pm" */
static bool take_after_reset(const char **p, ResetText *ret) {
        const char *q = *p;

        skip_colon(&q);
        if (take_after_in(&q, ret)) {
                *p = q;
                return true;
        }
        (void)(text_scan_word(&q, "at") || text_scan_word(&q, "on") || text_scan_word(&q, "by"));
        skip_colon(&q);
        if (!reset_text_take_moment(&q, ret))
                return false;
        *p = q;
        return true;
}

/* "Retry-After: 30": the header's unit is the second. */
static bool take_header(const char **p, ResetText *ret) {
        char *end;
        unsigned long seconds;

        skip_colon(p);
        text_scan_blanks(p);
        if (!isdigit((unsigned char)**p))
                return false;
        seconds = strtoul(*p, &end, 10);
        /* Beyond what is accepted is beyond it by whatever much. */
        *ret = (ResetText){
                        .is_duration = true,
                        .duration_usec = MIN(seconds, 1UL << 31) * USEC_PER_SEC,
        };
        *p = end;
        return true;
}

static const struct {
        const char *word;
        bool (*take)(const char **p, ResetText *ret);
} announcements[] = {
                {"reset", take_after_reset},
                {"resets", take_after_reset},
                {"resetting", take_after_reset},
                {"again", take_after_reset},
                {"available", take_after_reset},
                {"until", take_after_reset},
                {"retrying", take_after_in},
                {"retry", take_after_in},
                {"retry-after", take_header},
};

static bool take_announcement(const char **p, ResetText *ret) {
        FOREACH_ELEMENT (a, announcements) {
                const char *q = *p;

                if (text_scan_word(&q, a->word) && a->take(&q, ret)) {
                        *p = q;
                        return true;
                }
        }
        return false;
}

static bool is_word_start(const char *text, const char *p) {
        return isalpha((unsigned char)*p) && (p == text || !isalnum((unsigned char)p[-1]));
}

static bool find_last(const char *text, ResetText *ret) {
        bool found = false;

        for (const char *p = text; *p;) {
                if (is_word_start(text, p) && take_announcement(&p, ret)) {
                        found = true;
                        continue;
                }
                p++;
        }
        return found;
}

/* The text is a time and nothing else: somebody has cut it out already. */
static bool is_bare(const char *text, ResetText *ret) {
        const char *p = text;

        if (!take_after_in(&p, ret) && !take_either(&p, ret))
                return false;

        text_scan_blanks(&p);
        if (*p == '.')
                p++;
        text_scan_blanks(&p);
        return *p == '\0';
}

/* Moments */

static uint64_t distance(uint64_t a, uint64_t b) {
        return a > b ? a - b : b - a;
}

static bool date_exists(const struct tm *wall) {
        struct tm tm = *wall;

        tm.tm_hour = 12;
        return timegm(&tm) != (time_t)-1 && tm.tm_mday == wall->tm_mday &&
                        tm.tm_mon == wall->tm_mon;
}

static void set_time(struct tm *wall, const ResetText *t) {
        wall->tm_hour = t->hour;
        wall->tm_min = t->minute;
        wall->tm_sec = t->second;
}

static int moment_of_date(const ResetText *t, const TimeZone *zone, const struct tm *today,
                uint64_t now_usec, uint64_t *ret) {
        uint64_t best = UINT64_MAX;
        struct tm wall = {.tm_mon = t->month - 1, .tm_mday = t->day_of_month};

        set_time(&wall, t);
        for (int offset = -1; offset <= 1; offset++) {
                uint64_t first, last;

                if (t->year != 0 && offset != 0)
                        continue;
                wall.tm_year = t->year != 0 ? t->year - 1900 : today->tm_year + offset;
                if (!date_exists(&wall) || time_zone_from_wall(zone, &wall, &first, &last) < 0)
                        continue;
                if (distance(first, now_usec) < distance(best, now_usec))
                        best = first;
        }
        if (best == UINT64_MAX)
                return -EINVAL;

        *ret = best;
        return 0;
}

static bool day_is_wanted(const ResetText *t, int weekday, int offset) {
        switch (t->day) {
        case RESET_DAY_TODAY:
                return offset == 0;
        case RESET_DAY_TOMORROW:
                return offset == 1;
        case RESET_DAY_WEEKDAY:
                return weekday == t->weekday;
        case RESET_DAY_ANY:
        case RESET_DAY_DATE:
        default:
                return true;
        }
}

/* Today and the next days, until one is wanted and its moment is still to come. */
static int moment_of_day(const ResetText *t, const TimeZone *zone, const struct tm *today,
                uint64_t now_usec, uint64_t *ret) {
        /* "until 3pm", read at 15:00:20, means today. */
        uint64_t floor_usec = now_usec - now_usec % USEC_PER_MINUTE;

        for (int offset = 0; offset <= 7; offset++) {
                struct tm wall = {
                                .tm_year = today->tm_year,
                                .tm_mon = today->tm_mon,
                                .tm_mday = today->tm_mday + offset,
                };
                uint64_t first, last;
                int r;

                if (!day_is_wanted(t, (today->tm_wday + offset) % 7, offset))
                        continue;

                (void)timegm(&wall); /* carries over the end of the month */
                set_time(&wall, t);
                r = time_zone_from_wall(zone, &wall, &first, &last);
                if (r < 0)
                        return r;
                if (last >= floor_usec || t->day == RESET_DAY_TODAY) {
                        *ret = first >= floor_usec ? first : last;
                        return 0;
                }
        }
        return -EINVAL;
}

static int moment_of(const ResetText *t, uint64_t now_usec, uint64_t *ret) {
        TimeZone zone;
        struct tm today;
        int r;

        r = time_zone_from_name(t->zone ?: "", t->n_zone, &zone);
        if (r < 0)
                return r;
        r = time_zone_to_wall(&zone, now_usec, &today);
        if (r < 0)
                return r;

        return t->day == RESET_DAY_DATE ? moment_of_date(t, &zone, &today, now_usec, ret)
                                        : moment_of_day(t, &zone, &today, now_usec, ret);
}

int reset_time_parse(const char *text, uint64_t now_usec, uint64_t *ret_usec) {
        ResetText t;
        uint64_t usec;
        int r;

        assert(text);
        assert(ret_usec);

        if (!find_last(text, &t) && !is_bare(text, &t))
                return -EINVAL;

        if (t.is_duration) {
                if (t.duration_usec > RESET_DISTANCE_MAX)
                        return -ERANGE;
                usec = now_usec + t.duration_usec;
        } else {
                r = moment_of(&t, now_usec, &usec);
                if (r < 0)
                        return r;
                if (distance(usec, now_usec) > RESET_DISTANCE_MAX)
                        return -ERANGE;
        }

        *ret_usec = usec;
        return 0;
}
