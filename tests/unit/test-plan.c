/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/plan/plan.h"

static int read_plan(const char *text, size_t n_agents, Plan *ret, char **reterr) {
        _cleanup_json_ json_object *o = NULL;

        assert_int_equal(json_parse(text, strlen(text), 8, &o), 0);
        return plan_read(o, n_agents, ret, reterr);
}

static void looks_come_in_order_of_their_delay(void **state) {
        _cleanup_(plan_done) Plan plan = {};
        _cleanup_free_ char *reason = NULL;

        assert_int_equal(read_plan("{\"looks\":[[2,500],0,[1,500]],\"concurrency\":3,"
                                   "\"next\":50000,\"pace\":1}",
                                         3, &plan, &reason),
                        0);
        assert_int_equal(plan.n_looks, 3);
        assert_int_equal(plan.looks[0].agent, 0);
        assert_int_equal(plan.looks[1].agent, 1);
        assert_int_equal(plan.looks[2].agent, 2);
        assert_int_equal(plan.looks[2].delay_usec, 500);
        assert_int_equal(plan.concurrency, 3);
        assert_int_equal(plan.next_usec, 50000);
        assert_true(plan.own_pace);
}

static void what_is_left_out_is_as_usual(void **state) {
        _cleanup_(plan_done) Plan plan = {};
        _cleanup_free_ char *reason = NULL;

        assert_int_equal(read_plan("{\"looks\":[]}", 3, &plan, &reason), 0);
        assert_int_equal(plan.n_looks, 0);
        assert_int_equal(plan.next_usec, 0);
        assert_false(plan.own_pace);
}

static void a_plan_that_makes_no_sense_is_refused_with_a_reason(void **state) {
        static const struct {
                const char *plan, *reason;
        } rows[] = {
                        {"{}", "no looks"},
                        {"[]", "no looks"},
                        {"{\"looks\":7}", "no looks"},
                        {"{\"looks\":[[0,0],[1,0],[2,0],[0,0]]}", "4 looks at 3 agents"},
                        {"{\"looks\":[[3,0]]}", "not there"},
                        {"{\"looks\":[[-1,0]]}", "not there"},
                        {"{\"looks\":[[4294967296,0]]}", "not there"},
                        {"{\"looks\":[[18446744073709551615,0]]}", "not there"},
                        {"{\"looks\":[[1.5,0]]}", "not there"},
                        {"{\"looks\":[[\"1\",0]]}", "not there"},
                        {"{\"looks\":[[1,0],[1,0]]}", "once more"},
                        {"{\"looks\":[[1]]}", "neither an agent"},
                        {"{\"looks\":[3]}", "not there"},
                        {"{\"looks\":[-1]}", "not there"},
                        {"{\"looks\":[1,[1,0]]}", "once more"},
                        {"{\"looks\":[1.0]}", "neither an agent"},
                        {"{\"looks\":[null]}", "neither an agent"},
                        {"{\"looks\":[[1,60000001]]}", "delay of look 0"},
                        {"{\"looks\":[[1,-1]]}", "delay of look 0"},
                        {"{\"looks\":[[1,1e3]]}", "delay of look 0"},
                        {"{\"looks\":[],\"concurrency\":1001}", "concurrency"},
                        {"{\"looks\":[],\"concurrency\":-1}", "concurrency"},
                        {"{\"looks\":[],\"next\":49999}", "next round"},
                        {"{\"looks\":[],\"next\":60000001}", "next round"},
                        {"{\"looks\":[],\"next\":true}", "next round"},
                        {"{\"looks\":[],\"pace\":2}", "pace"},
        };

        FOREACH_ELEMENT (row, rows) {
                Plan plan = {};
                char *reason = NULL;

                assert_int_equal(read_plan(row->plan, 3, &plan, &reason), -EPROTO);
                assert_non_null(strstr(reason, row->reason));
                assert_null(plan.looks);
                free(reason);
        }
}

static void nan_is_no_number(void **state) {
        _cleanup_json_ json_object *o = json_object_new_object();
        json_object *looks = json_object_new_array(), *look = json_object_new_array();
        Plan plan = {};
        char *reason = NULL;

        assert_int_equal(json_append(look, json_object_new_double(__builtin_nan(""))), 0);
        assert_int_equal(json_append(look, json_object_new_double(__builtin_nan(""))), 0);
        assert_int_equal(json_append(looks, look), 0);
        assert_int_equal(json_set(o, "looks", looks), 0);
        assert_int_equal(plan_read(o, 3, &plan, &reason), -EPROTO);
        free(reason);
}

static void polling_is_everybody_now(void **state) {
        _cleanup_(plan_done) Plan plan = {};

        assert_int_equal(plan_polling(2, &plan), 0);
        assert_int_equal(plan.n_looks, 2);
        assert_int_equal(plan.looks[1].agent, 1);
        assert_int_equal(plan.looks[1].delay_usec, 0);
        assert_int_equal(plan.concurrency, 1);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                        cmocka_unit_test(looks_come_in_order_of_their_delay),
                        cmocka_unit_test(what_is_left_out_is_as_usual),
                        cmocka_unit_test(a_plan_that_makes_no_sense_is_refused_with_a_reason),
                        cmocka_unit_test(nan_is_no_number),
                        cmocka_unit_test(polling_is_everybody_now),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
