/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/act/notices.h"
#include "daemon/base/clock.h"
#include "daemon/base/json.h"

#define S USEC_PER_SEC
#define BEGIN (1000000 * S)

typedef struct Fixture {
        Notices *notices;
        char said[4096]; /* "tell ID\n…" */
        bool lose;       /* what is due is not told */
        uint64_t now_usec;
        unsigned n_told, n_ended, n_retracted;
} Fixture;

static const EpisodePolicy policy = {
                .causes = 1U << EPISODE_WAITING | 1U << EPISODE_ERROR | 1U << EPISODE_CRASHED,
                .delay_usec = 5 * S,
                .cooldown_usec = 60 * S,
};

static void say(Fixture *f, const char *word, const Episode *e) {
        size_t n = strlen(f->said);

        if (n < sizeof(f->said) - 100)
                (void)snprintf(f->said + n, sizeof(f->said) - n, "%s %s %s\n", word, e->agent,
                                episode_cause_to_string(e->cause));
}

static void on_due(void *userdata, const Episode *e, EpisodeDue what) {
        Fixture *f = userdata;

        say(f, what == EPISODE_TELL ? "tell" : what == EPISODE_REMIND ? "remind" : "escalate", e);
        if (f->lose)
                return;
        f->n_told++;
        notices_told(f->notices, e->id, what, f->now_usec);
}

static void on_ended(void *userdata, const Episode *e) {
        Fixture *f = userdata;

        f->n_ended++;
        f->n_retracted += e->n_told > 0;
        say(f, e->n_told > 0 ? "retract" : "forget", e);
}

static const NoticesEvents events = {.due = on_due, .ended = on_ended};

static int setup(void **state) {
        static Fixture f;

        f = (Fixture){.now_usec = BEGIN};
        *state = &f;
        assert_int_equal(notices_new(&events, &f, &f.notices), 0);
        notices_set_policy(f.notices, &policy);
        return 0;
}

static int teardown(void **state) {
        Fixture *f = *state;

        f->notices = notices_free(f->notices);
        return 0;
}

static void becomes(Fixture *f, const char *agent, AgentState agent_state, Attention attention) {
        NoticeSubject s = {.agent = agent,
                        .type = "claude",
                        .target = "w:0.0",
                        .uid = 1000,
                        .state = agent_state,
                        .attention = attention,
                        .since_usec = f->now_usec};

        assert_int_equal(notices_update(f->notices, &s, f->now_usec), 0);
}

static void passes(Fixture *f, uint64_t seconds) {
        f->now_usec += seconds * S;
        (void)notices_run(f->notices, f->now_usec);
}

/* As a restart does. */
static void restart(Fixture *f) {
        _cleanup_json_ json_object *saved = NULL;
        unsigned n_ended = f->n_ended, n_retracted = f->n_retracted;

        assert_int_equal(notices_save(f->notices, &saved), 0);
        f->notices = notices_free(f->notices);
        f->n_ended = n_ended;
        f->n_retracted = n_retracted;
        assert_int_equal(notices_new(&events, f, &f->notices), 0);
        notices_set_policy(f->notices, &policy);
        assert_int_equal(notices_restore(f->notices, saved), 0);
}

static void an_episode_is_told_once_and_retracted(void **state) {
        Fixture *f = *state;

        becomes(f, "a", AGENT_WAITING, ATTENTION_PERMISSION);
        passes(f, 4);
        becomes(f, "a", AGENT_WAITING, ATTENTION_PERMISSION);
        passes(f, 1);
        passes(f, 1000);
        becomes(f, "a", AGENT_WORKING, ATTENTION_NONE);
        assert_string_equal(f->said, "tell a waiting\nretract a waiting\n");
}

static void what_does_not_last_is_not_told(void **state) {
        Fixture *f = *state;

        becomes(f, "a", AGENT_WAITING, ATTENTION_PERMISSION);
        passes(f, 4);
        becomes(f, "a", AGENT_WORKING, ATTENTION_NONE);
        passes(f, 100);
        assert_string_equal(f->said, "forget a waiting\n");
}

static void another_question_is_another_episode(void **state) {
        Fixture *f = *state;

        becomes(f, "a", AGENT_WAITING, ATTENTION_PERMISSION);
        passes(f, 5);
        becomes(f, "a", AGENT_WAITING, ATTENTION_PLAN);
        passes(f, 10);
        passes(f, 60);
        assert_string_equal(f->said, "tell a waiting\nretract a waiting\ntell a waiting\n");
}

static void of_a_state_that_is_not_known_nothing_is_concluded(void **state) {
        Fixture *f = *state;

        becomes(f, "a", AGENT_WAITING, ATTENTION_PERMISSION);
        passes(f, 5);
        becomes(f, "a", AGENT_UNKNOWN, ATTENTION_NONE);
        passes(f, 100);
        becomes(f, "a", AGENT_WAITING, ATTENTION_PERMISSION);
        passes(f, 100);
        assert_string_equal(f->said, "tell a waiting\n");
}

static void what_could_not_be_told_is_told_after_a_restart(void **state) {
        Fixture *f = *state;

        becomes(f, "a", AGENT_ERROR, ATTENTION_NONE);
        f->lose = true;
        passes(f, 5);
        passes(f, 5);
        assert_string_equal(f->said, "tell a error\n");
        restart(f);
        f->lose = false;
        f->said[0] = '\0';
        passes(f, 1);
        restart(f);
        passes(f, 100);
        assert_string_equal(f->said, "tell a error\n");
}

static void somebody_who_knows_is_not_told(void **state) {
        Fixture *f = *state;

        assert_int_equal(notices_acknowledge(f->notices, "a"), -ENXIO);
        becomes(f, "a", AGENT_WAITING, ATTENTION_QUESTION);
        assert_int_equal(notices_acknowledge(f->notices, "a"), 0);
        assert_int_equal(notices_acknowledge(f->notices, "a"), -EALREADY);
        restart(f);
        passes(f, 1000);
        assert_string_equal(f->said, "");
        becomes(f, "a", AGENT_WORKING, ATTENTION_NONE);
        becomes(f, "a", AGENT_WAITING, ATTENTION_QUESTION);
        assert_int_equal(notices_snooze(f->notices, "a", f->now_usec + 50 * S), 0);
        passes(f, 49);
        assert_string_equal(f->said, "forget a waiting\n");
        passes(f, 1);
        assert_string_equal(f->said, "forget a waiting\ntell a waiting\n");
}

static void a_cause_that_is_not_wanted_any_more_ends(void **state) {
        const EpisodePolicy errors = {.causes = 1U << EPISODE_ERROR};
        Fixture *f = *state;

        becomes(f, "a", AGENT_WAITING, ATTENTION_QUESTION);
        passes(f, 5);
        notices_set_policy(f->notices, &errors);
        assert_string_equal(f->said, "tell a waiting\nretract a waiting\n");
        assert_null(notices_of_agent(f->notices, "a"));
}

static void an_agent_that_goes_takes_its_episode_along(void **state) {
        Fixture *f = *state;

        becomes(f, "a", AGENT_CRASHED, ATTENTION_NONE);
        becomes(f, "b", AGENT_CRASHED, ATTENTION_NONE);
        passes(f, 5);
        notices_forget(f->notices, "a");
        assert_string_equal(f->said, "tell a crashed\ntell b crashed\nretract a crashed\n");
        assert_string_equal(notices_next(f->notices, NULL)->agent, "b");
}

/*
 * Fifty agents for a day, a decision a minute for each, by a fixed seed; ten restarts. Each episode
 * that lasts is told just once, each that was told is retracted, and none is lost.
 */
static void a_day_of_fifty_agents_adds_up(void **state) {
        static const AgentState states[] = {AGENT_WORKING, AGENT_WORKING, AGENT_WORKING, AGENT_IDLE,
                        AGENT_WAITING, AGENT_ERROR};
        bool open[50] = {};
        unsigned begun = 0, ended = 0;
        Fixture *f = *state;

        srandom(20261128);
        for (unsigned minute = 0; minute < 24 * 60; minute++) {
                for (unsigned i = 0; i < 50; i++) {
                        AgentState s = states[(unsigned)random() % ELEMENTSOF(states)];
                        bool needs = s == AGENT_WAITING || s == AGENT_ERROR;
                        char agent[16];

                        if ((unsigned)random() % 10 != 0)
                                continue; /* it goes on with what it does */
                        (void)snprintf(agent, sizeof(agent), "a%u", i);
                        /* From one need to another only by way of none: then the sums are plain. */
                        if (open[i] && needs)
                                continue;
                        begun += needs && !open[i];
                        ended += !needs && open[i];
                        open[i] = needs;
                        becomes(f, agent, s,
                                        s == AGENT_WAITING ? ATTENTION_PERMISSION : ATTENTION_NONE);
                }
                passes(f, 60);
                if (minute % 144 == 143)
                        restart(f);
        }
        printf("%u episodes, %u told, %u retracted, 10 restarts\n", begun, f->n_told,
                        f->n_retracted);
        assert_true(begun > 1000);
        assert_int_equal(f->n_told, begun);
        assert_int_equal(f->n_retracted, ended);
        assert_int_equal(f->n_ended, ended);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                        TEST(an_episode_is_told_once_and_retracted),
                        TEST(what_does_not_last_is_not_told),
                        TEST(another_question_is_another_episode),
                        TEST(of_a_state_that_is_not_known_nothing_is_concluded),
                        TEST(what_could_not_be_told_is_told_after_a_restart),
                        TEST(somebody_who_knows_is_not_told),
                        TEST(a_cause_that_is_not_wanted_any_more_ends),
                        TEST(an_agent_that_goes_takes_its_episode_along),
                        TEST(a_day_of_fifty_agents_adds_up),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
