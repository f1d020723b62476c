/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/detect/reset-text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/clock.h"
#include "daemon/watcher/detect/text-scan.h"
#include "daemon/watcher/detect/time-zone.h"

/* Durations */

static const struct {
        const char *name;
        uint64_t usec;
} units[] = {
                {"ms", USEC_PER_MSEC},
                {"s", USEC_PER_SEC},
                {"sec", USEC_PER_SEC},
                {"secs", USEC_PER_SEC},
                {"second", USEC_PER_SEC},
                {"seconds", USEC_PER_SEC},
                {"m", USEC_PER_MINUTE},
                {"min", USEC_PER_MINUTE},
                {"mins", USEC_PER_MINUTE},
                {"minute", USEC_PER_MINUTE},
                {"minutes", USEC_PER_MINUTE},
                {"h", USEC_PER_HOUR},
                {"hr", USEC_PER_HOUR},
                {"hrs", USEC_PER_HOUR},
                {"hour", USEC_PER_HOUR},
                {"hours", USEC_PER_HOUR},
                {"d", USEC_PER_DAY},
                {"day", USEC_PER_DAY},
                {"days", USEC_PER_DAY},
                {"week", 7 * USEC_PER_DAY},
                {"weeks", 7 * USEC_PER_DAY},
};

static bool take_unit(const char **p, uint64_t *ret) {
        FOREACH_ELEMENT (u, units)
                if (text_scan_word(p, u->name)) {
                        *ret = u->usec;
                        return true;
                }
        return false;
}

/* "5 days", "1.5 hours", "an hour" */
static bool take_quantity(const char **p, uint64_t *ret_usec, uint64_t *ret_unit) {
        const char *q = *p;
        unsigned number, millionths = 0;
        uint64_t unit;
        size_t n;

        if (text_scan_number(&q, &number, &n))
                millionths = text_scan_fraction(&q);
        else if (text_scan_word(&q, "a") || text_scan_word(&q, "an"))
                number = 1;
        else
                return false;
        if (!take_unit(&q, &unit))
                return false;

        *p = q;
        *ret_usec = number * unit + millionths * (unit / USEC_PER_MSEC) / 1000;
        *ret_unit = unit;
        return true;
}

bool reset_text_take_duration(const char **p, ResetText *ret) {
        ResetText text = {.is_duration = true};
        uint64_t usec, unit, last_unit;
        const char *q = *p;

        if (!take_quantity(&q, &text.duration_usec, &last_unit))
                return false;
        *p = q;

        /* Units go down, so that what follows is not taken for a part of it. */
        for (;;) {
                text_scan_blanks(&q);
                (void)text_scan_char(&q, ',');
                (void)text_scan_word(&q, "and");
                if (!take_quantity(&q, &usec, &unit) || unit >= last_unit)
                        break;
                text.duration_usec += usec;
                last_unit = unit;
                *p = q;
        }

        *ret = text;
        return true;
}

/* Times of day */

/* "am", "P.M."; returns the hours to add to what is left of 12, or -1. */
static int take_meridiem(const char **p) {
        const char *q = *p;
        char c;

        text_scan_blanks(&q);
        c = (char)tolower((unsigned char)*q);
        if (c != 'a' && c != 'p')
                return -1;
        q++;
        (void)text_scan_char(&q, '.');
        if (tolower((unsigned char)*q) != 'm' || text_scan_is_letter(q[1]))
                return -1;
        q++;
        (void)text_scan_char(&q, '.');

        *p = q;
        return c == 'p' ? 12 : 0;
}

/* ":31", ":31:05", ":31:05.250" */
static bool take_minutes(const char **p, ResetText *t) {
        if (!text_scan_char(p, ':'))
                return false;
        if (!text_scan_field(p, 2, &t->minute))
                return false;
        if (**p == ':' && text_scan_is_digit((*p)[1])) {
                (*p)++;
                if (!text_scan_field(p, 2, &t->second))
                        return false;
                (void)text_scan_fraction(p);
        }
        return true;
}

/* A bare number is not a time: it needs its minutes or "am". */
static bool take_time(const char **p, ResetText *ret) {
        const char *q = *p;
        ResetText t = *ret;
        bool has_minutes;
        unsigned hour;
        int add;
        size_t n;

        if (!text_scan_number(&q, &hour, &n) || n > 2)
                return false;
        has_minutes = take_minutes(&q, &t);
        add = take_meridiem(&q);
        if (!has_minutes && add < 0)
                return false;
        if (add >= 0 && (hour < 1 || hour > 12))
                return false;
        if (hour > 23 || t.minute > 59 || t.second > 59)
                return false;

        t.hour = add >= 0 ? (int)(hour % 12) + add : (int)hour;
        t.has_time = true;
        *p = q;
        *ret = t;
        return true;
}

/* Dates */

static const char *const months[] = {
                "january",
                "february",
                "march",
                "april",
                "may",
                "june",
                "july",
                "august",
                "september",
                "october",
                "november",
                "december",
};

static const char *const weekdays[] = {
                "sunday",
                "monday",
                "tuesday",
                "wednesday",
                "thursday",
                "friday",
                "saturday",
};

/* A whole name or at least its first three letters ("Mar", "Sept"); its index, or -1. */
static int take_name(const char **p, const char *const *names, size_t n_names) {
        const char *q = *p;
        size_t n = 0;

        text_scan_blanks(&q);
        while (n < 10 && text_scan_is_letter(q[n]))
                n++;
        if (n < 3)
                return -1;

        for (size_t i = 0; i < n_names; i++)
                if (n <= strlen(names[i]) && strncasecmp(names[i], q, n) == 0) {
                        *p = q + n;
                        (void)text_scan_char(p, '.');
                        return (int)i;
                }
        return -1;
}

static bool take_month(const char **p, ResetText *t) {
        t->month = take_name(p, months, ELEMENTSOF(months)) + 1;
        return t->month > 0;
}

/* "3", "24th" */
static bool take_day_of_month(const char **p, ResetText *t) {
        static const char *const suffixes[] = {"st", "nd", "rd", "th"};
        unsigned day;
        size_t n;

        if (!text_scan_number(p, &day, &n) || n > 2 || day < 1 || day > 31)
                return false;

        FOREACH_ELEMENT (s, suffixes)
                if (strncasecmp(*p, *s, 2) == 0 && !text_scan_is_letter((*p)[2])) {
                        *p += 2;
                        break;
                }
        t->day_of_month = (int)day;
        /* "3pm" and "3:00" are no days, "3rd" is. */
        return !text_scan_is_letter(**p) && **p != ':';
}

/* ", 2026": a number of four digits that is not a time. */
static void take_year(const char **p, ResetText *t) {
        const char *q = *p;
        unsigned year;
        size_t n;

        text_scan_blanks(&q);
        (void)text_scan_char(&q, ',');
        if (!text_scan_number(&q, &year, &n) || n != 4 || *q == ':' || text_scan_is_letter(*q))
                return;

        *p = q;
        t->year = (int)year;
}

static bool take_named_date(const char **p, ResetText *ret) {
        ResetText t = *ret;
        const char *q = *p;

        if (!(take_month(&q, &t) && take_day_of_month(&q, &t))) {
                q = *p;
                if (!take_day_of_month(&q, &t) || !take_month(&q, &t))
                        return false;
        }
        take_year(&q, &t);

        t.day = RESET_DAY_DATE;
        *p = q;
        *ret = t;
        return true;
}

/* "2026-11-24" */
static bool take_iso_date(const char **p, ResetText *ret) {
        ResetText t = *ret;
        const char *q = *p;

        text_scan_blanks(&q);
        if (!text_scan_field(&q, 4, &t.year) || !text_scan_char(&q, '-') ||
                        !text_scan_field(&q, 2, &t.month) || !text_scan_char(&q, '-') ||
                        !text_scan_field(&q, 2, &t.day_of_month))
                return false;
        if (t.month < 1 || t.month > 12 || t.day_of_month < 1 || t.day_of_month > 31)
                return false;
        if (toupper((unsigned char)*q) == 'T' && text_scan_is_digit(q[1]))
                q++;

        t.day = RESET_DAY_DATE;
        *p = q;
        *ret = t;
        return true;
}

static bool take_day(const char **p, ResetText *t) {
        int weekday;

        if (text_scan_word(p, "today")) {
                t->day = RESET_DAY_TODAY;
                return true;
        }
        if (text_scan_word(p, "tomorrow")) {
                t->day = RESET_DAY_TOMORROW;
                return true;
        }
        if (take_iso_date(p, t))
                return true;

        weekday = take_name(p, weekdays, ELEMENTSOF(weekdays));
        if (weekday >= 0) {
                t->day = RESET_DAY_WEEKDAY;
                t->weekday = weekday;
                text_scan_blanks(p);
                (void)text_scan_char(p, ',');
                /* "Tue, Nov 24" has a date as well, which says more. */
                (void)take_named_date(p, t);
                return true;
        }
        return take_named_date(p, t);
}

/* Zones */

static size_t zone_length(const char *p) {
        size_t n = 0;

        while (n < TIME_ZONE_NAME_MAX &&
                        (isalnum((unsigned char)p[n]) || (p[n] && strchr("_+-/:", p[n]))))
                n++;
        while (n > 0 && strchr(":-/", p[n - 1]))
                n--;
        return n;
}

/* One word in brackets, whatever it is: a zone, or the text is not understood. */
static void take_zone_in_brackets(const char **p, ResetText *t) {
        const char *q = *p + 1;
        size_t n = 0;

        while (n < TIME_ZONE_NAME_MAX && isgraph((unsigned char)q[n]) && q[n] != ')')
                n++;
        if (n == 0 || q[n] != ')')
                return;

        t->zone = q;
        t->n_zone = n;
        *p = q + n + 1;
}

static void take_zone(const char **p, ResetText *t) {
        const char *q = *p;
        size_t n;

        text_scan_blanks(&q);
        if (*q == '(') {
                take_zone_in_brackets(&q, t);
                *p = q;
                return;
        }

        /* The sentence may go on: only what can be nothing else is a zone. */
        n = zone_length(q);
        if (n > 0 && (memchr(q, '/', n) || time_zone_is_fixed(q, n))) {
                t->zone = q;
                t->n_zone = n;
                *p = q + n;
        }
}

static void skip_joint(const char **p) {
        text_scan_blanks(p);
        (void)text_scan_char(p, ',');
        (void)(text_scan_word(p, "at") || text_scan_word(p, "on"));
}

bool reset_text_take_moment(const char **p, ResetText *ret) {
        ResetText t = {};
        const char *q = *p, *after;

        if (take_day(&q, &t)) {
                after = q;
                skip_joint(&after);
                if (take_time(&after, &t))
                        q = after;
        } else if (take_time(&q, &t)) {
                take_zone(&q, &t);
                after = q;
                skip_joint(&after);
                if (take_day(&after, &t))
                        q = after;
        } else
                return false;
        if (t.has_time && !t.zone)
                take_zone(&q, &t);

        *p = q;
        *ret = t;
        return true;
}
