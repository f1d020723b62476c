/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include "tests/unit/tracker-play.h"

static void each_state_is_believed_as_its_kind_demands(void **state) {
        static const Play plays[] = {
                        {"w", "0+w"},
                        {"p", "0+?"},
                        {"p p", "0+? 1p"},
                        {"i i i", "0+? 2i"},
                        {"l l", "0+? 1l"},
                        {"e e", "0+? 1e"},
                        {"i i i w", "0+? 2i 3w"},
                        {"w p p", "0+w 2p"},
                        {"w l l", "0+w 2l"},
                        {"w e e", "0+w 2e"},
                        {"w p p q q", "0+w 2p 4q"}, /* another dialog */
                        {"w ? ? ?", "0+w 3?"},
                        /* Two looks at the same frame are one. */
                        {"w p p0.1", "0+w"},
                        {"w p p0.1 p", "0+w 3p"},
        };

        assert_plays(plays, ELEMENTSOF(plays));
}

static void a_false_alarm_is_never_reported(void **state) {
        static const Play plays[] = {
                        {"w p w", "0+w"},
                        {"w p w p w p w", "0+w"},
                        {"w i w i i w", "0+w"},
                        {"i i i p i i i", "0+? 2i"},
                        {"w p q p q", "0+w"},
                        {"w e w l w", "0+w"},
        };

        assert_plays(plays, ELEMENTSOF(plays));
}

static void an_agent_between_two_tool_calls_is_not_idle(void **state) {
        static const Play plays[] = {
                        {"w i i i", "0+w 3i"}, /* 1.2 s after the last sign of work */
                        {"w i0.3 i0.3 i0.3 i0.3", "0+w 4i"}, {"w i i w i i w i i i", "0+w 9i"},
                        {"w k i k i k i", "0+w"}, /* overlays are no looks, and break the row */
        };

        assert_plays(plays, ELEMENTSOF(plays));
}

static void only_a_young_process_is_starting(void **state) {
        static const Play plays[] = {
                        {"sy wy", "0+s 1w"}, {"s", "0+?"},
                        {"?y ?y i i i", "0+s 4i"},       /* it shows nothing of itself yet */
                        {"sy iy iy iy iy i3", "0+s 5i"}, /* a prompt in the first seconds... */
                        {"sy iy iy iy py py", "0+s 5p"}, /* ...may make room for a dialog */
                        {"?", "0+?"}, {"wy ?y ?y ?y", "0+w 3?"}, /* it did already */
                        {"py py", "0+s 1p"}, {"p p", "0+? 1p"},  /* until it is understood */
                        {"i i i sy sy w", "0+? 2i 5w"},          /* it starts only once */
        };

        assert_plays(plays, ELEMENTSOF(plays));
}

static void an_overlay_or_another_program_keeps_the_state(void **state) {
        static const Play plays[] = {
                        {"p p k k k k", "0+? 1p"},
                        {"i i i - - - - -", "0+? 2i"},
                        {"p p -60 -60 p", "0+? 1p"},
                        {"w X X X X w", "0+w"}, /* looks like an end, but it lives */
                        {"w C C C C w", "0+w"},
                        {"w n n n n", "0+w"},
        };

        assert_plays(plays, ELEMENTSOF(plays));
}

static void an_agent_without_a_process_comes_and_goes_by_its_screen(void **state) {
        static const Play plays[] = {
                        {"wh wh", "1+w"},
                        {"wh -h wh -h", ""},
                        {"wh wh -h -h -h", "1+w 4-?"},
                        {"wh wh -h -h wh -h -h", "1+w"},
                        {"Ch Ch Ch Xh Xh", ""},
                        {"- - -", ""},
        };

        assert_plays(plays, ELEMENTSOF(plays));
}

static void another_type_is_not_believed_at_one_look(void **state) {
        static const Play plays[] = {
                        {"w wo w", "0+w"},
                        {"w wo wo", "0+w 2+w"},
        };

        assert_plays(plays, ELEMENTSOF(plays));
}

static void the_agents_own_word_is_believed_at_once_and_fades(void **state) {
        static const Play plays[] = {
                        {"w Hp", "0+w 1p"},
                        {"w Hp w p p", "0+w 1p"},        /* the screen is a moment late */
                        {"w Hp w w w", "0+w 1p"},        /* a dialog comes after its hook */
                        {"w Hp w w w w w", "0+w 1p 6w"}, /* it says otherwise again and again */
                        {"w Hp p w", "0+w 1p 3w"},       /* seen, and answered */
                        {"w Hi w i w", "0+w 1i 4w"},
                        {"w Hi w i i", "0+w 1i"},
                        {"i i i Hw i i i i i", "0+? 2i 3w 8i"},
                        {"i i i Hw i61 i i i i", "0+? 2i 3w 6i"},
                        {"w Hp - - - -", "0+w 1p"},
                        {"w Hp Hw", "0+w 1p"}, /* of one age: waiting is meant */
                        {"w Hp k0.5 Hw", "0+w 1p 3w"},
                        {"i i i Ho i", "0+? 2i"}, /* a tool that is an agent */
                        {"Hw", "0+w"},            /* nobody saw it yet */
                        {"Hb", "0+?"},
                        {"Hn", ""},
                        {"Hw He", "0+w 1X"},
                        {"Hw He Hw", "0+w 1X 2+w"},
        };

        assert_plays(plays, ELEMENTSOF(plays));
}

static void a_hint_takes_the_place_of_one_look(void **state) {
        static const Play plays[] = {
                        {"w Hn w w w", "0+w"}, {"w1 Hn i1.2 i", "0+w 3i"},
                        {"w1 Hn i11 i i", "0+w 4i"}, /* too old */
        };

        assert_plays(plays, ELEMENTSOF(plays));
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                        cmocka_unit_test(each_state_is_believed_as_its_kind_demands),
                        cmocka_unit_test(a_false_alarm_is_never_reported),
                        cmocka_unit_test(an_agent_between_two_tool_calls_is_not_idle),
                        cmocka_unit_test(only_a_young_process_is_starting),
                        cmocka_unit_test(an_overlay_or_another_program_keeps_the_state),
                        cmocka_unit_test(an_agent_without_a_process_comes_and_goes_by_its_screen),
                        cmocka_unit_test(another_type_is_not_believed_at_one_look),
                        cmocka_unit_test(the_agents_own_word_is_believed_at_once_and_fades),
                        cmocka_unit_test(a_hint_takes_the_place_of_one_look),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
