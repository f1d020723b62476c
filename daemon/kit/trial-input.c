/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What goes in, and what comes out. */

#include <errno.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/kit/trial.h"

#define INPUTS 40U
#define INPUTS_TIME_USEC (20 * USEC_PER_SEC)
#define AGENTS_SOME 20U
#define AGENTS_MANY 1000U

static const char *text_of(json_object *value) {
        return json_object_to_json_string_ext(
                        value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}

int trial_input(Trial *t, json_object **ret) {
        const Schema *schema = t->session.manifest->input ?: t->anything;

        return schema_example_valid(schema, &t->random, ret);
}

static int make_round(unsigned n_agents, json_object **ret);

int trial_begin(Trial *t, uint64_t timeout_usec, Answer *a) {
        _cleanup_json_ json_object *input = NULL;
        int r;

        if (t->session.manifest->kind == PLUGIN_STRATEGY) {
                json_object *round;

                r = make_round(AGENTS_SOME, &round);
                return r < 0 ? r : session_begin_plan(&t->session, round, timeout_usec, a);
        }
        r = trial_input(t, &input);
        return r < 0 ? r : session_begin(&t->session, input, timeout_usec, a);
}

int trial_call(Trial *t, uint64_t timeout_usec, Answer *a) {
        int r = trial_begin(t, timeout_usec, a);

        return r < 0 ? r : session_wait(&t->session, timeout_usec, a);
}

bool trial_is_alive(const Trial *t) {
        if (session_is_alive(&t->session))
                return true;
        tap_note("it does not run any more: %s", t->session.sentence ?: "");
        return false;
}

uint64_t trial_timeout(const Trial *t) {
        return t->session.manifest->timeout_usec;
}

bool trial_judge(Trial *t, json_object *input, const Answer *a) {
        _cleanup_free_ char *why = NULL;

        if (!a->done || a->error == -ETIMEDOUT)
                tap_note("no answer within %g s to %.200s", (double)trial_timeout(t) / USEC_PER_SEC,
                                text_of(input));
        else if (a->error == -ECONNRESET)
                tap_note("%s, after %.200s", a->sentence ?: "it is gone", text_of(input));
        else if (a->error == -EPROTO)
                tap_note("an answer without an output to %.200s", text_of(input));
        else if (a->error < 0 && !a->sentence)
                tap_note("an error without a word to %.200s", text_of(input));
        else if (a->error >= 0 && t->session.manifest->output &&
                        schema_check(t->session.manifest->output, a->output, &why) < 0)
                tap_note("its output does not fit its schema: %s: %.200s to %.200s", why ?: "",
                                text_of(a->output), text_of(input));
        else
                return true;
        return false;
}

static bool try_input(Trial *t, json_object *input, unsigned *n_answered, unsigned *n_refused) {
        _cleanup_(answer_done) Answer a = {};

        if (session_execute(&t->session, input, trial_timeout(t), &a) < 0 && !a.done)
                return trial_is_alive(t) && false;
        *n_answered += a.error >= 0;
        if (a.error < 0 && a.sentence && (*n_refused)++ == 0)
                tap_note("it refuses %.200s: %s", text_of(input), a.sentence);
        return trial_judge(t, input, &a);
}

static bool examples_are_answered(Trial *t) {
        json_object *list = json_get_typed(
                        t->session.manifest->input_schema, "examples", json_type_array);
        size_t n = list ? json_object_array_length(list) : 0;
        unsigned n_answered = 0;

        for (size_t i = 0; i < n; i++) {
                json_object *example = json_object_array_get_idx(list, i);
                _cleanup_(answer_done) Answer a = {};

                if (session_execute(&t->session, example, trial_timeout(t), &a) < 0 ||
                                !trial_judge(t, example, &a))
                        return trial_is_alive(t) && false;
                if (a.error < 0)
                        tap_note("%.200s: %s", text_of(example), a.sentence ?: "");
                else
                        n_answered++;
        }
        if (n == 0)
                tap_note("it has none: people would like to see some");
        return n_answered == n;
}

static bool inputs_that_fit_are_answered(Trial *t) {
        uint64_t end = now_monotonic() + INPUTS_TIME_USEC;
        unsigned n = 0, n_answered = 0, n_refused = 0;

        for (; n < INPUTS && now_monotonic() < end; n++) {
                _cleanup_json_ json_object *input = NULL;
                int r = trial_input(t, &input);

                if (r == -ENODATA) {
                        tap_note("no input was found that fits its input_schema");
                        return false;
                }
                if (r < 0 || !try_input(t, input, &n_answered, &n_refused))
                        return false;
        }
        tap_note("%u inputs: %u answered, %u refused", n, n_answered, n_refused);
        return trial_is_alive(t);
}

/* The service keeps them away; a plugin that falls over them all the same is a weak one. */
static bool inputs_that_do_not_fit_do_no_harm(Trial *t) {
        uint64_t end = now_monotonic() + INPUTS_TIME_USEC;
        const Schema *schema = t->session.manifest->input ?: t->anything;

        for (unsigned i = 0; i < INPUTS && now_monotonic() < end; i++) {
                _cleanup_json_ json_object *input = NULL;
                _cleanup_(answer_done) Answer a = {};

                if (schema_example_invalid(schema, &t->random, &input) < 0)
                        break;
                if (session_execute(&t->session, input, trial_timeout(t), &a) < 0 || !a.done ||
                                a.error == -ECONNRESET || a.error == -ETIMEDOUT) {
                        tap_note("%.200s is too much for it: %s", text_of(input),
                                        a.sentence ?: "no answer");
                        return false;
                }
        }
        return trial_is_alive(t);
}

static bool an_unknown_request_is_refused(Trial *t) {
        _cleanup_(answer_done) Answer a = {};
        int r = session_ask(&t->session, "no/such-method", json_object_new_object(), &a);

        if (r >= 0 && a.error >= 0)
                tap_note("it answers a request that there is not");
        else if (r >= 0 && a.error != -ETIMEDOUT && a.error != -ECONNRESET)
                return trial_is_alive(t);
        else
                tap_note("no answer; an error is wanted");
        return false;
}

/* As the host reads it: see docs/strategies.md. */
static int make_round(unsigned n_agents, json_object **ret) {
        _cleanup_json_ json_object *round = json_object_new_object();
        json_object *agents = json_object_new_array();
        int r = json_set(round, "agents", agents);

        for (unsigned i = 0; i < n_agents && r >= 0; i++) {
                _cleanup_free_ char *text = NULL;
                json_object *agent;

                if (asprintf(&text, "[\"a%u\",\"claude\",%u,0,%u,%u,%u,1.5,null,%u,\"\",\"s\"]", i,
                                    i % 9, i * 1000, i * 100, i * 500, i * 700) < 0)
                        return -ENOMEM;
                r = json_parse(text, strlen(text), 4, &agent);
                if (r >= 0)
                        r = json_append(agents, agent);
        }
        if (r >= 0)
                r = json_set_u64(round, "interval", USEC_PER_SEC);
        if (r >= 0)
                r = json_set_u64(round, "concurrency", 8);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(round);
        return 0;
}

/* A look is the index of an agent, or an array of one and a delay. */
static bool look_makes_sense(json_object *look, unsigned n_agents) {
        if (json_object_is_type(look, json_type_array))
                look = json_object_array_get_idx(look, 0);
        return json_object_is_type(look, json_type_int) && json_object_get_int64(look) >= 0 &&
                        json_object_get_int64(look) < n_agents;
}

static bool plan_makes_sense(json_object *plan, unsigned n_agents) {
        json_object *looks = json_get_typed(plan, "looks", json_type_array);

        for (size_t i = 0; looks && i < json_object_array_length(looks); i++)
                if (!look_makes_sense(json_object_array_get_idx(looks, i), n_agents))
                        return false;
        return looks != NULL;
}

static bool it_plans(Trial *t) {
        static const unsigned sizes[] = {0, 1, 7, AGENTS_MANY};

        FOREACH_ELEMENT (n, sizes) {
                _cleanup_(answer_done) Answer a = {};
                json_object *round;

                if (make_round(*n, &round) < 0 || session_ask(&t->session, "plan", round, &a) < 0 ||
                                a.error < 0) {
                        tap_note("no plan for %u agents: %s", *n, a.sentence ?: "no answer");
                        return false;
                }
                if (!plan_makes_sense(a.result, *n)) {
                        tap_note("no plan for %u agents but: %.200s", *n, text_of(a.result));
                        return false;
                }
                if (*n == AGENTS_MANY)
                        tap_note("a plan for %u agents takes it %.2f ms", *n,
                                        (double)a.usec / USEC_PER_MSEC);
        }
        return trial_is_alive(t);
}

const TrialTest trial_input_tests[] = {
                {"the examples of its schema are answered", TRIAL_EXECUTES, examples_are_answered},
                {"inputs that fit are answered, or refused in words", TRIAL_EXECUTES,
                                inputs_that_fit_are_answered},
                {"inputs that do not fit do it no harm", TRIAL_EXECUTES,
                                inputs_that_do_not_fit_do_no_harm},
                {"it makes plans for few agents and for many", TRIAL_PLANS, it_plans},
                {"a request that there is not is refused", TRIAL_ALWAYS,
                                an_unknown_request_is_refused},
                {},
};
