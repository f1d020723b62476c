/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/detect/time-zone.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/clock.h"

#define ZONE_FOLDER "/usr/share/zoneinfo/"

/* Those that programs print without saying which of several places they mean. */
static const struct {
        const char *name;
        int offset_hours;
} abbreviations[] = {
                {"z", 0},
                {"utc", 0},
                {"gmt", 0},
                {"est", -5},
                {"edt", -4},
                {"cst", -6},
                {"cdt", -5},
                {"mst", -7},
                {"mdt", -6},
                {"pst", -8},
                {"pdt", -7},
                {"cet", 1},
                {"cest", 2},
                {"eet", 2},
                {"eest", 3},
                {"wet", 0},
                {"west", 1},
                {"bst", 1},
                {"jst", 9},
                {"kst", 9},
                {"sgt", 8},
                {"aest", 10},
                {"aedt", 11},
};

/* "+2", "-0530", "+05:30": all of the text. */
static int parse_offset(const char *s, size_t n, int *ret) {
        int digits[4] = {}, hours, minutes;
        size_t n_digits = 0;

        if (n < 2 || (s[0] != '+' && s[0] != '-'))
                return -EINVAL;

        for (size_t i = 1; i < n; i++) {
                if (s[i] == ':' && n_digits == 2 && i + 1 < n)
                        continue;
                if (!isdigit((unsigned char)s[i]) || n_digits == ELEMENTSOF(digits))
                        return -EINVAL;
                digits[n_digits++] = s[i] - '0';
        }
        if (n_digits == 3)
                return -EINVAL;

        hours = n_digits == 1 ? digits[0] : digits[0] * 10 + digits[1];
        minutes = digits[2] * 10 + digits[3];
        if (hours > 14 || minutes > 59)
                return -EINVAL;

        *ret = (hours * 60 + minutes) * 60 * (s[0] == '-' ? -1 : 1);
        return 0;
}

static int parse_fixed(const char *s, size_t n, int *ret) {
        FOREACH_ELEMENT (a, abbreviations)
                if (strlen(a->name) == n && strncasecmp(a->name, s, n) == 0) {
                        *ret = a->offset_hours * 3600;
                        return 0;
                }

        if (n > 3 && (strncasecmp(s, "utc", 3) == 0 || strncasecmp(s, "gmt", 3) == 0)) {
                s += 3;
                n -= 3;
        }
        return parse_offset(s, n, ret);
}

/* The name becomes part of a path: nothing in it may lead out of the folder. */
static bool name_is_safe(const char *s, size_t n) {
        if (n == 0 || n >= TIME_ZONE_NAME_MAX || !isalpha((unsigned char)s[0]))
                return false;

        for (size_t i = 0; i < n; i++)
                if (!isalnum((unsigned char)s[i]) && !strchr("_+/-", s[i]))
                        return false;
        return true;
}

static bool database_has(const char *name) {
        char path[sizeof(ZONE_FOLDER) + TIME_ZONE_NAME_MAX] = ZONE_FOLDER;
        struct stat st;

        strcat(path, name);
        return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

bool time_zone_is_fixed(const char *name, size_t n_name) {
        int offset;

        return parse_fixed(name, n_name, &offset) == 0;
}

int time_zone_from_name(const char *name, size_t n_name, TimeZone *ret) {
        TimeZone zone = {};

        assert(name);
        assert(ret);

        if (n_name > 0 && parse_fixed(name, n_name, &zone.offset_sec) == 0)
                zone.fixed = true;
        else if (n_name > 0) {
                if (!name_is_safe(name, n_name))
                        return -EINVAL;
                memcpy(zone.name, name, n_name);
                if (!database_has(zone.name))
                        return -EINVAL;
        }

        *ret = zone;
        return 0;
}

/* The environment's own zone, while another one takes its place. */
typedef struct ZoneSwitch {
        bool switched;
        char *old;
} ZoneSwitch;

static void zone_switch_done(ZoneSwitch *s) {
        if (!s->switched)
                return;

        if (s->old)
                (void)setenv("TZ", s->old, true);
        else
                (void)unsetenv("TZ");
        tzset();
        free(s->old);
}

static int zone_switch_to(ZoneSwitch *s, const TimeZone *zone) {
        char value[TIME_ZONE_NAME_MAX + 1] = ":";
        const char *old = getenv("TZ");

        if (zone->name[0] == '\0')
                return 0;

        if (old) {
                s->old = strdup(old);
                if (!s->old)
                        return -ENOMEM;
        }
        s->switched = true;
        strcat(value, zone->name);
        if (setenv("TZ", value, true) < 0)
                return -errno;
        tzset();
        return 0;
}

int time_zone_to_wall(const TimeZone *zone, uint64_t usec, struct tm *ret) {
        _cleanup_(zone_switch_done) ZoneSwitch s = {};
        time_t t = (time_t)(usec / USEC_PER_SEC);
        int r;

        assert(zone);
        assert(ret);

        if (zone->fixed) {
                t += zone->offset_sec;
                return gmtime_r(&t, ret) ? 0 : -ERANGE;
        }

        r = zone_switch_to(&s, zone);
        if (r < 0)
                return r;
        return localtime_r(&t, ret) ? 0 : -ERANGE;
}

/* Whether the clock really shows this at the moment that was found. */
static bool shows(time_t t, const struct tm *wall) {
        struct tm tm;

        return localtime_r(&t, &tm) && tm.tm_mday == wall->tm_mday && tm.tm_hour == wall->tm_hour &&
                        tm.tm_min == wall->tm_min;
}

static time_t try_mktime(const struct tm *wall, int is_dst) {
        struct tm tm = {
                        .tm_year = wall->tm_year,
                        .tm_mon = wall->tm_mon,
                        .tm_mday = wall->tm_mday,
                        .tm_hour = wall->tm_hour,
                        .tm_min = wall->tm_min,
                        .tm_sec = wall->tm_sec,
                        .tm_isdst = is_dst,
        };

        return mktime(&tm);
}

/* Asks for the reading in summer time and in winter time: each may be there or not. */
static void both_moments(const struct tm *wall, time_t *ret_first, time_t *ret_last) {
        time_t summer, winter;
        bool has_summer, has_winter;

        /* Where there never was any, mktime() looks for it through many years. */
        if (!daylight) {
                *ret_first = *ret_last = try_mktime(wall, -1);
                return;
        }

        summer = try_mktime(wall, 1);
        winter = try_mktime(wall, 0);
        has_summer = summer >= 0 && shows(summer, wall);
        has_winter = winter >= 0 && shows(winter, wall);

        if (has_summer && has_winter) {
                *ret_first = MIN(summer, winter);
                *ret_last = MAX(summer, winter);
        } else if (has_summer || has_winter)
                *ret_first = *ret_last = has_summer ? summer : winter;
        else
                *ret_first = *ret_last = try_mktime(wall, -1);
}

int time_zone_from_wall(const TimeZone *zone, const struct tm *wall, uint64_t *ret_first,
                uint64_t *ret_last) {
        _cleanup_(zone_switch_done) ZoneSwitch s = {};
        time_t first, last;
        int r;

        assert(zone);
        assert(wall);
        assert(ret_first);
        assert(ret_last);

        if (zone->fixed) {
                struct tm tm = *wall;

                first = last = timegm(&tm) - zone->offset_sec;
        } else {
                r = zone_switch_to(&s, zone);
                if (r < 0)
                        return r;
                both_moments(wall, &first, &last);
        }
        if (first < 0 || last < 0)
                return -ERANGE;

        *ret_first = (uint64_t)first * USEC_PER_SEC;
        *ret_last = (uint64_t)last * USEC_PER_SEC;
        return 0;
}
