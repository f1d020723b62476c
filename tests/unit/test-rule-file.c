/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

#include "daemon/watcher/detect/rule-file.h"

#define HEAD "name: x\nidentify: {programs: x}\n"

static const struct {
        const char *text;
        unsigned line;
        const char *message;
} mistakes[] = {
                {"[a]\n", 1, "keys with values are expected here"},
                {"identify: {programs: x}\n", 1, "'name' must be a word"},
                {"name: Claude!\nidentify: {}\n", 1, "'name' must be a word"},
                {"name: none\nidentify: {}\n", 1, "'name' must be a word"},
                {"name: x\n", 1, "'identify' is missing"},
                {HEAD "colour: red\n", 3, "unknown key 'colour'"},
                {HEAD "agent: perhaps\n", 3, "'agent' must be true or false"},
                {"name: x\nidentify:\n  programs: {a: b}\n", 3,
                                "'programs' must be a value or a list"},
                {"name: x\nidentify:\n  without: '('\n", 3, "not a valid pattern"},
                {HEAD "regions:\n  a: {of: b}\n", 4, "the region 'b', which is not known"},
                {HEAD "regions:\n  title: {top: 1}\n", 4, "'title' is built in"},
                {HEAD "regions:\n  a: {top: 0}\n", 4, "from 1 to 500"},
                {HEAD "regions:\n  a: {from: x, after: y}\n", 4, "exclude each other"},
                {HEAD "version: {region: title}\n", 3, "'version' needs a 'regex'"},
                {HEAD "rules: {}\n", 3, "'rules' must be a list"},
                {HEAD "rules:\n- state: idle\n", 4, "a rule needs an 'id'"},
                {HEAD "rules:\n- id: a\n  state: idle\n", 4, "'a' has no condition"},
                {HEAD "rules:\n- id: a\n  line: x\n", 4, "neither 'state' nor"},
                {HEAD "rules:\n- id: a\n  state: bored\n  line: x\n", 4,
                                "there is no state 'bored'"},
                {HEAD "rules:\n- {id: a, state: idle, attention: plan, line: x}\n", 4,
                                "'attention' belongs to"},
                {HEAD "rules:\n- {id: a, attributes: wild, line: x}\n", 4,
                                "there is no attribute 'wild'"},
                {HEAD "rules:\n- {id: a, state: idle, weight: 2, line: x}\n", 4,
                                "'weight' must be a number from 0 to 1"},
                {HEAD "rules:\n- {id: a, state: idle, weight: nan, line: x}\n", 4,
                                "'weight' must be a number from 0 to 1"},
                {HEAD "rules:\n- {id: a, state: idle, priority: -1, line: x}\n", 4,
                                "'priority' must be a whole number from 0 to 1000"},
                {HEAD "rules:\n- {id: a, state: idle, region: b, line: x}\n", 4,
                                "unknown region 'b'"},
                {HEAD "rules:\n- {id: a, state: idle, reset: x, line: x}\n", 4,
                                "'reset' belongs to"},
                {HEAD "rules:\n- id: a\n  state: idle\n  all:\n  - line: '['\n", 7,
                                "not a valid pattern"},
                {HEAD "rules:\n- id: a\n  state: idle\n  all:\n  - lin: x\n", 7,
                                "unknown key 'lin'"},
                {HEAD "rules:\n- {id: a, state: idle, any: []}\n", 4, "'any' is empty"},
                {HEAD "rules:\n- {id: a, state: idle, not: [{region: title}]}\n", 4,
                                "a condition is missing here"},
                {HEAD "rules:\n- {id: a, state: idle, contains: '  '}\n", 4, "a text with words"},
                {HEAD "rules:\n- {id: a, attributes: oom_killed, line: x}\n", 4,
                                "'oom_killed' cannot be told from a screen"},
                {HEAD "rules:\n- {id: a, state: idle, pane: red}\n", 4, "'pane' is"},
                {HEAD "rules:\n- {id: a, state: idle, lines: {min: x}}\n", 4,
                                "'min' must be a whole number"},
                {HEAD "rules:\n- {id: a, state: idle, line: x}\n- {id: a, state: idle, "
                      "line: x}\n",
                                5, "a second rule 'a'"},
};

static void mistakes_are_named_with_their_line(void **state) {
        FOREACH_ELEMENT (row, mistakes) {
                RuleFile *f = NULL;
                YamlError error = {};
                int r = rule_file_parse(row->text, strlen(row->text), &f, &error);

                if (r != -EBADMSG || error.line != row->line ||
                                !strstr(error.message, row->message))
                        fail_msg("%s: %d, line %u: %s", row->text, r, error.line, error.message);
                assert_null(f);
        }
}

static void repeat(char *text, size_t size, const char *head, const char *before, const char *after,
                unsigned n, const char *end) {
        size_t used = (size_t)snprintf(text, size, "%s", head);

        for (unsigned i = 0; i < n; i++) {
                used += (size_t)snprintf(text + used, size - used, "%s%u%s", before, i, after);
                assert_true(used < size);
        }
        (void)snprintf(text + used, size - used, "%s", end);
}

static void numbers_are_bounded(void **state) {
        static const struct {
                const char *head, *before, *after;
                unsigned n;
                const char *end, *message;
        } rows[] = {
                        {HEAD "rules:\n", "- {id: r", ", state: idle, line: x}\n", RULES_MAX + 1,
                                        "", "more than 128 rules"},
                        {HEAD "regions:\n", "  r", ": {top: 1}\n", REGIONS_MAX, "",
                                        "more than 43 regions"},
                        {HEAD "rules: [{id: a, state: idle, all: [", "{line: x", "}, ",
                                        RULE_PATTERNS_MAX + 1, "]}]\n", "more than 400 patterns"},
                        {HEAD "rules: [{id: a, state: idle, ", "all: [{cursor: {min: ", "}, ",
                                        CONDITION_DEPTH_MAX + 1, "line: x}]}]}]}]}]}]}]}]}]}]\n",
                                        "nested more than 8 levels deep"},
        };
        static char text[64 * 1024];

        FOREACH_ELEMENT (row, rows) {
                RuleFile *f = NULL;
                YamlError error = {};

                repeat(text, sizeof(text), row->head, row->before, row->after, row->n, row->end);
                assert_int_equal(rule_file_parse(text, strlen(text), &f, &error), -EBADMSG);
                if (!strstr(error.message, row->message))
                        fail_msg("%s", error.message);
        }
}

static void rules_stand_in_order_of_priority(void **state) {
        static const char text[] = HEAD "rules:\n"
                                        "- {id: a, state: idle, priority: 1, line: x}\n"
                                        "- {id: b, state: idle, priority: 9, line: x}\n"
                                        "- {id: c, state: idle, priority: 9, line: x}\n"
                                        "- {id: d, attributes: [fresh, background], line: x}\n";
        _cleanup_(rule_file_freep) RuleFile *f = NULL;

        assert_int_equal(rule_file_parse(text, strlen(text), &f, NULL), 0);
        assert_int_equal(f->n_rules, 4);
        assert_string_equal(f->rules[0].id, "d"); /* 500, where none is given */
        assert_int_equal(f->rules[0].attributes, ATTRIBUTE_FRESH | ATTRIBUTE_BACKGROUND);
        assert_string_equal(f->rules[1].id, "b");
        assert_string_equal(f->rules[2].id, "c");
        assert_string_equal(f->rules[3].id, "a");
}

static void the_source_of_a_rule_follows_from_its_region(void **state) {
        static const char text[] = HEAD "regions: {head: {of: title, top: 1}}\n"
                                        "rules:\n"
                                        "- {id: a, state: idle, region: head, line: x}\n"
                                        "- {id: b, state: idle, region: process, line: x}\n"
                                        "- {id: c, state: idle, line: x}\n"
                                        "- {id: d, state: idle, source: title, line: x}\n";
        static const EvidenceSource expected[] = {
                        EVIDENCE_TITLE, EVIDENCE_PROCESS, EVIDENCE_SCREEN, EVIDENCE_TITLE};
        _cleanup_(rule_file_freep) RuleFile *f = NULL;

        assert_int_equal(rule_file_parse(text, strlen(text), &f, NULL), 0);
        for (size_t i = 0; i < ELEMENTSOF(expected); i++)
                assert_int_equal(f->rules[i].source, expected[i]);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(mistakes_are_named_with_their_line),
                        cmocka_unit_test(numbers_are_bounded),
                        cmocka_unit_test(rules_stand_in_order_of_priority),
                        cmocka_unit_test(the_source_of_a_rule_follows_from_its_region),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
