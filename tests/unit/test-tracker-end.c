/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The tracker, when an agent ends. */

#include "tests/unit/test.h"

#include "tests/unit/tracker-play.h"

static void a_crash_needs_the_end_of_the_process(void **state) {
        static const Play plays[] = {
                        {"w w~ w~", "0+w 2C"},  /* the dead screen goes on to look busy */
                        {"w w~ w w~ w", "0+w"}, /* missed once: exec, or another parent */
                        {"w w~ w~0.1 w~", "0+w 3C"},
                        {"w -u -u -u", "0+w"}, /* nobody could read the processes */
                        {"w wh~ wh~ wh~", "0+w"}, {"w !K", "0+w 1C"}, {"w !D w~", "0+w 2C"},
                        {"w !D w", "0+w 2C"}, /* the tree is older than the end */
                        {"w !D w~0.1 w~", "0+w 3C"}, {"w !1 -~t", "0+w 2C"},
                        {"ia ia ia -~ta -~ta", "0+? 2i 4C"}, /* nobody left the alternate screen */
                        {"i i i X~g X~g", "0+? 2i 4C"},      /* nor its title, whatever the icon */
                        {"i i i -~ -~", "0+? 2i 4C"},        /* nor cleared the title */
                        {"p p C~ C~ C~ C~", "0+? 1p 3C"},
                        {"wh wh Ch Ch Ch",
                                        "1+w 4-?"}, /* a process that nobody saw cannot be missed */
        };

        assert_plays(plays, ELEMENTSOF(plays));
}

static void a_clean_end_is_no_crash(void **state) {
        static const Play plays[] = {
                        {"i i i -~t -~t", "0+? 2i 4X"}, {"ia ia ia -~t -~t", "0+? 2i 4X"},
                        {"w i i i X~t X~t", "0+w 3i 5X"}, {"w !0", "0+w 1X"},
                        {"w He -~ -~", "0+w 3X"}, {"w He !D -~", "0+w 3X"},
                        {"w He Hw -~ -~", "0+w 4C"}, /* it went on after that */
                        {"w -~t -~t", "0+w 2X"}, /* it was told to end in the middle of its work */
                        {"w He -~70 -~", "0+w 3C"}, /* that was of another time */
        };

        assert_plays(plays, ELEMENTSOF(plays));
}

static void a_dead_pane_tells_how_it_ended(void **state) {
        static const Play plays[] = {
                        {"w wD0", "0+w 1X"},
                        {"w wDK", "0+w 1C"},
                        {"w wD3", "0+w 1C"},
                        {"i i i iDt", "0+? 2i 3X"},
                        {"wDK", "0+C"}, /* nobody saw it alive */
                        {"iD0 iD0 iD0", "0+X"},
                        {"-DK", ""},
        };

        assert_plays(plays, ELEMENTSOF(plays));
}

static void what_is_gone_stays_until_a_new_agent_comes(void **state) {
        static const Play plays[] = {
                        {"w !K w~ i~ -~ p~ p~ C~ X~", "0+w 1C"},
                        {"w !K w w w", "0+w 1C"}, /* the same process again: an old tree */
                        {"w !0 X~ C~ -~ C~", "0+w 1X"}, {"w !K -~ s*y w", "0+w 1C 3+s 4w"},
                        {"w !K w*", "0+w 1C 2+w"}, {"w !0 p* p", "0+w 1X 2+? 3p"},
                        {"w !K wo* w", "0+w 1C 2+w"}, {"w !K Hw", "0+w 1C"}, /* late */
                        {"i i i !D s*y", "0+? 2i 4s"},
                        {"w !D w* w", "0+w 2C 3+w"}, /* a loop starts it anew */
                        {"w !1 w* w", "0+w 2C 3+w"}, {"w k30 !D w* w", "0+w"},
                        /* what it did at its end nobody saw */ {"w He !D w* w", "0+w 3X 4+w"},
                        {"w w* w", "0+w"}, /* it started itself anew */
        };

        assert_plays(plays, ELEMENTSOF(plays));
}

/* At once, however it ended, and until another one comes. */
static void an_oom_kill_is_a_crash_with_a_name(void **state) {
        static const Play plays[] = {
                        {"w !O", "0+w 1C"}, {"w !P", "0+w 1C"}, {"ia ia ia !P -~t", "0+? 2i 3C"}};
        char reported[64];
        const TrackerState *s;
        Stage stage;

        assert_plays(plays, ELEMENTSOF(plays));

        stage_init(&stage);
        stage_play(&stage, "w !O -~ -~", reported, sizeof(reported));
        s = tracker_state(stage.tracker);
        assert_int_equal(s->attributes, ATTRIBUTE_OOM_KILLED);
        assert_string_equal(s->rule, "process.oom-killed");
        assert_string_equal(tracker_end_reason(stage.tracker), "it was OOM-killed");
        stage_play(&stage, "s*y w", reported, sizeof(reported));
        assert_int_equal(tracker_state(stage.tracker)->attributes, 0);
        assert_string_equal(tracker_end_reason(stage.tracker), "");
        stage_done(&stage);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                        cmocka_unit_test(an_oom_kill_is_a_crash_with_a_name),
                        cmocka_unit_test(a_crash_needs_the_end_of_the_process),
                        cmocka_unit_test(a_clean_end_is_no_crash),
                        cmocka_unit_test(a_dead_pane_tells_how_it_ended),
                        cmocka_unit_test(what_is_gone_stays_until_a_new_agent_comes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
