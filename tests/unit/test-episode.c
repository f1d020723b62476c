/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <time.h>

#include "daemon/act/episode.h"
#include "daemon/base/clock.h"

#define S USEC_PER_SEC
#define BEGAN (1000000 * S)

static const EpisodePolicy policy = {
                .causes = (1U << _EPISODE_CAUSE_MAX) - 1,
                .delay_usec = 5 * S,
                .cooldown_usec = 60 * S,
                .remind_usec = 600 * S,
                .escalate_usec = 300 * S,
};

static Episode an_episode(void) {
        return (Episode){.cause = EPISODE_WAITING, .began_usec = BEGAN};
}

/* What is due so many seconds after it began, and how many seconds later to ask again. */
static void need_due(
                const Episode *e, uint64_t at, uint64_t last_told, EpisodeDue what, uint64_t next) {
        uint64_t got;

        assert_int_equal(episode_due(e, &policy, last_told, BEGAN + at * S, &got), what);
        if (what == EPISODE_NOTHING)
                assert_int_equal(got, next == UINT64_MAX ? next : BEGAN + next * S);
}

static void it_is_told_when_it_lasts(void **state) {
        Episode e = an_episode();

        need_due(&e, 0, 0, EPISODE_NOTHING, 5);
        need_due(&e, 5, 0, EPISODE_TELL, 0);
        need_due(&e, 5000, 0, EPISODE_TELL, 0);
}

static void one_agent_is_not_told_of_all_the_time(void **state) {
        Episode e = an_episode();

        need_due(&e, 5, BEGAN - 10 * S, EPISODE_NOTHING, 50);
        need_due(&e, 50, BEGAN - 10 * S, EPISODE_TELL, 0);
}

static void it_is_escalated_once_and_reminded_of_again_and_again(void **state) {
        Episode e = an_episode();

        e.n_told = 1;
        e.told_usec = BEGAN + 5 * S;
        need_due(&e, 6, 0, EPISODE_NOTHING, 300);
        need_due(&e, 300, 0, EPISODE_ESCALATE, 0);
        e.escalated_usec = e.told_usec = BEGAN + 300 * S;
        need_due(&e, 301, 0, EPISODE_NOTHING, 900);
        need_due(&e, 900, 0, EPISODE_REMIND, 0);
        e.told_usec = BEGAN + 900 * S;
        need_due(&e, 901, 0, EPISODE_NOTHING, 1500);
}

static void who_knows_is_left_alone(void **state) {
        Episode e = an_episode();

        e.acknowledged = true;
        need_due(&e, 5000, 0, EPISODE_NOTHING, UINT64_MAX);
        e.acknowledged = false;
        e.not_before_usec = BEGAN + 700 * S;
        need_due(&e, 100, 0, EPISODE_NOTHING, 700);
        need_due(&e, 700, 0, EPISODE_TELL, 0);
}

static uint64_t at_hour(int hour, int minute) {
        struct tm tm = {.tm_year = 126,
                        .tm_mon = 5,
                        .tm_mday = 10,
                        .tm_hour = hour,
                        .tm_min = minute,
                        .tm_isdst = -1};

        return (uint64_t)mktime(&tm) * S + 12345;
}

static void nights_are_quiet(void **state) {
        const struct {
                int hour, minute, quiet_minutes; /* that are left; 0: it is not */
        } rows[] = {{21, 59, 0}, {22, 0, 540}, {23, 30, 450}, {0, 0, 420}, {6, 59, 1}, {7, 0, 0}};
        EpisodePolicy p = {.quiet_from = 22 * 60, .quiet_to = 7 * 60};

        FOREACH_ELEMENT (row, rows) {
                uint64_t now = at_hour(row->hour, row->minute);
                uint64_t until = episode_quiet_until(&p, now);

                assert_int_equal(until,
                                row->quiet_minutes == 0 ? 0
                                                        : now - 12345 +
                                                                (uint64_t)row->quiet_minutes * 60 *
                                                                                S);
        }
        p.quiet_to = p.quiet_from;
        assert_int_equal(episode_quiet_until(&p, at_hour(23, 0)), 0);
}

static void days_can_be_quiet_too(void **state) {
        const EpisodePolicy p = {.quiet_from = 12 * 60, .quiet_to = 13 * 60};

        assert_int_equal(episode_quiet_until(&p, at_hour(11, 59)), 0);
        assert_int_not_equal(episode_quiet_until(&p, at_hour(12, 30)), 0);
        assert_int_equal(episode_quiet_until(&p, at_hour(13, 0)), 0);
}

static void the_most_urgent_cause_counts(void **state) {
        unsigned all = (1U << _EPISODE_CAUSE_MAX) - 1;

        assert_int_equal(episode_cause_of(AGENT_WAITING, ATTRIBUTE_STALLED, all), EPISODE_WAITING);
        assert_int_equal(episode_cause_of(AGENT_WORKING, ATTRIBUTE_STALLED, all), EPISODE_STALLED);
        assert_int_equal(episode_cause_of(AGENT_IDLE, ATTRIBUTE_UNSUBMITTED, all),
                        EPISODE_UNSUBMITTED);
        assert_int_equal(episode_cause_of(AGENT_IDLE, ATTRIBUTE_UNSUBMITTED, 1U << EPISODE_IDLE),
                        EPISODE_IDLE);
        assert_int_equal(episode_cause_of(AGENT_IDLE, 0, 1U << EPISODE_WAITING), EPISODE_NONE);
        assert_int_equal(episode_cause_of(AGENT_WORKING, 0, all), EPISODE_NONE);
}

static void it_is_said_in_one_line(void **state) {
        Episode e = {.type = (char *)"claude", .target = (char *)"work:0.1"};
        char *text;

        e.cause = EPISODE_WAITING;
        e.attention = ATTENTION_PERMISSION;
        assert_int_equal(episode_describe(&e, &text), 0);
        assert_string_equal(text, "claude in work:0.1 waits for a permission");
        free(text);
}

/* Nobody is told of a crash twice, and who does not want the one is told of the other. */
static void want_of_memory_has_causes_of_its_own(void **state) {
        const unsigned all = policy.causes, no_oom = all & ~(1U << EPISODE_OOM_KILLED);

        assert_int_equal(episode_cause_of(AGENT_CRASHED, ATTRIBUTE_OOM_KILLED, all),
                        EPISODE_OOM_KILLED);
        assert_int_equal(episode_cause_of(AGENT_CRASHED, ATTRIBUTE_OOM_KILLED, no_oom),
                        EPISODE_CRASHED);
        assert_int_equal(episode_cause_of(AGENT_CRASHED, 0, all), EPISODE_CRASHED);
        assert_int_equal(episode_cause_of(AGENT_WORKING, ATTRIBUTE_LOW_MEMORY, all),
                        EPISODE_LOW_MEMORY);
        assert_int_equal(episode_cause_of(AGENT_WAITING, ATTRIBUTE_LOW_MEMORY, all),
                        EPISODE_WAITING);
        assert_int_equal(episode_cause_of(AGENT_WORKING, 0, all), EPISODE_NONE);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(want_of_memory_has_causes_of_its_own),
                        cmocka_unit_test(it_is_told_when_it_lasts),
                        cmocka_unit_test(one_agent_is_not_told_of_all_the_time),
                        cmocka_unit_test(it_is_escalated_once_and_reminded_of_again_and_again),
                        cmocka_unit_test(who_knows_is_left_alone),
                        cmocka_unit_test(nights_are_quiet),
                        cmocka_unit_test(days_can_be_quiet_too),
                        cmocka_unit_test(the_most_urgent_cause_counts),
                        cmocka_unit_test(it_is_said_in_one_line),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
