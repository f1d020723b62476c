/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/plan/round.h"

typedef struct Fixture {
        Registry *registry;
        Past *past;
} Fixture;

static int setup(void **state) {
        Fixture *f = calloc(1, sizeof(*f));

        assert_non_null(f);
        assert_int_equal(registry_new(&(RegistryLimits){.agents_per_user = 10}, &f->registry), 0);
        assert_int_equal(past_new(f->registry, &f->past), 0);
        *state = f;
        return 0;
}

static int teardown(void **state) {
        Fixture *f = *state;

        past_free(f->past);
        registry_free(f->registry);
        free(f);
        return 0;
}

static void report(Fixture *f, const char *pane, AgentState s, const char *window) {
        ServerReport server = {.socket = strdup("/tmp/tmux-1000/default"),
                        .liveness = LIVENESS_ALIVE,
                        .reason = strdup(""),
                        .version = strdup("3.3a"),
                        .pid = 100};
        AgentReport agent = {.socket = strdup("/tmp/tmux-1000/default"),
                        .pane = strdup(pane),
                        .type = strdup("claude"),
                        .version = strdup(""),
                        .state = s,
                        .rule = strdup("a-rule"),
                        .since_usec = now_realtime() - 5 * USEC_PER_SEC,
                        .session = strdup("work"),
                        .window = strdup(window),
                        .command = strdup("claude"),
                        .title = strdup(""),
                        .pid = 4242};

        assert_true(registry_report_server(f->registry, 1000, &server) >= 0);
        assert_true(registry_report_agent(f->registry, 1000, &agent) >= 0);
}

static bool everybody(void *userdata, const Agent *agent) {
        return true;
}

/* What goes over the wire, read as a strategy reads it. */
static json_object *show(Fixture *f, Round *round) {
        const RoundShow show = {.registry = f->registry,
                        .past = f->past,
                        .belongs = everybody,
                        .interval_usec = 7,
                        .seen_usec = UINT64_MAX,
                        .concurrency = 3};
        _cleanup_json_ json_object *params = NULL;
        json_object *read;
        const char *text;

        assert_int_equal(round_make(&show, round, &params), 0);
        text = json_object_to_json_string_ext(params, JSON_C_TO_STRING_PLAIN);
        assert_int_equal(json_parse(text, strlen(text), 10, &read), 0);
        return read;
}

static json_object *row_of(json_object *params, size_t i) {
        json_object *rows = json_get_typed(params, "agents", json_type_array);

        assert_non_null(rows);
        return json_object_array_get_idx(rows, i);
}

static const char *text_at(json_object *row, size_t i) {
        return json_object_get_string(json_object_array_get_idx(row, i));
}

static void a_row_is_what_is_known(void **state) {
        _cleanup_(round_done) Round round = {};
        _cleanup_json_ json_object *params = NULL;
        json_object *row;
        int64_t age;

        report(*state, "%1", AGENT_WORKING, "parser");
        params = show(*state, &round);
        row = row_of(params, 0);
        assert_int_equal(json_object_array_length(row), 12);
        assert_string_equal(text_at(row, 0), round.ids[0]);
        assert_string_equal(text_at(row, 1), "claude");
        assert_int_equal(json_object_get_int64(json_object_array_get_idx(row, 2)), 2);
        assert_int_equal(json_object_get_int64(json_object_array_get_idx(row, 3)), 0);
        age = json_object_get_int64(json_object_array_get_idx(row, 4));
        assert_in_range(age, 5 * USEC_PER_SEC, 60 * USEC_PER_SEC);
        assert_null(json_object_array_get_idx(row, 5)); /* never looked at */
        assert_true(json_object_is_type(json_object_array_get_idx(row, 7), json_type_double));
        assert_null(json_object_array_get_idx(row, 9)); /* never needed anybody */
        assert_string_equal(text_at(row, 10), "parser");
        assert_int_equal(json_get_u64(params, "interval", 0), 7);
        assert_int_equal(json_get_u64(params, "concurrency", 0), 3);
}

static void any_name_of_a_window_is_a_string(void **state) {
        static const char *const names[] = {"", "\"", "\\", "a\"b\\", "\\\"\\\"", "ünï", "x"};

        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                _cleanup_(round_done) Round round = {};
                _cleanup_json_ json_object *params = NULL;

                report(*state, "%1", AGENT_IDLE, names[i]);
                params = show(*state, &round);
                assert_string_equal(text_at(row_of(params, 0), 10), names[i]);
        }
}

static void rates_have_three_digits(void **state) {
        _cleanup_(round_done) Round round = {};
        _cleanup_json_ json_object *params = NULL;
        Fixture *f = *state;
        const Agent *agent;
        AgentPast past;
        double shown;

        for (unsigned i = 0; i < 7; i++)
                report(f, "%1", i % 2 == 0 ? AGENT_WORKING : AGENT_WAITING, "x");
        params = show(f, &round);
        shown = json_object_get_double(json_object_array_get_idx(row_of(params, 0), 7));
        agent = registry_next_agent(f->registry, NULL);
        past_get(f->past, agent, now_monotonic(), &past);
        assert_true(shown > 0);
        assert_float_equal(shown, past.changes, 0.002);
}

static void many_agents_are_in_order(void **state) {
        _cleanup_(round_done) Round round = {};
        _cleanup_json_ json_object *params = NULL;

        for (int i = 0; i < 5; i++)
                report(*state, (const char *[]){"%1", "%2", "%3", "%4", "%5"}[i], AGENT_IDLE, "w");
        params = show(*state, &round);
        assert_int_equal(round.n_ids, 5);
        assert_int_equal(round.n_servers, 1);
        for (size_t i = 0; i < 5; i++)
                assert_string_equal(text_at(row_of(params, i), 0), round.ids[i]);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                        cmocka_unit_test_setup_teardown(a_row_is_what_is_known, setup, teardown),
                        cmocka_unit_test_setup_teardown(
                                        any_name_of_a_window_is_a_string, setup, teardown),
                        cmocka_unit_test_setup_teardown(rates_have_three_digits, setup, teardown),
                        cmocka_unit_test_setup_teardown(many_agents_are_in_order, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
