/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <string.h>

#include "daemon/agents/health-check.h"
#include "daemon/agents/health-status.h"
#include "daemon/base/clock.h"

#define ASKED_MAX 64
#define TOLD_MAX 4096

typedef struct Question {
        char *agent_id; /* NULL: answered or dropped */
        HealthAnswer answer;
        void *userdata;
} Question;

/* Asks nobody: the test answers. */
typedef struct Fixture {
        sd_event *event;
        Cache *cache;
        HealthChecks *checks;
        Question asked[ASKED_MAX];
        unsigned n_asked, n_dropped, n_open, most_open;
        int refuse;          /* ask() fails with this */
        bool answer_now;     /* ask() answers before it returns */
        char told[TOLD_MAX]; /* "a: green works; " */
        uint64_t last_age_usec;
        unsigned n_told, n_done;
        HealthBatch *batch;
        bool drop_when_told;
        unsigned runs_left; /* batches that being done starts anew */
} Fixture;

static const HealthLook works = {.alive = true, .state = AGENT_WORKING, .hash = "h1"};

static int ask(void *userdata, const char *agent_id, HealthAnswer answer, void *answer_userdata,
                void **ret_question) {
        Fixture *f = userdata;
        Question *q = &f->asked[f->n_asked];

        assert_true(f->n_asked < ASKED_MAX);
        f->n_asked++;
        if (f->refuse < 0)
                return f->refuse;
        if (f->answer_now) {
                answer(answer_userdata, 0, &works);
                return 0;
        }

        *q = (Question){strdup(agent_id), answer, answer_userdata};
        f->n_open++;
        f->most_open = MAX(f->most_open, f->n_open);
        *ret_question = q;
        return 0;
}

static void close_question(Fixture *f, Question *q) {
        free(q->agent_id);
        q->agent_id = NULL;
        f->n_open--;
}

static void drop(void *userdata, void *question) {
        Fixture *f = userdata;

        assert_non_null(((Question *)question)->agent_id);
        close_question(f, question);
        f->n_dropped++;
}

static void on_result(void *userdata, const HealthResult *result) {
        Fixture *f = userdata;
        size_t n = strlen(f->told);

        (void)snprintf(f->told + n, TOLD_MAX - n, "%s: %s %s; ", result->agent_id,
                        health_to_string(result->health), result->sentence);
        f->last_age_usec = result->age_usec;
        f->n_told++;
        if (f->drop_when_told)
                f->batch = health_batch_drop(f->batch);
}

static void run(Fixture *f, const char *letters, uint64_t max_age_usec);

static void on_done(void *userdata) {
        Fixture *f = userdata;

        f->n_done++;
        if (f->runs_left > 0) {
                f->runs_left--;
                run(f, "a", UINT64_MAX);
        }
}

/* One agent for each letter. */
static void run(Fixture *f, const char *letters, uint64_t max_age_usec) {
        char ids[64][2] = {};
        char *list[65] = {};

        for (size_t i = 0; letters[i]; i++) {
                ids[i][0] = letters[i];
                list[i] = ids[i];
        }
        assert_int_equal(health_checks_run(f->checks, list, max_age_usec, on_result, on_done, f,
                                         &f->batch),
                        0);
}

static void turn(Fixture *f) {
        while (sd_event_run(f->event, 0) > 0)
                ;
}

static void answer(Fixture *f, const char *agent_id, int error, const HealthLook *look) {
        FOREACH_ELEMENT (q, f->asked)
                if (q->agent_id && strcmp(q->agent_id, agent_id) == 0) {
                        Question was = *q;

                        close_question(f, q);
                        was.answer(was.userdata, error, look);
                        turn(f);
                        return;
                }
        fail_msg("%s was not asked", agent_id);
}

static void set_limits(Fixture *f, unsigned concurrency, uint64_t timeout_usec) {
        const HealthLimits limits = {.concurrency = concurrency, .timeout_usec = timeout_usec};

        health_checks_set_limits(f->checks, &limits);
}

static int setup(void **state) {
        Fixture *f = calloc(1, sizeof(*f));
        const HealthAsker asker = {.ask = ask, .drop = drop, .userdata = f};
        const HealthLimits limits = {.concurrency = 20, .timeout_usec = USEC_PER_MINUTE};

        assert_non_null(f);
        assert_true(sd_event_new(&f->event) >= 0);
        assert_int_equal(cache_new(&cache_default_limits, &f->cache), 0);
        assert_int_equal(health_checks_new(f->event, f->cache, &asker, &limits, &f->checks), 0);
        *state = f;
        return 0;
}

static int teardown(void **state) {
        Fixture *f = *state;

        health_checks_free(f->checks);
        assert_int_equal(f->n_open, 0);
        cache_free(f->cache);
        sd_event_unref(f->event);
        free(f);
        return 0;
}

static void a_batch_tells_of_each_agent_and_then_that_it_is_done(void **state) {
        Fixture *f = *state;
        const HealthLook crashed = {.state = AGENT_CRASHED, .hash = ""};

        run(f, "ab", 0);
        assert_int_equal(f->n_asked, 0); /* the loop asks */
        turn(f);
        assert_int_equal(f->n_asked, 2);
        answer(f, "b", 0, &crashed);
        assert_int_equal(f->n_done, 0);
        answer(f, "a", 0, &works);
        assert_string_equal(f->told, "b: red crashed; a: green works; ");
        assert_int_equal(f->n_done, 1);
}

static void a_look_or_its_failure_says_how_healthy(void **state) {
        static const struct {
                int error;
                bool alive;
                AgentState state;
                const char *told;
        } rows[] = {
                        {0, true, AGENT_STARTING, "a: green is starting; "},
                        {0, true, AGENT_IDLE, "a: green is idle; "},
                        {0, true, AGENT_WAITING, "a: green waits for a human; "},
                        {0, true, AGENT_RATE_LIMITED, "a: yellow has reached a usage limit; "},
                        {0, true, AGENT_ERROR, "a: red stopped with an error; "},
                        {0, true, AGENT_UNKNOWN, "a: yellow is in a state that is not known; "},
                        {0, false, AGENT_WORKING, "a: red has lost its process; "},
                        {0, false, AGENT_CRASHED, "a: red crashed; "},
                        {0, false, AGENT_EXITED, "a: green has ended; "},
                        {-ENXIO, 0, 0, "a: red is not in its pane any more; "},
                        {-ENOTCONN, 0, 0,
                                        "a: yellow cannot be looked at: its user has no watcher; "},
                        {-ETIMEDOUT, 0, 0, "a: yellow could not be looked at in time; "},
                        {-EIO, 0, 0, "a: yellow could not be looked at; "},
        };
        Fixture *f = *state;

        FOREACH_ELEMENT (row, rows) {
                const HealthLook look = {.alive = row->alive, .state = row->state, .hash = "h"};

                f->told[0] = '\0';
                run(f, "a", 0);
                turn(f);
                answer(f, "a", row->error, row->error ? NULL : &look);
                assert_string_equal(f->told, row->told);
        }
}

static void no_more_run_side_by_side_than_allowed(void **state) {
        Fixture *f = *state;
        static const char letters[] = "abcdefghijklmnopqrstuvwxyz";

        set_limits(f, 3, USEC_PER_MINUTE);
        run(f, letters, 0);
        turn(f);
        assert_int_equal(health_checks_running(f->checks), 3);
        assert_int_equal(health_checks_queued(f->checks), 23);
        for (const char *p = letters; *p; p++) {
                answer(f, (char[]){*p, '\0'}, 0, &works);
                assert_true(health_checks_running(f->checks) <= 3);
        }
        assert_int_equal(f->most_open, 3);
        assert_int_equal(f->n_asked, 26);
        assert_int_equal(f->n_told, 26);
        assert_int_equal(f->n_done, 1);
}

static void an_agent_that_is_being_checked_is_asked_once(void **state) {
        Fixture *f = *state;

        run(f, "aba", 0); /* twice in one batch */
        turn(f);
        run(f, "a", 0); /* and in another */
        turn(f);
        assert_int_equal(f->n_asked, 2);
        answer(f, "a", 0, &works);
        assert_int_equal(f->n_told, 3);
        assert_int_equal(f->n_done, 1);
        answer(f, "b", 0, &works);
        assert_int_equal(f->n_told, 4);
        assert_int_equal(f->n_done, 2);
}

static void a_young_status_is_told_without_asking(void **state) {
        Fixture *f = *state;

        run(f, "a", 0);
        turn(f);
        answer(f, "a", 0, &works);

        run(f, "a", USEC_PER_MINUTE);
        assert_int_equal(f->n_told, 1); /* only from the loop, as ever */
        turn(f);
        assert_int_equal(f->n_asked, 1);
        assert_string_equal(f->told, "a: green works; a: green works; ");
        assert_true(f->last_age_usec < USEC_PER_MINUTE);

        run(f, "a", 0); /* who wants it fresh gets it fresh */
        turn(f);
        assert_int_equal(f->n_asked, 2);
        answer(f, "a", 0, &works);
}

static void a_failure_is_not_remembered(void **state) {
        Fixture *f = *state;

        run(f, "a", UINT64_MAX);
        turn(f);
        answer(f, "a", -ENOTCONN, NULL);
        run(f, "a", UINT64_MAX);
        turn(f);
        assert_int_equal(f->n_asked, 2);
        answer(f, "a", 0, &works);
}

static void a_check_that_takes_too_long_is_given_up(void **state) {
        Fixture *f = *state;

        set_limits(f, 1, USEC_PER_MSEC);
        run(f, "ab", 0);
        while (f->n_done == 0)
                assert_true(sd_event_run(f->event, UINT64_MAX) >= 0);
        assert_int_equal(f->n_dropped, 2);
        assert_string_equal(f->told,
                        "a: yellow could not be looked at in time; "
                        "b: yellow could not be looked at in time; ");
        assert_int_equal(health_checks_running(f->checks), 0);
}

static void an_asker_that_cannot_ask_is_told_as_a_failure(void **state) {
        Fixture *f = *state;

        f->refuse = -ENXIO;
        run(f, "ab", 0);
        turn(f);
        assert_string_equal(f->told,
                        "a: red is not in its pane any more; "
                        "b: red is not in its pane any more; ");
        assert_int_equal(f->n_done, 1);
        assert_int_equal(health_checks_running(f->checks), 0);
}

static void an_asker_may_answer_at_once(void **state) {
        Fixture *f = *state;

        f->answer_now = true;
        set_limits(f, 1, USEC_PER_MINUTE);
        run(f, "abc", 0);
        turn(f);
        assert_int_equal(f->n_told, 3);
        assert_int_equal(f->n_done, 1);
}

static void who_drops_a_batch_hears_no_more_of_it(void **state) {
        Fixture *f = *state;

        set_limits(f, 1, USEC_PER_MINUTE);
        run(f, "ab", 0);
        turn(f);
        f->batch = health_batch_drop(f->batch);
        turn(f);
        answer(f, "a", 0, &works); /* it was running: what it says is remembered */
        assert_int_equal(f->n_told, 0);
        assert_int_equal(f->n_done, 0);
        assert_int_equal(f->n_asked, 1); /* b is not wanted any more */
        assert_int_equal(health_checks_queued(f->checks), 0);

        run(f, "a", UINT64_MAX);
        turn(f);
        assert_int_equal(f->n_told, 1);
        assert_int_equal(f->n_asked, 1);
}

static void a_batch_may_be_dropped_while_it_is_told(void **state) {
        Fixture *f = *state;

        f->answer_now = true;
        f->drop_when_told = true;
        run(f, "ab", 0);
        turn(f);
        assert_int_equal(f->n_told, 1);
        assert_int_equal(f->n_done, 0);

        run(f, "a", 0); /* the last one, too */
        turn(f);
        assert_int_equal(f->n_told, 2);
        assert_int_equal(f->n_done, 0);
}

static void dropping_one_batch_leaves_the_others(void **state) {
        Fixture *f = *state;
        HealthBatch *first;

        run(f, "a", 0);
        first = f->batch;
        run(f, "a", 0);
        turn(f);
        health_batch_drop(first);
        answer(f, "a", 0, &works);
        assert_int_equal(f->n_told, 1);
        assert_int_equal(f->n_done, 1);
}

static void a_batch_of_nobody_is_done(void **state) {
        Fixture *f = *state;

        run(f, "", 0);
        assert_int_equal(f->n_done, 0);
        turn(f);
        assert_int_equal(f->n_done, 1);
}

static void a_caller_that_always_runs_one_more_does_not_hold_the_loop(void **state) {
        Fixture *f = *state;

        f->answer_now = true;
        f->runs_left = 1000;
        run(f, "a", 0);
        for (unsigned i = 0; i < 10; i++)
                assert_true(sd_event_run(f->event, 0) > 0);
        assert_true(f->n_done > 1 && f->n_done < 20);
        f->runs_left = 0;
        turn(f);
}

static void batches_are_bounded(void **state) {
        Fixture *f = *state;
        char *list[] = {(char[]){"a"}, NULL};

        for (unsigned i = 0; i < HEALTH_BATCHES_MAX; i++)
                run(f, "a", 0);
        assert_int_equal(health_checks_run(f->checks, list, 0, on_result, on_done, f, NULL),
                        -EDQUOT);
}

/* The rest is of the status that the cache keeps, with a clock of the test's own. */

static void keep(Fixture *f, uint64_t now) {
        const HealthStatus status = {HEALTH_GREEN, "works", now};

        health_status_put(f->cache, "a", &works, &status);
}

static bool is_known(Fixture *f, uint64_t max_age, uint64_t now) {
        HealthStatus status;

        return health_status_get(f->cache, "a", max_age, now, &status);
}

static void a_status_serves_as_long_as_it_may(void **state) {
        Fixture *f = *state;

        keep(f, 100 * USEC_PER_SEC);
        assert_true(is_known(f, 3 * USEC_PER_SEC, 103 * USEC_PER_SEC));
        assert_false(is_known(f, 3 * USEC_PER_SEC, 104 * USEC_PER_SEC));
        assert_true(is_known(f, UINT64_MAX, 114 * USEC_PER_SEC));
        assert_false(is_known(f, UINT64_MAX, 115 * USEC_PER_SEC));
}

static void the_same_screen_makes_a_status_young_again(void **state) {
        Fixture *f = *state;

        keep(f, 100 * USEC_PER_SEC);
        health_status_see(f->cache, "a", "h1", 110 * USEC_PER_SEC);
        assert_true(is_known(f, 3 * USEC_PER_SEC, 112 * USEC_PER_SEC));
        /* But not older than a status may get. */
        assert_false(is_known(f, UINT64_MAX, 115 * USEC_PER_SEC));
}

static void another_screen_ends_a_status(void **state) {
        Fixture *f = *state;

        keep(f, 100 * USEC_PER_SEC);
        health_status_see(f->cache, "a", "h2", 101 * USEC_PER_SEC);
        assert_false(is_known(f, UINT64_MAX, 101 * USEC_PER_SEC));
}

static void an_event_ends_a_status(void **state) {
        Fixture *f = *state;

        keep(f, 100 * USEC_PER_SEC);
        health_status_forget(f->cache, "a");
        assert_false(is_known(f, UINT64_MAX, 100 * USEC_PER_SEC));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                        TEST(a_batch_tells_of_each_agent_and_then_that_it_is_done),
                        TEST(a_look_or_its_failure_says_how_healthy),
                        TEST(no_more_run_side_by_side_than_allowed),
                        TEST(an_agent_that_is_being_checked_is_asked_once),
                        TEST(a_young_status_is_told_without_asking),
                        TEST(a_failure_is_not_remembered),
                        TEST(a_check_that_takes_too_long_is_given_up),
                        TEST(an_asker_that_cannot_ask_is_told_as_a_failure),
                        TEST(an_asker_may_answer_at_once),
                        TEST(who_drops_a_batch_hears_no_more_of_it),
                        TEST(a_batch_may_be_dropped_while_it_is_told),
                        TEST(dropping_one_batch_leaves_the_others),
                        TEST(a_batch_of_nobody_is_done),
                        TEST(a_caller_that_always_runs_one_more_does_not_hold_the_loop),
                        TEST(batches_are_bounded),
                        TEST(a_status_serves_as_long_as_it_may),
                        TEST(the_same_screen_makes_a_status_young_again),
                        TEST(another_screen_ends_a_status),
                        TEST(an_event_ends_a_status),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
