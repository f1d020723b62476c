/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include "daemon/base/cleanup.h"
#include "daemon/watcher/ledger.h"
#include "daemon/watcher/pace.h"

#define BUDGET 0.5 /* per cent */

/* Servers that are looked at as the pace says, for some time. */
typedef struct World {
        Pace pace;
        PaceServer servers[3];
        uint64_t next[3];
        double cost_usec[3];
        bool changing[3];
        bool at_rest, moved, covered;
        uint64_t wall_usec;
        unsigned n_servers;
        uint64_t now;
        double spent_usec;
        unsigned n_looks;
} World;

static World world(double cost_usec) {
        World w = {.n_servers = 1, .moved = true, .now = USEC_PER_HOUR, .cost_usec = {cost_usec}};

        pace_init(&w.pace, w.now);
        pace_set(&w.pace, BUDGET, 0);
        w.wall_usec = 1000;
        return w;
}

static void look(World *w, unsigned i) {
        PaceLook l = {
                        .cost_usec = w->cost_usec[i],
                        .wall_usec = w->wall_usec,
                        .asked = !w->at_rest,
                        .moved = w->moved,
                        .changed = w->changing[i],
                        .covered = w->covered,
        };

        w->n_looks++;
        w->spent_usec += l.cost_usec;
        pace_looked(&w->pace, &w->servers[i], &l, w->now);
        w->next[i] = w->now + pace_next(&w->pace, &w->servers[i], w->now);
}

/* Returns the share of a core that it cost, in per cent. */
static double run(World *w, unsigned seconds) {
        uint64_t end = w->now + seconds * USEC_PER_SEC;

        w->spent_usec = 0;
        w->n_looks = 0;
        for (; w->now < end; w->now += USEC_PER_MSEC)
                for (unsigned i = 0; i < w->n_servers; i++)
                        if (w->now >= w->next[i])
                                look(w, i);
        return 100 * w->spent_usec / (double)(seconds * USEC_PER_SEC);
}

static void settle(World *w) {
        (void)run(w, 30);
}

static uint64_t interval(const World *w, PaceReason *ret) {
        return pace_interval(&w->pace, &w->servers[0], ret);
}

static void looks_are_as_often_as_is_useful_where_they_cost_little(void **state) {
        World w = world(100);
        PaceReason reason;

        settle(&w);
        assert_int_equal(interval(&w, &reason), PACE_QUIET_USEC);
        assert_int_equal(reason, PACE_USEFUL);
        assert_true(run(&w, 60) < BUDGET);
}

static void looks_are_as_rare_as_the_budget_demands(void **state) {
        World w = world(4000);
        PaceReason reason;

        settle(&w);
        assert_in_range(interval(&w, &reason), 950000, 1050000); /* 4 ms in 0.4 % */
        assert_int_equal(reason, PACE_BUDGET);
        (void)run(&w, 120); /* what was saved */
        assert_true(run(&w, 60) < BUDGET * 1.02);
}

static void looks_never_stop_and_it_is_said_when_they_cost_too_much(void **state) {
        World w = world(40000);
        PaceReason reason;

        settle(&w);
        assert_int_equal(interval(&w, &reason), PACE_MAX_USEC);
        assert_int_equal(reason, PACE_LIMIT);
        (void)run(&w, 60);
        assert_in_range(w.n_looks, 29, 31);
}

static void what_changes_is_looked_at_sooner_while_there_is_credit(void **state) {
        World w = world(2000);
        unsigned n_quiet;

        (void)run(&w, 180); /* half of the credit is kept */
        (void)run(&w, 3);
        n_quiet = w.n_looks;
        w.changing[0] = true;
        look(&w, 0);
        (void)run(&w, 3);
        assert_true(w.n_looks > 2 * n_quiet - 2);
        assert_true(w.n_looks <= 30); /* ten in a second */
}

/* Many that paint all the time leave enough for the one that begins. */
static void where_nothing_moved_any_beginning_is_seen_soon(void **state) {
        World w = world(2000);

        (void)run(&w, 180);
        look(&w, 0);
        assert_in_range(w.next[0] - w.now, 400000, 600000);
        w.moved = false;
        look(&w, 0);
        assert_in_range(w.next[0] - w.now, 150000, 200000);
}

static void a_change_may_cost_more_than_the_budget_but_not_without_end(void **state) {
        World w = world(2000);

        w.changing[0] = true;
        assert_true(run(&w, 20) > BUDGET * 1.5);
        assert_true(run(&w, 20) < BUDGET * 2.6);
        (void)run(&w, 120);
        assert_true(run(&w, 300) < BUDGET * 1.02);
}

static void at_rest_it_is_looked_at_as_often_as_is_useful(void **state) {
        World w = world(8000), other = world(2000);
        PaceReason reason;

        settle(&w);
        assert_int_equal(interval(&w, &reason), PACE_MAX_USEC);
        w.at_rest = true;
        w.cost_usec[0] = 50;
        w.now += PACE_MAX_USEC;
        look(&w, 0);
        assert_int_equal(pace_next(&w.pace, &w.servers[0], w.now), PACE_QUIET_USEC);
        assert_int_equal(interval(&w, &reason), PACE_QUIET_USEC);
        assert_int_equal(reason, PACE_USEFUL);
        /* Others have its part of the budget meanwhile. */
        assert_true(w.pace.cost_usec < 1);
        /* Unless there is nothing to spend even for that. */
        pace_set(&w.pace, BUDGET / 100, 0);
        assert_true(interval(&w, &reason) > USEC_PER_SEC);
        pace_set(&w.pace, BUDGET, 0);
        w.at_rest = false;
        w.cost_usec[0] = 8000;
        look(&w, 0);
        assert_true(pace_next(&w.pace, &w.servers[0], w.now) > PACE_MAX_USEC / 3);

        settle(&other);
        pace_forget(&other.pace, &other.servers[0]);
        assert_true(other.pace.cost_usec < 1);
}

/* Something changes every half a second, and the server rests between. Returns the share of a core.
 */
static double change_all_the_time(
                World *w, double cost_usec, unsigned seconds, uint64_t *ret_late) {
        uint64_t end = w->now + seconds * USEC_PER_SEC, change = w->now, due = w->now,
                 check = w->now;

        w->spent_usec = 0;
        *ret_late = 0;
        w->changing[0] = true;
        for (; w->now < end; w->now += USEC_PER_MSEC) {
                bool rests = w->now < change;

                if (w->now < check || (!rests && w->now < due))
                        continue;
                if (!rests)
                        *ret_late = MAX(*ret_late, w->now - change);
                while (!rests && change <= w->now)
                        change += USEC_PER_SEC / 2;
                w->at_rest = rests;
                w->cost_usec[0] = rests ? cost_usec / 10 : cost_usec;
                look(w, 0);
                due = w->next[0];
                check = w->now + PACE_QUIET_USEC;
        }
        return 100 * w->spent_usec / (double)(seconds * USEC_PER_SEC);
}

static void endless_change_keeps_to_the_budget_and_is_seen_as_soon_as_that_lets(void **state) {
        World few = world(2000), many = world(4500);
        uint64_t late;

        (void)change_all_the_time(&few, 2000, 300, &late);
        assert_true(change_all_the_time(&few, 2000, 300, &late) < BUDGET * 1.02);
        assert_in_range(late, 0, 500 * USEC_PER_MSEC);
        (void)change_all_the_time(&many, 4500, 300, &late);
        assert_true(change_all_the_time(&many, 4500, 300, &late) < BUDGET * 1.02);
        assert_in_range(late, 0, 1200 * USEC_PER_MSEC);
}

/* Where panes tell that they are written to, with glances of so much each, so many in a second. */
static double glance_all_the_time(World *w, PaceGlance which, double glance_usec,
                unsigned per_second, unsigned seconds, uint64_t *ret_late) {
        uint64_t end = w->now + seconds * USEC_PER_SEC, wanted = w->now, due = w->now;
        PaceServer *s = &w->servers[0];

        w->spent_usec = 0;
        w->n_looks = 0;
        w->covered = true;
        *ret_late = 0;
        for (; w->now < end; w->now += USEC_PER_MSEC) {
                if (w->now >= w->next[0])
                        look(w, 0);
                if (w->now < wanted || w->now < due)
                        continue;
                *ret_late = MAX(*ret_late, w->now - wanted);
                while (wanted <= w->now) /* one serves all */
                        wanted += USEC_PER_SEC / per_second;
                w->spent_usec += glance_usec;
                pace_glanced(&w->pace, s, which, glance_usec, w->now);
                due = w->now + pace_glance(&w->pace, s, which, w->now);
        }
        return 100 * w->spent_usec / (double)(seconds * USEC_PER_SEC);
}

static void a_glance_comes_at_once_where_looks_are_rare(void **state) {
        World few = world(2700), many = world(7000);
        uint64_t late;

        (void)glance_all_the_time(&few, PACE_GLANCE_STIRRING, 1000, 2, 300, &late);
        assert_true(glance_all_the_time(&few, PACE_GLANCE_STIRRING, 1000, 2, 300, &late) <
                        BUDGET * 1.02);
        assert_in_range(late, 0, 300 * USEC_PER_MSEC);
        assert_in_range(few.n_looks, 200, 250); /* in five minutes */
        (void)glance_all_the_time(&many, PACE_GLANCE_STIRRING, 1000, 2, 600, &late);
        assert_true(glance_all_the_time(&many, PACE_GLANCE_STIRRING, 1000, 2, 300, &late) <
                        BUDGET * 1.1);
        assert_in_range(late, 0, 700 * USEC_PER_MSEC);
}

static void glances_keep_to_the_budget_too(void **state) {
        for (PaceGlance which = 0; which < _PACE_GLANCES; which++) {
                World w = world(2000);
                uint64_t late;

                (void)glance_all_the_time(&w, which, 1000, 15, 300, &late);
                assert_true(glance_all_the_time(&w, which, 1000, 15, 300, &late) < BUDGET * 1.05);
        }
}

/* What moves all the time leaves enough for what begins. */
static void what_stirs_is_seen_sooner_than_what_moves(void **state) {
        World w = world(2000);
        PaceServer *s = &w.servers[0];
        uint64_t late;

        (void)glance_all_the_time(&w, PACE_GLANCE_MOVING, 1000, 15, 300, &late);
        pace_glanced(&w.pace, s, PACE_GLANCE_MOVING, 1000, w.now);
        pace_glanced(&w.pace, s, PACE_GLANCE_STIRRING, 1000, w.now);
        assert_true(pace_glance(&w.pace, s, PACE_GLANCE_STIRRING, w.now) <= 500 * USEC_PER_MSEC);
        assert_true(pace_glance(&w.pace, s, PACE_GLANCE_MOVING, w.now) <= PACE_MAX_USEC);
}

static void two_glances_are_apart(void **state) {
        World w = world(100);

        settle(&w);
        assert_int_equal(pace_glance(&w.pace, &w.servers[0], PACE_GLANCE_STIRRING, w.now), 0);
        pace_glanced(&w.pace, &w.servers[0], PACE_GLANCE_STIRRING, 500, w.now);
        assert_in_range(pace_glance(&w.pace, &w.servers[0], PACE_GLANCE_STIRRING, w.now),
                        PACE_GLANCE_USEC, PACE_GLANCE_USEC * 3 / 2);
}

/* Looks that others asked for: health checks, confirmations. */
static void what_was_overspent_is_paid_back(void **state) {
        World w = world(2000);
        uint64_t usual;
        PaceReason reason;

        settle(&w);
        usual = interval(&w, &reason);
        for (unsigned i = 0; i < 200; i++)
                look(&w, 0);
        assert_true(interval(&w, &reason) > usual * 19 / 10);
        (void)run(&w, 120);
        assert_in_range(interval(&w, &reason), usual * 9 / 10, usual * 11 / 10);
}

static void servers_share_the_budget(void **state) {
        World w = world(2000);
        PaceReason reason;
        uint64_t alone;

        settle(&w);
        alone = interval(&w, &reason);
        w.n_servers = 3;
        w.cost_usec[1] = w.cost_usec[2] = 2000;
        settle(&w);
        assert_in_range(interval(&w, &reason), alone * 28 / 10, alone * 32 / 10);
        (void)run(&w, 120); /* what was saved */
        assert_true(run(&w, 60) < BUDGET * 1.02);

        pace_forget(&w.pace, &w.servers[1]);
        pace_forget(&w.pace, &w.servers[2]);
        w.n_servers = 1;
        settle(&w);
        assert_in_range(interval(&w, &reason), alone * 9 / 10, alone * 11 / 10);
}

static void a_server_that_takes_its_time_is_left_some(void **state) {
        World w = world(100);
        PaceReason reason;

        w.wall_usec = 200 * USEC_PER_MSEC;
        settle(&w);
        assert_int_equal(interval(&w, &reason), 800 * USEC_PER_MSEC);
        assert_int_equal(reason, PACE_SLOW);
        w.changing[0] = true;
        look(&w, 0);
        assert_true(pace_next(&w.pace, &w.servers[0], w.now) >= 790 * USEC_PER_MSEC);
}

static void a_look_at_everything_is_paid_for_and_no_measure_of_the_others(void **state) {
        World w = world(2000);
        PaceReason reason;
        uint64_t usual;

        settle(&w);
        usual = interval(&w, &reason);
        w.cost_usec[0] = 40000;
        look(&w, 0);
        w.cost_usec[0] = 2000;
        assert_true(interval(&w, &reason) < usual * 3);
        (void)run(&w, 20);
        assert_in_range(interval(&w, &reason), usual * 9 / 10, usual * 12 / 10);
}

static void how_dear_a_beginning_was_does_not_count(void **state) {
        World w = world(50000);
        PaceReason reason;

        look(&w, 0);
        look(&w, 0);
        w.cost_usec[0] = 1000;
        look(&w, 0);
        assert_int_equal(interval(&w, &reason), PACE_QUIET_USEC);
        assert_int_equal(reason, PACE_USEFUL);
}

static void a_configured_interval_wins_over_everything(void **state) {
        World w = world(40000);
        PaceReason reason;

        pace_set(&w.pace, BUDGET, 100 * USEC_PER_MSEC);
        w.changing[0] = true;
        look(&w, 0);
        assert_int_equal(interval(&w, &reason), 100 * USEC_PER_MSEC);
        assert_int_equal(reason, PACE_CONFIGURED);
        assert_int_equal(pace_next(&w.pace, &w.servers[0], w.now), 100 * USEC_PER_MSEC);
}

static void a_round_is_over_when_each_server_was_looked_at(void **state) {
        Ledger l;

        ledger_init(&l, 0);
        ledger_add_server(&l);
        ledger_add_server(&l);
        ledger_note_looked(&l, 300);
        assert_int_equal(l.rounds, 0);
        ledger_note_looked(&l, 200);
        assert_int_equal(l.rounds, 1);
        assert_int_equal(l.round_usec, 300);

        /* Nobody waits for one that is gone. */
        ledger_note_looked(&l, 100);
        ledger_remove_server(&l, false);
        assert_int_equal(l.rounds, 2);
        assert_int_equal(l.round_usec, 100);
        ledger_remove_server(&l, false);
        assert_int_equal(l.rounds, 2);
}

static void our_own_time_is_counted_once(void **state) {
        uint64_t end = clock_usec(CLOCK_PROCESS_CPUTIME_ID) + 20 * USEC_PER_MSEC;
        Ledger l;

        ledger_init(&l, 0);
        while (clock_usec(CLOCK_PROCESS_CPUTIME_ID) < end)
                ;
        assert_in_range(ledger_take_own_nsec(&l), 19000000, 40000000);
        assert_in_range(ledger_take_own_nsec(&l), 0, 5000000);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                        cmocka_unit_test(looks_are_as_often_as_is_useful_where_they_cost_little),
                        cmocka_unit_test(looks_are_as_rare_as_the_budget_demands),
                        cmocka_unit_test(looks_never_stop_and_it_is_said_when_they_cost_too_much),
                        cmocka_unit_test(what_changes_is_looked_at_sooner_while_there_is_credit),
                        cmocka_unit_test(where_nothing_moved_any_beginning_is_seen_soon),
                        cmocka_unit_test(
                                        a_change_may_cost_more_than_the_budget_but_not_without_end),
                        cmocka_unit_test(at_rest_it_is_looked_at_as_often_as_is_useful),
                        cmocka_unit_test(
                                        endless_change_keeps_to_the_budget_and_is_seen_as_soon_as_that_lets),
                        cmocka_unit_test(a_glance_comes_at_once_where_looks_are_rare),
                        cmocka_unit_test(glances_keep_to_the_budget_too),
                        cmocka_unit_test(what_stirs_is_seen_sooner_than_what_moves),
                        cmocka_unit_test(two_glances_are_apart),
                        cmocka_unit_test(what_was_overspent_is_paid_back),
                        cmocka_unit_test(servers_share_the_budget),
                        cmocka_unit_test(a_server_that_takes_its_time_is_left_some),
                        cmocka_unit_test(
                                        a_look_at_everything_is_paid_for_and_no_measure_of_the_others),
                        cmocka_unit_test(how_dear_a_beginning_was_does_not_count),
                        cmocka_unit_test(a_configured_interval_wins_over_everything),
                        cmocka_unit_test(a_round_is_over_when_each_server_was_looked_at),
                        cmocka_unit_test(our_own_time_is_counted_once),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
