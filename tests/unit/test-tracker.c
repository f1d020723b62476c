/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/watcher/detect/hook-event.h"
#include "daemon/watcher/detect/tracker.h"

/*
 * A play is a line of words, and what is reported is one of the same form.
 *
 * A look is the state that it shows: s starting, w working, i idle, p and q waiting for permission
 * or with a question, l rate limited, e error, C crashed, X exited, ? an agent and nothing else,
 * k an overlay, - no agent, n no screen was read. After it may stand: ~ the process is not there,
 * * another process is, y the process is young, u the processes are not known, h there never was
 * one to see, o another type of agent, t the title is cleared, g its icon is another, a the
 * alternate screen is on, m the screen moved, c the processes computed, b it is in the background,
 * D the pane is dead (D0 with that status, DK by a signal), and a number of seconds since the look
 * before, which else is 0.4.
 *
 * Between looks: !D the process ended, !K by a signal, !0 and !1 with that status; Hw Hi Hp hooks
 * that say so, Hn a hint of idle, Hb and He its begin and end, Ho the hook of another type.
 *
 * Reported is the number of the word and the new state; + an agent came, - it went.
 */
typedef struct Play {
        const char *words;
        const char *reported;
} Play;

typedef struct Stage {
        Tracker *tracker;
        TrackerTime now;
        pid_t pid;
        uint64_t cpu_usec;
        Verdict verdict;
} Stage;

static const struct {
        char letter;
        AgentState state;
        Attention attention;
} letters[] = {
                {'s', AGENT_STARTING},
                {'w', AGENT_WORKING},
                {'i', AGENT_IDLE},
                {'p', AGENT_WAITING, ATTENTION_PERMISSION},
                {'q', AGENT_WAITING, ATTENTION_QUESTION},
                {'l', AGENT_RATE_LIMITED},
                {'e', AGENT_ERROR},
                {'C', AGENT_CRASHED},
                {'X', AGENT_EXITED},
                {'?', AGENT_UNKNOWN},
};

static void show(Verdict *v, char letter) {
        *v = (Verdict){.agent = "claude",
                        .state = AGENT_UNKNOWN,
                        .rule = "test",
                        .confidence = 0.9};

        FOREACH_ELEMENT (l, letters)
                if (l->letter == letter) {
                        v->state = l->state;
                        v->attention = l->attention;
                }
        v->keep_state = letter == 'k';
        if (letter == '-')
                v->agent = NULL;
}

static char letter_of(AgentState state, Attention attention) {
        FOREACH_ELEMENT (l, letters)
                if (l->state == state && l->attention == attention)
                        return l->letter;
        return '#';
}

static void step(Stage *s, double seconds) {
        uint64_t usec = (uint64_t)(seconds * (double)USEC_PER_SEC);

        s->now.monotonic += usec;
        s->now.realtime += usec;
}

static void look(Stage *s, const char *word, TrackerChange *ret) {
        const char *flags = word + 1;
        double seconds = strcspn(flags, "0123456789") < strlen(flags) && !strchr(flags, 'D')
                        ? atof(flags + strcspn(flags, "0123456789"))
                        : 0.4;
        TrackerInput in = {
                        .verdict = &s->verdict,
                        .screen_changed = strchr(flags, 'm'),
                        .title = strchr(flags, 't')          ? ""
                                        : strchr(flags, 'g') ? "\u2802 Fix the parser"
                                                             : "\u2733 Fix the parser",
                        .alternate_on = strchr(flags, 'a'),
                        .pane_dead = strchr(flags, 'D'),
                        .dead_status = strstr(flags, "D0")    ? 0
                                        : strstr(flags, "D3") ? 3
                                                              : -1,
                        .dead_signal = strstr(flags, "DK") ? 9 : 0,
                        .processes_known = !strchr(flags, 'u') && !strchr(flags, 'h'),
                        .process_age_usec = strchr(flags, 'y') ? USEC_PER_SEC : USEC_PER_HOUR,
                        .in_foreground = !strchr(flags, 'b'),
        };

        step(s, seconds);
        in.now = s->now;
        if (strchr(flags, '*'))
                s->pid++;
        if (strchr(flags, 'c'))
                s->cpu_usec += 5 * USEC_PER_SEC;
        in.cpu_usec = s->cpu_usec;
        if (!strpbrk(flags, "~uhD"))
                in.process = (TrackerProcess){.pid = s->pid, .start_ticks = 7};

        show(&s->verdict, word[0]);
        if (strchr(flags, 'o'))
                s->verdict.agent = "codex";
        if (word[0] == 'n')
                in.verdict = NULL;
        tracker_update(s->tracker, &in, ret);
}

static void end(Stage *s, const char *word, TrackerChange *ret) {
        TrackerEnd e = {
                        .process = {.pid = s->pid, .start_ticks = 7},
                        .has_status = word[1] != 'D',
                        .status = isdigit((unsigned char)word[1]) ? word[1] - '0' : 0,
                        .signal = word[1] == 'K' ? 9 : 0,
        };

        tracker_process_ended(s->tracker, &e, s->now, ret);
}

static void hook(Stage *s, const char *word, TrackerChange *ret) {
        static const struct {
                char letter;
                const char *source, *event;
        } events[] = {
                        {'w', "claude", "UserPromptSubmit"},
                        {'i', "claude", "Stop"},
                        {'p', "claude", "PermissionRequest"},
                        {'b', "claude", "SessionStart"},
                        {'e', "claude", "SessionEnd"},
                        {'n', "codex", "agent-turn-complete"},
                        {'o', "gemini", "BeforeAgent"},
        };

        FOREACH_ELEMENT (e, events)
                if (e->letter == word[1]) {
                        HookEvent event;

                        assert_int_equal(hook_event_parse(e->source, e->event, NULL, &event), 0);
                        tracker_hook(s->tracker, word[1] == 'o' ? "gemini" : "claude", &event,
                                        s->now, ret);
                }
}

static void act(Stage *s, const char *word, TrackerChange *ret) {
        if (word[0] == '!')
                end(s, word, ret);
        else if (word[0] == 'H')
                hook(s, word, ret);
        else
                look(s, word, ret);
}

static void stage_init(Stage *s) {
        *s = (Stage){
                        .now = {.monotonic = USEC_PER_HOUR, .realtime = 1795262400 * USEC_PER_SEC},
                        .pid = 100,
        };
        assert_int_equal(tracker_new(&s->tracker), 0);
}

static void stage_done(Stage *s) {
        s->tracker = tracker_free(s->tracker);
}

static void play_on(Stage *s, const char *words, char *reported, size_t size) {
        _cleanup_free_ char *copy = strdup(words);
        char *rest = copy;
        size_t n = 0;
        unsigned i = 0;

        assert_non_null(copy);
        reported[0] = '\0';
        for (char *word = strtok_r(NULL, " ", &rest); word;
                        word = strtok_r(NULL, " ", &rest), i++) {
                TrackerChange c = {};
                const TrackerState *state = tracker_state(s->tracker);

                act(s, word, &c);
                if (!c.appeared && !c.vanished && !c.state)
                        continue;
                n += (size_t)snprintf(reported + n, size - n, "%s%u%s%c", n > 0 ? " " : "", i,
                                c.appeared                   ? "+"
                                                : c.vanished ? "-"
                                                             : "",
                                letter_of(state->state, state->attention));
                assert_true(n < size);
        }
}

static void check(const Play *plays, size_t n_plays) {
        for (size_t i = 0; i < n_plays; i++) {
                char reported[512];
                Stage s;

                stage_init(&s);
                play_on(&s, plays[i].words, reported, sizeof(reported));
                if (strcmp(reported, plays[i].reported) != 0)
                        fail_msg("\"%s\" gave \"%s\", not \"%s\"", plays[i].words, reported,
                                        plays[i].reported);
                stage_done(&s);
        }
}

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

        check(plays, ELEMENTSOF(plays));
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

        check(plays, ELEMENTSOF(plays));
}

static void an_agent_between_two_tool_calls_is_not_idle(void **state) {
        static const Play plays[] = {
                        {"w i i i", "0+w 3i"}, /* 1.2 s after the last sign of work */
                        {"w i0.3 i0.3 i0.3 i0.3", "0+w 4i"}, {"w i i w i i w i i i", "0+w 9i"},
                        {"w k i k i k i", "0+w"}, /* overlays are no looks, and break the row */
        };

        check(plays, ELEMENTSOF(plays));
}

static void only_a_young_process_is_starting(void **state) {
        static const Play plays[] = {
                        {"sy wy", "0+s 1w"}, {"s", "0+?"},
                        {"?y ?y iy iy iy", "0+s 4i"}, /* it shows nothing of itself yet */
                        {"?", "0+?"}, {"wy ?y ?y ?y", "0+w 3?"}, /* it did already */
        };

        check(plays, ELEMENTSOF(plays));
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

        check(plays, ELEMENTSOF(plays));
}

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
                        {"w -~t -~t", "0+w 2C"},             /* in the middle of its work */
                        {"p p C~ C~ C~ C~", "0+? 1p 3C"},
                        {"wh wh Ch Ch Ch",
                                        "1+w 4-?"}, /* a process that nobody saw cannot be missed */
        };

        check(plays, ELEMENTSOF(plays));
}

static void a_clean_end_is_no_crash(void **state) {
        static const Play plays[] = {
                        {"i i i -~t -~t", "0+? 2i 4X"}, {"ia ia ia -~t -~t", "0+? 2i 4X"},
                        {"w i i i X~t X~t", "0+w 3i 5X"}, {"w !0", "0+w 1X"},
                        {"w He -~ -~", "0+w 3X"}, {"w He !D -~", "0+w 3X"},
                        {"w He Hw -~ -~", "0+w 4C"}, /* it went on after that */
                        {"w -~30t -~t", "0+w 2X"},   /* what it did since the last look is not known
                                                      */
                        {"w He -~70 -~", "0+w 3C"},  /* that was of another time */
        };

        check(plays, ELEMENTSOF(plays));
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

        check(plays, ELEMENTSOF(plays));
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
                        {"w !1 w* w", "0+w 2C 3+w"}, {"w He !D w* w", "0+w 3X 4+w"},
                        {"w w* w", "0+w"}, /* it started itself anew */
        };

        check(plays, ELEMENTSOF(plays));
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

        check(plays, ELEMENTSOF(plays));
}

static void another_type_is_not_believed_at_one_look(void **state) {
        static const Play plays[] = {
                        {"w wo w", "0+w"},
                        {"w wo wo", "0+w 2+w"},
        };

        check(plays, ELEMENTSOF(plays));
}

static void the_agents_own_word_is_believed_at_once_and_fades(void **state) {
        static const Play plays[] = {
                        {"w Hp", "0+w 1p"},
                        {"w Hp w p p", "0+w 1p"},    /* the screen is a moment late */
                        {"w Hp w w w", "0+w 1p 4w"}, /* it says otherwise again and again */
                        {"w Hp p w", "0+w 1p 3w"},   /* seen, and answered */
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

        check(plays, ELEMENTSOF(plays));
}

static void a_hint_takes_the_place_of_one_look(void **state) {
        static const Play plays[] = {
                        {"w Hn w w w", "0+w"}, {"w1 Hn i1.2 i", "0+w 3i"},
                        {"w1 Hn i11 i i", "0+w 4i"}, /* too old */
        };

        check(plays, ELEMENTSOF(plays));
}

static unsigned attributes_after(const char *words) {
        char reported[512];
        unsigned attributes;
        Stage s;

        stage_init(&s);
        play_on(&s, words, reported, sizeof(reported));
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

        step(s, 0.4);
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
        step(&s, 100);
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
        play_on(&s, words, reported, sizeof(reported));
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
        play_on(&s, words, reported, sizeof(reported));
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
}

static void a_state_says_since_when_it_is(void **state) {
        char reported[64];
        uint64_t began;
        Stage s;

        stage_init(&s);
        play_on(&s, "w", reported, sizeof(reported));
        began = s.now.realtime;
        play_on(&s, "w w wm w", reported, sizeof(reported));
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
        play_on(&s, "w Hi wm w w p", reported, sizeof(reported));
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
        play_on(&s, "wa wa~ wa~", reported, sizeof(reported));
        assert_int_equal(tracker_explain(s.tracker, s.now, &o), 0);
        assert_string_equal(explained(o, "process", "why"), "it left the alternate screen on");
        stage_done(&s);
}

/* A generator of one's own: the same plays on every machine. */
static unsigned dice(uint64_t *seed, unsigned sides) {
        *seed = *seed * 6364136223846793005U + 1442695040888963407U;
        return (unsigned)(*seed >> 33) % sides;
}

/* Looks whenever one is wanted: it must come to rest. */
static void settle(Stage *s, const char *shown) {
        for (int i = 0; i < 40; i++) {
                uint64_t usec = tracker_needs_look(s->tracker, s->now.monotonic);
                TrackerChange c;

                if (usec == UINT64_MAX)
                        return;
                assert_true(usec <= USEC_PER_SEC);
                s->now.monotonic += usec;
                s->now.realtime += usec;
                look(s, shown, &c);
        }
        fail_msg("it wants looks for ever");
}

/* One word of a random play, and what must hold whatever came before. */
static void act_and_check(Stage *s, const char *word, bool may_end, AgentState *last_seen) {
        const TrackerState *now = tracker_state(s->tracker);
        AgentState before = now->state;
        bool is_look = !strchr("H!n", word[0]);
        TrackerChange c = {};

        act(s, word, &c);
        assert_true(may_end || now->state != AGENT_CRASHED);
        if (agent_state_is_gone(before))
                assert_true(now->state == before || c.appeared);
        if (is_look && now->state == AGENT_WAITING && before != AGENT_WAITING)
                assert_int_equal(*last_seen, AGENT_WAITING);
        if (is_look)
                *last_seen = s->verdict.state;
}

static void random_plays_keep_the_rules(void **state) {
        static const char *const words[] = {
                        "w",
                        "i",
                        "p",
                        "q",
                        "l",
                        "e",
                        "?",
                        "k",
                        "-",
                        "C",
                        "X",
                        "s",
                        "wm",
                        "ia",
                        "-t",
                        "n",
                        "i0.1",
                        "p0.1",
                        "w31",
                        "sy",
                        "?y",
                        "wo",
                        "wu",
                        "-u",
                        "Hw",
                        "Hi",
                        "Hp",
                        "Hn",
                        "Hb",
                        "He",
                        "Ho",
                        "w~",
                        "-~t",
                        "-~",
                        "w*",
                        "!D",
                        "!K",
                        "!0",
        };
        static const char *const last[] = {"w0", "i0", "p0", "-0", "w~0"};
        const size_t n_live = 31; /* those before the first that has no process */
        uint64_t seed = 1;

        for (int round = 0; round < 2000; round++) {
                bool may_end = round % 2;
                AgentState last_seen = _AGENT_STATE_INVALID;
                Stage s;

                stage_init(&s);
                for (int i = 0; i < 60; i++)
                        act_and_check(&s, words[dice(&seed, may_end ? ELEMENTSOF(words) : n_live)],
                                        may_end, &last_seen);
                settle(&s, last[dice(&seed, ELEMENTSOF(last))]);
                stage_done(&s);
        }
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                        cmocka_unit_test(each_state_is_believed_as_its_kind_demands),
                        cmocka_unit_test(a_false_alarm_is_never_reported),
                        cmocka_unit_test(an_agent_between_two_tool_calls_is_not_idle),
                        cmocka_unit_test(only_a_young_process_is_starting),
                        cmocka_unit_test(an_overlay_or_another_program_keeps_the_state),
                        cmocka_unit_test(a_crash_needs_the_end_of_the_process),
                        cmocka_unit_test(a_clean_end_is_no_crash),
                        cmocka_unit_test(a_dead_pane_tells_how_it_ended),
                        cmocka_unit_test(what_is_gone_stays_until_a_new_agent_comes),
                        cmocka_unit_test(an_agent_without_a_process_comes_and_goes_by_its_screen),
                        cmocka_unit_test(another_type_is_not_believed_at_one_look),
                        cmocka_unit_test(the_agents_own_word_is_believed_at_once_and_fades),
                        cmocka_unit_test(a_hint_takes_the_place_of_one_look),
                        cmocka_unit_test(a_silent_screen_alone_is_no_stall),
                        cmocka_unit_test(fresh_ends_for_good_once_it_has_worked),
                        cmocka_unit_test(a_reset_time_does_not_move_with_an_old_screen),
                        cmocka_unit_test(what_is_only_remembered_is_less_sure),
                        cmocka_unit_test(looks_are_wanted_for_confirmations_only),
                        cmocka_unit_test(a_state_says_since_when_it_is),
                        cmocka_unit_test(
                                        an_explanation_names_what_is_pending_and_what_was_overruled),
                        cmocka_unit_test(an_explanation_says_why_it_crashed),
                        cmocka_unit_test(random_plays_keep_the_rules),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
