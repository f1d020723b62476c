/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The tracker, whatever comes. */

#include "tests/unit/test.h"

#include "tests/unit/tracker-play.h"

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
                stage_look(s, shown, &c);
        }
        fail_msg("it wants looks for ever");
}

/* One word of a random play, and what must hold whatever came before. */
static void act_and_check(Stage *s, const char *word, bool may_end, AgentState *last_seen) {
        const TrackerState *now = tracker_state(s->tracker);
        AgentState before = now->state;
        bool is_look = !strchr("H!n", word[0]);
        TrackerChange c = {};

        stage_act(s, word, &c);
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
                        cmocka_unit_test(random_plays_keep_the_rules),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
