/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/watcher/tmux/pool.h"

#define START USEC_PER_HOUR
#define WAIT (2 * USEC_PER_SEC)
#define AGE (600 * USEC_PER_SEC)

static char answers[64]; /* a letter of each request that was answered, then + or - */

typedef struct Look {
        PoolRequest request;
        char letter;
} Look;

static void on_answer(PoolRequest *request, int error) {
        const Look *look = CONTAINER_OF(request, Look, request);
        size_t n = strlen(answers);

        answers[n] = look->letter;
        answers[n + 1] = error == 0 ? '+' : '-';
        answers[n + 2] = '\0';
        assert_true(error == 0 || error == -ETIMEDOUT);
        assert_true((request->slot != NULL) == (error == 0));
}

typedef struct Fixture {
        Pool *pool;
        Look a, b, c, d;
} Fixture;

static int setup(void **state) {
        const PoolLimits limits = {.min = 1, .max = 2, .wait_usec = WAIT, .max_age_usec = AGE};
        Fixture *f = calloc(1, sizeof(*f));

        assert_int_equal(pool_new(&limits, START, &f->pool), 0);
        f->a = (Look){{.answer = on_answer}, 'a'};
        f->b = (Look){{.answer = on_answer}, 'b'};
        f->c = (Look){{.answer = on_answer}, 'c'};
        f->d = (Look){{.answer = on_answer}, 'd'};
        answers[0] = '\0';
        *state = f;
        return 0;
}

static void give(Fixture *f, Look *look, uint64_t now) {
        pool_give(f->pool, &look->request, true, now);
}

static int take(Fixture *f, Look *look, uint64_t now) {
        return pool_take(f->pool, &look->request, now);
}

static int teardown(void **state) {
        Fixture *f = *state;

        give(f, &f->a, START);
        give(f, &f->b, START);
        give(f, &f->c, START);
        give(f, &f->d, START);
        pool_free(f->pool);
        free(f);
        return 0;
}

static void so_many_have_a_slot_and_the_others_wait_in_line(void **state) {
        Fixture *f = *state;
        PoolStats s;

        assert_int_equal(take(f, &f->a, START), 1);
        assert_int_equal(take(f, &f->b, START), 1);
        assert_int_equal(take(f, &f->c, START), 0);
        assert_int_equal(take(f, &f->d, START), 0);
        s = pool_stats(f->pool);
        assert_int_equal(s.in_use, 2);
        assert_int_equal(s.waiting, 2);
        assert_int_equal(s.slots, 2);

        (void)pool_turn(f->pool, START + 1, NULL);
        assert_string_equal(answers, "");
        give(f, &f->b, START + 2);
        (void)pool_turn(f->pool, START + 2, NULL);
        assert_string_equal(answers, "c+");
        give(f, &f->a, START + 3);
        give(f, &f->c, START + 3);
        (void)pool_turn(f->pool, START + 3, NULL);
        assert_string_equal(answers, "c+d+");
        s = pool_stats(f->pool);
        assert_int_equal(s.taken, 4);
        assert_int_equal(s.queued, 2);
        assert_int_equal(s.wait_usec, 2 + 3);
        assert_int_equal(s.created, 2);
}

/* Else one that comes again and again would keep the others out. */
static void nobody_jumps_the_line(void **state) {
        Fixture *f = *state;

        (void)take(f, &f->a, START);
        (void)take(f, &f->b, START);
        (void)take(f, &f->c, START);
        give(f, &f->a, START + 1);
        assert_int_equal(take(f, &f->a, START + 1), 0);
        (void)pool_turn(f->pool, START + 1, NULL);
        assert_string_equal(answers, "c+");
}

static void who_waits_too_long_is_sent_away(void **state) {
        Fixture *f = *state;

        (void)take(f, &f->a, START);
        (void)take(f, &f->b, START);
        (void)take(f, &f->c, START);
        (void)take(f, &f->d, START + USEC_PER_SEC);
        assert_int_equal(pool_turn(f->pool, START + 1, NULL), START + WAIT);
        assert_int_equal(pool_turn(f->pool, START + WAIT, NULL), START + WAIT + USEC_PER_SEC);
        assert_string_equal(answers, "c-");
        assert_int_equal(pool_stats(f->pool).timed_out, 1);
        assert_int_equal(pool_stats(f->pool).waiting, 1);
}

static void who_waits_may_leave(void **state) {
        Fixture *f = *state;

        (void)take(f, &f->a, START);
        (void)take(f, &f->b, START);
        (void)take(f, &f->c, START);
        give(f, &f->c, START + 1);
        give(f, &f->a, START + 1);
        (void)pool_turn(f->pool, START + 1, NULL);
        assert_string_equal(answers, "");
        assert_int_equal(pool_stats(f->pool).waiting, 0);
}

static void the_line_has_an_end(void **state) {
        static Look many[2000];
        Fixture *f = *state;
        unsigned n = 0;

        (void)take(f, &f->a, START);
        (void)take(f, &f->b, START);
        for (; n < ELEMENTSOF(many); n++) {
                many[n] = (Look){{.answer = on_answer}, 'x'};
                if (take(f, &many[n], START) == -EBUSY)
                        break;
        }
        assert_int_equal(n, 1024);
        for (unsigned i = 0; i < n; i++)
                give(f, &many[i], START);
}

static void what_nobody_needs_for_a_minute_goes(void **state) {
        Fixture *f = *state;
        unsigned n_recycled;

        (void)take(f, &f->a, START);
        (void)take(f, &f->b, START);
        give(f, &f->a, START);
        give(f, &f->b, START);
        assert_int_equal(pool_turn(f->pool, START, &n_recycled), START + USEC_PER_MINUTE);
        assert_int_equal(n_recycled, 0);
        (void)pool_turn(f->pool, START + USEC_PER_MINUTE, &n_recycled);
        assert_int_equal(n_recycled, 1);
        assert_int_equal(pool_stats(f->pool).slots, 1);
}

static void what_is_old_is_recycled_when_it_is_free(void **state) {
        Fixture *f = *state;
        unsigned n_recycled;

        (void)take(f, &f->a, START);
        (void)pool_turn(f->pool, START + AGE, &n_recycled);
        assert_int_equal(n_recycled, 0);
        give(f, &f->a, START + AGE);
        assert_int_equal(pool_turn(f->pool, START + AGE, &n_recycled), START + 2 * AGE);
        assert_int_equal(n_recycled, 1);
        assert_int_equal(pool_stats(f->pool).recycled, 1);
        assert_int_equal(pool_stats(f->pool).slots, 1); /* a new one: the minimum */
        assert_int_equal(pool_stats(f->pool).created, 2);
}

static void a_slot_whose_call_failed_is_given_up(void **state) {
        Fixture *f = *state;
        unsigned n_recycled;

        (void)take(f, &f->a, START);
        pool_give(f->pool, &f->a.request, false, START);
        (void)pool_turn(f->pool, START, &n_recycled);
        assert_int_equal(n_recycled, 1);
        assert_int_equal(pool_stats(f->pool).failed, 1);
        assert_int_equal(pool_stats(f->pool).recycled, 0);
        assert_int_equal(pool_stats(f->pool).slots, 1);
        assert_int_equal(pool_stats(f->pool).in_use, 0);
}

static void other_limits_hold_at_once(void **state) {
        Fixture *f = *state;

        (void)take(f, &f->a, START);
        (void)take(f, &f->b, START);
        (void)take(f, &f->c, START);
        pool_set_limits(f->pool, &(PoolLimits){1, 3, WAIT, AGE});
        (void)pool_turn(f->pool, START, NULL);
        assert_string_equal(answers, "c+");

        pool_set_limits(f->pool, &(PoolLimits){1, 1, WAIT, AGE});
        give(f, &f->a, START);
        give(f, &f->b, START);
        (void)pool_turn(f->pool, START, NULL);
        assert_int_equal(pool_stats(f->pool).slots, 1);
        assert_int_equal(take(f, &f->d, START), 0);
        assert_int_equal(pool_stats(f->pool).maximum, 1);
}

static void a_renewed_pool_has_new_slots_only(void **state) {
        Fixture *f = *state;
        unsigned recycled;

        assert_int_equal(take(f, &f->a, START), 1);
        assert_int_equal(take(f, &f->b, START), 1);
        give(f, &f->b, START);
        pool_renew(f->pool, START + 1);
        assert_int_equal(pool_stats(f->pool).recycled, 1);
        assert_int_equal(pool_stats(f->pool).slots, 1);

        /* What is in use is not taken away; it does not come back. */
        assert_non_null(f->a.request.slot);
        give(f, &f->a, START + 2);
        (void)pool_turn(f->pool, START + 2, &recycled);
        assert_int_equal(recycled, 2);
        assert_int_equal(pool_stats(f->pool).recycled, 2);
        assert_int_equal(pool_stats(f->pool).failed, 0);
        assert_int_equal(pool_stats(f->pool).slots, 1); /* the minimum, and new */
        assert_int_equal(take(f, &f->c, START + 3), 1);
        give(f, &f->c, START + 4);
        assert_int_equal(pool_stats(f->pool).recycled, 2);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        static const struct CMUnitTest tests[] = {
                        TEST(so_many_have_a_slot_and_the_others_wait_in_line),
                        TEST(nobody_jumps_the_line),
                        TEST(who_waits_too_long_is_sent_away),
                        TEST(who_waits_may_leave),
                        TEST(the_line_has_an_end),
                        TEST(what_nobody_needs_for_a_minute_goes),
                        TEST(what_is_old_is_recycled_when_it_is_free),
                        TEST(a_slot_whose_call_failed_is_given_up),
                        TEST(other_limits_hold_at_once),
                        TEST(a_renewed_pool_has_new_slots_only),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
