/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/history-fixture.h"

#include "daemon/agents/registry.h"
#include "daemon/base/json.h"
#include "daemon/observe/history-samples.h"
#include "daemon/observe/report.h"

/* A full day since 1970, in seconds. */
#define DAY_SEC (20000ULL * 86400)
#define DAY_USEC (DAY_SEC * USEC_PER_SEC)

static const HistoryLimits roomy = {
                .raw_usec = USEC_PER_HOUR,
                .episodes_usec = 90 * USEC_PER_DAY,
                .max_episodes = 1000000,
                .max_bytes = 1 << 30,
};

static void keep_up(HistoryFile *f, const HistoryLimits *l, uint64_t now, uint64_t oldest) {
        assert_int_equal(history_upkeep(f, l, now, oldest, true), 0);
}

static void samples_are_put_together(void **state) {
        HistoryFixture *f = *state;

        (void)history_open(f);
        for (unsigned i = 0; i < 8; i++)
                sample(f, DAY_SEC + i * 15, "agents_total", i);
        commit(f, DAY_USEC);
        keep_up(&f->file, &roomy, DAY_USEC + 2 * USEC_PER_HOUR, DAY_USEC);
        assert_string_equal(ask(f, "SELECT time - 1728000000, n, sum, min, max FROM sample_minute"),
                        "0 4 6.0 0.0 3.0\n60 4 22.0 4.0 7.0\n");
        assert_string_equal(ask(f, "SELECT n, sum, min, max FROM sample_hour"), "8 28.0 0.0 7.0\n");
        assert_string_equal(ask(f, "SELECT n FROM sample_day"), "");
        /* Twice is once. */
        keep_up(&f->file, &roomy, DAY_USEC + 2 * USEC_PER_HOUR, DAY_USEC);
        assert_string_equal(ask(f, "SELECT n, sum FROM sample_hour"), "8 28.0\n");
}

static void a_sum_is_the_same_from_whichever_spans(void **state) {
        HistoryFixture *f = *state;
        Samples s;

        (void)history_open(f);
        for (unsigned i = 0; i < 400; i++)
                sample(f, DAY_SEC + i * 15, "x", 1);
        commit(f, DAY_USEC);
        keep_up(&f->file, &roomy, DAY_USEC + 400 * 15 * USEC_PER_SEC - 1, DAY_USEC);

        assert_int_equal(samples_load(f->file.db, DAY_USEC, DAY_USEC + USEC_PER_DAY, &s), 0);
        assert_int_equal(samples_find(&s, "x")->n, 400);
        samples_done(&s);
        assert_int_equal(samples_load(f->file.db, DAY_USEC - 30 * USEC_PER_DAY,
                                         DAY_USEC + USEC_PER_DAY, &s),
                        0);
        assert_int_equal(samples_find(&s, "x")->n, 400);
        assert_null(samples_find(&s, "y"));
        samples_done(&s);
}

static void a_clock_that_is_set_back_counts_nothing_twice(void **state) {
        HistoryFixture *f = *state;
        Samples s;

        (void)history_open(f);
        sample(f, DAY_SEC, "x", 1);
        sample(f, DAY_SEC + 60, "x", 1);
        commit(f, DAY_USEC);
        keep_up(&f->file, &roomy, DAY_USEC + 10 * USEC_PER_MINUTE, DAY_USEC);
        sample(f, DAY_SEC + 60, "x", 1);
        commit(f, DAY_USEC);
        keep_up(&f->file, &roomy, DAY_USEC + 2 * USEC_PER_MINUTE, DAY_USEC + USEC_PER_MINUTE);

        assert_int_equal(samples_load(f->file.db, DAY_USEC, DAY_USEC + USEC_PER_HOUR, &s), 0);
        assert_int_equal(samples_find(&s, "x")->n, 3);
        samples_done(&s);
}

static void the_oldest_episodes_go(void **state) {
        HistoryFixture *f = *state;
        HistoryLimits l = roomy;

        l.max_episodes = 10;
        (void)history_open(f);
        for (unsigned i = 0; i < 30; i++)
                begin(f, "a", i % 2 ? AGENT_IDLE : AGENT_WORKING, DAY_USEC + i);
        commit(f, DAY_USEC);
        keep_up(&f->file, &l, DAY_USEC, UINT64_MAX);
        assert_string_equal(ask(f, "SELECT count(*), min(id), max(id) FROM episode"), "10 21 30\n");

        l.episodes_usec = USEC_PER_DAY;
        keep_up(&f->file, &l, DAY_USEC + 2 * USEC_PER_DAY, UINT64_MAX);
        /* What goes on is not old. */
        assert_string_equal(ask(f, "SELECT id, until FROM episode"), "30 -\n");
}

static void nothing_goes_for_its_age_by_a_doubtful_clock(void **state) {
        HistoryFixture *f = *state;

        (void)history_open(f);
        begin(f, "a", AGENT_IDLE, DAY_USEC);
        end(f, "a", DAY_USEC + 1);
        sample(f, DAY_SEC, "x", 1);
        commit(f, DAY_USEC);
        assert_int_equal(history_upkeep(&f->file, &roomy, DAY_USEC + 4000 * USEC_PER_DAY, DAY_USEC,
                                         false),
                        0);
        assert_string_equal(ask(f,
                                            "SELECT (SELECT count(*) FROM episode), "
                                            "(SELECT count(*) FROM sample_raw)"),
                        "1 1\n");
}

static uint64_t waited(HistoryFixture *f, uid_t uid, uint64_t since, uint64_t until) {
        ReportRequest q = {.kind = REPORT_DAILY,
                        .since_usec = since,
                        .until_usec = until,
                        .uid = uid,
                        .processors = 1};
        _cleanup_json_ json_object *o = NULL;

        assert_int_equal(report_make(&q, &f->file, &o), 0);
        return json_get_u64(json_get(o, "waiting"), "total_usec", UINT64_MAX);
}

static void a_report_counts_what_lies_within_its_time(void **state) {
        HistoryFixture *f = *state;

        (void)history_open(f);
        begin(f, "a", AGENT_WAITING, DAY_USEC + 100);
        begin(f, "a", AGENT_WORKING, DAY_USEC + 200);
        begin(f, "a", AGENT_WAITING, DAY_USEC + 300);
        commit(f, DAY_USEC + 350);

        assert_int_equal(waited(f, UID_INVALID, DAY_USEC, DAY_USEC + 250), 100);
        assert_int_equal(waited(f, UID_INVALID, DAY_USEC + 150, DAY_USEC + 250), 50);
        assert_int_equal(waited(f, UID_INVALID, DAY_USEC + 150, DAY_USEC + 400), 150);
        assert_int_equal(waited(f, 1000, DAY_USEC + 150, DAY_USEC + 400), 150);
        assert_int_equal(waited(f, 1001, DAY_USEC + 150, DAY_USEC + 400), 0);

        /* We were away: it counts up to when we were last there. */
        history_reopen(f);
        assert_int_equal(waited(f, UID_INVALID, DAY_USEC, DAY_USEC + 9000), 150);
}

int main(void) {
        const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, history_setup, history_teardown)
                        TEST(samples_are_put_together),
                        TEST(a_sum_is_the_same_from_whichever_spans),
                        TEST(a_clock_that_is_set_back_counts_nothing_twice),
                        TEST(the_oldest_episodes_go),
                        TEST(nothing_goes_for_its_age_by_a_doubtful_clock),
                        TEST(a_report_counts_what_lies_within_its_time),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
