/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/strv.h"
#include "daemon/plan/cycle.h"
#include "tests/unit/reports.h"

#define PATIENCE_USEC (20 * USEC_PER_SEC)

/* The engine with a strategy "seer", whose answers the test says. */
typedef struct Fixture {
        sd_event *event;
        Registry *registry;
        Watchers *watchers;
        Cycle *cycle;
        const char *answer; /* a plan; NULL: it fails */
        sd_event_source *later;
        StrategyAnswer tell;
        void *tell_userdata;
        unsigned n_asked, n_dropped, n_shown, n_health;
        bool missing;
        char *role; /* of the first agent that was shown */
        int64_t look_age;
} Fixture;

static int find(void *userdata, const char *name) {
        const Fixture *f = userdata;

        if (strcmp(name, "asleep") == 0)
                return -ERFKILL;
        return strcmp(name, "seer") == 0 && !f->missing ? 0 : -ENXIO;
}

static const char *next(void *userdata, const char *previous) {
        return previous ? NULL : "seer";
}

static int on_later(sd_event_source *s, void *userdata) {
        _cleanup_json_ json_object *plan = NULL;
        Fixture *f = userdata;
        StrategyAnswer tell = TAKE_PTR(f->tell);

        if (!tell)
                return 0;
        if (!f->answer) {
                tell(f->tell_userdata, -EREMOTEIO, "it has a headache", NULL);
                return 0;
        }
        assert_int_equal(json_parse(f->answer, strlen(f->answer), 8, &plan), 0);
        tell(f->tell_userdata, 0, NULL, plan);
        return 0;
}

static int ask(void *userdata, const char *name, json_object *round, uint64_t timeout_usec,
                StrategyAnswer answer, void *answer_userdata, StrategyQuestion **ret) {
        const char *text = json_object_to_json_string(round);
        _cleanup_json_ json_object *shown = NULL;
        Fixture *f = userdata;
        json_object *first;

        assert_int_equal(json_parse(text, strlen(text), 8, &shown), 0);
        f->n_shown = (unsigned)json_object_array_length(json_get(shown, "agents"));
        first = json_object_array_get_idx(json_get(shown, "agents"), 0);
        assert_int_equal(json_object_array_length(first), 12);
        f->look_age = json_object_get_int64(json_object_array_get_idx(first, 5));
        free(f->role);
        f->role = strdup(json_object_get_string(json_object_array_get_idx(first, 10)));
        (void)json_object_put(round);
        if (find(f, name) < 0)
                return find(f, name);
        f->n_asked++;
        f->tell = answer;
        f->tell_userdata = answer_userdata;
        *ret = (StrategyQuestion *)f;
        return sd_event_source_set_enabled(f->later, SD_EVENT_ONESHOT);
}

static void drop(void *userdata, StrategyQuestion *question) {
        Fixture *f = userdata;

        f->tell = NULL;
        f->n_dropped++;
}

static const StrategySource source = {find, next, ask, drop};

static void on_cycle(void *userdata, int error, uint64_t usec, unsigned agents) {}
static void on_round(void *userdata, const Planner *p, int error, uint64_t usec) {}
static void on_planned(void *userdata, const Planner *p, uint64_t usec) {}

static void on_health(void *userdata, const Planner *p) {
        Fixture *f = userdata;

        f->n_health++;
}

static const CycleMeter meter = {on_cycle, on_round, on_planned, on_health};

static int setup(void **state) {
        Fixture *f = calloc(1, sizeof(*f));

        assert_int_equal(sd_event_new(&f->event), 0);
        assert_int_equal(registry_new(NULL, &f->registry), 0);
        assert_int_equal(watchers_new(f->event, f->registry, &f->watchers), 0);
        assert_int_equal(cycle_new(f->event, f->registry, f->watchers, 0, &f->cycle), 0);
        assert_int_equal(sd_event_add_defer(f->event, &f->later, on_later, f), 0);
        assert_int_equal(sd_event_source_set_enabled(f->later, SD_EVENT_OFF), 0);
        cycle_set_source(f->cycle, &source, f);
        cycle_set_meter(f->cycle, &meter, f);
        assert_int_equal(report_server(f->registry, LIVENESS_ALIVE, 100, ""), 0);
        for (unsigned i = 0; i < 8; i++) {
                char pane[8];

                (void)snprintf(pane, sizeof(pane), "%%%u", i);
                assert_int_equal(report_agent(f->registry, pane, AGENT_IDLE, 1000), 0);
        }
        f->answer = "{\"looks\":[],\"next\":50000}";
        *state = f;
        return 0;
}

static int teardown(void **state) {
        Fixture *f = *state;

        cycle_free(f->cycle);
        watchers_free(f->watchers);
        registry_free(f->registry);
        free(f->role);
        sd_event_source_unref(f->later);
        sd_event_unref(f->event);
        free(f);
        return 0;
}

/* Until the counter is as great, at least. */
static void turn_until(Fixture *f, const unsigned *counter, unsigned wanted) {
        uint64_t end = now_monotonic() + PATIENCE_USEC;

        while (*counter < wanted) {
                assert_true(now_monotonic() < end);
                assert_true(sd_event_run(f->event, 100 * USEC_PER_MSEC) >= 0);
        }
}

static void a_strategy_is_shown_its_agents_again_and_again(void **state) {
        Fixture *f = *state;

        assert_int_equal(cycle_set_crew(f->cycle, "seer", 1, NULL), 0);
        turn_until(f, &f->n_asked, 3);
        assert_int_equal(f->n_shown, 8);
        assert_string_equal(cycle_get_strategy(f->cycle), "seer");
}

/* So that none adds looks at them to those that come anyway. */
static void agents_whose_panes_tell_were_just_looked_at(void **state) {
        Fixture *f = *state;

        f->answer = "{\"looks\":[],\"pace\":1,\"next\":50000}";
        assert_int_equal(cycle_set_crew(f->cycle, "seer", 1, NULL), 0);
        cycle_set_pace(f->cycle, 1700000, false);
        turn_until(f, &f->n_asked, 3);
        assert_int_equal(f->look_age, 1700000);
        cycle_set_pace(f->cycle, 1700000, true);
        turn_until(f, &f->n_asked, f->n_asked + 1);
        assert_int_equal(f->look_age, 0);
}

static void who_is_gone_is_not_shown(void **state) {
        Fixture *f = *state;

        assert_int_equal(report_agent(f->registry, "%0", AGENT_EXITED, 2000), 0);
        assert_int_equal(cycle_set_crew(f->cycle, "seer", 1, NULL), 0);
        turn_until(f, &f->n_asked, 1);
        assert_int_equal(f->n_shown, 7);
}

/* Names come from watchers, and those have them from anybody. */
static void a_name_with_quotes_stays_one(void **state) {
        AgentReport report = {
                        .socket = strdup(TEST_SOCKET),
                        .pane = strdup("%0"),
                        .type = strdup("claude"),
                        .state = AGENT_IDLE,
                        .window = strdup("a \"quoted\\\" [name], ünï"),
                        .session = strdup("work"),
                        .since_usec = 3000,
                        .pid = 4242,
        };
        Fixture *f = *state;

        assert_int_equal(registry_report_agent(f->registry, TEST_UID, &report), 0);
        assert_int_equal(cycle_set_crew(f->cycle, "seer", 1, NULL), 0);
        turn_until(f, &f->n_asked, 1);
        assert_int_equal(f->n_shown, 8);
        assert_string_equal(f->role, "a \"quoted\\\" [name], ünï");
}

static void what_cannot_be_is_refused_and_all_stays(void **state) {
        Fixture *f = *state;

        assert_int_equal(cycle_set_crew(f->cycle, "seer", 0.5, NULL), 0);
        assert_int_equal(cycle_set_crew(f->cycle, "prophet", 1, NULL), -ENXIO);
        assert_int_equal(cycle_set_crew(f->cycle, "asleep", 1, NULL), -ERFKILL);
        assert_int_equal(cycle_set_crew(f->cycle, "seer", 1.1, NULL), -EINVAL);
        assert_int_equal(cycle_set_crew(f->cycle, "seer", -0.1, NULL), -EINVAL);
        assert_int_equal(cycle_set_crew(f->cycle, "seer", __builtin_nan(""), NULL), -EINVAL);
        assert_string_equal(cycle_get_strategy(f->cycle), "seer");
        assert_true(cycle_get_rollout(f->cycle) < 0.6);
}

static void a_strategy_that_fails_is_replaced_by_polling_and_comes_back(void **state) {
        Fixture *f = *state;

        f->answer = NULL;
        assert_int_equal(cycle_set_crew(f->cycle, "seer", 1, NULL), 0);
        turn_until(f, &f->n_health, 1);
        assert_string_equal(cycle_get_strategy(f->cycle), "polling");
        assert_string_equal(cycle_get_wanted(f->cycle), "seer");
        assert_string_equal(planner_error(cycle_next_planner(f->cycle, NULL)), "it has a headache");

        f->answer = "{\"looks\":[]}";
        turn_until(f, &f->n_health, 2);
        assert_string_equal(cycle_get_strategy(f->cycle), "seer");
        assert_null(planner_error(cycle_next_planner(f->cycle, NULL)));
        turn_until(f, &f->n_asked, 4);
}

static void a_bad_plan_is_a_failure(void **state) {
        Fixture *f = *state;

        f->answer = "{\"looks\":[[8,0]]}";
        assert_int_equal(cycle_set_crew(f->cycle, "seer", 1, NULL), 0);
        turn_until(f, &f->n_health, 1);
        assert_string_equal(planner_error(cycle_next_planner(f->cycle, NULL)),
                        "its plan cannot be carried out: look 0 is at an agent that is not there");
}

static void a_strategy_that_is_taken_away_fails_too(void **state) {
        Fixture *f = *state;

        assert_int_equal(cycle_set_crew(f->cycle, "seer", 1, NULL), 0);
        turn_until(f, &f->n_asked, 1);
        f->missing = true;
        turn_until(f, &f->n_health, 1);
        assert_string_equal(cycle_get_strategy(f->cycle), "polling");
}

static void a_rollout_leaves_the_others_to_polling(void **state) {
        Fixture *f = *state;
        const Planner *seer, *rest;

        assert_int_equal(cycle_set_crew(f->cycle, "seer", 0.5, NULL), 0);
        seer = cycle_next_planner(f->cycle, NULL);
        rest = cycle_next_planner(f->cycle, seer);
        assert_string_equal(planner_name(rest), "polling");
        assert_int_equal(
                        cycle_count_agents(f->cycle, seer) + cycle_count_agents(f->cycle, rest), 8);
        turn_until(f, &f->n_asked, 1);
        assert_int_equal(f->n_shown, cycle_count_agents(f->cycle, seer));
}

static void a_rollout_to_nobody_ends_the_strategy_at_once(void **state) {
        Fixture *f = *state;

        assert_int_equal(cycle_set_crew(f->cycle, "seer", 1, NULL), 0);
        assert_int_equal(cycle_set_strategy(f->cycle, "seer", 0), 0);
        assert_string_equal(cycle_get_strategy(f->cycle), "polling");
        assert_null(cycle_next_planner(f->cycle, cycle_next_planner(f->cycle, NULL)));
        assert_int_equal(f->n_asked, 0);
}

static void a_switch_drops_the_question_of_the_one_before(void **state) {
        Fixture *f = *state;

        assert_int_equal(cycle_set_crew(f->cycle, "seer", 1, NULL), 0);
        while (f->n_asked == 0)
                assert_true(sd_event_run(f->event, 100 * USEC_PER_MSEC) >= 0);
        if (!f->tell) /* answered already: until the next one */
                turn_until(f, &f->n_asked, f->n_asked + 1);
        assert_int_equal(cycle_set_crew(f->cycle, "polling", 1, NULL), 0);
        assert_string_equal(cycle_get_strategy(f->cycle), "polling");
        assert_int_equal(f->n_dropped, 1);
}

static void all_strategies_are_named(void **state) {
        _cleanup_strv_free_ char **names = NULL;
        Fixture *f = *state;

        assert_int_equal(cycle_strategies(f->cycle, &names), 0);
        assert_int_equal(strv_length(names), 2);
        assert_string_equal(names[0], "polling");
        assert_string_equal(names[1], "seer");
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        const struct CMUnitTest tests[] = {
                        T(a_strategy_is_shown_its_agents_again_and_again),
                        T(agents_whose_panes_tell_were_just_looked_at),
                        T(who_is_gone_is_not_shown),
                        T(a_name_with_quotes_stays_one),
                        T(what_cannot_be_is_refused_and_all_stays),
                        T(a_strategy_that_fails_is_replaced_by_polling_and_comes_back),
                        T(a_bad_plan_is_a_failure),
                        T(a_strategy_that_is_taken_away_fails_too),
                        T(a_rollout_leaves_the_others_to_polling),
                        T(a_rollout_to_nobody_ends_the_strategy_at_once),
                        T(a_switch_drops_the_question_of_the_one_before),
                        T(all_strategies_are_named),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
