/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the tracker tells besides the state, and when it wants to look. */

#include "tests/unit/test.h"

#include "daemon/base/json.h"
#include "tests/unit/tracker-play.h"

static unsigned attributes_after(const char *words) {
        char reported[512];
        unsigned attributes;
        Stage s;

        stage_init(&s);
        stage_play(&s, words, reported, sizeof(reported));
        attributes = tracker_state(s.tracker)->attributes;
        stage_done(&s);
        return attributes;
}

static void a_silent_screen_alone_is_no_stall(void **state) {
        static const struct {
                const char *words;
                bool stalled;
        } rows[] = {
                        {"w w31 w31 w31", true},
                        {"w w31 w31", false},
                        {"w w31 w31m w31 w31", false},
                        {"w w31 w31c w31 w31", false},
                        {"w w31 w31 w31 wm", false}, /* it moves again */
                        {"w w31 w31 w31 wc", false},
                        {"w w31 w31 w31 Hw", false},
                        {"w w600", false},            /* nobody looked in between */
                        {"i i i i31 i31 i31", false}, /* idle is not stalled */
                        {"w w31 w31 w31 p p", false},
                        {"w w15 w15 w15 w15 w15 w15", true},
        };

        FOREACH_ELEMENT (row, rows)
                if (row->stalled != ((attributes_after(row->words) & ATTRIBUTE_STALLED) != 0))
                        fail_msg("\"%s\"", row->words);
}

static void update_with(
                Stage *s, AgentState seen, unsigned attributes, uint64_t reset, bool moved) {
        TrackerChange c;
        TrackerInput in = {
                        .verdict = &s->verdict,
                        .screen_changed = moved,
                        .processes_known = true,
                        .process = {.pid = s->pid, .start_ticks = 7},
                        .process_age_usec = USEC_PER_HOUR,
                        .dead_status = -1,
        };

        stage_step(s, 0.4);
        in.now = s->now;
        s->verdict = (Verdict){
                        .agent = "claude",
                        .state = seen,
                        .rule = "test",
                        .confidence = 0.9,
                        .attributes = attributes,
                        .reset_usec = reset,
        };
        tracker_update(s->tracker, &in, &c);
}

static void fresh_ends_for_good_once_it_has_worked(void **state) {
        Stage s;

        stage_init(&s);
        for (int i = 0; i < 3; i++)
                update_with(&s, AGENT_IDLE, ATTRIBUTE_FRESH, 0, false);
        assert_int_equal(tracker_state(s.tracker)->attributes, ATTRIBUTE_FRESH);
        update_with(&s, AGENT_WORKING, ATTRIBUTE_BACKGROUND, 0, true);
        assert_int_equal(tracker_state(s.tracker)->attributes, ATTRIBUTE_BACKGROUND);
        for (int i = 0; i < 4; i++)
                update_with(&s, AGENT_IDLE, ATTRIBUTE_FRESH | ATTRIBUTE_UNSUBMITTED, 0, false);
        assert_int_equal(tracker_state(s.tracker)->state, AGENT_IDLE);
        assert_int_equal(tracker_state(s.tracker)->attributes, ATTRIBUTE_UNSUBMITTED);
        stage_done(&s);
}

static void a_reset_time_does_not_move_with_an_old_screen(void **state) {
        uint64_t reset;
        Stage s;

        stage_init(&s);
        reset = s.now.realtime + 10 * USEC_PER_SEC;
        for (int i = 0; i < 3; i++)
                update_with(&s, AGENT_RATE_LIMITED, 0, reset, false);
        assert_int_equal(tracker_state(s.tracker)->reset_usec, reset);

        /* "in 10 seconds", still there. */
        update_with(&s, AGENT_RATE_LIMITED, 0, reset + 5 * USEC_PER_SEC, false);
        assert_int_equal(tracker_state(s.tracker)->reset_usec, reset);
        /* Written anew. */
        update_with(&s, AGENT_RATE_LIMITED, 0, reset + 5 * USEC_PER_SEC, true);
        assert_int_equal(tracker_state(s.tracker)->reset_usec, reset + 5 * USEC_PER_SEC);
        /* "at 3pm", read at 3:01. */
        stage_step(&s, 100);
        update_with(&s, AGENT_RATE_LIMITED, 0, reset + 5 * USEC_PER_SEC + USEC_PER_DAY, true);
        assert_int_equal(tracker_state(s.tracker)->reset_usec, reset + 5 * USEC_PER_SEC);
        update_with(&s, AGENT_WORKING, 0, 0, true);
        assert_int_equal(tracker_state(s.tracker)->reset_usec, 0);
        stage_done(&s);
}

static double confidence_after(const char *words) {
        char reported[512];
        double confidence;
        Stage s;

        stage_init(&s);
        stage_play(&s, words, reported, sizeof(reported));
        confidence = tracker_state(s.tracker)->confidence;
        stage_done(&s);
        return confidence;
}

static void what_is_only_remembered_is_less_sure(void **state) {
        static const struct {
                const char *words;
                double confidence;
        } rows[] = {
                        {"w", 0.9},
                        {"w -", 0.45},
                        {"w - - - -", 0.45},
                        {"w - w", 0.9},
                        {"w X", 0.45},
                        {"w wb", 0.45}, /* another program has the terminal */
                        {"w k", 0.9},
                        {"w Hp", 1.0},
                        {"w Hp -", 1.0},
                        {"w !K", 1.0},
        };

        FOREACH_ELEMENT (row, rows)
                assert_float_equal(confidence_after(row->words), row->confidence, 0.001);
}

static uint64_t wanted_after(const char *words) {
        char reported[512];
        uint64_t usec;
        Stage s;

        stage_init(&s);
        stage_play(&s, words, reported, sizeof(reported));
        usec = tracker_needs_look(s.tracker, s.now.monotonic);
        stage_done(&s);
        return usec;
}

static void looks_are_wanted_for_confirmations_only(void **state) {
        assert_int_equal(wanted_after(""), UINT64_MAX);
        assert_int_equal(wanted_after("w"), UINT64_MAX);
        assert_int_equal(wanted_after("w p"), 350 * USEC_PER_MSEC);
        assert_int_equal(wanted_after("w p p"), UINT64_MAX);
        assert_int_equal(wanted_after("w i"), 600 * USEC_PER_MSEC); /* a second after its work */
        assert_int_equal(wanted_after("w w~"), 350 * USEC_PER_MSEC);
        assert_int_equal(wanted_after("w !D"), 250 * USEC_PER_MSEC);
        assert_int_equal(wanted_after("w !K"), UINT64_MAX);
        assert_int_equal(wanted_after("w Hp"), 0);
        assert_int_equal(wanted_after("w Hp p"), UINT64_MAX);
        /* A screen that never makes up its mind does not keep us busy for ever. */
        assert_int_equal(wanted_after("w p q p q p q p q p q p q p"), UINT64_MAX);
        /* But many looks in one second are not many seconds. */
        assert_int_equal(wanted_after("w p q0.1 p0.1 q0.1 p0.1 q0.1 p0.1 q0.1 p0.1 q0.1 p0.1 q0.1"),
                        350 * USEC_PER_MSEC);
}

static void a_state_says_since_when_it_is(void **state) {
        char reported[64];
        uint64_t began;
        Stage s;

        stage_init(&s);
        stage_play(&s, "w", reported, sizeof(reported));
        began = s.now.realtime;
        stage_play(&s, "w w wm w", reported, sizeof(reported));
        assert_int_equal(tracker_state(s.tracker)->since_usec, began);
        assert_int_equal(tracker_state(s.tracker)->activity_usec, began + 1200 * USEC_PER_MSEC);
        assert_string_equal(tracker_state(s.tracker)->rule, "test");
        stage_done(&s);
}

static const char *explained(json_object *o, const char *source, const char *key) {
        json_object *list = json_get_typed(o, "evidence", json_type_array);

        for (size_t i = 0; i < json_object_array_length(list); i++) {
                json_object *e = json_object_array_get_idx(list, i);

                if (strcmp(json_get_string(e, "source"), source) == 0)
                        return json_get_string(e, key);
        }
        return NULL;
}

static void an_explanation_names_what_is_pending_and_what_was_overruled(void **state) {
        _cleanup_json_ json_object *o = NULL;
        json_object *pending;
        char reported[64];
        Stage s;

        stage_init(&s);
        stage_play(&s, "w Hi wm w w p", reported, sizeof(reported));
        assert_int_equal(tracker_explain(s.tracker, s.now, &o), 0);
        assert_string_equal(json_get_string(o, "state"), "working");
        assert_string_equal(
                        explained(o, "hook", "why"), "the screen said otherwise again and again");
        assert_string_equal(explained(o, "process", "why"), "its process is there");
        pending = json_get(o, "pending");
        assert_string_equal(json_get_string(pending, "state"), "waiting");
        assert_int_equal(json_get_u64(pending, "looks_missing", 0), 1);
        stage_done(&s);
}

static void an_explanation_says_why_it_crashed(void **state) {
        _cleanup_json_ json_object *o = NULL;
        char reported[64];
        Stage s;

        stage_init(&s);
        stage_play(&s, "wa wa~ wa~", reported, sizeof(reported));
        assert_int_equal(tracker_explain(s.tracker, s.now, &o), 0);
        assert_string_equal(explained(o, "process", "why"), "it left the alternate screen on");
        stage_done(&s);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                        cmocka_unit_test(a_silent_screen_alone_is_no_stall),
                        cmocka_unit_test(fresh_ends_for_good_once_it_has_worked),
                        cmocka_unit_test(a_reset_time_does_not_move_with_an_old_screen),
                        cmocka_unit_test(what_is_only_remembered_is_less_sure),
                        cmocka_unit_test(looks_are_wanted_for_confirmations_only),
                        cmocka_unit_test(a_state_says_since_when_it_is),
                        cmocka_unit_test(
                                        an_explanation_names_what_is_pending_and_what_was_overruled),
                        cmocka_unit_test(an_explanation_says_why_it_crashed),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
