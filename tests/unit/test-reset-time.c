/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/clock.h"
#include "daemon/watcher/detect/reset-time.h"

/* The moment of "2026-11-21 12:00:00" in UTC. */
static uint64_t utc(const char *s) {
        struct tm tm = {};

        assert_non_null(strptime(s, "%Y-%m-%d %H:%M:%S", &tm));
        return (uint64_t)timegm(&tm) * USEC_PER_SEC;
}

typedef struct Row {
        const char *now;
        const char *text;
        const char *expected; /* NULL: there is no such time */
} Row;

static void check(const Row *rows, size_t n_rows) {
        for (size_t i = 0; i < n_rows; i++) {
                uint64_t usec = 0;
                int r = reset_time_parse(rows[i].text, utc(rows[i].now), &usec);
                uint64_t expected = rows[i].expected ? utc(rows[i].expected) : 0;

                if (usec != expected || r != (rows[i].expected ? 0 : -EINVAL))
                        fail_msg("\"%s\" at %s: %d, off by %lld s", rows[i].text, rows[i].now, r,
                                        (long long)(usec - expected) / (long long)USEC_PER_SEC);
        }
}

#define NOON "2026-11-21 12:00:00" /* a Saturday */

static void a_time_of_day_is_its_next_occurrence(void **state) {
        static const Row rows[] = {
                        {NOON, "resets 1:12am (UTC)", "2026-11-22 01:12:00"},
                        {NOON, "\u23bf You've hit your session limit \u00b7 resets 3pm",
                                        "2026-11-21 15:00:00"},
                        {NOON, "Your limit will reset at 4am (UTC).", "2026-11-22 04:00:00"},
                        {NOON, "8pm (America/New_York)", "2026-11-22 01:00:00"},
                        {NOON, "try again at 5:31 PM", "2026-11-21 17:31:00"},
                        {NOON, "try again at 5:31\u202fp.m. or later", "2026-11-21 17:31:00"},
                        {NOON, "5h limit: [###  ] (resets 15:20)", "2026-11-21 15:20:00"},
                        {NOON, "resets 15:20:30 on 24 Nov", "2026-11-24 15:20:30"},
                        {NOON, "Access resets at 3:45 PM PST.", "2026-11-21 23:45:00"},
                        {NOON, "resets 3pm GMT+2", "2026-11-21 13:00:00"},
                        {NOON, "resets tomorrow at 3pm", "2026-11-22 15:00:00"},
                        {NOON, "resets 3pm tomorrow", "2026-11-22 15:00:00"},
                        {NOON, "resets today at 9am", "2026-11-21 09:00:00"},
                        {NOON, "resets Monday, 9am", "2026-11-23 09:00:00"},
                        {NOON, "resets Saturday 9am", "2026-11-28 09:00:00"},
                        {NOON, "resets Sat 9pm", "2026-11-21 21:00:00"},
                        {NOON, "resets at 12am", "2026-11-22 00:00:00"},
                        {NOON, "resets at 12:30pm", "2026-11-21 12:30:00"},
                        /* The minute that runs counts, the one before is tomorrow's. */
                        {"2026-11-21 15:00:59", "resets 3pm", "2026-11-21 15:00:00"},
                        {"2026-11-21 15:01:00", "resets 3pm", "2026-11-22 15:00:00"},
                        /* Over midnight, the end of a month and of a year. */
                        {"2026-12-31 23:59:30", "resets 1am", "2027-01-01 01:00:00"},
                        {"2028-02-28 23:00:00", "resets 1am", "2028-02-29 01:00:00"},
                        {"2027-02-28 23:00:00", "resets 1am", "2027-03-01 01:00:00"},
                        /* Midnight in the zone is not midnight here. */
                        {"2026-11-21 23:30:00", "resets 9am (Asia/Tokyo)", "2026-11-22 00:00:00"},
        };

        check(rows, ELEMENTSOF(rows));
}

static void a_date_is_taken_as_written(void **state) {
        static const Row rows[] = {
                        {NOON, "try again at Nov 24th, 2026 9:14 AM.", "2026-11-24 09:14:00"},
                        {NOON, "or try again\nat Nov 21st, 2026 1:14 AM.", "2026-11-21 01:14:00"},
                        {NOON, "try again at Nov \u2502\n\u2502 24th, 2026 9:14 AM.",
                                        "2026-11-24 09:14:00"},
                        {NOON, "resets Dec 3, 8pm (Asia/Colombo)", "2026-12-03 14:30:00"},
                        {NOON, "resets Dec 3 at 8pm", "2026-12-03 20:00:00"},
                        {NOON, "resets 3 December 2026, 20:00 UTC", "2026-12-03 20:00:00"},
                        {NOON, "resets Tue, Nov 24, 9am", "2026-11-24 09:00:00"},
                        {NOON, "resets December 1", "2026-12-01 00:00:00"},
                        {NOON, "reset at 2026-11-24T09:14:00Z", "2026-11-24 09:14:00"},
                        {NOON, "reset at 2026-11-24T09:14:00.123+05:30", "2026-11-24 03:44:00"},
                        {NOON, "until 2026-11-24 09:14", "2026-11-24 09:14:00"},
                        {NOON, "available on 2026-11-24", "2026-11-24 00:00:00"},
                        {"2026-12-20 12:00:00", "resets Jan 2, 8pm", "2027-01-02 20:00:00"},
                        /* An old screen: over, not in a year. */
                        {"2027-01-02 12:00:00", "resets Dec 31, 8pm", "2026-12-31 20:00:00"},
                        {"2028-02-20 12:00:00", "resets Feb 29, 8pm", "2028-02-29 20:00:00"},
                        {"2027-02-20 12:00:00", "resets Feb 29, 2027 8pm", NULL},
                        {NOON, "resets Nov 31, 8pm", NULL},
        };

        check(rows, ELEMENTSOF(rows));
}

static void a_duration_counts_from_now(void **state) {
        static const Row rows[] = {
                        {NOON, "try again in 5 days 3 hours 12 minutes", "2026-11-26 15:12:00"},
                        {NOON, "try again in 1 day, 3 hours and 5 minutes.", "2026-11-22 15:05:00"},
                        {NOON, "in 2h 5m", "2026-11-21 14:05:00"},
                        {NOON, "resets in 1h23m45s", "2026-11-21 13:23:45"},
                        {NOON, "[retrying in 18s attempt #1]", "2026-11-21 12:00:18"},
                        {NOON, "\u273b Overloaded \u00b7 Retrying in 1s \u00b7 attempt 1/3",
                                        "2026-11-21 12:00:01"},
                        {NOON, "Please try again in 20s. [retrying in\n 11s attempt #1]",
                                        "2026-11-21 12:00:11"},
                        {NOON, "retrying in 5s 3 minutes ago", "2026-11-21 12:00:05"},
                        {NOON, "Your quota will reset after 1.5 hours", "2026-11-21 13:30:00"},
                        {NOON, "Please retry in an hour", "2026-11-21 13:00:00"},
                        {NOON, "Retry-After: 90", "2026-11-21 12:01:30"},
        };

        check(rows, ELEMENTSOF(rows));
}

static void a_fraction_of_a_second_is_kept(void **state) {
        uint64_t now = utc(NOON), usec;

        assert_int_equal(reset_time_parse("Please retry in 32.4971234s.", now, &usec), 0);
        assert_int_equal(usec, now + 32497 * USEC_PER_MSEC + 123);
}

static void clocks_that_change_are_followed(void **state) {
        static const Row rows[] = {
                        /* New York goes from 2:00 to 3:00 on 2026-03-08, at 7:00 UTC. */
                        {"2026-03-08 06:00:00", "resets 1:30am (America/New_York)",
                                        "2026-03-08 06:30:00"},
                        {"2026-03-08 06:00:00", "resets 4am (America/New_York)",
                                        "2026-03-08 08:00:00"},
                        {"2026-03-08 06:00:00", "resets 2:30am (America/New_York)",
                                        "2026-03-08 07:30:00"},
                        {"2026-03-07 12:00:00", "resets 3am (America/New_York)",
                                        "2026-03-08 07:00:00"},
                        /* It goes back from 2:00 to 1:00 on 2026-11-01, at 6:00 UTC. */
                        {"2026-11-01 04:00:00", "resets 1:30am (America/New_York)",
                                        "2026-11-01 05:30:00"},
                        {"2026-11-01 05:45:00", "resets 1:30am (America/New_York)",
                                        "2026-11-01 06:30:00"},
                        {"2026-11-01 06:45:00", "resets 1:30am (America/New_York)",
                                        "2026-11-02 06:30:00"},
                        /* The other half of the world. */
                        {"2026-10-03 12:00:00", "resets 3am (Australia/Sydney)",
                                        "2026-10-03 16:00:00"},
        };

        check(rows, ELEMENTSOF(rows));
}

static void the_zone_of_the_process_is_the_default_and_stays(void **state) {
        uint64_t usec;

        assert_int_equal(setenv("TZ", "America/New_York", true), 0);
        assert_int_equal(reset_time_parse("resets 3pm", utc(NOON), &usec), 0);
        assert_int_equal(usec, utc("2026-11-21 20:00:00"));
        assert_int_equal(reset_time_parse("resets 3pm (Asia/Tokyo)", utc(NOON), &usec), 0);
        assert_string_equal(getenv("TZ"), "America/New_York");
        assert_int_equal(reset_time_parse("resets 3pm", utc(NOON), &usec), 0);
        assert_int_equal(usec, utc("2026-11-21 20:00:00"));

        assert_int_equal(setenv("TZ", "UTC", true), 0);
}

static void what_is_no_time_is_refused(void **state) {
        static const Row rows[] = {
                        {NOON, "", NULL},
                        {NOON, "Please try again later.", NULL},
                        {NOON, "Try again in a moment.", NULL},
                        {NOON, "Stop and wait for limit to reset\n  2. Upgrade your plan", NULL},
                        {NOON, "[retrying\n attempt #1]", NULL},
                        {NOON, "Reconnecting... 2/5 (0s \u2022 esc to interrupt)", NULL},
                        {NOON, "12:00 it began, and nothing was said of an end", NULL},
                        {NOON, "presets 3pm", NULL},
                        {NOON, "resets 25:00", NULL},
                        {NOON, "resets 13pm", NULL},
                        {NOON, "resets 0am", NULL},
                        {NOON, "resets 3:7", NULL},
                        {NOON, "resets 3", NULL},
                        {NOON, "resets 2026-13-01", NULL},
                        {NOON, "resets 3pm (../../../etc/passwd)", NULL},
                        {NOON, "resets 3pm (/etc/localtime)", NULL},
                        {NOON, "resets 3pm (America/Nowhere)", NULL},
                        {NOON, "resets 3pm (America)", NULL},
                        {NOON, "again in 99999999999999999999 days", NULL},
        };

        check(rows, ELEMENTSOF(rows));
}

static void what_is_too_far_away_is_out_of_range(void **state) {
        static const char *const rows[] = {
                        "try again in 41 days",
                        "try again in 9999999 weeks 9999999 days 9999999 hours",
                        "resets Nov 24, 2027 9am",
                        "resets Jul 1",
                        "resets Jan 1, 1970 1am",
                        "resets 9999-12-31",
                        "Retry-After: 99999999999999999999999999",
        };

        FOREACH_ELEMENT (row, rows) {
                uint64_t usec = 7;

                assert_int_equal(reset_time_parse(*row, utc(NOON), &usec), -ERANGE);
                assert_int_equal(usec, 7);
        }
}

/* A screen is not so long, but nothing else bounds it here. */
static void long_hostile_text_is_read_in_one_go(void **state) {
        static const char *const pieces[] = {
                        "resets ", "1", " ", "again in 1.", "(", "\u2502", "in "};
        size_t size = 1U << 20;
        _cleanup_free_ char *text = malloc(size + 1);

        assert_non_null(text);
        FOREACH_ELEMENT (piece, pieces) {
                size_t n = strlen(*piece);
                uint64_t usec;

                for (size_t i = 0; i < size; i++)
                        text[i] = (*piece)[i % n];
                text[size] = '\0';
                assert_int_equal(reset_time_parse(text, utc(NOON), &usec), -EINVAL);
        }
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                        cmocka_unit_test(a_time_of_day_is_its_next_occurrence),
                        cmocka_unit_test(a_date_is_taken_as_written),
                        cmocka_unit_test(a_duration_counts_from_now),
                        cmocka_unit_test(a_fraction_of_a_second_is_kept),
                        cmocka_unit_test(clocks_that_change_are_followed),
                        cmocka_unit_test(the_zone_of_the_process_is_the_default_and_stays),
                        cmocka_unit_test(what_is_no_time_is_refused),
                        cmocka_unit_test(what_is_too_far_away_is_out_of_range),
                        cmocka_unit_test(long_hostile_text_is_read_in_one_go),
        };

        (void)setenv("TZ", "UTC", true);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
