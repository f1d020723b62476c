/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include "daemon/base/agent-state.h"

/* The words are public: clients, journals and rule files have them. */
static void the_words_go_both_ways_and_stay(void **state) {
        static const char *const states[_AGENT_STATE_MAX] = {"starting", "working", "idle",
                        "waiting", "rate_limited", "error", "crashed", "exited", "unknown"};
        static const char *const attentions[_ATTENTION_MAX] = {
                        "none", "permission", "question", "plan", "trust", "login"};
        static const char *const scopes[_MEMORY_SCOPE_MAX] = {"unknown", "shared", "own"};
        static const char *const livenesses[_LIVENESS_MAX] = {"alive", "absent", "unknown"};

        for (int i = 0; i < _AGENT_STATE_MAX; i++) {
                assert_string_equal(agent_state_to_string(i), states[i]);
                assert_int_equal(agent_state_from_string(states[i]), i);
        }
        for (int i = 0; i < _ATTENTION_MAX; i++) {
                assert_string_equal(attention_to_string(i), attentions[i]);
                assert_int_equal(attention_from_string(attentions[i]), i);
        }
        for (int i = 0; i < _MEMORY_SCOPE_MAX; i++) {
                assert_string_equal(memory_scope_to_string(i), scopes[i]);
                assert_int_equal(memory_scope_from_string(scopes[i]), i);
        }
        for (int i = 0; i < _LIVENESS_MAX; i++) {
                assert_string_equal(liveness_to_string(i), livenesses[i]);
                assert_int_equal(liveness_from_string(livenesses[i]), i);
        }
}

static void an_attribute_is_one_bit(void **state) {
        static const char *const names[_ATTRIBUTE_COUNT] = {"fresh", "unsubmitted", "stalled",
                        "background", "low_memory", "oom_killed"};

        for (unsigned bit = 0; bit < _ATTRIBUTE_COUNT; bit++) {
                assert_string_equal(attribute_name(bit), names[bit]);
                assert_int_equal(attribute_from_string(names[bit]), 1 << bit);
        }
}

static void other_words_are_refused(void **state) {
        static const char *const words[] = {"", "Idle", "idle ", "work", "workings", NULL};

        for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
                assert_int_equal(agent_state_from_string(words[i]), -EINVAL);
                assert_int_equal(attention_from_string(words[i]), -EINVAL);
                assert_int_equal(liveness_from_string(words[i]), -EINVAL);
                assert_int_equal(attribute_from_string(words[i]), -EINVAL);
        }
}

static void only_what_ended_is_gone(void **state) {
        for (AgentState s = 0; s < _AGENT_STATE_MAX; s++)
                assert_int_equal(agent_state_is_gone(s), s == AGENT_CRASHED || s == AGENT_EXITED);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(the_words_go_both_ways_and_stay),
                        cmocka_unit_test(an_attribute_is_one_bit),
                        cmocka_unit_test(other_words_are_refused),
                        cmocka_unit_test(only_what_ended_is_gone),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
