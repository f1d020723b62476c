/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <string.h>

#include "daemon/watcher/detect/judge.h"

#define SCREEN "old\n> first\nanswer one\n> second\nanswer two\n====\nfoot one\n\nfoot two\n"

/* One file with one rule and one region, put to SCREEN. */
static bool speaks(const char *region, const char *condition) {
        _cleanup_(rule_file_freep) RuleFile *f = NULL;
        char *const processes[] = {(char *)"bash", (char *)"x --flag", NULL};
        char text[1024];
        Verdict verdict;
        YamlError error = {};

        (void)snprintf(text, sizeof(text),
                        "name: x\nidentify: {programs: x}\nregions: {r: {%s}}\n"
                        "rules:\n- {id: a, state: idle, region: r, %s}\n",
                        region, condition);
        if (rule_file_parse(text, strlen(text), &f, &error) < 0)
                fail_msg("%u: %s\n%s", error.line, error.message, text);

        const Observation o = {
                        .screen = SCREEN,
                        .n_screen = strlen(SCREEN),
                        .title = "the title",
                        .processes = processes,
                        .cursor_x = 7,
                        .alternate_on = true,
        };

        assert_int_equal(judge_observation(&f, 1, &o, &verdict), 0);
        return verdict.state == AGENT_IDLE;
}

static void regions_cut_what_they_say(void **state) {
        static const struct {
                const char *region, *condition;
                bool speaks;
        } rows[] = {
                        {"of: screen", "contains: old", true},
                        {"of: title", "line: '^the title$'", true},
                        {"of: process", "line: '^x --flag$'", true},
                        {"of: processes", "lines: {min: 2, max: 2}", true},
                        {"of: command", "lines: {}", false},
                        {"after: '^> '", "line: '^answer two$'", true},
                        {"after: '^> '", "contains: 'second'", false},
                        {"from: '^> '", "contains: 'second'", true},
                        {"from: '^> '", "contains: 'first'", false},
                        {"before: '^> '", "contains: 'answer one'", true},
                        {"before: '^> '", "contains: 'second'", false},
                        {"until: '^> '", "lines: {min: 1, max: 1}", true},
                        {"after: 'nothing'", "lines: {}", false},
                        {"after: 'nothing', optional: true", "contains: old", true},
                        {"bottom: 2", "lines: {min: 2, max: 2}", true},
                        {"bottom: 2", "contains: 'foot one foot two'", true},
                        {"bottom: 2", "contains: 'answer'", false},
                        {"top: 1", "line: '^old$'", true},
                        {"top: 1", "contains: 'first'", false},
                        {"after: '^=+$', top: 1", "regex: '^foot one$'", true},
                        {"match: '^> .*\\n.*'", "contains: 'second answer two'", true},
                        {"match: '^> .*\\n.*'", "contains: 'first'", false},
                        {"match: 'no such'", "lines: {}", false},
        };

        FOREACH_ELEMENT (row, rows)
                if (speaks(row->region, row->condition) != row->speaks)
                        fail_msg("{%s} {%s}", row->region, row->condition);
}

static void conditions_join_as_their_words_say(void **state) {
        static const struct {
                const char *condition;
                bool speaks;
        } rows[] = {
                        {"contains: 'ANSWER TWO'", true},
                        {"contains: [nothing, 'answer one']", true},
                        {"contains: [nothing, nobody]", false},
                        {"contains: 'two ==== foot'", true},
                        {"line: 'two.*foot'", false},
                        {"flow: 'two ==== foot'", true},
                        {"regex: 'two\\n====\\nfoot'", true},
                        {"line: ['x{9}', '^foot']", true},
                        {"all: [{contains: old}, {contains: foot}]", true},
                        {"all: [{contains: old}, {contains: feet}]", false},
                        {"any: [{contains: feet}, {contains: foot}]", true},
                        {"any: [{contains: feet}, {contains: hand}]", false},
                        {"not: {contains: feet}", true},
                        {"not: [{contains: feet}, {contains: foot}]", false},
                        {"contains: old, not: {contains: foot}", false},
                        {"not: {region: title, contains: old}", true},
                        {"all: [{region: title, contains: title}]", true},
                        {"pane: alternate", true},
                        {"pane: dead", false},
                        {"cursor: {min: 7, max: 7}", true},
                        {"cursor: {min: 8}", false},
                        {"lines: {min: 8, max: 8}", true},
                        {"lines: {max: 7}", false},
        };

        FOREACH_ELEMENT (row, rows)
                if (speaks("of: screen", row->condition) != row->speaks)
                        fail_msg("{%s}", row->condition);
}

static const char agent[] = "name: x\n"
                            "identify:\n"
                            "  programs: [x, y]\n"
                            "  launchers: [node, python]\n"
                            "  packages: ['@vendor/x/']\n"
                            "  without: ['^ (?:serve|--version)']\n"
                            "  commands: ['^x$']\n"
                            "  looks: {contains: 'X program'}\n"
                            "version: {regex: 'X program (\\S+)'}\n"
                            "rules:\n"
                            "- {id: busy, state: working, priority: 800, contains: busy}\n"
                            "- {id: old, state: error, priority: 900, max_version: '1.5', "
                            "contains: marker}\n"
                            "- {id: new, state: waiting, attention: plan, priority: 900, "
                            "min_version: '1.6', contains: marker}\n"
                            "- {id: title, state: idle, priority: 100, region: title, line: "
                            "'^x$'}\n"
                            "- {id: hidden, keep_state: true, priority: 950, contains: veil}\n"
                            "- {id: draft, attributes: unsubmitted, only: [idle], contains: "
                            "draft}\n"
                            "- {id: end, state: exited, process: gone, contains: bye}\n"
                            "- {id: limit, state: rate_limited, priority: 850, contains: limit}\n";

static Verdict judge(const Observation *o) {
        RuleFile *f = NULL;
        YamlError error = {};
        static RuleFile *kept; /* the verdict borrows from it */
        Verdict verdict;

        if (!kept) {
                if (rule_file_parse(agent, strlen(agent), &f, &error) < 0)
                        fail_msg("%u: %s", error.line, error.message);
                kept = f;
        }
        if (!o) {
                kept = rule_file_free(kept);
                return (Verdict){};
        }
        assert_int_equal(judge_observation(&kept, 1, o, &verdict), 0);
        return verdict;
}

static Verdict judge_screen(const char *screen, const char *process) {
        char *const processes[] = {(char *)"bash -i", (char *)process, NULL};
        const Observation o = {
                        .screen = screen,
                        .n_screen = strlen(screen),
                        .processes = processes,
        };

        return judge(&o);
}

static void the_program_is_told_from_its_words(void **state) {
        static const struct {
                const char *process;
                bool found;
        } rows[] = {
                        {"x", true},
                        {"x --flag", true},
                        {"/usr/local/bin/x", true},
                        {"-x", true},
                        {"y", true},
                        {"node x", true},
                        {"node /usr/bin/x.js --flag", true},
                        {"node --max-old-space-size=9 /opt/x", true},
                        {"python3.11 -m x", true},
                        {"/usr/bin/node /lib/@vendor/x/cli.js", true},
                        {"xx", false},
                        {"node", false},
                        {"node other.js x", false},
                        {"vim x", false},
                        {"sh -c x", false},
                        {"bash -c x; exec bash", false},
                        {"x serve", false},
                        {"x --version", false},
                        {"less /lib/@vendor/x", false},
                        {"", false},
        };

        FOREACH_ELEMENT (row, rows)
                if ((judge_screen("busy", row->process).agent != NULL) != row->found)
                        fail_msg("%s", row->process);
}

static void a_name_without_looks_or_words_is_no_agent(void **state) {
        assert_null(judge_screen("a log\nof something\n", "x").agent);
        assert_string_equal(judge_screen("X program 2\n", "x").agent, "x");
        assert_string_equal(judge_screen("busy\n", "x").agent, "x");
        assert_null(judge_screen("X program 2\nbusy\n", "less x").agent);
}

static void without_processes_the_screen_must_look_and_speak(void **state) {
        Observation o = {.screen = "X program\nbusy\n", .n_screen = 15};

        assert_string_equal(judge(&o).agent, "x");
        o.command = "less";
        assert_null(judge(&o).agent);
        o.command = "x";
        assert_string_equal(judge(&o).agent, "x");
        o.screen = "busy\n";
        o.n_screen = 5;
        assert_null(judge(&o).agent);
        o.agent = "x";
        assert_string_equal(judge(&o).agent, "x");
        assert_int_equal(judge(&o).state, AGENT_WORKING);
}

static void versions_limit_rules(void **state) {
        static const struct {
                const char *screen, *rule;
        } rows[] = {
                        {"X program 1.5\nmarker", "old"},
                        {"X program 1.5.0\nmarker", "old"},
                        {"X program 1.10\nmarker", "new"},
                        {"X program 2\nmarker", "new"},
        };

        FOREACH_ELEMENT (row, rows)
                assert_string_equal(judge_screen(row->screen, "x").rule, row->rule);
        assert_string_equal(judge_screen("X program 1.10\n", "x").version, "1.10");
}

static void what_was_overruled_stays_in_the_evidence(void **state) {
        char *const processes[] = {(char *)"x", NULL};
        const Observation o = {.screen = "busy draft",
                        .n_screen = 10,
                        .title = "x",
                        .processes = processes};
        Verdict v = judge(&o);

        assert_int_equal(v.state, AGENT_WORKING);
        assert_int_equal(v.attributes, 0); /* a draft counts when idle only */
        assert_int_equal(v.n_evidence, 4);
        assert_string_equal(v.evidence[0].rule, "identity");
        assert_string_equal(v.evidence[1].rule, "busy");
        assert_string_equal(v.evidence[1].quote, "busy");
        assert_false(v.evidence[1].overruled);
        assert_string_equal(v.evidence[3].rule, "title");
        assert_true(v.evidence[3].overruled);
        assert_int_equal(v.evidence[3].source, EVIDENCE_TITLE);
        assert_true(v.confidence > 0.5 && v.confidence < 0.8);
}

static void an_overlay_keeps_the_state(void **state) {
        Verdict v = judge_screen("veil over busy", "x");

        assert_true(v.keep_state);
        assert_string_equal(v.rule, "hidden");
        assert_int_equal(v.state, AGENT_WORKING);
        assert_int_equal(judge_screen("veil", "x").state, AGENT_UNKNOWN);
}

static void an_agent_that_is_gone_is_asked_about_its_end_only(void **state) {
        char *const processes[] = {(char *)"bash", NULL};
        Observation o = {.screen = "busy\nbye\n",
                        .n_screen = 9,
                        .processes = processes,
                        .agent = "x"};

        assert_int_equal(judge(&o).state, AGENT_EXITED);
        o.screen = "busy\n";
        o.n_screen = 5;
        assert_int_equal(judge(&o).state, AGENT_UNKNOWN);
        o.processes = NULL;
        o.dead = true;
        assert_int_equal(judge(&o).state, AGENT_UNKNOWN);
        o.agent = NULL;
        assert_null(judge(&o).agent);
}

static void a_limit_has_its_end(void **state) {
        static const char screen[] = "limit: try again in 2 hours";
        char *const processes[] = {(char *)"x", NULL};
        const Observation o = {
                        .screen = screen,
                        .n_screen = strlen(screen),
                        .processes = processes,
                        .now_usec = 1000000000000000ULL,
        };
        Verdict v = judge(&o);

        assert_int_equal(v.state, AGENT_RATE_LIMITED);
        assert_int_equal(v.reset_usec, 1000000000000000ULL + 7200000000ULL);
}

static int forget(void **state) {
        (void)judge(NULL);
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(regions_cut_what_they_say),
                        cmocka_unit_test(conditions_join_as_their_words_say),
                        cmocka_unit_test(the_program_is_told_from_its_words),
                        cmocka_unit_test(a_name_without_looks_or_words_is_no_agent),
                        cmocka_unit_test(without_processes_the_screen_must_look_and_speak),
                        cmocka_unit_test(versions_limit_rules),
                        cmocka_unit_test(what_was_overruled_stays_in_the_evidence),
                        cmocka_unit_test(an_overlay_keeps_the_state),
                        cmocka_unit_test(an_agent_that_is_gone_is_asked_about_its_end_only),
                        cmocka_unit_test(a_limit_has_its_end),
        };

        return cmocka_run_group_tests(tests, NULL, forget);
}
