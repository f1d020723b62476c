/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <string.h>

#include "daemon/base/cleanup.h"
#include "daemon/watcher/detect/stall.h"

/* A look a second for so long, each as @look but for what it adds to its numbers. */
static void feed(Stall *s, StallLook *look, const StallLook *step, unsigned seconds) {
        static uint64_t now = 1000 * USEC_PER_SEC;

        for (unsigned i = 0; i < seconds; i++) {
                now += USEC_PER_SEC;
                look->moved = step->moved;
                look->words += step->words;
                look->cpu_usec += step->cpu_usec;
                look->read_bytes += step->read_bytes;
                stall_feed(s, look, now);
        }
}

static void a_runtime_that_only_wakes_up_makes_no_progress(void **state) {
        const StallLook step = {.cpu_usec = 5 * USEC_PER_MSEC, .read_bytes = 3};
        StallLook look = {.processes = 3};
        Stall s = {};

        feed(&s, &look, &step, 85);
        assert_false(stall_is_stalled(&s));
        feed(&s, &look, &step, 10);
        assert_true(stall_is_stalled(&s));
}

static void a_spinner_that_turns_for_ever_is_no_progress(void **state) {
        const StallLook step = {.moved = true, .cpu_usec = 40 * USEC_PER_MSEC};
        StallLook look = {.processes = 3};
        Stall s = {};

        feed(&s, &look, &step, 200);
        assert_false(stall_is_stalled(&s)); /* a slow model: give it time */
        feed(&s, &look, &step, 130);
        assert_true(stall_is_stalled(&s));
}

static void whatever_it_gets_done_is_progress(void **state) {
        const StallLook steps[] = {
                        {.cpu_usec = 50 * USEC_PER_MSEC},
                        {.moved = true, .cpu_usec = 200 * USEC_PER_MSEC},
                        {.read_bytes = 100},
                        {.moved = true, .read_bytes = 100},
                        {.moved = true, .words = 1},
        };

        FOREACH_ELEMENT (step, steps) {
                StallLook look = {.processes = 3};
                Stall s = {};

                feed(&s, &look, step, 1000);
                assert_false(stall_is_stalled(&s));
        }
}

static void a_child_that_ended_is_progress(void **state) {
        StallLook look = {.cpu_usec = USEC_PER_HOUR, .processes = 3};
        const StallLook nothing = {};
        Stall s = {};

        feed(&s, &look, &nothing, 95);
        assert_true(stall_is_stalled(&s));
        look.processes = 2;
        feed(&s, &look, &nothing, 1);
        assert_false(stall_is_stalled(&s));
        feed(&s, &look, &nothing, 95);
        look.cpu_usec = USEC_PER_SEC;
        feed(&s, &look, &nothing, 1);
        assert_false(stall_is_stalled(&s));
}

static void need_same_words(const char *a, const char *b, bool same) {
        assert_int_equal(stall_words(a, strlen(a)) == stall_words(b, strlen(b)), same);
}

static void what_spins_and_counts_is_no_word(void **state) {
        need_same_words("✻ Pondering… (9s · ↓ 26 tokens)", "✶ Pondering… (10s · ↓ 1926 tokens)",
                        true);
        need_same_words("⠋ Thinking [■■■⬝⬝]", "⠼ Thinking [⬝■■■⬝]", true);
        need_same_words("● Reading a.c", "● Reading b.c", false);
        need_same_words("думаю", "делаю", false);
        need_same_words("", "  12 %", true);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                        cmocka_unit_test(a_runtime_that_only_wakes_up_makes_no_progress),
                        cmocka_unit_test(a_spinner_that_turns_for_ever_is_no_progress),
                        cmocka_unit_test(whatever_it_gets_done_is_progress),
                        cmocka_unit_test(a_child_that_ended_is_progress),
                        cmocka_unit_test(what_spins_and_counts_is_no_word),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
