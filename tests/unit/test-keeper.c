/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "daemon/act/keeper.h"
#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "tests/unit/acting-fixture.h"
#include "tests/unit/reports.h"

#define S USEC_PER_SEC

static const RevivalRules rules = {
                .max_failures = 3,
                .grace_usec = 60 * S,
                .backoff_usec = 10 * S,
                .backoff_max_usec = 35 * S,
                .burst = 5,
                .burst_usec = 3600 * S,
};

static void each_crash_in_a_row_is_waited_for_longer_and_then_it_is_given_up(void **state) {
        Revival r = {};

        assert_int_equal(revival_crashed(&r, &rules, 100 * S), REVIVAL_PLANNED);
        assert_int_equal(r.due_usec, 110 * S);
        assert_false(revival_is_due(&r, 110 * S - 1));
        assert_true(revival_is_due(&r, 110 * S));
        revival_started(&r, 110 * S);
        assert_false(revival_is_due(&r, 200 * S));
        revival_is_up(&r, &rules, 111 * S);
        assert_int_equal(revival_crashed(&r, &rules, 112 * S), REVIVAL_PLANNED);
        assert_int_equal(r.due_usec, 132 * S);
        assert_int_equal(revival_start_failed(&r, &rules, 200 * S), REVIVAL_PLANNED);
        assert_int_equal(r.due_usec, 235 * S);
        assert_int_equal(revival_crashed(&r, &rules, 300 * S), REVIVAL_GIVEN_UP);
        assert_false(revival_is_due(&r, 9000 * S));
        assert_int_equal(revival_crashed(&r, &rules, 301 * S), REVIVAL_NOTHING);
}

static void who_runs_well_begins_anew(void **state) {
        Revival r = {.failures = 3, .given_up = true};

        revival_is_up(&r, &rules, 1000 * S);
        revival_is_up(&r, &rules, 1059 * S);
        assert_true(r.given_up);
        revival_is_up(&r, &rules, 1060 * S);
        assert_false(r.given_up);
        assert_int_equal(r.failures, 0);
        assert_int_equal(revival_crashed(&r, &rules, 1100 * S), REVIVAL_PLANNED);
        assert_int_equal(r.due_usec, 1110 * S);
}

static void so_many_starts_in_an_hour_and_no_more(void **state) {
        Revival r = {};
        uint64_t now = 1000 * S;

        for (unsigned i = 0; i < rules.burst; i++) {
                assert_int_equal(revival_crashed(&r, &rules, now), REVIVAL_PLANNED);
                revival_started(&r, now + 10 * S);
                revival_is_up(&r, &rules, now + 11 * S);
                now += 100 * S; /* longer than the grace: never two in a row */
        }
        assert_int_equal(revival_crashed(&r, &rules, now), REVIVAL_GIVEN_UP);
        revival_reset(&r);
        assert_int_equal(revival_crashed(&r, &rules, now), REVIVAL_PLANNED);
        /* An hour later the old ones do not count. */
        r = (Revival){};
        for (unsigned i = 0; i < 40; i++) {
                now += 800 * S;
                assert_int_equal(revival_crashed(&r, &rules, now), REVIVAL_PLANNED);
                revival_started(&r, now);
                revival_is_up(&r, &rules, now);
        }
}

static const PatienceRules patience = {.margin_usec = 90 * S, .attempts = 2};

static void a_limit_is_waited_for_and_a_margin(void **state) {
        const uint64_t noon = 1000000 * S;
        Patience p = {};

        assert_int_equal(patience_limited(&p, &patience, 0, noon), PATIENCE_NOTHING);
        assert_int_equal(patience_limited(&p, &patience, noon + 3600 * S, noon), PATIENCE_PLANNED);
        assert_int_equal(patience_limited(&p, &patience, noon + 3600 * S, noon + S),
                        PATIENCE_NOTHING);
        assert_false(patience_is_due(&p, noon + 3600 * S));
        /* What stands there means tomorrow by now. */
        assert_int_equal(patience_limited(&p, &patience, noon + 3600 * S + USEC_PER_DAY,
                                         noon + 3601 * S),
                        PATIENCE_NOTHING);
        assert_true(patience_is_due(&p, noon + 3690 * S));
        patience_asked(&p);
        assert_false(patience_is_due(&p, noon + 3691 * S));
        assert_int_equal(patience_unlimited(&p, false, noon + 3692 * S), PATIENCE_NOTHING);
        assert_int_equal(patience_unlimited(&p, true, noon + 3693 * S), PATIENCE_RESOLVED);
        assert_int_equal(patience_unlimited(&p, true, noon + 3694 * S), PATIENCE_NOTHING);
        assert_int_equal(patience_unlimited(&p, true, noon + 4400 * S), PATIENCE_NOTHING);
        assert_int_equal(p.reset_usec, 0);
}

static void a_limit_that_is_hit_again_is_tried_so_often_and_no_more(void **state) {
        const uint64_t noon = 1000000 * S;
        Patience p = {};

        assert_int_equal(patience_limited(&p, &patience, noon, noon - S), PATIENCE_PLANNED);
        patience_asked(&p);
        assert_int_equal(patience_unlimited(&p, true, noon + 91 * S), PATIENCE_RESOLVED);
        assert_int_equal(patience_limited(&p, &patience, noon, noon + 95 * S), PATIENCE_PLANNED);
        assert_false(patience_is_due(&p, noon + 300 * S));
        assert_true(patience_is_due(&p, noon + 500 * S));
        patience_asked(&p);
        assert_int_equal(patience_unlimited(&p, true, noon + 501 * S), PATIENCE_RESOLVED);
        assert_int_equal(patience_limited(&p, &patience, noon, noon + 502 * S), PATIENCE_GIVEN_UP);
        assert_false(patience_is_due(&p, noon + 90000 * S));
}

static void a_human_ends_the_waiting(void **state) {
        const uint64_t noon = 1000000 * S;
        Patience p = {};

        (void)patience_limited(&p, &patience, noon, noon - S);
        patience_cancel(&p);
        assert_false(patience_is_due(&p, noon + 9999 * S));
        assert_int_equal(patience_limited(&p, &patience, noon, noon), PATIENCE_NOTHING);
        /* The next limit is another matter. */
        (void)patience_unlimited(&p, true, noon);
        assert_int_equal(patience_limited(&p, &patience, noon + 7200 * S, noon), PATIENCE_PLANNED);
        (void)patience_unlimited(&p, true, noon);
        assert_int_equal(p.due_usec, 0);
}

static void a_machine_that_slept_is_late_and_no_more(void **state) {
        const uint64_t noon = 1000000 * S, morning = noon + 20 * 3600 * S;
        Patience p = {};

        assert_int_equal(patience_limited(&p, &patience, noon + 3600 * S, noon), PATIENCE_PLANNED);
        assert_true(patience_is_due(&p, morning));
        patience_asked(&p);
        assert_false(patience_is_due(&p, morning + S));
        assert_int_equal(patience_unlimited(&p, true, morning + 2 * S), PATIENCE_RESOLVED);
}

static void a_clock_that_went_ahead_costs_one_attempt(void **state) {
        const uint64_t noon = 1000000 * S;
        Patience p = {};

        assert_int_equal(patience_limited(&p, &patience, noon + 7200 * S, noon), PATIENCE_PLANNED);
        assert_true(patience_is_due(&p, noon + 9000 * S));
        patience_asked(&p);
        /* It works for a moment, hits the limit again, and the clock is right by now. */
        (void)patience_unlimited(&p, true, noon);
        assert_int_equal(patience_limited(&p, &patience, noon + 7200 * S, noon + 10 * S),
                        PATIENCE_PLANNED);
        assert_false(patience_is_due(&p, noon + 20 * S));
        assert_true(patience_is_due(&p, noon + 9000 * S));
}

static void a_week_is_waited_for(void **state) {
        const uint64_t noon = 1000000 * S, week = 7 * USEC_PER_DAY;
        Patience p = {};

        assert_int_equal(patience_limited(&p, &patience, noon + week, noon), PATIENCE_PLANNED);
        for (uint64_t now = noon; now < noon + week; now += 3600 * S) {
                assert_int_equal(patience_limited(&p, &patience, noon + week, now),
                                PATIENCE_NOTHING);
                assert_false(patience_is_due(&p, now));
        }
        assert_true(patience_is_due(&p, noon + week + 90 * S));
}

/* The registry, and hands that do what the test says. */
typedef struct Fixture {
        Registry *registry;
        Acts *acts;
        KeeperRules rules;
        Keeper *keeper;
        WatchersAnswer answer;
        void *answer_userdata;
        char order[256], news[512], why[128];
        uint64_t boot;
} Fixture;

static int ask(void *userdata, const Agent *agent, const ActOrder *order, WatchersAnswer answer,
                void *answer_userdata, WatchersQuestion **ret) {
        Fixture *f = userdata;

        (void)snprintf(f->order, sizeof(f->order), "%s %s%s", act_kind_to_string(order->kind),
                        agent->id, order->automatic ? " automatic" : "");
        f->answer = answer;
        f->answer_userdata = answer_userdata;
        *ret = (WatchersQuestion *)f;
        return 0;
}

static void drop(void *userdata, WatchersQuestion *question) {}
static void deed(void *userdata, const ActDeed *d) {}

static void tell(void *userdata, const Agent *agent, ActKind kind, KeeperNews news,
                uint64_t when_usec, const char *why) {
        Fixture *f = userdata;

        (void)snprintf(f->why, sizeof(f->why), "%s", why);
        news_append(f->news, sizeof(f->news), kind, news);
}

static const ActsPort port = {.ask = ask, .drop = drop};

static int setup(void **state) {
        Fixture *f = calloc(1, sizeof(*f));

        f->rules = (KeeperRules){
                        .crash.fallback = ACT_POLICY_ACT,
                        .limit.fallback = ACT_POLICY_ACT,
                        .revival = rules,
                        .patience = patience,
        };
        f->boot = clock_usec(CLOCK_BOOTTIME);
        assert_int_equal(registry_new(NULL, &f->registry), 0);
        assert_int_equal(acts_new(&port, f, deed, f, &f->acts), 0);
        assert_int_equal(keeper_new(f->registry, f->acts, &f->rules, tell, f, &f->keeper), 0);
        assert_int_equal(report_server(f->registry, LIVENESS_ALIVE, 100, ""), 0);
        *state = f;
        return 0;
}

static int teardown(void **state) {
        Fixture *f = *state;

        keeper_free(f->keeper);
        acts_free(f->acts);
        registry_free(f->registry);
        free(f);
        return 0;
}

static void pass(Fixture *f, uint64_t seconds) {
        f->boot += seconds * S;
        f->order[0] = '\0';
        keeper_tick(f->keeper, now_realtime(), f->boot);
}

static void answer(Fixture *f, const char *word) {
        answer_word(f->answer, f->answer_userdata, "outcome", word);
}

static void crash(Fixture *f) {
        assert_int_equal(report_agent(f->registry, "%1", AGENT_WORKING, 0), 0);
        assert_int_equal(report_agent(f->registry, "%1", AGENT_CRASHED, 0), 0);
}

static void a_crash_is_followed_by_a_start_and_a_start_by_a_look(void **state) {
        Fixture *f = *state;

        crash(f);
        assert_string_equal(f->news, "restart planned;");
        pass(f, 9);
        assert_string_equal(f->order, "");
        pass(f, 2);
        assert_string_equal(f->order, "restart 1000-default-1 automatic");
        pass(f, 100); /* one thing at a time */
        assert_string_equal(f->order, "");
        answer(f, "done");
        assert_string_equal(f->news, "restart planned;restart done;");
}

static void a_start_goes_by_time_that_passed_and_not_by_the_clock(void **state) {
        Fixture *f = *state;

        crash(f);
        keeper_tick(f->keeper, now_realtime() + USEC_PER_DAY, f->boot + 9 * S);
        assert_string_equal(f->order, "");
        keeper_tick(f->keeper, now_realtime() - USEC_PER_DAY, f->boot + 11 * S);
        assert_string_equal(f->order, "restart 1000-default-1 automatic");
        answer(f, "done");
}

static void what_fails_again_and_again_is_given_up_and_counted(void **state) {
        Fixture *f = *state;

        crash(f);
        for (unsigned i = 0; i < 3; i++) {
                pass(f, 40);
                assert_string_not_equal(f->order, "");
                answer(f, "unverified");
        }
        assert_non_null(strstr(f->news, "restart given-up;"));
        assert_int_equal(keeper_count_given_up(f->keeper), 1);
        pass(f, 9999);
        assert_string_equal(f->order, "");
        /* It runs: a human was there. */
        assert_int_equal(report_agent(f->registry, "%1", AGENT_WORKING, 0), 0);
        assert_int_equal(keeper_count_given_up(f->keeper), 0);
        pass(f, 1);
        pass(f, 100);
        crash(f);
        pass(f, 11);
        assert_string_equal(f->order, "restart 1000-default-1 automatic");
        answer(f, "done");
}

static void a_human_or_an_owner_stops_it(void **state) {
        static const char *const words[] = {"owner", "running", "unsupported"};
        Fixture *f = *state;

        FOREACH_ELEMENT (word, words) {
                crash(f);
                pass(f, 11);
                answer(f, *word);
                pass(f, 9999);
                assert_string_equal(f->order, "");
        }
}

static void nothing_is_done_where_the_policy_is_another(void **state) {
        char exception[] = "agent:1000-default-1=observe", *exceptions[] = {exception, NULL};
        Fixture *f = *state;

        f->rules.crash.exceptions = exceptions;
        crash(f);
        pass(f, 9999);
        assert_string_equal(f->order, "");
        assert_string_equal(f->news, "");
        (void)strcpy(strchr(exception, '='), "=notify");
        crash(f);
        pass(f, 9999);
        assert_string_equal(f->order, "");
        assert_string_equal(f->news, "restart would;");
}

static void what_a_servers_death_took_along_stays_down(void **state) {
        Fixture *f = *state;

        assert_int_equal(report_agent(f->registry, "%1", AGENT_WORKING, 0), 0);
        assert_int_equal(report_server(f->registry, LIVENESS_ABSENT, 0, "killed"), 0);
        pass(f, 9999);
        assert_string_equal(f->order, "");
}

static void oom_kill(Fixture *f) {
        AgentReport report = {
                        .socket = strdup(TEST_SOCKET),
                        .pane = strdup("%1"),
                        .type = strdup("claude"),
                        .state = AGENT_CRASHED,
                        .attributes = ATTRIBUTE_OOM_KILLED,
                        .end_reason = strdup("was OOM-killed: it reached 64M"),
        };

        assert_int_equal(report_agent(f->registry, "%1", AGENT_WORKING, 0), 0);
        assert_int_equal(registry_report_agent(f->registry, TEST_UID, &report), 0);
}

static void who_was_killed_for_its_memory_stays_down_unless_it_may(void **state) {
        Fixture *f = *state;

        oom_kill(f);
        assert_string_equal(f->news, "restart given-up;");
        assert_string_equal(f->why, "was OOM-killed: it reached 64M");
        assert_int_equal(keeper_count_given_up(f->keeper), 1);
        pass(f, 9999);
        assert_string_equal(f->order, "");

        f->rules.restart_after_oom = true;
        assert_int_equal(report_agent(f->registry, "%1", AGENT_WORKING, 0), 0);
        pass(f, 1);
        pass(f, 100); /* somebody started it, and it ran well */
        oom_kill(f);
        pass(f, 11);
        assert_string_equal(f->order, "restart 1000-default-1 automatic");
        answer(f, "done");
}

static void what_is_planned_outlives_a_restart(void **state) {
        _cleanup_json_ json_object *saved = NULL, *nonsense = json_object_new_object();
        Fixture *f = *state;

        crash(f);
        assert_int_equal(keeper_save(f->keeper, &saved), 0);
        keeper_free(f->keeper);
        assert_int_equal(keeper_new(f->registry, f->acts, &f->rules, tell, f, &f->keeper), 0);
        pass(f, 9999);
        assert_string_equal(f->order, "");
        assert_int_equal(keeper_restore(f->keeper, nonsense), -EBADMSG);
        assert_int_equal(keeper_restore(f->keeper, saved), 0);
        pass(f, 9999);
        assert_string_equal(f->order, "restart 1000-default-1 automatic");
        answer(f, "done");
}

static void who_is_named_most_closely_counts(void **state) {
        char words[][40] = {"user:1000=notify", "type:claude=act", "target:work:*=observe",
                        "nonsense", "type:codex=observe"};
        char *exceptions[6] = {}, pm[] = "Project-M*", *windows[] = {pm, NULL};
        PolicyRules p = {.fallback = ACT_POLICY_OBSERVE,
                        .exceptions = exceptions,
                        .pm_windows = windows};
        Fixture *f = *state;
        const Agent *a;

        assert_int_equal(report_agent(f->registry, "%1", AGENT_IDLE, 0), 0);
        a = registry_find_agent(f->registry, "1000-default-1");
        assert_int_equal(policy_of(&p, a), ACT_POLICY_OBSERVE);
        exceptions[0] = words[0];
        assert_int_equal(policy_of(&p, a), ACT_POLICY_NOTIFY);
        exceptions[1] = words[1];
        assert_int_equal(policy_of(&p, a), ACT_POLICY_ACT);
        exceptions[2] = words[3];
        exceptions[3] = words[4];
        assert_int_equal(policy_of(&p, a), ACT_POLICY_ACT);
        exceptions[4] = words[2];
        assert_int_equal(policy_of(&p, a), ACT_POLICY_OBSERVE);
        assert_false(policy_is_pm(&p, a));
        (void)strcpy(pm, "EDIT*");
        assert_true(policy_is_pm(&p, a));
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(
                                        each_crash_in_a_row_is_waited_for_longer_and_then_it_is_given_up),
                        cmocka_unit_test(who_runs_well_begins_anew),
                        cmocka_unit_test(so_many_starts_in_an_hour_and_no_more),
                        cmocka_unit_test(a_limit_is_waited_for_and_a_margin),
                        cmocka_unit_test(a_limit_that_is_hit_again_is_tried_so_often_and_no_more),
                        cmocka_unit_test(a_human_ends_the_waiting),
                        cmocka_unit_test(a_machine_that_slept_is_late_and_no_more),
                        cmocka_unit_test(a_clock_that_went_ahead_costs_one_attempt),
                        cmocka_unit_test(a_week_is_waited_for),
                        T(a_crash_is_followed_by_a_start_and_a_start_by_a_look),
                        T(a_start_goes_by_time_that_passed_and_not_by_the_clock),
                        T(what_fails_again_and_again_is_given_up_and_counted),
                        T(a_human_or_an_owner_stops_it),
                        T(nothing_is_done_where_the_policy_is_another),
                        T(what_a_servers_death_took_along_stays_down),
                        T(who_was_killed_for_its_memory_stays_down_unless_it_may),
                        T(what_is_planned_outlives_a_restart),
                        T(who_is_named_most_closely_counts),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
