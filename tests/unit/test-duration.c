/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <time.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/clock.h"
#include "tools/tmux-orc/duration.h"

static void a_span_is_told_by_its_two_largest_units(void **state) {
        static const struct {
                uint64_t usec;
                const char *text;
        } rows[] = {
                        {0, "0s"},
                        {1500, "1.5ms"},
                        {12 * USEC_PER_MSEC, "12ms"},
                        {999 * USEC_PER_MSEC, "999ms"},
                        {USEC_PER_SEC, "1s"},
                        {59 * USEC_PER_SEC + 999999, "59s"},
                        {USEC_PER_MINUTE, "1m"},
                        {3 * USEC_PER_MINUTE + 12 * USEC_PER_SEC, "3m 12s"},
                        {2 * USEC_PER_HOUR + 5 * USEC_PER_MINUTE + 9 * USEC_PER_SEC, "2h 5m"},
                        {4 * USEC_PER_DAY + 3 * USEC_PER_HOUR, "4d 3h"},
                        {400 * USEC_PER_DAY, "400d"},
        };

        FOREACH_ELEMENT (row, rows) {
                char buffer[DURATION_TEXT_MAX];

                assert_string_equal(duration_to_text(row->usec, buffer, sizeof(buffer)), row->text);
        }
}

static void a_time_of_another_day_tells_the_day(void **state) {
        char buffer[DURATION_TEXT_MAX];

        assert_string_equal(clock_to_text(0, buffer, sizeof(buffer)), "");
        assert_string_equal(clock_to_text(1700000000 * USEC_PER_SEC, buffer, sizeof(buffer)),
                        "Nov 14 22:13");
        clock_to_text(now_realtime(), buffer, sizeof(buffer));
        assert_int_equal(buffer[2], ':');
        assert_int_equal(buffer[5], ':');
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(a_span_is_told_by_its_two_largest_units),
                        cmocka_unit_test(a_time_of_another_day_tells_the_day),
        };

        (void)setenv("TZ", "UTC", 1);
        tzset();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
