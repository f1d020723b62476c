/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <string.h>

#include "daemon/watcher/act/guard.h"

#define NOW (1000 * 1000000ULL)

/* All is well: an idle agent with an empty prompt. Tests spoil it. */
typedef struct Scene {
        TrackerState state;
        Verdict verdict;
        ActRules rules;
        ActAnswer approve;
        PaneSight sight;
        TmuxRow row;
        PaneProbe probe;
        ActOrder order;
        char text[64];
} Scene;

static void scene_init(Scene *s) {
        *s = (Scene){
                        .state = {.present = true,
                                        .agent = "claude",
                                        .state = AGENT_IDLE,
                                        .process = {.pid = 7, .start_ticks = 1}},
                        .verdict = {.agent = "claude", .state = AGENT_IDLE},
                        .sight = {.process = {.pid = 7, .start_ticks = 1}, .in_foreground = true},
                        .probe = {.pid = 5, .key_usec = NOW - 60 * 1000000ULL},
                        .order = {.kind = ACT_KIND_TEXT, .enter = true, .pid = 7},
                        .text = "hello",
        };
        s->sight.verdict = &s->verdict;
        s->sight.ways = (ActWays){.rules = &s->rules, .prompt = true};
        s->rules.prompt = (Condition *)s; /* it has one; nobody asks it here */
        s->order.text = s->text;
}

static ActRefusal check(Scene *s) {
        const GuardView view = {.state = &s->state,
                        .sight = &s->sight,
                        .row = &s->row,
                        .probe = &s->probe,
                        .token = "now",
                        .now_usec = NOW};

        return guard_check(&s->order, &view);
}

#define EXPECT(refusal, ...) \
        do { \
                Scene s; \
                scene_init(&s); \
                __VA_ARGS__; \
                assert_string_equal( \
                                act_refusal_to_string(check(&s)), act_refusal_to_string(refusal)); \
        } while (0)

static void an_agent_at_an_empty_prompt_takes_text(void **state) {
        EXPECT(ACT_DONE, (void)0);
        EXPECT(ACT_DONE, (void)strcpy(s.order.token, "now"));
        EXPECT(ACT_DONE, s.state.state = s.verdict.state = AGENT_ERROR);
        /* Somebody looks on, or types elsewhere. */
        EXPECT(ACT_DONE, s.probe.viewed = true);
        EXPECT(ACT_DONE, s.probe.key_usec = NOW);
}

static void each_spoiled_condition_has_its_own_refusal(void **state) {
        EXPECT(ACT_NO_AGENT, s.row.dead = true);
        EXPECT(ACT_NO_AGENT, s.state.state = AGENT_CRASHED);
        EXPECT(ACT_NO_AGENT, s.sight.process.pid = 0);
        EXPECT(ACT_REPLACED, s.order.pid = 8);
        EXPECT(ACT_OTHER_PROGRAM, s.sight.in_foreground = false);
        EXPECT(ACT_OTHER_PROGRAM, s.verdict.agent = "codex");
        EXPECT(ACT_OTHER_PROGRAM, s.sight.verdict = NULL);
        EXPECT(ACT_COPY_MODE, s.row.in_mode = true);
        EXPECT(ACT_SYNCHRONIZED, s.probe.synchronized = true);
        EXPECT(ACT_HUMAN, s.probe.viewed = true, s.probe.key_usec = NOW - 1000000);
        EXPECT(ACT_STALE, (void)strcpy(s.order.token, "then"));
        EXPECT(ACT_DRAFT, s.verdict.attributes = ATTRIBUTE_UNSUBMITTED);
        EXPECT(ACT_DRAFT, s.state.attributes = ATTRIBUTE_UNSUBMITTED);
        EXPECT(ACT_DIALOG, s.verdict.state = AGENT_WAITING);
        EXPECT(ACT_DIALOG, s.state.state = AGENT_WAITING);
        EXPECT(ACT_DIALOG, s.verdict.keep_state = true);
        EXPECT(ACT_WORKING, s.verdict.state = AGENT_WORKING);
        EXPECT(ACT_WORKING, s.state.state = AGENT_WORKING);
        EXPECT(ACT_UNSETTLED, s.state.state = AGENT_STARTING);
        EXPECT(ACT_UNSETTLED, s.state.state = s.verdict.state = AGENT_UNKNOWN);
        EXPECT(ACT_UNSETTLED, s.state.state = s.verdict.state = AGENT_RATE_LIMITED);
        EXPECT(ACT_NO_PROMPT, s.sight.ways.prompt = false);
        EXPECT(ACT_UNSUPPORTED, s.rules.prompt = NULL);
}

static void an_owner_can_refuse(void **state) {
        EXPECT(ACT_OWNER, (void)strcpy(s.probe.policy, "off"));
        EXPECT(ACT_DONE, (void)strcpy(s.probe.policy, "observe"));
        EXPECT(ACT_OWNER, (void)strcpy(s.probe.policy, "observe"), s.order.automatic = true);
        EXPECT(ACT_DONE, (void)strcpy(s.probe.policy, "act"), s.order.automatic = true);
        EXPECT(ACT_DONE, s.order.automatic = true);
}

static void what_the_program_takes_for_a_command_must_be_meant(void **state) {
        Pattern *pattern;

        assert_int_equal(pattern_new("^\\s*[/!]", NULL, 0, &pattern), 0);
        EXPECT(ACT_DONE, s.rules.command = pattern);
        EXPECT(ACT_COMMAND, s.rules.command = pattern, (void)strcpy(s.text, " !rm"));
        EXPECT(ACT_DONE, s.rules.command = pattern, (void)strcpy(s.text, "/x"),
                        s.order.command = true);
        pattern_free(pattern);
}

static void waiting(Scene *s) {
        s->state.state = s->verdict.state = AGENT_WAITING;
        s->state.attention = s->verdict.attention = ATTENTION_PERMISSION;
        s->order = (ActOrder){.kind = ACT_KIND_APPROVE};
        s->rules.n_answers = 1;
        s->sight.ways.answers[ACT_APPROVE] = &s->approve;
}

static void an_answer_needs_its_dialog(void **state) {
        EXPECT(ACT_DONE, waiting(&s));
        EXPECT(ACT_NO_DIALOG, waiting(&s), s.order.kind = ACT_KIND_DENY);
        EXPECT(ACT_NO_DIALOG, waiting(&s), s.verdict.state = AGENT_IDLE);
        EXPECT(ACT_UNSETTLED, waiting(&s), s.state.state = AGENT_WORKING);
        EXPECT(ACT_UNSETTLED, waiting(&s), s.state.attention = ATTENTION_PLAN);
        EXPECT(ACT_UNSUPPORTED, waiting(&s), s.rules.n_answers = 0);
        EXPECT(ACT_HUMAN, waiting(&s), s.probe.viewed = true, s.probe.key_usec = NOW);
}

static void drafted(Scene *s) {
        s->state.attributes = s->verdict.attributes = ATTRIBUTE_UNSUBMITTED;
        s->order = (ActOrder){.kind = ACT_KIND_SUBMIT,
                        .automatic = true,
                        .pid = 7,
                        .token = "now",
                        .calm_usec = 300 * 1000000ULL};
        s->rules.submit = (Condition *)s;
        s->sight.ways.submit = true;
}

static void a_draft_is_submitted_as_it_was_seen_and_with_nobody_near(void **state) {
        EXPECT(ACT_DONE, drafted(&s));
        EXPECT(ACT_DONE, drafted(&s), s.probe.key_usec = NOW);
        EXPECT(ACT_DONE, drafted(&s), s.probe.viewed = true,
                        s.probe.key_usec = NOW - 301 * 1000000ULL);
        EXPECT(ACT_HUMAN, drafted(&s), s.probe.viewed = true,
                        s.probe.key_usec = NOW - 300 * 1000000ULL);
        EXPECT(ACT_STALE, drafted(&s), (void)strcpy(s.order.token, "then"));
        EXPECT(ACT_STALE, drafted(&s), s.verdict.attributes = 0);
        EXPECT(ACT_STALE, drafted(&s), s.state.attributes = 0);
        EXPECT(ACT_COMMAND, drafted(&s), s.sight.ways.submit = false);
        EXPECT(ACT_UNSUPPORTED, drafted(&s), s.rules.submit = NULL);
        EXPECT(ACT_OWNER, drafted(&s), (void)strcpy(s.probe.policy, "notify"));
        EXPECT(ACT_COPY_MODE, drafted(&s), s.row.in_mode = true);
        EXPECT(ACT_DIALOG, drafted(&s), s.verdict.state = AGENT_WAITING);
        EXPECT(ACT_WORKING, drafted(&s), s.verdict.state = AGENT_WORKING);
        EXPECT(ACT_UNSETTLED, drafted(&s), s.state.state = s.verdict.state = AGENT_ERROR);
        EXPECT(ACT_UNSETTLED, drafted(&s), s.state.state = s.verdict.state = AGENT_RATE_LIMITED);
}

static void a_limit_is_ended_by_its_own_word_only(void **state) {
        char word[] = "continue";

#define LIMITED \
        s.state.state = s.verdict.state = AGENT_RATE_LIMITED, s.order.kind = ACT_KIND_CONTINUE, \
        s.order.text = NULL
        EXPECT(ACT_UNSUPPORTED, LIMITED);
        EXPECT(ACT_DONE, LIMITED, s.rules.go_on = word);
        EXPECT(ACT_WORKING, LIMITED, s.rules.go_on = word, s.verdict.state = AGENT_WORKING);
        EXPECT(ACT_NO_PROMPT, LIMITED, s.rules.go_on = word, s.sight.ways.prompt = false);
        EXPECT(ACT_DONE, LIMITED, s.rules.go_on = word, s.sight.ways.prompt = false,
                        s.sight.ways.answers[ACT_LEAVE] = &s.approve);
}

static void typed_text_is_found_only_where_nothing_else_is(void **state) {
        static const struct {
                const char *screen, *text;
                bool shows;
        } rows[] = {
                        {"❯ hello\n────\n", "hello", true},
                        {"❯ hello   \n", "hello", true},
                        {"│ > hello world  │\n", "hello world", true},
                        {"❯ hello\n  world\n──", "hello world", true},
                        {"❯ hello wor\n  ld", "hello world", true},
                        {"❯ one\n  two\n", "one\ntwo", true},
                        {"❯ xhello\n", "hello", false},
                        {"❯ hellox\n", "hello", false},
                        {"❯ hello x\n", "hello", false},
                        {"❯ x hello\n", "hello", false},
                        {"❯ hell\n", "hello", false},
                        {"", "hello", false},
                        {"❯\u00a0hello\n", "hello", true},
                        {"said hello\n❯ hello\n", "hello", true},
        };

        FOREACH_ELEMENT (row, rows)
                if (guard_shows(row->screen, row->text) != row->shows)
                        fail_msg("'%s' on '%s'", row->text, row->screen);
}

static void a_token_is_of_all_that_matters(void **state) {
        TrackerState s = {.state = AGENT_WAITING, .process = {.pid = 7, .start_ticks = 1}}, t;
        char first[ACT_TOKEN_MAX], other[ACT_TOKEN_MAX];

        guard_make_token(&s, 1, 1, first);
        guard_make_token(&s, 1, 1, other);
        assert_string_equal(first, other);
        guard_make_token(&s, 2, 1, other);
        assert_string_not_equal(first, other);
        guard_make_token(&s, 1, 2, other);
        assert_string_not_equal(first, other);
        t = s;
        t.process.start_ticks = 2;
        guard_make_token(&t, 1, 1, other);
        assert_string_not_equal(first, other);
        t = s;
        t.state = AGENT_IDLE;
        guard_make_token(&t, 1, 1, other);
        assert_string_not_equal(first, other);
}

static void a_shell_waits_only_right_after_its_prompt(void **state) {
        static const struct {
                const char *screen;
                unsigned x, y;
                bool waits;
        } rows[] = {
                        {"$ ", 2, 0, true},
                        {"$", 2, 0, true},
                        {"one\nuser@host:~/x$ \n\n", 15, 1, true},
                        {"\u276f ", 2, 0, true},
                        {"$ rm -r x", 9, 0, false},
                        {"$ rm -r x", 2, 0, false},
                        {"$ ls >", 6, 0, false},
                        {"> ", 2, 0, false},
                        {"~/x> ", 5, 0, true},
                        {"$                                12:00", 2, 0, true},
                        {"Password:", 9, 0, false},
                        {"$ ", 2, 3, false},
                        {"", 0, 0, false},
        };

        FOREACH_ELEMENT (row, rows)
                if (guard_at_prompt(row->screen, row->x, row->y, NULL) != row->waits)
                        fail_msg("'%s' at %u", row->screen, row->x);
}

static void what_a_dead_program_left_is_no_text_of_a_human(void **state) {
        static const char before[] = "one\n\u2500\u2500\u2500\u2500 x\n\u276f what is this\n";

        assert_true(guard_at_prompt("Killed\n$ \u2500\u2500 x", 2, 1, before));
        assert_true(guard_at_prompt("$ what is this", 2, 0, before));
        assert_false(guard_at_prompt("$ what is that", 2, 0, before));
        assert_false(guard_at_prompt("$ what is this", 2, 0, NULL));
        assert_true(guard_after_prompt("$ ls -l", 7, 0, NULL, "ls -l"));
        assert_true(guard_after_prompt("$ ls\n -l", 3, 1, NULL, "ls -l"));
        assert_true(guard_after_prompt("$ ls -lis this", 7, 0, before, "ls -l"));
        assert_false(guard_after_prompt("$ ls -lx", 7, 0, NULL, "ls -l"));
        assert_false(guard_after_prompt("$ x ls -l", 9, 0, NULL, "ls -l"));
        assert_false(guard_after_prompt("ls -l", 5, 0, NULL, "ls -l"));
        assert_false(guard_after_prompt("", 0, 0, NULL, "ls -l"));
}

static void only_what_ended_is_restarted(void **state) {
        Scene s;
        GuardView view = {.state = &s.state,
                        .sight = &s.sight,
                        .row = &s.row,
                        .probe = &s.probe,
                        .token = "",
                        .now_usec = NOW};

        scene_init(&s);
        s.order = (ActOrder){.kind = ACT_KIND_RESTART};
        s.row.cursor_x = 2;
        assert_int_equal(guard_check_restart(&s.order, &view, "$ "), ACT_RUNNING);
        s.state.state = AGENT_CRASHED;
        assert_int_equal(guard_check_restart(&s.order, &view, "$ "), ACT_RUNNING);
        s.sight.process.pid = 0;
        s.sight.verdict = NULL;
        assert_int_equal(guard_check_restart(&s.order, &view, "$ "), ACT_NO_SHELL);
        s.sight.shell_waits = true;
        assert_int_equal(guard_check_restart(&s.order, &view, "$ "), ACT_DONE);
        assert_int_equal(guard_check_restart(&s.order, &view, "$ x"), ACT_NO_SHELL);
        s.order.automatic = true;
        (void)strcpy(s.probe.policy, "notify");
        assert_int_equal(guard_check_restart(&s.order, &view, "$ "), ACT_OWNER);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(an_agent_at_an_empty_prompt_takes_text),
                        cmocka_unit_test(each_spoiled_condition_has_its_own_refusal),
                        cmocka_unit_test(an_owner_can_refuse),
                        cmocka_unit_test(what_the_program_takes_for_a_command_must_be_meant),
                        cmocka_unit_test(an_answer_needs_its_dialog),
                        cmocka_unit_test(a_draft_is_submitted_as_it_was_seen_and_with_nobody_near),
                        cmocka_unit_test(a_limit_is_ended_by_its_own_word_only),
                        cmocka_unit_test(typed_text_is_found_only_where_nothing_else_is),
                        cmocka_unit_test(a_token_is_of_all_that_matters),
                        cmocka_unit_test(a_shell_waits_only_right_after_its_prompt),
                        cmocka_unit_test(what_a_dead_program_left_is_no_text_of_a_human),
                        cmocka_unit_test(only_what_ended_is_restarted),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
