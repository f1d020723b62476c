/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/extend/schema-date.h"

#include <stddef.h>

#define MINUTES_PER_DAY (24 * 60)

static bool is_digit(char c) {
        return c >= '0' && c <= '9';
}

/* Exactly @n digits; -1 if they are not there. */
static int read_digits(const char *s, size_t n) {
        int value = 0;

        for (size_t i = 0; i < n; i++) {
                if (!is_digit(s[i]))
                        return -1;
                value = value * 10 + (s[i] - '0');
        }
        return value;
}

static int days_in(int year, int month) {
        static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

        return month == 2 && leap ? 29 : days[month - 1];
}

/* The ten characters of a date. */
static bool starts_with_date(const char *s) {
        int year = read_digits(s, 4), month, day;

        if (year < 0 || s[4] != '-')
                return false;
        month = read_digits(s + 5, 2);
        if (month < 1 || month > 12 || s[7] != '-')
                return false;
        day = read_digits(s + 8, 2);
        return day >= 1 && day <= days_in(year, month);
}

/* Z, or hours and minutes from UTC; the end of the text. */
static bool read_zone(const char *s, int *ret_minutes) {
        int hours, minutes;

        if ((s[0] == 'Z' || s[0] == 'z') && s[1] == '\0') {
                *ret_minutes = 0;
                return true;
        }
        if (s[0] != '+' && s[0] != '-')
                return false;

        hours = read_digits(s + 1, 2);
        if (hours < 0 || hours > 23 || s[3] != ':')
                return false;
        minutes = read_digits(s + 4, 2);
        if (minutes < 0 || minutes > 59 || s[6] != '\0')
                return false;
        *ret_minutes = (s[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
        return true;
}

static const char *skip_fraction(const char *s) {
        if (s[0] != '.' || !is_digit(s[1]))
                return s;
        s++;
        while (is_digit(*s))
                s++;
        return s;
}

bool schema_is_time(const char *s) {
        int hour = read_digits(s, 2), minute, second, zone, utc;

        if (hour < 0 || hour > 23 || s[2] != ':')
                return false;
        minute = read_digits(s + 3, 2);
        if (minute < 0 || minute > 59 || s[5] != ':')
                return false;
        second = read_digits(s + 6, 2);
        if (second < 0 || second > 60 || !read_zone(skip_fraction(s + 8), &zone))
                return false;

        /* A leap second is the last of a day in UTC. */
        utc = (hour * 60 + minute - zone + 2 * MINUTES_PER_DAY) % MINUTES_PER_DAY;
        return second < 60 || utc == MINUTES_PER_DAY - 1;
}

bool schema_is_date(const char *s) {
        return starts_with_date(s) && s[10] == '\0';
}

bool schema_is_date_time(const char *s) {
        return starts_with_date(s) && (s[10] == 'T' || s[10] == 't') && schema_is_time(s + 11);
}
