/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A small language in which the tests of the tracker tell it what happens in a pane. */

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/clock.h"
#include "daemon/watcher/detect/hook-event.h"
#include "daemon/watcher/detect/tracker.h"
#include "tests/unit/test.h"

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
        uint64_t words;
        Verdict verdict;
} Stage;

static const struct {
        char letter;
        AgentState state;
        Attention attention;
} stage_letters[] = {
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

static inline void stage_show(Verdict *v, char letter) {
        *v = (Verdict){.agent = "claude",
                        .state = AGENT_UNKNOWN,
                        .rule = "test",
                        .confidence = 0.9};

        FOREACH_ELEMENT (l, stage_letters)
                if (l->letter == letter) {
                        v->state = l->state;
                        v->attention = l->attention;
                }
        v->keep_state = letter == 'k';
        if (letter == '-')
                v->agent = NULL;
}

static inline char stage_letter(AgentState state, Attention attention) {
        FOREACH_ELEMENT (l, stage_letters)
                if (l->state == state && l->attention == attention)
                        return l->letter;
        return '#';
}

static inline void stage_step(Stage *s, double seconds) {
        uint64_t usec = (uint64_t)(seconds * (double)USEC_PER_SEC);

        s->now.monotonic += usec;
        s->now.realtime += usec;
}

static inline void stage_look(Stage *s, const char *word, TrackerChange *ret) {
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

        stage_step(s, seconds);
        in.now = s->now;
        if (strchr(flags, '*'))
                s->pid++;
        if (strchr(flags, 'c'))
                s->cpu_usec += 5 * USEC_PER_SEC;
        in.cpu_usec = s->cpu_usec;
        s->words += strchr(flags, 'm') != NULL;
        in.words = s->words;
        if (!strpbrk(flags, "~uhD"))
                in.process = (TrackerProcess){.pid = s->pid, .start_ticks = 7};

        stage_show(&s->verdict, word[0]);
        if (strchr(flags, 'o'))
                s->verdict.agent = "codex";
        if (word[0] == 'n')
                in.verdict = NULL;
        tracker_update(s->tracker, &in, ret);
}

static inline void stage_end(Stage *s, const char *word, TrackerChange *ret) {
        TrackerEnd e = {
                        .process = {.pid = s->pid, .start_ticks = 7},
                        .has_status = !strchr("DP", word[1]),
                        .status = isdigit((unsigned char)word[1]) ? word[1] - '0' : 0,
                        .signal = strchr("KO", word[1]) ? 9 : 0,
                        .oom = word[1] == 'O'            ? OOM_SURELY
                                        : word[1] == 'P' ? OOM_PROBABLY
                                                         : OOM_NO,
        };

        tracker_process_ended(s->tracker, &e, s->now, ret);
}

static inline void stage_hook(Stage *s, const char *word, TrackerChange *ret) {
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

static inline void stage_act(Stage *s, const char *word, TrackerChange *ret) {
        if (word[0] == '!')
                stage_end(s, word, ret);
        else if (word[0] == 'H')
                stage_hook(s, word, ret);
        else
                stage_look(s, word, ret);
}

static inline void stage_init(Stage *s) {
        *s = (Stage){
                        .now = {.monotonic = USEC_PER_HOUR, .realtime = 1795262400 * USEC_PER_SEC},
                        .pid = 100,
        };
        assert_int_equal(tracker_new(&s->tracker), 0);
}

static inline void stage_done(Stage *s) {
        s->tracker = tracker_free(s->tracker);
}

static inline void stage_play(Stage *s, const char *words, char *reported, size_t size) {
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

                stage_act(s, word, &c);
                if (!c.appeared && !c.vanished && !c.state)
                        continue;
                n += (size_t)snprintf(reported + n, size - n, "%s%u%s%c", n > 0 ? " " : "", i,
                                c.appeared                   ? "+"
                                                : c.vanished ? "-"
                                                             : "",
                                stage_letter(state->state, state->attention));
                assert_true(n < size);
        }
}

static inline void assert_plays(const Play *plays, size_t n_plays) {
        for (size_t i = 0; i < n_plays; i++) {
                char reported[512];
                Stage s;

                stage_init(&s);
                stage_play(&s, plays[i].words, reported, sizeof(reported));
                if (strcmp(reported, plays[i].reported) != 0)
                        fail_msg("\"%s\" gave \"%s\", not \"%s\"", plays[i].words, reported,
                                        plays[i].reported);
                stage_done(&s);
        }
}
