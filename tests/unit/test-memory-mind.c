/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/memory/memory-mind.h"

#include <signal.h>

#include "daemon/watcher/memory/memory-words.h"
#include "tests/unit/test.h"

#define SEC USEC_PER_SEC
#define MEGA (UINT64_C(1) << 20)

static const MemoryLimits limits = {.used = 0.8, .pressure = 0.2};

static CgroupMemory reading(uint64_t current, uint64_t max) {
        return (CgroupMemory){
                        .current = current * MEGA,
                        .high = CGROUP_NO_LIMIT,
                        .max = max == 0 ? CGROUP_NO_LIMIT : max * MEGA,
                        .pressure = -1,
        };
}

static void an_agent_is_low_near_its_limit(void **state) {
        MemoryMind m;
        CgroupMemory r = reading(79, 100);

        memory_mind_begin(&m, true);
        assert_false(memory_mind_feed(&m, &r, &limits, SEC));
        assert_false(m.low);
        r.current = 80 * MEGA;
        assert_true(memory_mind_feed(&m, &r, &limits, 2 * SEC));
        assert_true(m.low);
        assert_false(memory_mind_feed(&m, &r, &limits, 3 * SEC)); /* that is known by now */
}

static void the_lower_limit_counts(void **state) {
        MemoryMind m;
        CgroupMemory r = reading(45, 100);

        r.high = 50 * MEGA;
        memory_mind_begin(&m, true);
        assert_true(memory_mind_feed(&m, &r, &limits, SEC));
        assert_true(m.low);
}

static void files_that_can_be_read_again_are_no_want(void **state) {
        MemoryMind m;
        CgroupMemory r = reading(99, 100);

        r.cache = 60 * MEGA;
        memory_mind_begin(&m, true);
        assert_false(memory_mind_feed(&m, &r, &limits, SEC));
        assert_false(m.low);
}

static void pressure_is_want_without_any_limit(void **state) {
        MemoryMind m;
        CgroupMemory r = reading(5, 0);

        r.pressure = 0.25;
        memory_mind_begin(&m, true);
        assert_true(memory_mind_feed(&m, &r, &limits, SEC));
        assert_true(m.low);
}

static void what_is_over_must_stay_over(void **state) {
        MemoryMind m;
        CgroupMemory high = reading(90, 100), less = reading(78, 100), calm = reading(50, 100);

        memory_mind_begin(&m, true);
        (void)memory_mind_feed(&m, &high, &limits, 1 * SEC);
        (void)memory_mind_feed(&m, &calm, &limits, 2 * SEC);
        (void)memory_mind_feed(&m, &high, &limits, 9 * SEC);
        (void)memory_mind_feed(&m, &calm, &limits, 10 * SEC);
        assert_false(memory_mind_feed(&m, &calm, &limits, 19 * SEC));
        assert_true(m.low);
        (void)memory_mind_feed(&m, &less, &limits, 20 * SEC); /* below the mark, but barely */
        assert_true(m.low);
        (void)memory_mind_feed(&m, &calm, &limits, 21 * SEC);
        assert_true(memory_mind_feed(&m, &calm, &limits, 31 * SEC));
        assert_false(m.low);
}

static void a_shared_group_is_nobodys_want(void **state) {
        MemoryMind m;
        CgroupMemory r = reading(99, 100);

        r.pressure = 0.9;
        memory_mind_begin(&m, false);
        assert_false(memory_mind_feed(&m, &r, &limits, SEC));
        assert_false(m.low);
}

static void limits_of_zero_never_warn(void **state) {
        static const MemoryLimits never = {};
        MemoryMind m;
        CgroupMemory r = reading(100, 100);

        r.pressure = 1;
        memory_mind_begin(&m, true);
        assert_false(memory_mind_feed(&m, &r, &never, SEC));
        assert_false(m.low);
}

static void an_end_is_judged_by_what_was_killed_just_then(void **state) {
        static const MemoryEnd killed = {true, SIGKILL, false}, ended = {true, 0, false},
                               aborted = {true, SIGABRT, false}, dark = {false, 0, false},
                               lost = {true, SIGKILL, true};
        static const struct {
                bool is_own;
                unsigned kill_sec; /* 0: none */
                unsigned used;
                const MemoryEnd *end;
                Oom oom;
        } rows[] = {
                        {true, 100, 50, &killed, OOM_SURELY},
                        {true, 91, 50, &killed, OOM_SURELY},
                        {true, 89, 50, &killed, OOM_NO}, /* that was somebody else */
                        {true, 0, 50, &killed, OOM_NO},
                        {true, 100, 50, &ended, OOM_NO}, /* a child of it was killed */
                        {true, 100, 50, &aborted, OOM_NO},
                        {true, 100, 50, &dark, OOM_PROBABLY},
                        {true, 0, 50, &dark, OOM_NO},
                        {true, 0, 95, &lost, OOM_PROBABLY},
                        {true, 0, 95, &killed, OOM_NO}, /* its group says that nobody was */
                        {true, 0, 80, &lost, OOM_NO},
                        {false, 100, 50, &killed, OOM_PROBABLY},
                        {false, 100, 50, &dark, OOM_NO},
                        {false, 0, 95, &lost, OOM_NO},
        };

        FOREACH_ELEMENT (row, rows) {
                CgroupMemory r = reading(row->used, 100);
                MemoryMind m;

                memory_mind_begin(&m, row->is_own);
                (void)memory_mind_feed(&m, &r, &limits, SEC);
                if (row->kill_sec > 0) {
                        CgroupEvents e = {.oom_kill = 1};

                        assert_true(memory_mind_feed_events(&m, &e, row->kill_sec * SEC));
                }
                assert_int_equal(memory_mind_end(&m, row->end, 101 * SEC), row->oom);
        }
}

static void kills_before_it_came_are_not_its_own(void **state) {
        static const MemoryEnd killed = {true, SIGKILL, false};
        MemoryMind m;
        CgroupMemory r = reading(50, 100);

        r.events.oom_kill = 3;
        memory_mind_begin(&m, true);
        assert_false(memory_mind_feed(&m, &r, &limits, SEC));
        assert_int_equal(memory_mind_end(&m, &killed, 2 * SEC), OOM_NO);
}

/* The kernel counts that the limit was reached before it counts the kill, and may be read in
 * between. */
static void a_limit_that_was_reached_just_before_was_the_reason(void **state) {
        static const struct {
                unsigned after_sec;
                bool for_limit;
        } rows[] = {{0, true}, {5, true}, {60, false}};

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                CgroupMemory r = reading(50, 64);
                MemoryMind m;

                memory_mind_begin(&m, true);
                (void)memory_mind_feed(&m, &r, &limits, 100 * SEC);
                assert_false(memory_mind_feed_events(&m, &(CgroupEvents){.oom = 1}, 101 * SEC));
                assert_true(memory_mind_feed_events(&m, &(CgroupEvents){.oom = 1, .oom_kill = 1},
                                (101 + rows[i].after_sec) * SEC));
                assert_int_equal(m.killed_for_limit, rows[i].for_limit);
        }
}

static void check_words(const MemoryMind *m, const char *group, Oom oom, const char *end,
                const char *advice) {
        _cleanup_free_ char *text = NULL, *what = NULL;

        if (oom != OOM_NO) {
                assert_int_equal(memory_words_end(m, group, oom, &text), 0);
                assert_string_equal(text, end);
        }
        assert_int_equal(memory_words_advice(m, group, oom != OOM_NO, &what), 0);
        assert_string_equal(what, advice);
}

#define USERS "/user.slice/user-1000.slice/user@1000.service/app.slice/"
#define BOUND "give the machine more, or bound who takes it: tmux-orc run --memory-max=SIZE COMMAND"

static void people_are_told_what_to_do(void **state) {
        MemoryMind m = {.is_own = true, .known = true, .last = reading(63, 64)};

        check_words(&m, USERS "tmux-orc-run-claude-7.scope", OOM_NO, NULL,
                        "give it more: systemctl --user set-property tmux-orc-run-claude-7.scope "
                        "MemoryMax=128M");
        m.killed_usec = 1;
        m.killed_for_limit = true;
        check_words(&m, USERS "tmux-orc-run-claude-7.scope", OOM_SURELY,
                        "was OOM-killed: it reached 64M, the limit of tmux-orc-run-claude-7.scope",
                        "give it more: tmux-orc run --memory-max=128M");
        check_words(&m, "/system.slice/x.scope", OOM_SURELY,
                        "was OOM-killed: it reached 64M, the limit of x.scope",
                        "give it more: systemctl set-property x.scope MemoryMax=128M");
        m.killed_for_limit = false;
        check_words(&m, USERS "x.scope", OOM_SURELY,
                        "was OOM-killed: there was no memory left around x.scope", BOUND);
        m.is_own = false;
        check_words(&m, USERS "x.scope", OOM_PROBABLY,
                        "was probably OOM-killed: so was a process of x.scope, which it shared",
                        BOUND);
        m = (MemoryMind){.is_own = true, .known = true, .last = reading(63, 1024)};
        m.last.high = 1536 * MEGA / 2;
        check_words(&m, USERS "x.scope", OOM_NO, NULL,
                        "give it more: systemctl --user set-property x.scope MemoryHigh=1536M");
        m.last.high = m.last.max = CGROUP_NO_LIMIT;
        check_words(&m, USERS "x.scope", OOM_NO, NULL, BOUND);
        m.last.max = UINT64_MAX - 1; /* nonsense is no overflow */
        check_words(&m, "/kubepods/x", OOM_NO, NULL, BOUND);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                        cmocka_unit_test(an_agent_is_low_near_its_limit),
                        cmocka_unit_test(the_lower_limit_counts),
                        cmocka_unit_test(files_that_can_be_read_again_are_no_want),
                        cmocka_unit_test(pressure_is_want_without_any_limit),
                        cmocka_unit_test(what_is_over_must_stay_over),
                        cmocka_unit_test(a_shared_group_is_nobodys_want),
                        cmocka_unit_test(limits_of_zero_never_warn),
                        cmocka_unit_test(an_end_is_judged_by_what_was_killed_just_then),
                        cmocka_unit_test(kills_before_it_came_are_not_its_own),
                        cmocka_unit_test(a_limit_that_was_reached_just_before_was_the_reason),
                        cmocka_unit_test(people_are_told_what_to_do),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
