/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include "daemon/watcher/cost.h"

/* A server that does things, and the clock that goes on meanwhile. */
typedef struct World {
        CostMeter meter;
        CostReading now;
        double agents; /* share of a core that it spends on their output */
} World;

static void pass(World *w, uint64_t usec, uint64_t nsec) {
        w->now.usec += usec;
        w->now.cpu_nsec += nsec + (uint64_t)(w->agents * (double)usec * 1000);
}

/* A call of 2 ms that costs @nsec and leaves a tail of 100 µs, in a cycle of 300 ms. */
static uint64_t call(World *w, uint64_t nsec) {
        uint64_t cost;

        cost_meter_begin(&w->meter, w->now);
        pass(w, 2000, nsec);
        cost = cost_meter_end(&w->meter, w->now);
        pass(w, COST_TAIL_USEC, 100000);
        if (cost_meter_wants_tail(&w->meter))
                cost_meter_settle(&w->meter, w->now);
        pass(w, 300000, 0);
        return cost;
}

static uint64_t mean_of_calls(World *w, uint64_t nsec) {
        uint64_t sum = 0;

        w->now.usec = 1000;
        for (unsigned i = 0; i < 20; i++)
                (void)call(w, nsec);
        for (unsigned i = 0; i < 100; i++)
                sum += call(w, nsec);
        return sum / 100;
}

static void a_call_costs_what_the_server_used_and_the_tail_after_it(void **state) {
        World w = {};

        assert_in_range(mean_of_calls(&w, 1000000), 1090000, 1110000);
}

static void what_the_agents_cost_is_not_ours(void **state) {
        World w = {.agents = 0.3};

        assert_in_range(mean_of_calls(&w, 1000000), 1080000, 1120000);
        assert_true(w.meter.busy > 0.29 && w.meter.busy < 0.31);
}

static void agents_that_stop_do_not_make_calls_cheap_for_long(void **state) {
        World w = {.agents = 0.9};

        (void)mean_of_calls(&w, 1000000);
        w.agents = 0;
        for (unsigned i = 0; i < 20; i++)
                (void)call(&w, 1000000);
        assert_in_range(call(&w, 1000000), 1000000, 1150000);
}

static void a_tail_that_the_next_call_overtakes_is_no_tail(void **state) {
        World w = {.now.usec = 1000};

        cost_meter_begin(&w.meter, w.now);
        pass(&w, 1000, 500000);
        assert_int_equal(cost_meter_end(&w.meter, w.now), 500000);
        cost_meter_begin(&w.meter, w.now);
        cost_meter_settle(&w.meter, w.now);
        assert_int_equal(w.meter.n_tails, 0);
        pass(&w, 1000, 500000);
        assert_int_equal(cost_meter_end(&w.meter, w.now), 500000);
}

static void an_end_without_a_beginning_and_a_clock_that_falls_cost_nothing(void **state) {
        World w = {.now = {.cpu_nsec = 1000000, .usec = 1000}};

        assert_int_equal(cost_meter_end(&w.meter, w.now), 0);
        cost_meter_begin(&w.meter, w.now);
        w.now.cpu_nsec = 0;
        assert_int_equal(cost_meter_end(&w.meter, w.now), 0);
}

static void the_tail_is_measured_now_and_then(void **state) {
        World w = {.now.usec = 1000};
        unsigned n = 0;

        for (unsigned i = 0; i < 100; i++) {
                unsigned before = w.meter.n_tails;

                (void)call(&w, 1000000);
                n += w.meter.n_tails > before;
        }
        assert_in_range(n, 10, 20);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                        cmocka_unit_test(a_call_costs_what_the_server_used_and_the_tail_after_it),
                        cmocka_unit_test(what_the_agents_cost_is_not_ours),
                        cmocka_unit_test(agents_that_stop_do_not_make_calls_cheap_for_long),
                        cmocka_unit_test(a_tail_that_the_next_call_overtakes_is_no_tail),
                        cmocka_unit_test(
                                        an_end_without_a_beginning_and_a_clock_that_falls_cost_nothing),
                        cmocka_unit_test(the_tail_is_measured_now_and_then),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
