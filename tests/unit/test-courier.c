/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "daemon/act/courier.h"
#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "tests/unit/acting-fixture.h"
#include "tests/unit/reports.h"

#define S USEC_PER_SEC
#define AGENT "1000-default-1"

/* The registry, eyes that see what the test says, and hands that do it. */
typedef struct Fixture {
        Registry *registry;
        Acts *acts;
        CourierRules rules;
        Courier *courier;
        WatchersAnswer look, act;
        void *look_userdata, *act_userdata;
        char order[256], news[512];
        uint64_t now;
} Fixture;

static int ask(void *userdata, const Agent *agent, const ActOrder *order, WatchersAnswer answer,
                void *answer_userdata, WatchersQuestion **ret) {
        Fixture *f = userdata;

        (void)snprintf(f->order, sizeof(f->order), "%s %s %s%s", act_kind_to_string(order->kind),
                        agent->id, order->token, order->automatic ? " automatic" : "");
        assert_int_equal(order->calm_usec, f->rules.draft.after_usec);
        assert_int_equal(order->pid, 4242);
        f->act = answer;
        f->act_userdata = answer_userdata;
        *ret = (WatchersQuestion *)f;
        return 0;
}

static int look(void *userdata, const Agent *agent, WatchersAnswer answer, void *answer_userdata,
                WatchersQuestion **ret) {
        Fixture *f = userdata;

        f->look = answer;
        f->look_userdata = answer_userdata;
        *ret = (WatchersQuestion *)f;
        return 0;
}

static void drop(void *userdata, WatchersQuestion *question) {
        Fixture *f = userdata;

        f->look = NULL;
}

static void deed(void *userdata, const ActDeed *d) {}

static void tell(void *userdata, const Agent *agent, ActKind kind, KeeperNews news,
                uint64_t when_usec, const char *why) {
        Fixture *f = userdata;

        news_append(f->news, sizeof(f->news), kind, news);
}

static const ActsPort acts_port = {.ask = ask, .drop = drop};
static const CourierPort port = {.look = look, .drop = drop};

static void report(Fixture *f, AgentState state, unsigned attributes) {
        AgentReport r = {
                        .socket = strdup(TEST_SOCKET),
                        .pane = strdup("%1"),
                        .type = strdup("claude"),
                        .state = state,
                        .attributes = attributes,
                        .pid = 4242,
        };

        assert_int_equal(registry_report_agent(f->registry, TEST_UID, &r), 0);
}

static void start(Fixture *f) {
        assert_int_equal(courier_new(f->registry, f->acts, &f->rules, &port, f, tell, f,
                                         &f->courier),
                        0);
}

static int setup(void **state) {
        Fixture *f = calloc(1, sizeof(*f));

        f->rules = (CourierRules){
                        .policy.fallback = ACT_POLICY_ACT,
                        .draft = {.after_usec = 300 * S, .attempts = 2},
        };
        f->now = 1000 * S;
        assert_int_equal(registry_new(NULL, &f->registry), 0);
        assert_int_equal(acts_new(&acts_port, f, deed, f, &f->acts), 0);
        start(f);
        assert_int_equal(report_server(f->registry, LIVENESS_ALIVE, 100, ""), 0);
        report(f, AGENT_IDLE, ATTRIBUTE_UNSUBMITTED);
        *state = f;
        return 0;
}

static int teardown(void **state) {
        Fixture *f = *state;

        courier_free(f->courier);
        acts_free(f->acts);
        registry_free(f->registry);
        free(f);
        return 0;
}

static void pass(Fixture *f, uint64_t seconds) {
        f->now += seconds * S;
        f->order[0] = '\0';
        courier_tick(f->courier, f->now);
}

static void give(WatchersAnswer *answer, void *userdata, const char *key, const char *word) {
        WatchersAnswer func = *answer;

        assert_non_null(func);
        *answer = NULL;
        answer_word(func, userdata, key, word);
}

/* It is asked what stands there, and this is the answer. */
static void see(Fixture *f, const char *token) {
        give(&f->look, f->look_userdata, "token", token);
}

static void come_of_it(Fixture *f, const char *outcome) {
        give(&f->act, f->act_userdata, "outcome", outcome);
}

static void submit_after(Fixture *f, const char *token) {
        pass(f, 2);
        see(f, token);
        assert_string_equal(f->order, "");
        pass(f, 299);
        assert_null(f->look);
        pass(f, 2);
        see(f, token);
        assert_non_null(f->act);
}

static void what_stood_there_long_enough_is_submitted_as_it_was_seen(void **state) {
        Fixture *f = *state;

        submit_after(f, "abc");
        assert_string_equal(f->order, "submit " AGENT " abc automatic");
        pass(f, 9999); /* one thing at a time */
        assert_string_equal(f->order, "");
        assert_null(f->look);
        report(f, AGENT_WORKING, 0);
        pass(f, 2);
        come_of_it(f, "done");
        assert_string_equal(f->news, "submit planned;submit done;");
        pass(f, 9999);
        assert_null(f->look);
}

static void who_types_on_begins_the_time_anew(void **state) {
        Fixture *f = *state;

        pass(f, 2);
        for (unsigned i = 0; i < 5; i++) {
                see(f, i % 2 ? "abc" : "abcd");
                pass(f, 300);
                assert_string_equal(f->order, "");
        }
        see(f, "abcde");
        pass(f, 300);
        see(f, "abcde");
        assert_string_equal(f->order, "submit " AGENT " abcde automatic");
        come_of_it(f, "stale");
        assert_string_equal(f->news, "submit planned;");
        submit_after(f, "abcdef");
        come_of_it(f, "human");
        submit_after(f, "abcdef");
        come_of_it(f, "done");
        assert_string_equal(f->news, "submit planned;submit done;");
}

static void a_draft_that_goes_is_forgotten(void **state) {
        Fixture *f = *state;

        pass(f, 2);
        see(f, "abc");
        pass(f, 299);
        report(f, AGENT_IDLE, 0);
        pass(f, 2);
        report(f, AGENT_IDLE, ATTRIBUTE_UNSUBMITTED);
        submit_after(f, "abc");
        come_of_it(f, "done");
}

static void an_enter_without_effect_is_tried_twice_and_then_told(void **state) {
        Fixture *f = *state;

        submit_after(f, "abc");
        come_of_it(f, "unverified");
        submit_after(f, "abc");
        come_of_it(f, "unverified");
        assert_string_equal(
                        f->news, "submit planned;submit refused;submit refused;submit given-up;");
        pass(f, 9999);
        assert_null(f->look);
        /* The next draft is another matter. */
        report(f, AGENT_WORKING, 0);
        pass(f, 2);
        report(f, AGENT_IDLE, ATTRIBUTE_UNSUBMITTED);
        submit_after(f, "abc");
        come_of_it(f, "done");
}

static void an_owner_and_a_command_end_it(void **state) {
        static const char *const words[] = {"owner", "unsupported", "command"};
        Fixture *f = *state;

        FOREACH_ELEMENT (word, words) {
                f->news[0] = '\0';
                report(f, AGENT_WORKING, 0);
                pass(f, 2);
                report(f, AGENT_IDLE, ATTRIBUTE_UNSUBMITTED);
                submit_after(f, "abc");
                come_of_it(f, *word);
                pass(f, 9999);
                assert_null(f->look);
                assert_string_equal(f->news, "submit planned;submit refused;");
        }
}

static void nothing_is_done_where_the_policy_is_another(void **state) {
        char exception[] = "agent:" AGENT "=notify", *exceptions[] = {exception, NULL};
        Fixture *f = *state;

        f->rules.policy = (PolicyRules){.fallback = ACT_POLICY_OBSERVE};
        pass(f, 9999);
        assert_null(f->look);

        f->rules.policy.exceptions = exceptions;
        pass(f, 2);
        see(f, "abc");
        pass(f, 300);
        see(f, "abc");
        assert_string_equal(f->news, "submit would;");
        for (unsigned i = 0; i < 3; i++)
                pass(f, 9999);
        assert_null(f->look);
        assert_string_equal(f->order, "");

        f->rules.policy = (PolicyRules){.fallback = ACT_POLICY_ACT};
        submit_after(f, "abc");
        come_of_it(f, "done");
}

static void only_a_draft_of_an_idle_agent_counts(void **state) {
        static const AgentState states[] = {AGENT_WORKING, AGENT_ERROR, AGENT_RATE_LIMITED};
        Fixture *f = *state;

        FOREACH_ELEMENT (s, states) {
                report(f, *s, ATTRIBUTE_UNSUBMITTED);
                pass(f, 9999);
                assert_null(f->look);
        }
}

static void what_was_told_outlives_a_restart_and_the_time_does_not(void **state) {
        _cleanup_json_ json_object *saved = NULL, *nonsense = json_object_new_object();
        Fixture *f = *state;

        submit_after(f, "abc");
        come_of_it(f, "unverified");
        pass(f, 2);
        see(f, "abc");
        pass(f, 200);
        assert_int_equal(courier_save(f->courier, &saved), 0);
        courier_free(f->courier);
        start(f);
        assert_int_equal(courier_restore(f->courier, nonsense), -EBADMSG);
        assert_int_equal(courier_restore(f->courier, saved), 0);
        submit_after(f, "abc");
        come_of_it(f, "unverified");
        assert_string_equal(
                        f->news, "submit planned;submit refused;submit refused;submit given-up;");
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        const struct CMUnitTest tests[] = {
                        T(what_stood_there_long_enough_is_submitted_as_it_was_seen),
                        T(who_types_on_begins_the_time_anew),
                        T(a_draft_that_goes_is_forgotten),
                        T(an_enter_without_effect_is_tried_twice_and_then_told),
                        T(an_owner_and_a_command_end_it),
                        T(nothing_is_done_where_the_policy_is_another),
                        T(only_a_draft_of_an_idle_agent_counts),
                        T(what_was_told_outlives_a_restart_and_the_time_does_not),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
